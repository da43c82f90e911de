#include "objects/named_planner.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "base/yaml.h"
#include "change/answer.h"
#include "change/clean.h"
#include "change/deletion.h"
#include "change/json_patch.h"
#include "cluster/get.h"
#include "cluster/kind_query.h"
#include "cluster/nearest_names.h"
#include "cluster/refusal.h"

namespace objects {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;
using change::wrong;

namespace {

// The patch of an object as it is; "": nothing to change. Not for delete.
using MakePatch = base::Result<std::string> (*)(const WriteArguments& arguments, Value object,
                                                base::WallTime now);

base::Result<std::string> patch_of(const WriteArguments& arguments, Value object,
                                   base::WallTime now);
base::Result<std::string> restart_of(const WriteArguments& arguments, Value object,
                                     base::WallTime now);
base::Result<std::string> scale_of(const WriteArguments& arguments, Value object,
                                   base::WallTime now);
std::string moment(base::WallTime now) {
  return base::format_rfc3339(now, 0);
}

class NamedPlanner final : public change::Planner {
 public:
  // `make` nullptr: deletes.
  NamedPlanner(change::Context& context, WriteArguments arguments, MakePatch make,
               std::vector<std::string> notes = {})
      : cluster_(context.cluster),
        arguments_(std::move(arguments)),
        make_(make),
        notes_(std::move(notes)),
        query_(context.cluster, cluster::KindQuery::Fn::bind<&NamedPlanner::on_kind>(this)),
        get_(context.cluster, cluster::Get::Fn::bind<&NamedPlanner::on_object>(this)),
        nearest_(context.cluster,
                 cluster::NearestNames::Fn::bind<&NamedPlanner::on_nearest>(this)) {}

  void start(const mcp::Caller& caller, Fn fn) override {
    caller_ = caller;
    fn_ = fn;
    plan_ = {};
    plan_.checks = true;
    plan_.notes = notes_;
    query_.start(caller, arguments_.kind);
  }

 private:
  void fail(std::string what) { fn_(wrong(std::move(what))); }

  void on_kind(const cluster::KindAnswer& answer) {
    const cluster::NamedKind* const kind = answer.kind;
    if (!kind) return fail(answer.error);
    const bool namespaced = kind->resource.namespaced;
    if (namespaced && arguments_.ns.empty())
      return fail("give 'namespace': " + kind->text() + " are in namespaces");
    if (!namespaced && !arguments_.ns.empty())
      return fail(kind->text() + " are not in namespaces: leave out 'namespace'");
    const std::string_view verb = make_ ? "patch" : "delete";
    if (arguments_.name == "*") return fail("'name' must be the name of one object");
    if (!kind->resource.can(verb))
      return fail(kind->text() + " cannot be written with verb " + std::string(verb));
    step_ = {};
    step_.verb = make_ ? change::Verb::merge_patch : change::Verb::remove;
    step_.kind = kind->resource.kind;
    step_.what = cluster::Collection(
        kube::Resource{kind->group, kind->version, kind->resource.plural, namespaced});
    step_.ns = arguments_.ns;
    step_.name = arguments_.name;
    step_.field_manager = arguments_.field_manager;
    cluster::GetQuery query{step_.what, step_.ns, step_.name, cluster::Form::for_writing};
    if (auto ok = get_.start(caller_, std::move(query)); !ok) fail(ok.error().what());
  }

  void on_object(const kube::Failure* failure, Value object) {
    if (failure && !failure->says(404))
      return fail(cluster::failure_text({"get", step_.what, step_.ns, step_.name}, *failure));
    if (failure) {
      problem_ = change::object_text(step_) + " is not there";
      return nearest_.start(caller_, step_.what, step_.ns, step_.name);
    }
    step_.before = object.to_json();
    if (!make_) return delete_it(object);
    const bool operations = make_ == patch_of && arguments_.type == "json";
    auto patch =
        operations ? operations_of(object) : make_(arguments_, object, cluster_.loop.wall_now());
    if (!patch) return fail(patch.error().what());
    step_.body = *std::move(patch);
    if (make_ == restart_of) step_.moment = moment(cluster_.loop.wall_now());
    plan_.steps.push_back(std::move(step_));
    fn_(std::move(plan_));
  }

