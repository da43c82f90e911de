#include "deploy/multi_cluster_planner.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/yaml_write.h"
#include "change/clean.h"
#include "change/deletion.h"
#include "cluster/chosen.h"
#include "cluster/gather.h"
#include "deploy/helm_values.h"
#include "deploy/present_planner.h"
#include "deploy/selected_clusters.h"
#include "deploy/service_dependencies.h"
#include "deploy/service_templates.h"
#include "deploy/template_choice.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;
using change::wrong;
using cluster::Part;

namespace {

std::string names_json(const std::vector<std::string>& names) {
  std::string out;
  Writer w(out);
  w.begin_array();
  for (const std::string& each : names)
    w.string(each);
  w.end_array();
  return out;
}

// The names of the MultiClusterServices that depend on one.
class Dependents final : public cluster::Chosen {
 public:
  Dependents(const cluster::Cluster& cluster, std::string name)
      : Chosen(cluster), name_(std::move(name)) {}

 private:
  void take(Value object, std::string& out) const override {
    for (const Value each : object["spec"]["dependsOn"].array()) {
      if (each.str() != name_) continue;
      return base::json::append_string(out, object["metadata"]["name"].str());
    }
  }
  const std::string name_;
};

// First the MultiClusterService as it is, then the clusters that its selectors match.
class MultiClusterPlanner : public change::Planner {
 public:
  MultiClusterPlanner(change::Context& context, Arguments arguments)
      : arguments_(std::move(arguments)), cluster_(context.cluster) {}

  void start(const mcp::Caller& caller, Fn fn) final {
    caller_ = caller;
    fn_ = fn;
    clusters_ = nullptr;
    matching_ = {};
    gather_.emplace(cluster_, caller,
                    cluster::Gather::Fn::bind<&MultiClusterPlanner::on_gathered>(this));
    present_ = &gather_->get(
        "MultiClusterService",
        {kinds::get("MultiClusterService"), {}, arguments_.name, cluster::Form::for_writing},
        Part::Need::optional);
    all_ = &gather_->list("MultiClusterServices", {kinds::get("MultiClusterService"), {}},
                          Part::Need::noted, &dependents_.emplace(cluster_, arguments_.name));
    begin(*gather_);
  }

 protected:
  virtual void begin(cluster::Gather& /*gather*/) {}
  virtual void make(Value present) = 0;
  virtual Value selector_after() = 0;
  void fail(std::string what) { fn_(wrong(std::move(what))); }
  void done(change::Plan plan) {
    for (const auto* each : {&matching_.before(), &matching_.after()})
      plan.bound.push_back(names_json(*each));
    plan.members = {{"name", quoted(arguments_.name)},
                    {"clustersBefore", names_json(matching_.before())},
                    {"clustersAfter", names_json(matching_.after())}};
    for (const std::string& note : gather_->notes())
      plan.notes.push_back(note);
    fn_(std::move(plan));
  }
  change::Step step(change::Verb verb, std::string body) const {
    change::Step out;
    out.verb = verb;
    out.what = kinds::get("MultiClusterService");
    out.kind = "MultiClusterService";
    out.name = arguments_.name;
    out.body = std::move(body);
    if (const Value object = present_->object()) out.before = object.to_json();
    return out;
  }
  const SelectedClusters& matching() const { return matching_; }
  Value dependents() { return dependents_->objects(); }
  bool dependents_known() const { return all_->known(); }
  cluster::Cluster& cluster() const { return cluster_; }
  const mcp::Caller& caller() const { return caller_; }
  const std::string& system_namespace() const { return cluster_.system_namespace; }

  const Arguments arguments_;
  std::optional<TemplateStates> templates_;  // here, as it must outlive gather_

 private:
  void on_gathered() {
    if (present_->failure() && !present_->absent()) return fail(present_->failure_text());
    const Value present = present_->object();
    if (!clusters_) {
      matching_.select(present["spec"]["clusterSelector"], selector_after());
      clusters_ = &gather_->list("cluster deployments", {kinds::get("ClusterDeployment"), {}},
                                 Part::Need::noted, &matching_);
      return;
    }
    make(present);
  }

