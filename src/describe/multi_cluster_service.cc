// What a MultiClusterService says: the clusters that it matches, and its services in each. Its status
// names those of its last reconcile, which ends early when a validation fails: the selector is
// evaluated here, too.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer/members.h"
#include "answer/path.h"
#include "base/counted.h"
#include "cluster/chosen.h"
#include "describe/cluster_matches.h"
#include "describe/conditions.h"
#include "describe/description.h"
#include "graph/model/selection.h"
#include "kinds/table.h"

namespace describe {

using base::json::Value;
using base::json::Writer;
using graph::model::is_for_management;

namespace {

// Its presence counts, whatever its value.
constexpr std::string_view kPausedAnnotation = "k0rdent.mirantis.com/service-set-paused";
// Rows of clusters that match and that no status has: the others are counted.
constexpr std::size_t kNewShown = 100;

// The ServiceSets of a MultiClusterService: {"namespace", "name", "cluster", "problem",
// "services": […]}. That of the management cluster names no cluster.
class Sets final : public cluster::Chosen {
 public:
  Sets(const cluster::Cluster& cluster, std::string service)
      : Chosen(cluster), service_(std::move(service)) {}

 private:
  void take(Value object, std::string& out) const override {
    const Value spec = object["spec"];
    if (spec["multiClusterService"].str() != service_) return;
    Writer w(out);
    w.begin_object().field("namespace", object["metadata"]["namespace"].str());
    w.field("name", object["metadata"]["name"].str()).field("cluster", spec["cluster"].str());
    w.field_if("problem", problem_of(object)).key("services").begin_array();
    for (const Value each : object["status"]["services"].array()) {
      w.begin_object().field("name", each["name"].str()).field("state", each["state"].str());
      w.field_if("version", each["version"].str());
      w.field_if("failureMessage", each["failureMessage"].str()).end_object();
    }
    w.end_array().end_object();
  }
  // Why nothing is done with it, which no service says: its profile cannot be made, or it is halted.
  static std::string problem_of(Value object) {
    const Value provider = object["status"]["provider"];
    if (object["metadata"]["annotations"][kPausedAnnotation].present()) return "it is paused";
    if (provider["suspended"].bool_or(false)) return "its StateManagementProvider is suspended";
    for (const Value each : object["status"]["conditions"].array()) {
      const std::string_view type = each["type"].str();
      // The services say it themselves.
      if (each["status"].str() != "False" || type == "ServicesInReadyState") continue;
      std::string out(each["reason"].str());
      const std::string message = answer::cut_text(each["message"].str(), answer::kMessageBytes);
      if (!message.empty()) out.append(": ").append(message);
      return out;
    }
    return {};
  }

  const std::string service_;
};

class Service final : public Description {
 public:
  cluster::Part* begin(cluster::Gather& gather, const Named& named) override {
    filter_ = &gather.cluster().filter;
    service_ =
        &gather.get("multi-cluster service", {kinds::get("MultiClusterService"), "", named.name});
    sets_.emplace(gather.cluster(), named.name);
    sets_part_ = &gather.list("service sets", {kinds::get("ServiceSet"), ""},
                              cluster::Part::Need::noted, &*sets_);
    return service_;
  }

  bool more(cluster::Gather& gather) override {
    if (matches_part_) return false;
    matches_.select(service_->object()["spec"]["clusterSelector"]);
    if (matches_.empty_selector()) return false;
    matches_part_ = &gather.list("cluster deployments", {kinds::get("ClusterDeployment"), ""},
                                 cluster::Part::Need::noted, &matches_);
    return true;
  }

  void write(answer::Report& report, base::WallTime now) override {
    const Value object = service_->object(), spec = object["spec"], status = object["status"];
    report.text("name", "Name", object["metadata"]["name"].str());
    const Value ready = answer::condition_of(object, "Ready");
    report.flag("ready", ready["status"].str() == "True");
    const std::string message = answer::cut_text(ready["message"].str(), answer::kMessageBytes);
    report.text("message", {}, message);
    report.line("Ready", std::string(ready ? ready["status"].str() : "not processed yet") +
                             (message.empty() ? "" : ": " + message));
    report.member("selector", spec["clusterSelector"].to_json());
    report.line("Selector", spec["clusterSelector"].size() == 0
                                ? is_for_management(object)
                                      ? "none: its services are in the management cluster only"
                                      : "none: it selects no cluster"
                                : answer::cut_text(spec["clusterSelector"].to_json(), 300));
    report.member("dependsOn", spec["dependsOn"].size() > 0 ? spec["dependsOn"].to_json() : "");
    report.line("Depends on", answer::cut_text(names_of(spec["dependsOn"]), 400));
    write_services(report, spec["serviceSpec"]["services"]);
    write_nearest(report, is_for_management(object));
    write_clusters(report, object);
    write_conditions(report, status["conditions"], now);
    report.member("upgrades", status["servicesUpgradePaths"].size() > 0
                                  ? status["servicesUpgradePaths"].to_json()
                                  : "");
  }

