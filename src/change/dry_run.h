// DryRun: tries the steps of a plan with the API server's dry run, one after the other, and says what
// each would change. Nothing is written.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "change/comparison.h"
#include "change/plan.h"
#include "change/tried.h"
#include "cluster/cluster.h"
#include "cluster/gather.h"
#include "cluster/get.h"
#include "cluster/write.h"
#include "kube/failure.h"
#include "loop/loop.h"

namespace change {

class DryRun {
 public:
  using Fn = base::Delegate<void()>;
  using Fits = base::Delegate<bool(std::size_t bytes)>;
  // `fn` runs once, never inside start(), as the last statement. `cluster` must outlive this.
  DryRun(cluster::Cluster& cluster, Fn fn);

  struct Options {
    std::string field_manager;
    bool force = false;
    // Asked when an object was read: may all that is held be so many bytes? After a no the run does
    // nothing more, and `fn` does not run. Empty: it may.
    Fits fits = {};
  };
  // `steps` must outlive the run. Stops at the first step that fails. Requires: not active.
  void start(const mcp::Caller& caller, const std::vector<Step>& steps, Options options);
  // As many as were tried; the last one has a failure if not all could be.
  const std::vector<Tried>& tried() const { return tried_; }
  // Forgets what was tried, also inside `fits`.
  void clear();
  // Keeps of what was tried all but the objects.
  void let_go();
  bool failed() const;
  // Nothing would change.
  bool empty() const;

 private:
  void next();
  void look(const Step& step);
  void on_object(const kube::Failure* failure, base::json::Value object);
  bool fits() const;
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
  std::unique_ptr<Comparison> comparison_;  // of the last of tried_; null: none is under way
  bool looked_ = false;  // the object of the last of tried_ was read, and the step is to be tried
  cluster::Get get_;
  cluster::Write write_;
  loop::Deferred next_;
};

// The write of a step, without the object before. `tried`: its preconditions; nullptr: none.
cluster::WriteQuery query_of(const Step& step, const DryRun::Options& options, const Tried* tried);

}  // namespace change
