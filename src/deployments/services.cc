#include "deployments/services.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "answer/conditions.h"
#include "answer/members.h"

namespace deployments {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kLineBytes = 200;

// KCM makes one StateManagementProvider; services that name none are for it.
constexpr std::string_view kUsualProvider = "ksm-projectsveltos";

std::string_view ns_of(Value service) {
  const std::string_view ns = service["namespace"].str();
  return ns.empty() ? std::string_view("default") : ns;
}

// The name first: most are in one namespace.
using Key = std::pair<std::string_view, std::string_view>;

Key key_of(Value service) {
  return {service["name"].str(), ns_of(service)};
}

// Finds a service in a list. A look-up in the list itself walks it.
class ByKey {
 public:
  explicit ByKey(Value list) {
    for (const Value each : list.array())
      entries_.emplace_back(key_of(each), each);
    std::stable_sort(entries_.begin(), entries_.end(), before);
  }
  bool empty() const { return entries_.empty(); }
  // The first of those with its key; absent: there is none.
  Value find(Value service) const {
    if (empty()) return {};
    const Entry wanted{key_of(service), {}};
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), wanted, before);
    return found != entries_.end() && found->first == wanted.first ? found->second : Value();
  }

 private:
  using Entry = std::pair<Key, Value>;
  static bool before(const Entry& a, const Entry& b) { return a.first < b.first; }
  std::vector<Entry> entries_;
};

Service made(Value status, Value spec, const ByKey& paths) {
  const Value from = status ? status : spec;
  const std::string_view state = status ? status["state"].str() : std::string_view("Waiting");
  return {status, spec, paths.find(from), from["name"].str(), ns_of(from), from["template"].str(),
          state};
}

// Up to k0rdent 1.2 status.services had {clusterName, clusterNamespace, conditions[]}.
bool old_shape(Value status) {
  return status["name"].str().empty();
}

void mark_deployed_elsewhere(std::vector<Service>& services) {
  std::vector<Key> deployed;
  for (const Service& each : services) {
    if (each.state == "Deployed") deployed.emplace_back(each.name, each.ns);
  }
  std::sort(deployed.begin(), deployed.end());
  for (Service& each : services) {
    each.deployed_elsewhere =
        each.state != "Deployed" &&
        std::binary_search(deployed.begin(), deployed.end(), Key(each.name, each.ns));
  }
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
  const Value in_spec = deployment["spec"]["serviceSpec"]["services"];
  const Value in_status = deployment["status"]["services"];
  const ByKey reported(in_status), wanted(reported.empty() ? Value() : in_spec);
  const ByKey paths(deployment["status"]["servicesUpgradePaths"]);
  for (const Value each : in_status.array()) {
    if (!old_shape(each)) out.push_back(made(each, wanted.find(each), paths));
  }
  for (const Value each : in_spec.array()) {
    if (!each["disable"].bool_or(false) && !reported.find(each))
      out.push_back(made({}, each, paths));
  }
  mark_deployed_elsewhere(out);
  return out;
}

std::string_view provider_of_services(Value deployment) {
  const std::string_view named = deployment["spec"]["serviceSpec"]["provider"]["name"].str();
  return named.empty() ? kUsualProvider : named;
}

ServiceCount count(const std::vector<Service>& services) {
  std::vector<const Service*> all;
  for (const Service& each : services) {
    if (each.state != "Deleting" && each.state != "Deleted") all.push_back(&each);
  }
  const auto key = [](const Service* each) { return Key(each->name, each->ns); };
  std::sort(all.begin(), all.end(),
            [&](const Service* a, const Service* b) { return key(a) < key(b); });
  ServiceCount out;
  for (auto from = all.begin(), end = from; from != all.end(); from = end) {
    end =
        std::find_if(from, all.end(), [&](const Service* each) { return key(each) != key(*from); });
    const auto any = [&](std::string_view state) {
      return std::any_of(from, end, [&](const Service* each) { return each->state == state; });
    };
    ++out.total;
    if (any("Deployed")) {
      ++out.deployed;
    } else if (any("Failed")) {
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
