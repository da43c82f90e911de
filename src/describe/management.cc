// Whether k0rdent itself works: its Management, the components, Releases, Regions, state management
// providers and the Deployments of its namespace. What is wrong stands first, as `problems`.
#include <string>
#include <vector>

#include "answer/conditions.h"
#include "answer/members.h"
#include "answer/path.h"
#include "describe/controllers.h"
#include "describe/description.h"
#include "kinds/table.h"

namespace describe {

using answer::condition_of;
using base::json::Value;
using base::json::Writer;

namespace {

// There is one of that name (k0rdent's webhook refuses others).
constexpr std::string_view kName = "kcm";

constexpr std::string_view kPausedAnnotation = "k0rdent.mirantis.com/region-pause";
// The reason of a Ready that says what `status.components` says, too.
constexpr std::string_view kComponents = "NotAllComponentsHealthy";

std::string message_of(Value condition) {
  std::string out(condition["reason"].str());
  const std::string message = answer::cut_text(condition["message"].str(), answer::kMessageBytes);
  if (!message.empty()) out.append(out.empty() ? "" : ": ").append(message);
  return out;
}

// "Ready is False, NoSuchThing: message"; "there is no condition Ready".
std::string verdict_of(std::string_view type, Value condition) {
  if (!condition) return "there is no condition " + std::string(type) + " yet";
  const std::string why = message_of(condition);
  return std::string(type) + " is " + std::string(condition["status"].str()) +
         (why.empty() ? why : ", " + why);
}

std::string named(std::string_view what, Value object) {
  return std::string(what) + " " + std::string(object["metadata"]["name"].str());
}

bool is_deleted(Value object) {
  return !object["metadata"]["deletionTimestamp"].str().empty();
}

// "" or "status is of generation 1, spec is 2: k0rdent has not acted on the last change".
std::string outdated(Value object) {
  const std::int64_t generation = object["metadata"]["generation"].int_or(0);
  const auto observed = object["status"]["observedGeneration"].as_int();
  if (!observed || *observed >= generation) return {};
  return "status is of generation " + std::to_string(*observed) + ", spec is " +
         std::to_string(generation) + ": k0rdent has not acted on the last change";
}

class Health final : public Description {
 public:
  cluster::Part* begin(cluster::Gather& gather, const Named&) override {
    filter_ = &gather.cluster().filter;
    managements_ = &gather.list("Managements", {kinds::get("Management"), ""});
    releases_ = &gather.list("Releases", {kinds::get("Release"), ""});
    regions_ = &gather.list("Regions", {kinds::get("Region"), ""}, cluster::Part::Need::optional);
    providers_ =
        &gather.list("state management providers", {kinds::get("StateManagementProvider"), ""},
                     cluster::Part::Need::optional);
    access_ =
        &gather.get("AccessManagement", {kinds::get("AccessManagement"), "", std::string(kName)},
                    cluster::Part::Need::optional);
    controllers_.begin(gather);
    return managements_;
  }

  bool more(cluster::Gather& gather) override { return controllers_.more(gather); }

  void write(answer::Report& report, base::WallTime now) override {
    const Value management = managements_->objects().at(0);
    find_problems(management);
    for (Controllers::Finding& each : controllers_.findings(now))
      each.problem ? problem(std::move(each.text)) : waiting(std::move(each.text));
    write_summary(report, management);
    problems_.insert(problems_.end(), waiting_.begin(), waiting_.end());
    report.begin("problems", problems_.empty() ? "" : "Problems");
    for (const std::string& problem : problems_) {
      if (report.skips()) continue;
      std::string json;
      base::json::append_string(json, problem);
      report.row(json, "  " + problem);
    }
    report.end("problems");
    write_components(report, management);
    write_releases(report, management);
    write_regions(report);
    write_providers(report);
    controllers_.write(report);
    report.text(
        "accessManagementError", {},
        answer::cut_text(access_->object()["status"]["error"].str(), answer::kMessageBytes));
    if (const Value all = management["status"]["availableProviders"]; all.size() > 0)
      report.member("providers", all.to_json());
    report.begin("conditions", {});
    for (const answer::Weighed& each : answer::by_weight(management["status"]["conditions"], now)) {
      if (!report.skips()) report.row(answer::condition_json(each.condition));
    }
    report.end("conditions");
  }

