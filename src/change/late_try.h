// LateTry: the dry run of a step that could not be tried before what it needs was there, a namespace
// or a kind that the same call makes. It was confirmed as a new object. A controller may have made it
// meanwhile, as that of service accounts does in each new namespace: then the write may add to it and
// change it, but not remove anything or take a field of another manager.
#pragma once

#include <optional>
#include <vector>

#include "base/delegate.h"
#include "base/time.h"
#include "change/dry_run.h"
#include "loop/loop.h"

namespace change {

// How long a kind is waited for once its definition is made: an API server establishes one within
// about a second, and never if another definition has its names.
constexpr base::Duration kServedTime = base::seconds(30);
constexpr base::Duration kServedPause = base::milliseconds(500);  // between two looks

class LateTry {
 public:
  // Runs once, never inside start(), as the last statement.
  using Fn = base::Delegate<void()>;
  LateTry(cluster::Cluster& cluster, Fn fn);  // `cluster` must outlive this
  // Requires: not active.
  void start(const mcp::Caller& caller, const Step& step, DryRun::Options options);
  const Step& step() const { return steps_.front(); }
  const Tried& tried() const { return dry_run_.tried().back(); }
  // Why it cannot be written.
  std::optional<kube::Failure> refusal() const;

 private:
  void try_now();
  void on_tried();

  loop::Loop& loop_;
  const Fn fn_;
  mcp::Caller caller_;
  std::vector<Step> steps_;  // one
  DryRun::Options options_;
  base::TimePoint until_{};
  DryRun dry_run_;
  loop::Timer again_;
};

}  // namespace change
