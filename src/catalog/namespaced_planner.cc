#include "catalog/namespaced_planner.h"

#include <utility>

#include "kinds/table.h"

namespace catalog {

using base::json::Value;
using cluster::Gather;

NamespacedPlanner::NamespacedPlanner(change::Context& context, InstallArguments arguments)
    : arguments_(std::move(arguments)), context_(context) {}

void NamespacedPlanner::start(const mcp::Caller& caller, Fn fn) {
  fn_ = fn;
  namespaces_.clear();
  notes_.clear();
  listing_ = arguments_.all_namespaces;
  gather_.emplace(cluster(), caller, Gather::Fn::bind<&NamespacedPlanner::on_gathered>(this));
  if (arguments_.all_namespaces) {
    list_ = &gather_->list("namespaces", {kinds::get("Namespace"), {}});
    return;
  }
  namespaces_ = {arguments_.ns.empty() ? cluster().system_namespace : arguments_.ns};
  begin(*gather_);
}

void NamespacedPlanner::on_gathered() {
  if (!std::exchange(listing_, false)) return make();
  if (list_->failure()) return fail(list_->failure_text());
  if (take_namespaces()) begin(*gather_);
}

// Kubernetes' own have no clusters, and one that is going takes nothing new.
bool NamespacedPlanner::take_namespaces() {
  for (const Value each : list_->objects().array()) {
    const std::string name(each["metadata"]["name"].str());
    if (name.starts_with("kube-") || each["metadata"]["deletionTimestamp"]) {
      notes_.push_back("namespace " + name + " is left out");
    } else {
      namespaces_.push_back(name);
    }
  }
  if (!list_->known() || namespaces_.size() > kMostNamespaces) {
    fail("'all_namespaces' means " +
         (list_->known() ? std::to_string(namespaces_.size()) : std::string("too many")) +
         " namespaces, and one call is for " + std::to_string(kMostNamespaces) +
         " at most: name one, or let AccessManagement distribute a ServiceTemplateChain");
    return false;
  }
  if (!namespaces_.empty()) return true;
  fail("there is no namespace that you may see");
  return false;
}

void NamespacedPlanner::fail(std::string what) {
  fn_(base::Error(base::Errc::invalid_argument, std::move(what)));
}

void NamespacedPlanner::done(change::Plan plan) {
  for (std::vector<std::string> notes : {notes_, gather_->notes()}) {
    for (std::string& note : notes)
      plan.notes.push_back(std::move(note));
  }
  fn_(std::move(plan));
}

change::Step step_of(change::Verb verb, const Named& object, std::string body, Value before) {
  change::Step step;
  step.verb = verb;
  step.what = kinds::get(object.kind);
  step.kind = object.kind;
  step.ns = object.ns;
  step.name = object.name;
  step.body = std::move(body);
  if (before) step.before = before.to_json();
  return step;
}

}  // namespace catalog