  // A JSON Patch, as the merge patch of the same result. It may not show a secret by moving it, or by
  // renaming what it is known by.
  base::Result<std::string> operations_of(Value object) const {
    base::json::Document patch_doc, after_doc, masked_doc, moved_doc, shown_doc;
    const Value operations = *patch_doc.parse(arguments_.patch.text);
    auto after = change::json_patched(object, operations);
    if (!after) return after;
    std::string masked = object.to_json(), shown = *after;
    cluster::clean(cluster_, masked);
    cluster::clean(cluster_, shown);
    const auto before = masked_doc.parse(masked);
    if (!before) return wrong("the object cannot be read");
    // A test of a masked value is decided above.
    auto moved = change::json_patched(*before, operations, change::Tests::skip);
    const auto was = moved ? moved_doc.parse(*moved) : base::Result<Value>(moved.error());
    const auto is = shown_doc.parse(shown), whole = after_doc.parse(*after);
    if (!was || !is || !whole || change::unmasks(*was, *is))
      return wrong("'patch' would show a secret that is masked: it may stay where it is, or go");
    for (const char* own : {"apiVersion", "kind"})
      if ((*whole)[own].str() != object[own].str())
        return wrong("'patch' would change " + std::string(own));
    auto merge = change::merge_between(object, *whole);
    if (!merge) return merge;
    base::json::Document doc;
    auto wish = change::clean_wish(*doc.parse(*merge));
    if (!wish) return std::move(wish).error();
    if (!wish->dropped.empty())
      return wrong("'patch' would change what only the API server or a controller writes: " +
                   base::join(wish->dropped, ", "));
    return std::move(wish->json);
  }

  void on_nearest(const std::vector<std::string>& names) {
    std::string text = problem_ + cluster::nearest_text(names);
    if (make_) return fail(std::move(text));
    plan_.status = "not_found";
    plan_.notes.push_back(std::move(text));
    fn_(std::move(plan_));
  }

  void delete_it(Value object) {
    const std::string uid(object["metadata"]["uid"].str());
    if (!arguments_.uid.empty() && arguments_.uid != uid)
      return fail("the object of that name has another uid: " + uid);
    if (arguments_.propagation == "foreground")
      step_.propagation = kube::WriteSpec::Propagation::foreground;
    if (arguments_.propagation == "orphan")
      step_.propagation = kube::WriteSpec::Propagation::orphan;
    plan_.weight = change::Weight::destructive;
    deletion_.emplace(cluster_, caller_,
                      change::Deletion::Fn::bind<&NamedPlanner::on_deletion>(this));
    deletion_->start(step_);
  }

  void on_deletion() {
    deletion_->tell(plan_);
    plan_.steps.push_back(std::move(step_));
    fn_(std::move(plan_));
  }

  cluster::Cluster& cluster_;
  const WriteArguments arguments_;
  const MakePatch make_;
  const std::vector<std::string> notes_;
  mcp::Caller caller_;
  Fn fn_;
  change::Plan plan_;
  change::Step step_;
  std::string problem_;
  cluster::KindQuery query_;
  cluster::Get get_;
  cluster::NearestNames nearest_;
  std::optional<change::Deletion> deletion_;
};

template <class... More>
PlannerResult planner(change::Context& context, WriteArguments arguments, MakePatch make,
                      More... more) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<NamedPlanner>(context, std::move(arguments), make, std::move(more)...));
}

base::Result<std::string> patch_of(const WriteArguments& arguments, Value, base::WallTime) {
  return arguments.patch.text;
}

// Kinds with a number of replicas have it in spec.replicas.
base::Result<std::string> scale_of(const WriteArguments& arguments, Value object, base::WallTime) {
  if (!object["spec"]["replicas"].is(Type::integer))
    return wrong("objects of this kind have no spec.replicas: they cannot be scaled");
  return R"({"spec":{"replicas":)" + std::to_string(arguments.replicas) + "}}";
}

// As kubectl rollout restart: a change of the pods' template, which its controller rolls out.
base::Result<std::string> restart_of(const WriteArguments&, Value object, base::WallTime now) {
  if (!object["spec"]["template"]["spec"]["containers"].is(Type::array))
    return wrong("objects of this kind have no pod template: they cannot be restarted");
  if (object["spec"]["paused"].bool_or(false))
    return wrong("its rollout is paused (spec.paused): resume it first");
  std::string out;
  Writer w(out);
  w.begin_object().key("spec").begin_object().key("template").begin_object();
  w.key("metadata").begin_object().key("annotations").begin_object();
  w.field("kubectl.kubernetes.io/restartedAt", moment(now));
  w.end_object().end_object().end_object().end_object().end_object();
  return out;
}

