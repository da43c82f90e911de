#include "deploy/upgrades.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;
using cluster::Part;

namespace {

constexpr std::size_t kReasonBytes = 200;  // of why one is not valid

std::string problem_text(Value status) {
  if (status["valid"].bool_or(false)) return {};
  if (!status["valid"]) return "not processed by k0rdent yet";
  const std::string why = base::printable(status["validationError"].str(), kReasonBytes);
  return "not valid" + (why.empty() ? "" : ": " + why);
}

}  // namespace

// Several chains may have steps from one template: an object of the list holds all of one chain.
void Upgrades::Steps::take(Value object, std::string& out) const {
  Writer w(out);
  w.begin_array();
  for (const Value each : object["spec"]["supportedTemplates"].array()) {
    w.begin_object().field("from", each["name"].str()).key("to").begin_array();
    for (const Value upgrade : each["availableUpgrades"].array())
      w.string(upgrade["name"].str());
    w.end_array().end_object();
  }
  w.end_array();
}

void Upgrades::Templates::take(Value object, std::string& out) const {
  const std::string_view name = object["metadata"]["name"].str();
  if (!names_.count(name)) return;
  const Value status = object["status"];
  Writer w(out);
  w.begin_object().key("metadata").begin_object().field("name", name).end_object();
  w.key("status").begin_object();
  if (const auto valid = status["valid"].as_bool()) w.field("valid", *valid);
  for (const char* each : {"validationError", "chartVersion"})
    w.field_if(each, status[each].str());
  w.end_object().key("spec").begin_object().key("helm").begin_object();
  w.key("chartSpec").begin_object();
  w.field_if("version", object["spec"]["helm"]["chartSpec"]["version"].str());
  w.end_object().end_object().end_object().end_object();
}

bool Upgrades::ask(cluster::Gather& gather, const std::string& ns, Value deployment,
                   const std::string& wanted, int round) {
  if (round == 0) {
    now_ = deployment["spec"]["template"].str();
    offered_.clear();
    for (const Value each : deployment["status"]["availableUpgrades"].array())
      offered_.emplace_back(each.str());
    ways_.clear();
    problems_.clear();
    chains_ = &gather.list("chains", {kinds::get("ClusterTemplateChain"), ns}, Part::Need::optional,
                           &steps_.emplace(gather.cluster()));
    return true;
  }
  if (round == 1) {
    read_steps();
    std::set<std::string, std::less<>> names(offered_.begin(), offered_.end());
    if (!wanted.empty()) {
      names.insert(wanted);
      for (const auto& [name, from] : reached(/*valid=*/false))
        names.insert(name);
    }
    part_ = &gather.list("cluster templates", {kinds::get("ClusterTemplate"), ns},
                         Part::Need::noted, &known_.emplace(gather.cluster(), std::move(names)));
    return true;
  }
  for (const Value each : known_->objects().array())
    problems_[std::string(each["metadata"]["name"].str())] = problem_text(each["status"]);
  return false;
}

void Upgrades::read_steps() {
  for (const Value chain : steps_->objects().array()) {
    for (const Value each : chain.array()) {
      auto& to = ways_[std::string(each["from"].str())];
      for (const Value name : each["to"].array())
        to.emplace(name.str());
    }
  }
  // What k0rdent offers counts for the first step.
  ways_[now_] = {offered_.begin(), offered_.end()};
}

std::map<std::string, std::string, std::less<>> Upgrades::reached(bool valid) const {
  std::map<std::string, std::string, std::less<>> from;
  std::deque<std::string> open = {now_};
  while (!open.empty()) {
    const std::string at = open.front();
    open.pop_front();
    const auto next = ways_.find(at);
    if (next == ways_.end()) continue;
    for (const std::string& each : next->second) {
      if (each == now_ || (valid && !problem_of(each).empty())) continue;
      if (from.emplace(each, at).second) open.push_back(each);
    }
  }
  return from;
}

std::string Upgrades::problem_of(std::string_view name) const {
  const auto at = problems_.find(name);
  return at == problems_.end() ? "there is no such template" : at->second;
}

std::string Upgrades::failure() const {
  return part_->failure() ? part_->failure_text() : std::string();
}

bool Upgrades::offers(std::string_view name) const {
  return std::find(offered_.begin(), offered_.end(), name) != offered_.end();
}

std::string Upgrades::offered_text() const {
  if (offered_.empty()) return "no chain of this namespace allows any upgrade of " + now_;
  std::string out = "available upgrades: ";
  for (const std::string& each : offered_) {
    const std::string problem = problem_of(each);
    out.append(&each == &offered_.front() ? "" : ", ").append(each);
    if (!problem.empty()) out.append(" (").append(problem).append(")");
  }
  return out;
}

std::string Upgrades::way_text(const std::string& wanted) const {
  const auto from = reached(/*valid=*/true);
  std::vector<std::string> way;
  for (auto at = from.find(wanted); at != from.end(); at = from.find(at->second))
    way.insert(way.begin(), at->first);
  const bool unknown = chains_->failure() && chains_->failure()->code != base::Errc::not_found;
  if (way.empty() && unknown) return chains_->failure_text();
  if (way.size() < 2) return {};
  return "upgrade to " + way.front() + " first, then to " +
         base::join({way.begin() + 1, way.end()}, ", then to ");
}

}  // namespace deploy
