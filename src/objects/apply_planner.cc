#include "objects/apply_planner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "change/clean.h"
#include "cluster/kind_query.h"
#include "objects/defined_kind.h"
#include "objects/manifest.h"

namespace objects {

namespace {

class ApplyPlanner final : public change::Planner {
 public:
  ApplyPlanner(change::Context& context, WriteArguments arguments)
      : arguments_(std::move(arguments)),
        owner_(context.field_manager),
        query_(context.cluster, cluster::KindQuery::Fn::bind<&ApplyPlanner::on_kind>(this)) {}

  void start(const mcp::Caller& caller, Fn fn) override {
    caller_ = caller;
    fn_ = fn;
    plan_ = {};
    plan_.checks = true;
    if (objects_.empty()) {
      // Not with the arguments: a manifest of a megabyte is a turn's work, as is the message of it.
      auto objects = read_manifest(arguments_.manifest.text);
      if (!objects) return fn_(std::move(objects).error());
      objects_ = needed_first(*std::move(objects));
      std::string().swap(arguments_.manifest.text);
    }
    next();
  }

 private:
  // What is in a namespace needs it first, and what is of a kind the kind's definition.
  static std::vector<ManifestObject> needed_first(std::vector<ManifestObject> objects) {
    const auto rank = [](const ManifestObject& each) {
      return each.kind == "v1/Namespace" ? 0 : each.kind == kDefinition ? 1 : 2;
    };
    std::stable_sort(objects.begin(), objects.end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return objects;
  }

  void next() {
    if (plan_.steps.size() == objects_.size()) return fn_(std::move(plan_));
    query_.start(caller_, objects_[plan_.steps.size()].kind);
  }

  void fail(std::string what) { fn_(change::wrong(std::move(what))); }

  void on_kind(const cluster::KindAnswer& answer) {
    const cluster::NamedKind* const kind = answer.kind;
    const ManifestObject& object = objects_[plan_.steps.size()];
    const auto defined = kind ? std::nullopt : defined_kind(objects_, object.kind);
    if (!kind && !defined) return fail(answer.error);
    add(kind ? *kind : *defined, object, !kind);
  }

  // `is_new`: the kind is defined by this manifest alone.
  void add(const cluster::NamedKind& kind, const ManifestObject& object, bool is_new) {
    const bool namespaced = kind.resource.namespaced;
    const std::string& ns = object.ns.empty() ? arguments_.ns : object.ns;
    const std::string text = object.kind + " " + object.name;
    if (!object.ns.empty() && !arguments_.ns.empty() && object.ns != arguments_.ns)
      return fail(text + ": metadata.namespace is " + object.ns + ", 'namespace' is " +
                  arguments_.ns);
    if (namespaced && ns.empty()) return fail(text + " is in a namespace: give metadata.namespace");
    if (!namespaced && !ns.empty())
      return fail(text + " is not in a namespace: leave out the namespace " +
                  base::printable(ns, 64));
    if (!kind.resource.can("patch")) return fail(kind.text() + " cannot be applied");
    for (const change::Step& other : plan_.steps)
      if (other.kind == kind.resource.kind && other.ns == ns && other.name == object.name &&
          other.what.resource().group == kind.group)
        return fail(text + " is in the manifest twice");
    change::Step step;
    step.verb = change::Verb::apply;
    step.what = cluster::Collection(
        kube::Resource{kind.group, kind.version, kind.resource.plural, namespaced});
    step.kind = kind.resource.kind;
    step.ns = ns;
    step.name = object.name;
    step.body = object.json;
    if (is_new) step.defined_by = kind.text();
    // A part of the server's own name, so that no caller acts as another manager.
    if (const std::string& given = arguments_.field_manager; !given.empty())
      step.field_manager =
          given == owner_ || given.starts_with(owner_ + ".") ? given : owner_ + "." + given;
    if (std::string note = change::dropped_text(object.dropped); !note.empty())
      plan_.notes.push_back(text + ": " + note);
    plan_.steps.push_back(std::move(step));
    next();
  }

  WriteArguments arguments_;
  const std::string owner_;
  std::vector<ManifestObject> objects_;
  mcp::Caller caller_;
  Fn fn_;
  change::Plan plan_;
  cluster::KindQuery query_;
};

}  // namespace

base::Result<std::unique_ptr<change::Planner>> plan_apply(change::Context& context,
                                                          WriteArguments arguments) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<ApplyPlanner>(context, std::move(arguments)));
}

}  // namespace objects