  cluster::Cluster& cluster_;
  mcp::Caller caller_;
  Fn fn_;
  SelectedClusters matching_;
  Part* present_ = nullptr;
  Part* all_ = nullptr;
  Part* clusters_ = nullptr;
  std::optional<Dependents> dependents_;
  std::optional<cluster::Gather> gather_;
};

class ApplyPlanner final : public MultiClusterPlanner {
 public:
  ApplyPlanner(change::Context& context, Arguments arguments, const std::string& services)
      : MultiClusterPlanner(context, std::move(arguments)) {
    services_ = *services_doc_.parse(services);
  }

 private:
  Value selector_after() override {
    const auto selector = selector_.parse(arguments_.cluster_selector.text);
    return selector ? *selector : Value();
  }

  // A MultiClusterService has no namespace: KCM checks its templates in k0rdent's own.
  void begin(cluster::Gather& gather) override {
    templates_part_ =
        &gather.list("service templates", {kinds::get("ServiceTemplate"), system_namespace()},
                     Part::Need::noted, &templates_.emplace(cluster()));
  }

  // "": all of them are there and valid, or they cannot be read, which a note says.
  std::string template_problem() {
    if (templates_part_->failure()) return {};
    std::map<std::string_view, Value> known;
    std::vector<std::string_view> names;
    for (const Value each : templates_->objects().array()) {
      names.push_back(each["name"].str());
      known.emplace(names.back(), each["status"]);
    }
    for (const Value service : services_.array()) {
      const std::string_view name = service["template"].str();
      const std::string of = "service " + base::printable(service["name"].str(), 128) + ": ";
      const auto at = known.find(name);
      if (at == known.end()) {
        if (!templates_part_->known() || templates_->full()) continue;
        const std::string_view near = base::nearest(name, names);
        return of + "no ServiceTemplate " + base::printable(name, 128) + " in namespace " +
               system_namespace() + ", where those of a MultiClusterService are" +
               (near.empty() ? "" : "; did you mean " + std::string(near) + "?");
      }
      if (std::string why = state_problem(name, at->second); !why.empty()) return of + why;
    }
    return {};
  }

  void make(Value) override {
    if (std::string problem = template_problem(); !problem.empty()) return fail(problem);
    std::string body;
    Writer w(body);
    w.begin_object().key("spec").begin_object();
    w.key("clusterSelector").raw(arguments_.cluster_selector.text);
    w.key("serviceSpec").begin_object().key("services").raw(services_.to_json()).end_object();
    w.end_object().end_object();
    change::Plan plan;
    plan.steps.push_back(step(change::Verb::apply, std::move(body)));
    plan.checks = true;  // which say what follows
    done(std::move(plan));
  }

  base::json::Document services_doc_, selector_;
  Value services_;
  Part* templates_part_ = nullptr;
};

class DeletePlanner final : public MultiClusterPlanner {
 public:
  DeletePlanner(change::Context& context, Arguments arguments)
      : MultiClusterPlanner(context, std::move(arguments)) {}

 private:
  Value selector_after() override { return {}; }

  void make(Value present) override {
    change::Plan plan;
    if (!present) {
      plan.status = "not_found";
      return done(std::move(plan));
    }
    if (!dependents_known())
      return fail(
          "the MultiClusterServices cannot all be read, and one may depend on it: nothing "
          "was written");
    for (const Value each : dependents().array())
      return fail("MultiClusterService " + std::string(each.str()) +
                  " depends on it: k0rdent would hold the deletion; delete that one first");
    plan_ = std::move(plan);
    plan_.weight = change::Weight::destructive;
    plan_.steps.push_back(step(change::Verb::remove, {}));
    deletion_.emplace(cluster(), caller(),
                      change::Deletion::Fn::bind<&DeletePlanner::on_deletion>(this));
    deletion_->start(plan_.steps.front());
  }

