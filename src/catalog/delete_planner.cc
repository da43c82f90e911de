#include "catalog/delete_planner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "catalog/install_objects.h"
#include "kinds/table.h"

namespace catalog {

using base::json::Value;
using cluster::Part;

namespace {

constexpr std::size_t kNamesShown = 10;

std::string id_of(std::string_view kind, Value object) {
  const std::string ns(object["metadata"]["namespace"].str());
  return std::string(kind) + " " + (ns.empty() ? "" : ns + "/") +
         std::string(object["metadata"]["name"].str());
}

std::string some_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    out.append(i == 0 ? "" : ", ").append(names[i]);
  if (names.size() > kNamesShown)
    out += " and " + std::to_string(names.size() - kNamesShown) + " more";
  return out;
}

// Notes the objects of a list of which `uses` says that they use something, by its name or by what
// it says: "namespace/name" → users. "": of no namespace.
class Users final : public Part::Reader {
 public:
  using Uses = void (*)(Value object, std::vector<std::string>& names);
  Users(std::string kind, Uses uses) : kind_(std::move(kind)), uses_(uses) {}
  void on_object(Value object) override {
    std::vector<std::string> names;
    uses_(object, names);
    for (const std::string& name : names)
      of_[name].push_back(id_of(kind_, object));
  }
  void on_restart() override { of_.clear(); }
  // Those of `name`, but for `self`.
  std::vector<std::string> of(const std::string& name, const std::string& self = {}) const {
    std::vector<std::string> out;
    if (const auto at = of_.find(name); at != of_.end()) {
      for (const std::string& each : at->second)
        if (each != self && std::find(out.begin(), out.end(), each) == out.end())
          out.push_back(each);
    }
    return out;
  }

 private:
  const std::string kind_;
  const Uses uses_;
  std::map<std::string, std::vector<std::string>> of_;
};

std::string in_namespace(Value object, std::string_view name) {
  return std::string(object["metadata"]["namespace"].str()) + "/" + std::string(name);
}

void services_of(Value object, std::vector<std::string>& names) {
  for (const Value each : object["spec"]["serviceSpec"]["services"].array())
    names.push_back(in_namespace(object, each["template"].str()));
}

void chained(Value object, std::vector<std::string>& names) {
  for (const Value each : object["spec"]["supportedTemplates"].array()) {
    names.push_back(in_namespace(object, each["name"].str()));
    for (const Value upgrade : each["availableUpgrades"].array())
      names.push_back(in_namespace(object, upgrade["name"].str()));
  }
}

// HelmRepositories as "namespace/name", HelmCharts as "chart namespace/name".
void sources_of(Value object, std::vector<std::string>& names) {
  const Value helm = object["spec"]["helm"], from = helm["chartSpec"]["sourceRef"];
  if (from["kind"].str() == "HelmRepository")
    names.push_back(in_namespace(object, from["name"].str()));
  if (const Value chart = helm["chartRef"]; chart["kind"].str() == "HelmChart") {
    const std::string own(object["metadata"]["namespace"].str());
    names.push_back("chart " + std::string(chart["namespace"].str(own)) + "/" +
                    std::string(chart["name"].str()));
  }
}

// The charts that templates made go with them.
void repository_of_chart(Value object, std::vector<std::string>& names) {
  for (const Value owner : object["metadata"]["ownerReferences"].array())
    if (owner["kind"].str().ends_with("Template")) return;
  if (object["spec"]["sourceRef"]["kind"].str() == "HelmRepository")
    names.push_back(in_namespace(object, object["spec"]["sourceRef"]["name"].str()));
}

// Whether the list leaves users unknown; a kind that is not served has no objects.
bool is_unknown(const Part& list) {
  return list.failure() && list.failure()->code != base::Errc::not_found;
}

class DeletePlanner final : public NamespacedPlanner {
 public:
  DeletePlanner(change::Context& context, InstallArguments arguments, std::string name)
      : NamespacedPlanner(context, std::move(arguments)), name_(std::move(name)) {}

 private:
  struct Place {
    std::string ns;
    Part* service_template = nullptr;
    Part* repository = nullptr;
    std::string repository_name;
    std::vector<Part*> lists;  // of its namespace
  };

  bool begin(cluster::Gather& gather) override {
    gather_ = &gather;
    places_.clear();
    lists_.clear();
    users_.clear();
    round_ = 0;
    for (const std::string& ns : namespaces()) {
      Place place;
      place.ns = ns;
      place.service_template =
          &gather.get("ServiceTemplate " + ns + "/" + name_,
                      {kinds::get("ServiceTemplate"), ns, name_, cluster::Form::for_writing},
                      Part::Need::optional);
      places_.push_back(std::move(place));
    }
    return true;
  }

  // First the templates, then what uses them and their repositories.
  void make() override {
    if (round_++ == 0) {
      if (const std::string why = look_further(); !why.empty()) return fail(why);
      if (!lists_.empty()) return;
    }
    change::Plan plan;
    for (const Place& place : places_) {
      if (const std::string why = add_steps(place, plan); !why.empty()) return fail(why);
    }
    if (plan.steps.empty()) plan.status = "not_found";
    std::string name;
    base::json::append_string(name, name_);
    plan.members.emplace_back("template", std::move(name));
    done(std::move(plan));
  }

