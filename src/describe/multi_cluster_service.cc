// What a MultiClusterService says: the clusters that it matches, and its services in each.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/conditions.h"
#include "answer/members.h"
#include "answer/path.h"
#include "base/counted.h"
#include "cluster/chosen.h"
#include "describe/description.h"
#include "kinds/table.h"

namespace describe {

using base::json::Value;
using base::json::Writer;

namespace {

// The ServiceSets of a MultiClusterService: {"namespace", "cluster", "services": […]}. That of the
// management cluster names no cluster.
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
    w.field("cluster", spec["cluster"].str()).key("services").begin_array();
    for (const Value each : object["status"]["services"].array()) {
      w.begin_object().field("name", each["name"].str()).field("state", each["state"].str());
      w.field_if("version", each["version"].str());
      w.field_if("failureMessage", each["failureMessage"].str()).end_object();
    }
    w.end_array().end_object();
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
                                ? "none: it selects no cluster"
                                : answer::cut_text(spec["clusterSelector"].to_json(), 300));
    report.member("dependsOn", spec["dependsOn"].size() > 0 ? spec["dependsOn"].to_json() : "");
    write_services(report, spec["serviceSpec"]["services"]);
    write_clusters(report, status["matchingClusters"]);
    report.begin("conditions", "Conditions");
    for (const answer::Weighed& each : answer::by_weight(status["conditions"], now)) {
      if (report.skips()) continue;
      report.row(answer::condition_json(each.condition),
                 each.weight == answer::Weight::good ? std::string()
                                                     : answer::condition_line(each.condition));
    }
    report.end("conditions");
    report.member("upgrades", status["servicesUpgradePaths"].size() > 0
                                  ? status["servicesUpgradePaths"].to_json()
                                  : "");
  }

 private:
  static void write_services(answer::Report& report, Value services) {
    report.begin("services", "Services");
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
      w.end_object();
      report.row(json, "  " + std::string(each["name"].str()) + "  " +
                           std::string(each["template"].str()));
    }
    report.end("services");
  }

  using Place = std::pair<std::string_view, std::string_view>;  // namespace and name of a cluster
  static Place place_of(std::string_view ns, std::string_view cluster) {
    return {cluster.empty() ? std::string_view() : ns, cluster};
  }

  // The services of this in a cluster; absent: there are none yet, or they are not known.
  void find_services() {
    for (const Value each : sets_->objects().array())
      services_.emplace(place_of(each["namespace"].str(), each["cluster"].str()), each["services"]);
  }

  // The service is in no namespace: only its status names those of the clusters.
  void write_clusters(answer::Report& report, Value clusters) {
    find_services();
    std::vector<Value> shown;
    std::size_t deployed = 0;
    for (const Value each : clusters.array()) {
      if (!filter_->allows(each["namespace"].str())) continue;
      shown.push_back(each);
      deployed += each["deployed"].bool_or(false) ? 1 : 0;
    }
    report.begin("clusters", "Clusters",
                 std::to_string(deployed) + "/" + std::to_string(shown.size()) + " deployed");
    for (const Value each : shown) {
      if (!report.skips()) write_cluster(report, each);
    }
    report.end("clusters");
    if (sets_->full()) report.note("service sets: there are more than were read");
    if (const std::size_t hidden = clusters.size() - shown.size(); hidden > 0) {
      report.note(base::counted(hidden, "cluster") +
                  " in namespaces that the server's filter hides left out");
    }
  }

  void write_cluster(answer::Report& report, Value cluster) const {
    const std::string_view ns = cluster["namespace"].str(), name = cluster["name"].str();
    const bool is_management = cluster["kind"].str() == "SveltosCluster";
    const auto found = services_.find(place_of(ns, is_management ? std::string_view() : name));
    const bool is_found = found != services_.end();
    std::string json;
    Writer w(json);
    w.begin_object().field("namespace", ns).field("name", name);
    w.field_if("kind", is_management ? "SveltosCluster" : "");
    w.field("deployed", cluster["deployed"].bool_or(false));
    if (cluster["regional"].bool_or(false)) w.field("regional", true);
    w.field_if("reason", cluster["reason"].str());
    w.field_if("message", answer::cut_text(cluster["message"].str(), answer::kMessageBytes));
    std::string line = "  " + std::string(ns) + "/" + std::string(name) + "  " +
                       (cluster["deployed"].bool_or(false) ? "deployed" : "not deployed");
    if (!cluster["message"].str().empty())
      line += ": " + answer::cut_text(cluster["message"].str(), 200);
    if (is_found || (sets_part_->known() && !sets_->full()))
      write_states(w, is_found ? found->second : Value(), line);
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
  std::map<Place, Value> services_;
  cluster::Part* sets_part_ = nullptr;
};

}  // namespace

std::unique_ptr<Description> describe_multi_cluster_service() {
  return std::make_unique<Service>();
}

}  // namespace describe