std::string metadata_patch(std::string_view member, const std::string& json) {
  return R"({"metadata":{")" + std::string(member) + "\":" + json + "}}";
}
base::Result<std::string> annotate_of(const WriteArguments& arguments, Value, base::WallTime) {
  return metadata_patch("annotations", arguments.annotations.text);
}
base::Result<std::string> label_of(const WriteArguments& arguments, Value, base::WallTime) {
  return metadata_patch("labels", arguments.labels.text);
}

// {"key": "value", "other": null}
base::Result<void> check_map(std::string_view argument, const std::string& json) {
  base::json::Document doc, whole_doc;
  const auto map = doc.parse(json);
  const std::string name = "'" + std::string(argument) + "'";
  if (!map || !map->is(Type::object) || map->size() == 0)
    return wrong(name + R"( must be an object like {"key": "value", "gone": null})");
  for (const Member member : map->object())
    if (!member.value.is(Type::string) && !member.value.is(Type::null))
      return wrong(name + ": the value of " + base::printable(member.key, 128) +
                   " must be a string, or null to remove it, got " +
                   std::string(member.value.type_name()));
  const std::string whole = metadata_patch(argument, map->to_json());
  auto wish = change::clean_wish(*whole_doc.parse(whole));
  if (!wish) return std::move(wish).error().within(name);
  if (wish->dropped.empty()) return {};
  return wrong(name + ": only kubectl or a controller writes " + base::join(wish->dropped, ", "));
}

PlannerResult plan_operations(change::Context& context, WriteArguments arguments,
                              const base::Result<Value>& patch) {
  if (!patch) return wrong("'patch' is no JSON");
  if (std::string why = change::json_patch_problem(*patch); !why.empty())
    return wrong("'patch': " + why);
  for (const Value each : patch->array()) {
    const std::string_view path = each["path"].str();
    if (each["op"].str() != "test" && (path == "/status" || path.starts_with("/status/")))
      return wrong("'patch': only its controller writes the status");
    if (path.starts_with("/metadata/managedFields"))
      return wrong("'patch': only the API server writes metadata.managedFields");
    if (auto wish = change::clean_wish(each); !wish)
      return std::move(wish).error().within("'patch'");
  }
  arguments.patch.text = patch->to_json();
  return planner(context, std::move(arguments), patch_of);
}

}  // namespace

PlannerResult plan_patch(change::Context& context, WriteArguments arguments) {
  base::json::Document doc, inner;
  auto patch = doc.parse(arguments.patch.text);
  std::string yaml;
  if (patch && patch->is(Type::string)) {  // models write a patch as a text, too
    base::yaml::Bound bound{base::limits::kBodyValues, "send it as several patches"};
    auto node = base::yaml::parse_first(patch->str(), bound);
    if (!node) return std::move(node).error().within("'patch'");
    yaml = base::yaml::to_json(*node);
    patch = inner.parse(yaml);
  }
  if (arguments.type == "json") return plan_operations(context, std::move(arguments), patch);
  if (!patch || !patch->is(Type::object) || patch->size() == 0)
    return wrong(
        R"('patch' must be an object like {"spec": {"replicas": 2}}; null removes (type json: a list )"
        "of operations)");
  auto wish = change::clean_wish(*patch);
  if (!wish) return std::move(wish).error().within("'patch'");
  arguments.patch.text = std::move(wish->json);
  std::vector<std::string> notes;
  if (std::string note = change::dropped_text(wish->dropped); !note.empty())
    notes.push_back(std::move(note));
  return planner(context, std::move(arguments), patch_of, std::move(notes));
}

PlannerResult plan_delete(change::Context& context, WriteArguments arguments) {
  return planner(context, std::move(arguments), nullptr);
}
PlannerResult plan_scale(change::Context& context, WriteArguments arguments) {
  return planner(context, std::move(arguments), scale_of);
}
PlannerResult plan_restart(change::Context& context, WriteArguments arguments) {
  return planner(context, std::move(arguments), restart_of);
}
PlannerResult plan_annotate(change::Context& context, WriteArguments arguments) {
  if (auto ok = check_map("annotations", arguments.annotations.text); !ok)
    return std::move(ok).error();
  return planner(context, std::move(arguments), annotate_of);
}
PlannerResult plan_label(change::Context& context, WriteArguments arguments) {
  if (auto ok = check_map("labels", arguments.labels.text); !ok) return std::move(ok).error();
  return planner(context, std::move(arguments), label_of);
}

}  // namespace objects
