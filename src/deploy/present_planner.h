// PresentPlanner: what the planners of a ClusterDeployment that is there share: it is read, with its
// secrets, and what else the plan needs; a name that is not there is answered with the nearest ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "change/cluster_sort.h"
#include "change/context.h"
#include "change/halts.h"
#include "change/plan.h"
#include "cluster/gather.h"
#include "cluster/nearest_names.h"
#include "deploy/arguments.h"

namespace deploy {

class PresentPlanner : public change::Planner {
 public:
  void start(const mcp::Caller& caller, Fn fn) final;

 protected:
  // `ns`, `name`: which of the arguments are the deployment's; no namespace: k0rdent's own.
  PresentPlanner(change::Context& context, Arguments arguments, std::string Arguments::*ns,
                 std::string Arguments::*name);

  // Asks for what else is needed, before the deployment is known.
  virtual void begin(cluster::Gather& /*gather*/) {}
  // Once it is known, and again when all that was asked for is there (`round` counts from 0). False:
  // it asked for nothing more.
  virtual bool more(cluster::Gather& /*gather*/, base::json::Value /*object*/, int /*round*/) {
    return false;
  }
  virtual void make(base::json::Value object) = 0;
  // Whether it makes sense for one that is being deleted.
  virtual bool is_deletion() const { return false; }
  // There is none of that name; `text` has the nearest ones.
  virtual void absent(const std::string& text) { fail(text); }

  void fail(std::string what);
  void done(change::Plan plan);
  // With the wait that the arguments ask for.
  void done(change::Plan plan, change::ClusterWaits::Until until);
  // What keeps the controllers from acting on the change is said, and the confirmation holds for it.
  // Requires: ask_halts() in begin().
  void ask_halts(cluster::Gather& gather) { halts_.ask(gather, ns_, name_); }
  void say_halts(change::Plan& plan, base::json::Value object) const;
  // Requires the same, and ask() of `sort`.
  change::Sort sort_of(base::json::Value object, const change::ClusterSort& sort) const {
    return sort.of(object, halts_);
  }
  // Ends the reading, for one whose Readers go before this.
  void stop_reading() { gather_.reset(); }
  // A merge patch of the deployment.
  change::Step patch_of(std::string body) const;
  change::Plan plan() const;

  change::Context& context() const { return context_; }
  cluster::Cluster& cluster() const { return context_.cluster; }
  const mcp::Caller& caller() const { return caller_; }
  const std::string& ns() const { return ns_; }
  const std::string& name() const { return name_; }
  const Arguments arguments_;

 private:
  void on_gathered();
  void on_nearest(const std::vector<std::string>& names);

  change::Context& context_;
  const std::string ns_, name_;
  mcp::Caller caller_;
  Fn fn_;
  int round_ = 0;
  cluster::Part* deployment_ = nullptr;
  change::Halts halts_;
  std::optional<cluster::Gather> gather_;
  cluster::NearestNames nearest_;
};

// "x" as JSON.
std::string quoted(std::string_view text);

}  // namespace deploy
