// DryRun: tries the steps of a plan with the API server's dry run, one after the other, and says what
// each would change. Nothing is written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "change/diff.h"
#include "change/plan.h"
#include "cluster/cluster.h"
#include "cluster/gather.h"
#include "cluster/get.h"
#include "cluster/write.h"
#include "kube/failure.h"

namespace change {

// What a step would do, or did.
struct Tried {
  bool exists = false;  // the object was there before
  std::string uid, resource_version;
  std::string before;  // JSON, with its secrets; "": it was not there
  std::string after;   // as the dry run answered; "": it goes
  // A hash of everything that is confirmed: the object before, without what changes by itself
  // (status, resourceVersion, managedFields), the wish, and the object after. What the wish does
  // not mention and the API server or a webhook fills in counts by its place, not by its value: a
  // port that is chosen at random would be another one in each dry run.
  std::string digest;
  Diff diff;
  std::vector<std::string> warnings;
  // The fields that other managers own by server-side apply and that a merge patch would change: a
  // conflict, unless it is forced. (The API server finds those of an apply.)
  std::vector<kube::FieldConflict> conflicts;
  // Managers that own fields of the object by other ways than server-side apply: an apply does not
  // take away what they set.
  std::vector<std::string> updaters;
  // What a step before it makes and the API server needs to try it: "namespace team-a", "its kind
  // (things.example.test)"; `after` is the wish itself. "": it was tried.
  std::string waits_for;
  std::optional<kube::Failure> failure;  // the API server refuses it
  bool stale = false;                    // the plan is made of an older object
};

class DryRun {
 public:
  using Fn = base::Delegate<void()>;
  // `fn` runs once, never inside start(), as the last statement. `cluster` must outlive this.
  DryRun(cluster::Cluster& cluster, Fn fn);

  struct Options {
    std::string field_manager;
    bool force = false;
  };
  // `steps` must outlive the run. Stops at the first step that fails. Requires: not active.
  void start(const mcp::Caller& caller, const std::vector<Step>& steps, Options options);
  // As many as were tried; the last one has a failure if not all could be.
  const std::vector<Tried>& tried() const { return tried_; }
  bool failed() const;
  // Nothing would change.
  bool empty() const;

 private:
  void next();
  void look(const Step& step);
  void on_object(const kube::Failure* failure, base::json::Value object);
  void try_step();
  void on_outcome(kube::WriteOutcome outcome);
  void compare();
  void fail(kube::Failure failure);
  std::string what_it_waits_for(const kube::WriteOutcome& outcome) const;

  cluster::Cluster& cluster_;
  const Fn fn_;
  mcp::Caller caller_;
  const std::vector<Step>* steps_ = nullptr;
  Options options_;
  std::vector<Tried> tried_;
  cluster::Get get_;
  cluster::Write write_;
  loop::Deferred next_;
};

// The write of a step. `tried`: its preconditions; nullptr: none.
cluster::WriteQuery query_of(const Step& step, const DryRun::Options& options, const Tried* tried);

}  // namespace change
