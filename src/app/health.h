// Health: is the process alive (/healthz), and can it do its work (/readyz: the API server was
// reached, and we are not on our way out)? At the start it asks the API server for its version
// until it answers: 1, 2, 4 … 60 s apart.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "http/server.h"
#include "kube/client.h"
#include "loop/loop.h"
#include "watchutil/backoff.h"

namespace app {

class Health {
 public:
  // All outlive it.
  Health(loop::Loop& loop, kube::Client& client, base::Random& random);

  void start();
  void drain();  // not ready any more; asks no more
  bool ready() const { return reached_ && !draining_; }
  // Answers GET and HEAD of /healthz and /readyz, other methods with 405. False: another path.
  bool answer(const http::Request& request, http::Reply& reply) const;

 private:
  void ask();
  void on_answer(kube::ApiGet::Outcome outcome);
  kube::Client& client_;
  base::Random& random_;
  bool reached_ = false, draining_ = false;
  std::string problem_ = "the API server was not reached yet";
  watchutil::Backoff backoff_;
  kube::ApiGet version_;
  loop::Timer again_;
};

}  // namespace app
