// Health: how a watch reports whether it sees what it watches, whatever that is: a collection
// (Reflector) or a graph of many (graph/source.h). fanout/shared_watch.h turns it into what
// subscribers receive.
#pragma once

#include "base/time.h"
#include "kube/failure.h"

namespace kube::watch {

class Health {
 public:
  virtual ~Health() = default;
  // Everything that exists is known, for the first time.
  virtual void on_ready() = 0;
  // The API server refused the request (401, 403, 404, 400 …). The watch continues at its slow
  // cadence unless it is stopped in the call; 400 and 422 end it.
  virtual void on_denied(const Failure& failure) = 0;
  // An attempt failed (called for each); the next one follows after `retry_in`.
  virtual void on_down(const Failure& failure, base::Duration retry_in) = 0;
  // The stream is confirmed again after on_down or on_denied.
  virtual void on_up() = 0;
};

}  // namespace kube::watch
