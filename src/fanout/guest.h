// Guest: one that a SharedWatch serves: a Feed, or a read that needs no deltas, only the watch.
//
//   waiting   joined: the watch is not ready yet, or the API server has not said yet that it allows
//             the guest's own token what the watch does (auth/gate.h)
//   accepted  on_accepted()
//   gone      it left; or the watch let it go: on_detach() if it was accepted, then on_refused()
//             before it was accepted, on_ended() after that, or nothing (the server stops)
//
// A guest that waits keeps the watch, and its token may be the one that the watch uses.
#pragma once

#include <string>
#include <string_view>

#include "base/link.h"
#include "cluster/cluster.h"
#include "mcp/caller.h"
#include "mcp/jsonrpc.h"

namespace fanout {

class SharedWatch;

class Guest {
 public:
  Guest() { node_.guest = this; }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  virtual ~Guest();  // Requires: it left, or was let go

  bool accepted() const { return accepted_; }
  kube::config::Credentials credentials() const { return cluster::credentials_of(caller()); }

 protected:
  virtual const mcp::Caller& caller() const = 0;
  virtual void on_accepted() = 0;
  virtual void on_refused(mcp::RpcError error) = 0;
  // `last`: the last delta, which says why.
  virtual void on_ended(std::string_view last) = 0;
  // The watch goes after this call: the last time to take something from it.
  virtual void on_detach() {}
  // The last delta when it may not stay.
  virtual std::string last_words(std::string_view /*reason*/) const { return {}; }

  // The watch that it joined; nullptr when it is gone from there.
  SharedWatch* watch() const { return watch_; }
  void leave();

 private:
  friend class SharedWatch;
  struct Node : base::Link {
    Guest* guest = nullptr;
  };
  void detach();
  SharedWatch* watch_ = nullptr;
  bool accepted_ = false;
  Node node_;  // in the watch's list of guests
};

}  // namespace fanout
