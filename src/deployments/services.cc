#include "deployments/services.h"

#include <map>
#include <string_view>
#include <utility>

#include "answer/conditions.h"
#include "answer/members.h"

namespace deployments {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kLineBytes = 200;

std::string_view ns_of(Value service) {
  return service["namespace"].str().empty() ? std::string_view("default")
                                            : service["namespace"].str();
}

using ByKey = std::map<std::string, Value, std::less<>>;

std::string key_of(Value service) {
  return std::string(ns_of(service)) + "/" + std::string(service["name"].str());
}

// The first of those with one key counts. A map, because a look-up in a list walks it.
ByKey by_key(Value list) {
  ByKey out;
  for (const Value each : list.array())
    out.emplace(key_of(each), each);
  return out;
}

Value find(const ByKey& list, Value service) {
  const auto found = list.find(key_of(service));
  return found == list.end() ? Value() : found->second;
}

Service made(Value status, Value spec, const ByKey& paths) {
  const Value from = status ? status : spec;
  const std::string_view state = status ? status["state"].str() : std::string_view("Waiting");
  return {status,
          spec,
          find(paths, from),
          std::string(from["name"].str()),
          std::string(ns_of(from)),
          std::string(from["template"].str()),
          std::string(state)};
}

// Up to k0rdent 1.2 status.services had {clusterName, clusterNamespace, conditions[]}.
bool old_shape(Value status) {
  return status["name"].str().empty();
}

void write_upgrades(Writer& w, const Service& service) {
  std::vector<std::string_view> names;
  for (const Value upgrade : service.path["availableUpgrades"].array()) {
    for (const Value version : upgrade["versions"].array()) {
      // Without a chain the path is the service's own template.
      if (version["name"].str() != service.template_name) names.push_back(version["name"].str());
    }
  }
  if (names.empty()) return;
  w.key("upgrades").begin_array();
  for (const std::string_view name : names)
    w.string(name);
  w.end_array();
}

void write_depends(Writer& w, Value spec) {
  const Value depends = spec["dependsOn"];
  if (depends.size() == 0) return;
  w.key("dependsOn").begin_array();
  for (const Value each : depends.array())
    w.string(std::string(ns_of(each)) + "/" + std::string(each["name"].str()));
  w.end_array();
}

}  // namespace

std::vector<Service> services_of(Value deployment) {
  std::vector<Service> out;
  const ByKey wanted = by_key(deployment["spec"]["serviceSpec"]["services"]);
  const ByKey reported = by_key(deployment["status"]["services"]);
  const ByKey paths = by_key(deployment["status"]["servicesUpgradePaths"]);
  for (const Value each : deployment["status"]["services"].array()) {
    if (!old_shape(each)) out.push_back(made(each, find(wanted, each), paths));
  }
  for (const Value each : deployment["spec"]["serviceSpec"]["services"].array()) {
    if (!each["disable"].bool_or(false) && !find(reported, each))
      out.push_back(made({}, each, paths));
  }
  return out;
}

ServiceCount count(const std::vector<Service>& services) {
  struct Seen {
    bool deployed = false, failed = false;
  };
  std::map<std::pair<std::string, std::string>, Seen> all;
  for (const Service& each : services) {
    if (each.state == "Deleting" || each.state == "Deleted") continue;
    Seen& seen = all[{each.ns, each.name}];
    seen.deployed = seen.deployed || each.state == "Deployed";
    seen.failed = seen.failed || each.state == "Failed";
  }
  ServiceCount out;
  for (const auto& [key, seen] : all) {
    ++out.total;
    if (seen.deployed) {
      ++out.deployed;
    } else if (seen.failed) {
      ++out.failed;
    }
  }
  return out;
}

std::string service_json(const Service& service) {
  const Value status = service.status;
  std::string out;
  Writer w(out);
  w.begin_object().field("name", service.name).field("namespace", service.ns);
  w.field("template", service.template_name).field("state", service.state);
  w.field_if("type", status["type"].str()).field_if("version", status["version"].str());
  w.field_if("failureMessage",
             answer::cut_text(status["failureMessage"].str(), answer::kMessageBytes));
  w.field_if("lastTransitionTime", status["lastStateTransitionTime"].str());
  write_depends(w, service.spec);
  write_upgrades(w, service);
  if (const Value conditions = status["conditions"]; conditions.size() > 0) {
    w.key("conditions").begin_array();
    for (const Value each : conditions.array())
      w.raw(answer::condition_json(each));
    w.end_array();
  }
  w.end_object();
  return out;
}

std::string service_line(const Service& service) {
  std::string out = "  ";
  out.append(service.ns).append("/").append(service.name).append("  ").append(service.state);
  out.append("  ").append(service.template_name);
  for (const std::string_view each :
       {service.status["version"].str(), service.status["failureMessage"].str()}) {
    if (!each.empty()) out.append("  ").append(answer::cut_text(each, kLineBytes));
  }
  return out;
}

}  // namespace deployments
