// Plan: what a writing tool wants to write, as steps, and Planner: the tool's own part, which makes
// the plan by reading what it needs. Everything after that is the same for all tools: run.h.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "change/wait.h"
#include "cluster/collection.h"
#include "cluster/write.h"
#include "mcp/caller.h"

namespace change {

using Verb = kube::WriteSpec::Verb;

// Why a plan cannot be made, when the caller's arguments are at fault.
inline base::Error wrong(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

// How a change is confirmed (--confirm).
//   ordinary     can be set back
//   costly       makes what is paid for (a cluster, machines), or changes rights (RBAC)
//   destructive  takes away what cannot be set back
enum class Weight : unsigned char { ordinary, costly, destructive };

struct Step {
  Verb verb = Verb::apply;
  cluster::Collection what;
  std::string kind;  // "ClusterDeployment"
  std::string ns;    // "": the kind is cluster-scoped
  std::string name;
  // The wish, a JSON object: for apply and create the object without apiVersion and kind, for
  // merge_patch the patch, for remove "".
  std::string body;
  // Its kind is defined by a step before it: the name of that CustomResourceDefinition.
  std::string defined_by;
  // A text in the body that is another in each call, as the time of a restart: it is not confirmed.
  std::string moment;
  std::string field_manager;  // "": the server's (--field-owner)
  kube::WriteSpec::Propagation propagation = kube::WriteSpec::Propagation::background;
  // The object as the plan was made of it, read with Form::for_writing; the write's preconditions
  // are its uid and resourceVersion. "": the plan does not depend on it, and it is read for the
  // diff.
  std::string before;
};

struct Plan {
  std::vector<Step> steps;  // none: nothing to do; `status` says why
  Weight weight = Weight::ordinary;
  // What the confirmation has to say: what goes with it, what it costs.
  std::vector<std::string> consequences;
  // The same, but of no interest once the object is gone.
  std::vector<std::string> while_there;
  // What of them must be the same when the change is made: the clusters, not the pods, which come
  // and go.
  std::vector<std::string> bound;
  std::vector<std::string> notes;
  std::string status;  // without steps: "unchanged", "not_found"
  // The Checks look at what it does: the tool takes any kind, or leaves to them what others say, too
  // (check.h).
  bool checks = false;
  // Members of the answer beside the common ones: name, JSON.
  std::vector<std::pair<std::string, std::string>> members;
  std::unique_ptr<Wait> wait;  // after the writes; nullptr: none
};

// One at a time; destroying it cancels.
class Planner {
 public:
  using Fn = base::Delegate<void(base::Result<Plan>)>;
  virtual ~Planner() = default;
  // Calls `fn` once, also inside, as the last statement. May be called again after that:
  // another writer was faster, and everything has to be read again.
  virtual void start(const mcp::Caller& caller, Fn fn) = 0;
};

}  // namespace change