  std::string look_further() {
    bool any = false;
    for (Place& place : places_) {
      const Part& part = *place.service_template;
      if (part.failure() && !part.absent()) return part.failure_text();
      if (part.absent()) continue;
      any = true;
      const Value chart = part.object()["spec"]["helm"]["chartSpec"];
      if (chart["chart"].str() != arguments_.chart ||
          chart["version"].str() != arguments_.version) {
        return "ServiceTemplate " + place.ns + "/" + name_ + " is of " + source_of(part.object()) +
               ", not of " + arguments_.chart + " " + arguments_.version + ": nothing was deleted";
      }
      if (chart["sourceRef"]["kind"].str() != "HelmRepository") continue;
      place.repository_name = chart["sourceRef"]["name"].str();
      place.repository = &gather_->get("HelmRepository " + place.ns + "/" + place.repository_name,
                                       {kinds::get("HelmRepository"), place.ns,
                                        place.repository_name, cluster::Form::for_writing},
                                       Part::Need::optional);
    }
    if (!any) return {};
    // In one namespace its own objects are enough, and a caller may see no more.
    const std::string ns = places_.size() == 1 ? places_.front().ns : std::string();
    ask("ClusterDeployment", ns, services_of);
    ask("ServiceTemplateChain", ns, chained);
    ask("MultiClusterService", {}, services_of);
    ask("ServiceTemplate", {}, sources_of);
    ask("ClusterTemplate", ns, sources_of);
    ask("HelmChart", ns, repository_of_chart);
    return {};
  }

  void ask(std::string_view kind, const std::string& ns, Users::Uses uses) {
    users_.push_back(std::make_unique<Users>(std::string(kind), uses));
    lists_.push_back(&gather_->list(std::string(kind) + "s", {kinds::get(kind), ns},
                                    Part::Need::optional, users_.back().get()));
  }
  // In the order of look_further().
  enum : std::size_t { kDeployments, kChains, kServices, kTemplates, kClusterTemplates, kCharts };

  // "": added, or it is not there; else why not.
  std::string add_steps(const Place& place, change::Plan& plan) {
    const Value present = place.service_template->object();
    if (!present) {
      plan.notes.push_back("there is no ServiceTemplate " + place.ns + "/" + name_);
      return {};
    }
    const std::string what = "ServiceTemplate " + place.ns + "/" + name_;
    for (const std::size_t each : {kDeployments, kChains, kServices, kTemplates}) {
      if (const Part& list = *lists_[each]; is_unknown(list)) {
        return "what uses " + what + " cannot be known: " + list.failure_text() +
               "; nothing was deleted";
      }
    }
    const std::vector<std::string> users = users_of(place, present);
    if (!users.empty()) return what + " is used by " + some_of(users) + ": nothing was deleted";
    plan.weight = change::Weight::destructive;
    plan.consequences.push_back(
        "no ClusterDeployment, MultiClusterService or ServiceTemplateChain "
        "uses " +
        what);
    plan.steps.push_back(
        step_of(change::Verb::remove, {"ServiceTemplate", place.ns, name_}, {}, present));
    add_repository(place, what, plan);
    return {};
  }

  std::vector<std::string> users_of(const Place& place, Value present) const {
    std::vector<std::string> users;
    const auto add = [&](std::size_t list, const std::string& name, const std::string& self = {}) {
      for (std::string& each : users_[list]->of(name, self))
        users.push_back(std::move(each));
    };
    const std::string key = place.ns + "/" + name_;
    add(kDeployments, key);
    add(kChains, key);
    add(kServices, "/" + name_);
    const Value chart = present["status"]["chartRef"];
    if (!chart["name"].str().empty()) {
      add(kTemplates,
          "chart " + std::string(chart["namespace"].str(place.ns)) + "/" +
              std::string(chart["name"].str()),
          id_of("ServiceTemplate", present));
    }
    return users;
  }

  // The repository goes with the last template that refers to it.
  void add_repository(const Place& place, const std::string& self, change::Plan& plan) const {
    if (!place.repository || !place.repository->object()) return;
    const Value repository = place.repository->object();
    const std::string what = "HelmRepository " + place.ns + "/" + place.repository_name;
    if (repository_name(repository["spec"]["url"].str()) != place.repository_name) {
      plan.notes.push_back(what + " stays: install_from_catalog has not made it");
      return;
    }
    std::vector<std::string> users;
    for (const std::size_t each : {kTemplates, kClusterTemplates, kCharts}) {
      if (const Part& list = *lists_[each]; is_unknown(list)) {
        plan.notes.push_back(what +
                             " stays: what refers to it cannot be known: " + list.failure_text());
        return;
      }
      for (std::string& user : users_[each]->of(place.ns + "/" + place.repository_name, self))
        users.push_back(std::move(user));
    }
    if (!users.empty()) {
      plan.notes.push_back(what + " stays: " + some_of(users) + " refer to it");
      return;
    }
    plan.consequences.push_back("nothing else refers to " + what);
    plan.steps.push_back(step_of(
        change::Verb::remove, {"HelmRepository", place.ns, place.repository_name}, {}, repository));
  }

  const std::string name_;
  cluster::Gather* gather_ = nullptr;
  int round_ = 0;
  std::vector<Place> places_;
  std::vector<Part*> lists_;
  std::vector<std::unique_ptr<Users>> users_;
};

}  // namespace

std::unique_ptr<change::Planner> plan_delete(change::Context& context, InstallArguments arguments) {
  std::string name = template_name(arguments.chart, arguments.version);
  return std::make_unique<DeletePlanner>(context, std::move(arguments), std::move(name));
}

}  // namespace catalog