 private:
  void problem(std::string text) { problems_.push_back(std::move(text)); }
  // What is not wrong, but under way: it passes by itself.
  void waiting(std::string text) { waiting_.push_back(std::move(text)); }

  static bool component_ready(Value component) { return component["success"].bool_or(false); }
  static std::string component_error(Value component) {
    const std::string error = answer::cut_text(component["error"].str(), answer::kMessageBytes);
    return error.empty() ? "not ready yet" : error;
  }

  void find_problems(Value management) {
    if (!management) {
      problem(managements_->failure() ? "the Management could not be read"
                                      : "there is no Management: k0rdent is installed, but not set "
                                        "up");
      return;
    }
    const Value status = management["status"];
    if (is_deleted(management))
      problem("the Management is being deleted: k0rdent is removed, and all that it manages");
    if (status.size() == 0)
      problem("the Management has no status: the controller is not running yet");
    if (const std::string text = outdated(management); !text.empty())
      waiting("Management: " + text);
    find_component_problems("component ", management);
    for (const Value each : status["conditions"].array()) {
      if (each["type"].str() != "Ready" && each["status"].str() == "False")
        problem("Management: " + verdict_of(each["type"].str(), each));
    }
    find_other_problems(management);
    find_verdict(management);
  }

  void find_component_problems(const std::string& prefix, Value object) {
    const Value components = object["status"]["components"];
    for (const auto& [name, component] : components.object()) {
      if (!component_ready(component))
        problem(prefix + std::string(name) + ": " + component_error(component));
    }
    if (components.size() == 0) return;
    for (const Value each : object["spec"]["providers"].array()) {
      if (!components[each["name"].str()])
        waiting(prefix + std::string(each["name"].str()) + ": wanted, and not reported yet");
    }
  }

  // What Ready says that nothing above has said.
  void find_verdict(Value management) {
    const Value ready = condition_of(management, "Ready");
    if (management["status"].size() == 0 || ready["status"].str() == "True") return;
    const bool told = ready["reason"].str() == kComponents && problems_.size() > 0;
    if (told || is_deleted(management)) return;
    const std::string text = "Management: " + verdict_of("Ready", ready);
    ready["status"].str() == "False" ? problem(text) : waiting(text);
  }

  void find_region_problems(Value region) {
    const std::string name = named("Region", region);
    const Value ready = condition_of(region, "Ready");
    if (is_deleted(region)) problem(name + " is being deleted");
    if (region["metadata"]["annotations"][kPausedAnnotation].present()) {
      problem(name + " is paused (annotation " + std::string(kPausedAnnotation) +
              "): nothing is done for its ClusterDeployments");
    }
    if (const std::string text = outdated(region); !text.empty()) waiting(name + ": " + text);
    if (ready && ready["status"].str() != "True") {
      const std::string why = message_of(ready);
      problem(name + " is not ready" + (why.empty() ? why : ": " + why));
    } else if (!ready) {
      waiting(name + " is not ready: k0rdent has not looked at it yet");
    }
    find_component_problems(name + ": component ", region);
  }

  void find_other_problems(Value management) {
    const std::string_view wanted = management["spec"]["release"].str();
    bool known = false;
    for (const Value each : releases_->objects().array()) {
      const std::string_view name = each["metadata"]["name"].str();
      known = known || name == wanted;
      if (name == wanted && !each["status"]["ready"].bool_or(false))
        problem("Release " + std::string(name) + " is not ready" + failing(each));
    }
    if (!known && releases_->known())
      problem("the Management wants Release " + std::string(wanted) + ", which does not exist");
    for (const Value each : regions_->objects().array())
      find_region_problems(each);
    for (const Value each : providers_->objects().array()) {
      const std::string name(each["metadata"]["name"].str());
      if (each["spec"]["suspend"].bool_or(false)) {
        problem("state management provider " + name + " is suspended: services stay as they are");
      } else if (!each["status"]["ready"].bool_or(false)) {
        problem("state management provider " + name + " is not ready" + failing(each));
      }
    }
    const std::string_view error = access_->object()["status"]["error"].str();
    if (!error.empty())
      problem("AccessManagement: " + answer::cut_text(error, answer::kMessageBytes));
  }

  // ": Type is False, reason: message" of the first condition that is not True.
  static std::string failing(Value object) {
    for (const Value each : object["status"]["conditions"].array()) {
      if (each["status"].str() != "True") return ": " + verdict_of(each["type"].str(), each);
    }
    return {};
  }

