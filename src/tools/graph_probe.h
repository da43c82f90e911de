// GraphProbe: finds the kinds of one API group: which version of it serves them, under which
// plural. Asks the versions one after another, until every kind is found or none is left. Each
// question is an attempt of the group's key (retry.h); one that fails is asked again when the key
// allows it, until cancel().
#pragma once

#include <string>
#include <vector>

#include "base/delegate.h"
#include "kube/discovery.h"
#include "kube/retry.h"
#include "tools/graph_kinds.h"

namespace tools {

class GraphProbe {
 public:
  using FoundFn = base::Delegate<void(KindId)>;
  // `failure`: the API server could not be asked, and is asked again after `retry_in` (zero: not by
  // itself); nullptr: done, and what was asked for and not found was told as missing before (the
  // server says that it does not serve it), or nothing was told of it (it may not be asked for).
  using DoneFn =
      base::Delegate<void(GraphProbe&, const kube::Failure* failure, base::Duration retry_in)>;
  struct Told {
    FoundFn found, missing;
    DoneFn done;
  };
  struct Api {
    loop::Loop& loop;
    kube::Discovery& discovery;
    kube::RetryTable::Use retry;  // the group's
  };
  // All outlive it.
  GraphProbe(Api api, GraphKinds& kinds, std::string group, const Told& told);

  // Requires: !active(). Never calls back inside. `afresh`: what discovery remembers is asked anew.
  void start(std::vector<KindId> wanted, const kube::Credentials& credentials, bool afresh);
  void cancel();
  bool active() const { return asking() || wait_timer_.armed(); }
  // An answer is under way; not: it waits because the last one was a failure.
  bool asking() const { return query_.active(); }
  void set_credentials(const kube::Credentials& credentials) { credentials_ = credentials; }
  const std::string& group() const { return group_; }

 private:
  void ask();
  bool next();
  void on_answer(kube::DiscoveryQuery::Outcome outcome);
  GraphKinds& kinds_;
  kube::Discovery& discovery_;
  std::string group_;
  Told told_;
  std::vector<KindId> wanted_;  // not found yet
  std::vector<std::string> versions_;
  std::size_t at_ = 0;
  bool afresh_ = false, hidden_ = false;
  kube::Credentials credentials_ = kube::Credentials::none();
  kube::RetryTable::Use retry_;
  kube::Attempt attempt_;
  kube::DiscoveryQuery query_;
  loop::Timer wait_timer_;
};

}  // namespace tools