 private:
  // Takes MultiClusterServices, or services of this one.
  static std::string names_of(Value depends_on) {
    std::string out;
    for (const Value each : depends_on.array()) {
      if (!out.empty()) out += ", ";
      const std::string_view ns = each["namespace"].str();
      if (!ns.empty()) out.append(ns).append("/");
      out.append(each["name"].str(each.str()));
    }
    return out;
  }

  static void write_services(answer::Report& report, Value services) {
    report.begin("services", "Services", services.size() > 0 ? "" : "none");
    for (const Value each : services.array()) {
      if (report.skips()) continue;
      std::string json;
      Writer w(json);
      w.begin_object()
          .field("name", each["name"].str())
          .field_if("namespace", each["namespace"].str());
      w.field("template", each["template"].str());
      w.field_if("templateChain", each["templateChain"].str());
      if (each["disable"].bool_or(false)) w.field("disabled", true);
      const std::string after = answer::cut_text(names_of(each["dependsOn"]), 200);
      if (!after.empty()) w.key("dependsOn").raw(each["dependsOn"].to_json());
      w.end_object();
      report.row(json, "  " + std::string(each["name"].str()) + "  " +
                           std::string(each["template"].str()) +
                           (after.empty() ? "" : "  after " + after));
    }
    report.end("services");
  }

  using Place = std::pair<std::string_view, std::string_view>;  // namespace and name of a cluster
  static Place place_of(std::string_view ns, std::string_view cluster) {
    return {cluster.empty() ? std::string_view() : ns, cluster};
  }

  // Whether all that match are known.
  bool matches_known() const { return matches_part_ && matches_part_->known(); }
  bool is_matched(Value cluster) const {
    const ClusterMatches::Place place{cluster["namespace"].str(), cluster["name"].str()};
    return matches_.matches().contains(place) || matches_.is_going(place);
  }
  static bool is_management(Value cluster) { return cluster["kind"].str() == "SveltosCluster"; }

  // The ServiceSet of this in a cluster; absent: there is none yet, or they are not known.
  void find_sets() {
    for (const Value each : sets_->objects().array())
      places_.emplace(place_of(each["namespace"].str(), each["cluster"].str()), each);
  }

  // The validation that failed: k0rdent stopped there, and left what it wrote before; "": none did.
  static std::string_view failed_validation(Value object) {
    for (const Value each : object["status"]["conditions"].array()) {
      if (each["type"].str().ends_with("Validation") && each["status"].str() == "False")
        return each["type"].str();
    }
    return {};
  }

  // "0/0" counts as ready.
  void write_nearest(answer::Report& report, bool for_management) {
    if (!matches_known() || !matches_.matches().empty()) return;
    const ClusterMatches::Nearest& nearest = matches_.nearest();
    std::string text = "the selector matches no ClusterDeployment";
    if (matches_part_->hidden() > 0) text += " that can be seen here";
    if (!nearest.misses.empty()) {
      text += "; the nearest is " + nearest.place.first + "/" + nearest.place.second + ": ";
      std::string json;
      Writer w(json);
      w.begin_object().field("namespace", nearest.place.first).field("name", nearest.place.second);
      w.key("misses").begin_array();
      for (const ClusterMatches::Miss& each : nearest.misses) {
        if (&each != &nearest.misses.front()) text += "; ";
        text += "label " + each.key + " is " + (each.has.empty() ? "absent" : each.has) +
                ", wanted " + each.wanted;
        w.begin_object().field("label", each.key).field_if("is", each.has);
        w.field("wanted", each.wanted);
        if (each.in_cluster_labels) {
          w.field("inClusterLabels", true);
          text += " (spec.config.clusterLabels has it, which the selector does not look at)";
        }
        w.end_object();
      }
      w.end_array().end_object();
      report.required("nearest", json);
    }
    if (!for_management) return report.text("problem", "Problem", text);
    report.note("its services are in the management cluster only (selfManagement): " + text);
  }

