#include "deploy/present_planner.h"

#include <utility>

#include "deploy/deploy_planner.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;

PresentPlanner::PresentPlanner(change::Context& context, Arguments arguments,
                               std::string Arguments::*ns, std::string Arguments::*name)
    : arguments_(std::move(arguments)),
      context_(context),
      ns_((arguments_.*ns).empty() ? context.cluster.system_namespace : arguments_.*ns),
      name_(arguments_.*name),
      nearest_(context.cluster,
               cluster::NearestNames::Fn::bind<&PresentPlanner::on_nearest>(this)) {}

void PresentPlanner::start(const mcp::Caller& caller, Fn fn) {
  caller_ = caller;
  fn_ = fn;
  round_ = 0;
  gather_.emplace(context_.cluster, caller,
                  cluster::Gather::Fn::bind<&PresentPlanner::on_gathered>(this));
  deployment_ = &gather_->get("cluster deployment", {kinds::get("ClusterDeployment"), ns_, name_,
                                                     cluster::Form::for_writing});
  begin(*gather_);
}

void PresentPlanner::on_gathered() {
  if (deployment_->absent())
    return nearest_.start(caller_, kinds::get("ClusterDeployment"), ns_, name_);
  if (deployment_->failure()) return fail(deployment_->failure_text());
  const Value object = deployment_->object();
  if (object["metadata"]["deletionTimestamp"] && !is_deletion())
    return fail("ClusterDeployment " + ns_ + "/" + name_ +
                " is being deleted: nothing was written");
  if (more(*gather_, object, round_++)) return;
  make(object);
}

void PresentPlanner::on_nearest(const std::vector<std::string>& names) {
  absent("no ClusterDeployment " + ns_ + "/" + name_ + cluster::nearest_text(names));
}

void PresentPlanner::fail(std::string what) {
  fn_(change::wrong(std::move(what)));
}

void PresentPlanner::done(change::Plan plan) {
  if (!deployment_->absent())  // said already, with the nearest names
    for (const std::string& note : gather_->notes())
      plan.notes.push_back(note);
  fn_(std::move(plan));
}

void PresentPlanner::done(change::Plan plan, change::ClusterWaits::Until until) {
  auto wait = wait_of(context_, arguments_, until);
  if (!wait) return fail(wait.error().what());
  plan.wait = *std::move(wait);
  if (!plan.wait) plan.notes.emplace_back(kUnwaited);
  done(std::move(plan));
}

void PresentPlanner::say_halts(change::Plan& plan, Value object) const {
  for (std::string& each : halts_.texts(object, change::Task::change)) {
    plan.bound.push_back(each);
    plan.consequences.push_back(std::move(each));
  }
}

change::Plan PresentPlanner::plan() const {
  change::Plan out;
  out.members = {{"name", quoted(name_)}, {"namespace", quoted(ns_)}};
  return out;
}

change::Step PresentPlanner::patch_of(std::string body) const {
  change::Step step;
  step.verb = change::Verb::merge_patch;
  step.what = kinds::get("ClusterDeployment");
  step.kind = "ClusterDeployment";
  step.ns = ns_;
  step.name = name_;
  step.body = std::move(body);
  step.before = deployment_->object().to_json();
  return step;
}

std::string quoted(std::string_view text) {
  std::string out;
  base::json::append_string(out, text);
  return out;
}

}  // namespace deploy
