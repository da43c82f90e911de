#include "deploy/service_templates.h"

#include <map>

#include "base/counted.h"
#include "base/text.h"
#include "deploy/template_choice.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;

namespace {

// A list for each: more would be a page of a confirmation that a person reads.
constexpr std::size_t kNamespacesRead = 20;
constexpr std::size_t kNameBytes = 128;  // shown of each

}  // namespace

void TemplateStates::take(Value object, std::string& out) const {
  const std::string_view name = object["metadata"]["name"].str();
  if (!only_.empty() && !only_.count(name)) return;
  const Value status = object["status"];
  Writer w(out);
  w.begin_object().field("name", name);
  w.key("status").begin_object();
  if (const auto valid = status["valid"].as_bool()) w.field("valid", *valid);
  w.field_if("validationError", status["validationError"].str());
  w.end_object().end_object();
}

bool TemplatesOfClusters::ask(cluster::Gather& gather, const std::vector<std::string>& clusters,
                              std::string_view known, Value services) {
  std::set<std::string, std::less<>> names;
  for (const Value each : services.array())
    names.emplace(each["template"].str());
  std::map<std::string, std::string> first;  // a cluster of each namespace
  for (const std::string& each : clusters)
    first.emplace(each.substr(0, each.find('/')), each);
  places_.clear();
  left_out_ = 0;
  for (const auto& [ns, cluster] : first) {
    if (ns == known) continue;
    if (places_.size() == kNamespacesRead) {
      ++left_out_;
      continue;
    }
    Place& place =
        places_.emplace_back(Place{ns, cluster, TemplateStates(gather.cluster(), names)});
    place.part = &gather.list("service templates", {kinds::get("ServiceTemplate"), ns},
                              cluster::Part::Need::noted, &place.states);
  }
  return !places_.empty();
}

std::vector<std::string> TemplatesOfClusters::texts(Value services) {
  std::vector<std::string> out;
  for (Place& place : places_) {
    if (!place.part->known()) continue;
    std::map<std::string_view, Value> there;
    for (const Value each : place.states.objects().array())
      there.emplace(each["name"].str(), each["status"]);
    for (const Value each : services.array()) {
      const std::string_view name = each["template"].str();
      const auto at = there.find(name);
      const std::string why =
          at == there.end() ? "there is no ServiceTemplate " + base::printable(name, kNameBytes)
                            : state_problem(name, at->second);
      if (why.empty()) continue;
      out.push_back("In namespace " + place.ns + " (of " + place.cluster + ") " + why +
                    ": service " + base::printable(each["name"].str(), kNameBytes) +
                    " is not installed there.");
    }
  }
  if (left_out_ > 0)
    out.push_back("The service templates of " + base::counted(left_out_, "more namespace") +
                  " were not looked at.");
  return out;
}

}  // namespace deploy