  // The service is in no namespace: only its status names those of the clusters.
  void write_clusters(answer::Report& report, Value object) {
    const Value clusters = object["status"]["matchingClusters"];
    find_sets();
    std::vector<Value> shown;
    std::set<ClusterMatches::Place> missing;
    if (matches_known()) missing = matches_.matches();
    std::size_t deployed = 0;
    for (const Value each : clusters.array()) {
      if (!filter_->allows(each["namespace"].str())) continue;
      shown.push_back(each);
      deployed += each["deployed"].bool_or(false) ? 1 : 0;
      missing.erase({std::string(each["namespace"].str()), std::string(each["name"].str())});
    }
    std::string heading = std::to_string(deployed) + "/" +
                          std::to_string(shown.size() + missing.size()) + " deployed";
    if (const std::string_view failed = failed_validation(object); !failed.empty()) {
      heading.append(" as of before ").append(failed).append(" failed: nothing is done since");
      report.text("asOfBefore", {}, failed);
    }
    report.begin("clusters", "Clusters", heading);
    for (const Value each : shown) {
      if (!report.skips()) write_cluster(report, each);
    }
    std::size_t rows = 0;
    for (const auto& [ns, name] : missing) {
      if (rows++ < kNewShown && !report.skips()) write_missing(report, ns, name);
    }
    report.end("clusters");
    if (missing.size() > kNewShown)
      report.note(base::counted(missing.size() - kNewShown, "more cluster") +
                  " that match left out");
    if (sets_->full()) report.note("service sets: there are more than were read");
    if (const std::size_t hidden = clusters.size() - shown.size(); hidden > 0) {
      report.note(base::counted(hidden, "cluster") +
                  " in namespaces that the server's filter hides left out");
    }
  }

  static void write_missing(answer::Report& report, const std::string& ns,
                            const std::string& name) {
    const std::string why = "matches, and is not in the status yet";
    std::string json;
    Writer w(json);
    w.begin_object().field("namespace", ns).field("name", name).field("deployed", false);
    w.field("message", why).end_object();
    report.row(json, "  " + ns + "/" + name + "  not deployed: " + why);
  }

  void write_cluster(answer::Report& report, Value cluster) const {
    const std::string_view ns = cluster["namespace"].str(), name = cluster["name"].str();
    const bool management = is_management(cluster);
    const auto found = places_.find(place_of(ns, management ? std::string_view() : name));
    const bool is_found = found != places_.end();
    const std::string problem(is_found ? found->second["problem"].str() : std::string_view());
    std::string json;
    Writer w(json);
    w.begin_object().field("namespace", ns).field("name", name);
    w.field_if("kind", management ? "SveltosCluster" : "");
    w.field("deployed", cluster["deployed"].bool_or(false));
    if (cluster["regional"].bool_or(false)) w.field("regional", true);
    w.field_if("reason", cluster["reason"].str());
    w.field_if("message", answer::cut_text(cluster["message"].str(), answer::kMessageBytes));
    std::string line = "  " + std::string(ns) + "/" + std::string(name) + "  " +
                       (cluster["deployed"].bool_or(false) ? "deployed" : "not deployed");
    if (matches_known() && !management && !is_matched(cluster)) {
      w.field("matches", false);
      line += ", the selector does not match it any more";
    }
    if (!cluster["message"].str().empty())
      line += ": " + answer::cut_text(cluster["message"].str(), 200);
    if (!problem.empty()) {
      w.field("problem", problem);
      line += "; ServiceSet " + std::string(found->second["name"].str()) + ": " +
              answer::cut_text(problem, 300);
    }
    if (is_found || (sets_part_->known() && !sets_->full()))
      write_states(w, is_found ? found->second["services"] : Value(), line);
    w.end_object();
    report.row(json, line);
  }

  static void write_states(Writer& w, Value services, std::string& line) {
    w.key("services").begin_array();
    for (const Value each : services.array()) {
      const std::string failure = answer::cut_text(each["failureMessage"].str(), 200);
      w.begin_object().field("name", each["name"].str()).field("state", each["state"].str());
      w.field_if("version", each["version"].str()).field_if("failureMessage", failure).end_object();
      line += "; " + std::string(each["name"].str()) + " " + std::string(each["state"].str());
      if (!failure.empty()) line += " (" + failure + ")";
    }
    w.end_array();
  }

  const cluster::NamespaceFilter* filter_ = nullptr;
  cluster::Part* service_ = nullptr;
  std::optional<Sets> sets_;
  std::map<Place, Value> places_;  // a cluster's ServiceSet
  cluster::Part* sets_part_ = nullptr;
  ClusterMatches matches_;
  cluster::Part* matches_part_ = nullptr;
};

}  // namespace

std::unique_ptr<Description> describe_multi_cluster_service() {
  return std::make_unique<Service>();
}

}  // namespace describe
