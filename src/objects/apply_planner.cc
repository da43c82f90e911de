#include "objects/apply_planner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "change/clean.h"
#include "objects/kind_query.h"
#include "objects/manifest.h"

namespace objects {

namespace {

class ApplyPlanner final : public change::Planner {
 public:
  ApplyPlanner(change::Context& context, WriteArguments arguments,
               std::vector<ManifestObject> objects)
      : arguments_(std::move(arguments)),
        owner_(context.field_manager),
        objects_(namespaces_first(std::move(objects))),
        query_(context.cluster, KindQuery::Fn::bind<&ApplyPlanner::on_kind>(this)) {}

  void start(const mcp::Caller& caller, Fn fn) override {
    caller_ = caller;
    fn_ = fn;
    plan_ = {};
    plan_.checks = true;
    next();
  }

 private:
  // What is in a namespace needs it first.
  static std::vector<ManifestObject> namespaces_first(std::vector<ManifestObject> objects) {
    std::stable_partition(objects.begin(), objects.end(),
                          [](const ManifestObject& each) { return each.kind == "v1/Namespace"; });
    return objects;
  }

  void next() {
    if (plan_.steps.size() == objects_.size()) return fn_(std::move(plan_));
    query_.start(caller_, objects_[plan_.steps.size()].kind);
  }

  void fail(std::string what) { fn_(change::wrong(std::move(what))); }

  void on_kind(const cluster::NamedKind* kind, const std::string& error) {
    if (!kind) return fail(error);
    const ManifestObject& object = objects_[plan_.steps.size()];
    const bool namespaced = kind->resource.namespaced;
    const std::string& ns = object.ns.empty() ? arguments_.ns : object.ns;
    const std::string text = object.kind + " " + object.name;
    if (!object.ns.empty() && !arguments_.ns.empty() && object.ns != arguments_.ns)
      return fail(text + ": metadata.namespace is " + object.ns + ", 'namespace' is " +
                  arguments_.ns);
    if (namespaced && ns.empty()) return fail(text + " is in a namespace: give metadata.namespace");
    if (!namespaced && !ns.empty())
      return fail(text + " is not in a namespace: leave out the namespace " +
                  base::printable(ns, 64));
    if (!kind->resource.can("patch")) return fail(kind->text() + " cannot be applied");
    for (const change::Step& other : plan_.steps)
      if (other.kind == kind->resource.kind && other.ns == ns && other.name == object.name &&
          other.what.resource().group == kind->group)
        return fail(text + " is in the manifest twice");
    change::Step step;
    step.verb = change::Verb::apply;
    step.what = cluster::Collection(
        kube::Resource{kind->group, kind->version, kind->resource.plural, namespaced});
    step.kind = kind->resource.kind;
    step.ns = ns;
    step.name = object.name;
    step.body = object.json;
    // A part of the server's own name, so that no caller acts as another manager.
    if (const std::string& given = arguments_.field_manager; !given.empty())
      step.field_manager =
          given == owner_ || given.starts_with(owner_ + ".") ? given : owner_ + "." + given;
    if (std::string note = change::dropped_text(object.dropped); !note.empty())
      plan_.notes.push_back(text + ": " + note);
    plan_.steps.push_back(std::move(step));
    next();
  }

  const WriteArguments arguments_;
  const std::string owner_;
  const std::vector<ManifestObject> objects_;
  mcp::Caller caller_;
  Fn fn_;
  change::Plan plan_;
  KindQuery query_;
};

}  // namespace

base::Result<std::unique_ptr<change::Planner>> plan_apply(change::Context& context,
                                                          WriteArguments arguments) {
  auto objects = read_manifest(arguments.manifest.text);
  if (!objects) return std::move(objects).error();
  return std::unique_ptr<change::Planner>(
      std::make_unique<ApplyPlanner>(context, std::move(arguments), *std::move(objects)));
}

}  // namespace objects
