#include "change/dry_run.h"

#include <utility>

namespace change {

using base::json::Value;

cluster::WriteQuery query_of(const Step& step, const DryRun::Options& options, const Tried* tried) {
  cluster::WriteQuery query;
  query.verb = step.verb;
  query.what = step.what;
  query.kind = step.kind;
  query.ns = step.ns;
  query.name = step.name;
  query.body = step.body;
  query.field_manager = step.field_manager.empty() ? options.field_manager : step.field_manager;
  query.force = step.verb == Verb::apply && options.force;
  query.propagation = step.propagation;
  if (tried) query.diff_digest = tried->diff.digest;
  if (!tried || !tried->exists || step.verb == Verb::create) return query;
  query.uid = tried->uid;
  query.resource_version = tried->resource_version;
  return query;
}

DryRun::DryRun(cluster::Cluster& cluster, Fn fn)
    : cluster_(cluster),
      fn_(fn),
      get_(cluster, cluster::Get::Fn::bind<&DryRun::on_object>(this), cluster::kPartObjectBytes),
      write_(cluster, cluster::Write::Fn::bind<&DryRun::on_outcome>(this)),
      next_(cluster.loop, "dry run", loop::Deferred::Fn::bind<&DryRun::next>(this)) {}

void DryRun::start(const mcp::Caller& caller, const std::vector<Step>& steps, Options options) {
  clear();
  caller_ = caller;
  steps_ = &steps;
  options_ = std::move(options);
  next_.schedule();
}

void DryRun::clear() {
  next_.cancel();
  comparison_.reset();
  looked_ = false;
  tried_.clear();
}

void DryRun::let_go() {
  for (Tried& each : tried_) {
    std::string().swap(each.before);
    std::string().swap(each.after);
  }
}

bool DryRun::failed() const {
  return !tried_.empty() && (tried_.back().failure || tried_.back().stale);
}

bool DryRun::empty() const {
  for (std::size_t i = 0; i < tried_.size(); ++i)
    if (!tried_[i].exists || !tried_[i].diff.empty() || (*steps_)[i].verb == Verb::remove)
      return false;
  return true;
}

void DryRun::next() {
  if (std::exchange(looked_, false)) return try_step();
  if (comparison_) {
    // After a large one what follows has a turn of its own.
    const bool over = comparison_->advance(), large = !comparison_->small();
    if (over) comparison_.reset();
    if (!over || large) return next_.schedule();
  }
  if (failed() || tried_.size() == steps_->size()) return fn_();
  const Step& step = (*steps_)[tried_.size()];
  tried_.emplace_back();
  tried_.back().before = step.before;
  if (!step.before.empty()) return try_step();
  look(step);
}

void DryRun::look(const Step& step) {
  cluster::GetQuery query{step.what, step.ns, step.name, cluster::Form::for_writing};
  if (auto ok = get_.start(caller_, std::move(query)); !ok)
    fail(kube::Failure::from_error(ok.error()));
}

void DryRun::on_object(const kube::Failure* failure, Value object) {
  const Step& step = (*steps_)[tried_.size() - 1];
  const bool may_be_new = step.verb != Verb::remove && step.verb != Verb::merge_patch;
  // Its kind is not served yet: the answer is a page of text then.
  const bool too_early = failure && failure->status == 404 && !step.defined_by.empty();
  if (!failure) {
    tried_.back().before = object.to_json();
    if (!fits()) return;
  } else if (!too_early && (!failure->says(404) || !may_be_new)) {
    return fail(*failure);
  }
  // Later: reading a large object took its part of this turn.
  looked_ = true;
  next_.schedule();
}

bool DryRun::fits() const {
  std::size_t held = 0;
  for (std::size_t i = 0; i < steps_->size(); ++i)
    held += (*steps_)[i].body.size() +
            (i < tried_.size() ? tried_[i].before : (*steps_)[i].before).size();
  return !options_.fits || options_.fits(held);
}

void DryRun::try_step() {
  const Step& step = (*steps_)[tried_.size() - 1];
  Tried& tried = tried_.back();
  base::json::Document doc;
  const auto object = doc.parse(tried.before.empty() ? "{}" : tried.before);
  if (!tried.before.empty() && object) {
    tried.exists = true;
    tried.uid = (*object)["metadata"]["uid"].str();
    tried.resource_version = (*object)["metadata"]["resourceVersion"].str();
  }
  cluster::WriteQuery query = query_of(step, options_, &tried);
  query.dry_run = true;
  if (auto ok = write_.start(caller_, std::move(query)); !ok)
    fail(kube::Failure::from_error(ok.error()));
}

void DryRun::on_outcome(kube::WriteOutcome outcome) {
  Tried& tried = tried_.back();
  tried.warnings = std::move(outcome.warnings);
  if (tried.waits_for = what_it_waits_for(outcome); !tried.waits_for.empty()) {
    const Step& step = (*steps_)[tried_.size() - 1];
    tried.after = cluster::whole_body(query_of(step, options_, nullptr), step.what.resource());
    return compare();
  }
  if (!outcome.ok()) {
    // The version is not the one that the plan is made of, or another object has the name.
    tried.stale = outcome.stale;
    tried.conflicts = std::move(outcome.conflicts);
    return fail(outcome.failure ? *std::move(outcome.failure)
                                : kube::Failure::from_error(base::Error(
                                      base::Errc::internal, "the dry run has no result")));
  }
  const Step& step = (*steps_)[tried_.size() - 1];
  if (step.verb != Verb::remove) tried.after = std::move(outcome.object);
  compare();
}

// The API server answers 404 to an apply or a create of an object only if it lacks the namespace,
// with a Status, or the kind, with a page of text.
std::string DryRun::what_it_waits_for(const kube::WriteOutcome& outcome) const {
  const Step& step = (*steps_)[tried_.size() - 1];
  if (!outcome.failure || outcome.failure->status != 404) return {};
  if (step.verb != Verb::apply && step.verb != Verb::create) return {};
  if (outcome.failure->foreign)
    return step.defined_by.empty() ? "" : "its kind (" + step.defined_by + ")";
  if (step.ns.empty()) return {};
  for (std::size_t i = 0; i + 1 < tried_.size(); ++i) {
    const Step& other = (*steps_)[i];
    if (other.kind == "Namespace" && other.what.resource().group.empty() && other.name == step.ns &&
        !tried_[i].exists)
      return "namespace " + step.ns;
  }
  return {};
}

void DryRun::compare() {
  const Step& step = (*steps_)[tried_.size() - 1];
  const std::string& own = step.field_manager;
  comparison_ = std::make_unique<Comparison>(
      cluster_, step, own.empty() ? options_.field_manager : own, tried_.back());
  next_.schedule();
}

void DryRun::fail(kube::Failure failure) {
  tried_.back().failure = std::move(failure);
  next_.schedule();
}

}  // namespace change