  void write_summary(answer::Report& report, Value management) const {
    const Value ready = condition_of(management, "Ready");
    const std::string_view wanted = management["spec"]["release"].str();
    const std::string_view applied = management["status"]["release"].str();
    // The first Release is no upgrade.
    const bool installing = management && applied.empty();
    const bool upgrading = !installing && !wanted.empty() && wanted != applied;
    report.text("state", "State",
                !management              ? "not set up"
                : is_deleted(management) ? "deleting"
                : installing             ? "installing"
                : !problems_.empty()     ? "degraded"
                : upgrading              ? "upgrading"
                : !waiting_.empty()      ? "progressing"
                                         : "healthy");
    report.text("message", "Management", message_of(ready));
    report.text("release", "Release", wanted);
    report.text("appliedRelease", upgrading ? "Applied" : "", applied);
    if (installing) report.line("Applied", "none yet");
    report.flag("upgrading", upgrading);
  }

  void write_components(answer::Report& report, Value management) const {
    const Value all = management["status"]["components"];
    std::size_t ready = 0;
    for (const auto& [name, component] : all.object())
      ready += component_ready(component) ? 1 : 0;
    report.begin("components", "Components",
                 std::to_string(ready) + "/" + std::to_string(all.size()) + " ready");
    for (const auto& [name, component] : all.object()) {
      if (report.skips()) continue;
      const bool good = component_ready(component);
      std::string json;
      Writer w(json);
      w.begin_object().field("name", name).field("ready", good);
      w.field_if("template", component["template"].str());
      if (!good) w.field("error", component_error(component));
      w.end_object();
      report.row(json, "  " + std::string(name) + "  " + std::string(component["template"].str()) +
                           (good ? "" : "  " + component_error(component)));
    }
    report.end("components");
  }

  void write_releases(answer::Report& report, Value management) const {
    report.begin("releases", {});
    for (const Value each : releases_->objects().array()) {
      const std::string_view name = each["metadata"]["name"].str();
      std::string json;
      Writer w(json);
      w.begin_object().field("name", name).field_if("version", each["spec"]["version"].str());
      w.field("ready", each["status"]["ready"].bool_or(false));
      if (name == management["status"]["release"].str()) w.field("applied", true);
      w.end_object();
      report.row(json);
    }
    report.end("Releases");
  }

  void write_regions(answer::Report& report) const {
    report.begin("regions", {});
    for (const Value each : regions_->objects().array()) {
      const Value ready = condition_of(each, "Ready"), spec = each["spec"];
      std::string json;
      Writer w(json);
      w.begin_object().field("name", each["metadata"]["name"].str());
      w.field("ready", ready["status"].str() == "True");
      w.field_if("message", message_of(ready));
      if (each["metadata"]["annotations"][kPausedAnnotation].present()) w.field("paused", true);
      w.field_if("deletionTimestamp", each["metadata"]["deletionTimestamp"].str());
      // The Region is in no namespace, but the cluster that it is.
      const Value deployment = spec["clusterDeployment"];
      if (deployment && filter_->allows(deployment["namespace"].str()))
        w.key("clusterDeployment").raw(deployment.to_json());
      w.key("notReady").begin_array();
      for (const auto& [name, component] : each["status"]["components"].object()) {
        if (!component_ready(component)) w.string(name);
      }
      w.end_array().end_object();
      report.row(json);
    }
    report.end("Regions");
  }

  void write_providers(answer::Report& report) const {
    report.begin("stateManagementProviders", {});
    for (const Value each : providers_->objects().array()) {
      std::string json;
      Writer w(json);
      w.begin_object().field("name", each["metadata"]["name"].str());
      w.field("ready", each["status"]["ready"].bool_or(false));
      w.field("suspended", each["spec"]["suspend"].bool_or(false));
      w.end_object();
      report.row(json);
    }
    report.end("state management providers");
  }

  std::vector<std::string> problems_, waiting_;
  const cluster::NamespaceFilter* filter_ = nullptr;
  cluster::Part* managements_ = nullptr;
  cluster::Part* releases_ = nullptr;
  cluster::Part* regions_ = nullptr;
  cluster::Part* providers_ = nullptr;
  cluster::Part* access_ = nullptr;
  Controllers controllers_;
};

}  // namespace

std::unique_ptr<Description> describe_management() {
  return std::make_unique<Health>();
}

}  // namespace describe
