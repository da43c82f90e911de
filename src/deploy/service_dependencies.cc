#include "deploy/service_dependencies.h"

#include <deque>
#include <map>
#include <set>

#include "base/text.h"

namespace deploy {

using base::json::Value;

namespace {

constexpr std::size_t kKeyBytes = 128;  // shown of each

using Graph = std::map<std::string, std::vector<std::string>>;

Graph graph_of(Value services) {
  Graph out;
  for (const Value each : services.array()) {
    std::vector<std::string>& needs = out[service_key(each)];
    for (const Value on : each["dependsOn"].array())
      needs.push_back(service_key(on));
  }
  return out;
}

// The shortest way from a service back to it, by what each depends on; the service itself is at both
// ends. Empty: there is none.
std::vector<std::string> way_back(const Graph& graph, const std::string& key) {
  std::map<std::string, std::string> from;  // each that was reached: from which
  std::deque<std::string> open = {key};
  while (!open.empty()) {
    const std::string at = open.front();
    open.pop_front();
    const auto needs = graph.find(at);
    if (needs == graph.end()) continue;
    for (const std::string& next : needs->second) {
      if (!from.emplace(next, at).second) continue;
      if (next != key) {
        open.push_back(next);
        continue;
      }
      std::vector<std::string> out = {key};
      for (std::string back = at; back != key; back = from[back])
        out.insert(out.begin(), back);
      out.insert(out.begin(), key);
      return out;
    }
  }
  return {};
}

std::string circle_text(const Graph& graph, const std::string& key) {
  std::vector<std::string> way = way_back(graph, key);
  if (way.empty()) return {};
  for (std::string& each : way)
    each = base::printable(each, kKeyBytes);
  if (way.size() == 2) return "a service cannot depend on itself: " + way.front();
  return "services depend on each other in a circle: " + base::join(way, " on ");
}

}  // namespace

std::string service_key(Value service) {
  const std::string_view ns = service["namespace"].str();
  return std::string(ns.empty() ? kServiceNamespace : ns).append("/").append(service["name"].str());
}

std::string missing_dependency(Value services) {
  const Graph graph = graph_of(services);
  for (const auto& [key, needs] : graph) {
    for (const std::string& each : needs) {
      if (graph.count(each)) continue;
      std::string out = "service " + base::printable(key, kKeyBytes) + " depends on " +
                        base::printable(each, kKeyBytes) + ", which is not there; there are: ";
      std::vector<std::string> all;
      for (const auto& [other, unused] : graph)
        all.push_back(base::printable(other, kKeyBytes));
      return out + base::join(all, ", ");
    }
  }
  return {};
}

std::string dependency_circle(Value services, const std::string& key) {
  return circle_text(graph_of(services), key);
}

std::string dependency_circle(Value services) {
  const Graph graph = graph_of(services);
  // What depends on nothing that is left is in no circle.
  std::set<std::string> left;
  for (const auto& [key, needs] : graph)
    left.insert(key);
  for (bool fewer = true; fewer;) {
    fewer = false;
    for (auto at = left.begin(); at != left.end();) {
      bool waits = false;
      for (const std::string& each : graph.at(*at))
        waits = waits || left.count(each) > 0;
      fewer = fewer || !waits;
      at = waits ? std::next(at) : left.erase(at);
    }
  }
  for (const std::string& each : left)
    if (std::string text = circle_text(graph, each); !text.empty()) return text;
  return {};
}

}  // namespace deploy