  void on_deletion() {
    deletion_->tell(plan_);
    done(std::move(plan_));
  }

  change::Plan plan_;
  std::optional<change::Deletion> deletion_;
};

// What k0rdent says only after it is written, in a condition. "": it is a LabelSelector.
std::string selector_problem(Value selector) {
  for (const Member member : selector.object()) {
    if (member.key == "matchLabels" || member.key == "matchExpressions") continue;
    return base::printable(member.key, 64) +
           " is not known; there are matchLabels and matchExpressions";
  }
  for (const Value each : selector["matchExpressions"].array()) {
    const std::string_view op = each["operator"].str();
    const bool values = op == "In" || op == "NotIn";
    if (!values && op != "Exists" && op != "DoesNotExist")
      return "operator must be In, NotIn, Exists or DoesNotExist, got " + base::printable(op, 64);
    if (each["key"].str().empty()) return "an expression has no key";
    if (values == (each["values"].size() == 0))
      return std::string(op) + (values ? " needs values" : " takes no values");
  }
  return {};
}

// Each service with its values as YAML text, which the CRD has.
base::Result<std::string> services_json(const std::vector<mcp::Json>& given) {
  const char* const kShape =
      R"('services' must be a list like [{"name": "ingress", "template": "ingress-nginx-4-11-3"}])";
  if (given.empty()) return wrong(kShape);
  std::string out;
  Writer w(out);
  w.begin_array();
  base::json::Document doc;
  std::set<std::string> keys;
  base::yaml::Bound bound = values_bound();
  for (const mcp::Json& one : given) {
    const auto service = doc.parse(one.text);
    const Value each = service ? *service : Value();
    auto wish = change::clean_wish(each);  // only for the masks
    if (!wish) return std::move(wish).error().within("'services'");
    if (each["name"].str().empty() || each["template"].str().empty()) return wrong(kShape);
    const std::string key =
        std::string(each["namespace"].str("default")) + "/" + std::string(each["name"].str());
    if (!keys.insert(key).second)
      return wrong("'services' has two of name and namespace " + base::printable(key, 128));
    if (std::string why = values_problem(each["values"].str(), bound); !why.empty())
      return wrong("'services': values of " + base::printable(key, 128) + ": " + why);
    w.begin_object();
    for (const Member member : each.object()) {
      if (member.key == "namespace" && member.value.str().empty()) continue;
      w.key(member.key);
      if (member.key != "values" || !member.value.is(Type::object)) {
        w.raw(member.value.to_json());
        continue;
      }
      std::string text;
      base::yaml::append_yaml(text, member.value);
      w.string(text);
    }
    // Part of the list's key.
    if (each["namespace"].str().empty()) w.field("namespace", "default");
    w.end_object();
  }
  w.end_array();
  const Value services = *doc.parse(out);
  for (const std::string& why : {missing_dependency(services), dependency_circle(services)})
    if (!why.empty()) return wrong("'services': " + why);
  return out;
}

}  // namespace

PlannerResult plan_multi_cluster_apply(change::Context& context, Arguments arguments) {
  base::json::Document doc;
  const auto selector = doc.parse(arguments.cluster_selector.text);
  if (std::string why = selector ? selector_problem(*selector) : std::string(); !why.empty())
    return wrong("'clusterSelector': " + why);
  const bool labels = selector && (*selector)["matchLabels"].size() > 0;
  const bool expressions = selector && (*selector)["matchExpressions"].size() > 0;
  if (!labels && !expressions)
    return wrong(
        R"('clusterSelector' must be like {"matchLabels": {"env": "prod"}}; an empty one selects no )"
        "cluster");
  auto services = services_json(arguments.services);
  if (!services) return std::move(services).error();
  return std::unique_ptr<change::Planner>(
      std::make_unique<ApplyPlanner>(context, std::move(arguments), *std::move(services)));
}

PlannerResult plan_multi_cluster_delete(change::Context& context, Arguments arguments) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<DeletePlanner>(context, std::move(arguments)));
}

}  // namespace deploy
