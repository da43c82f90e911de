#include "cluster/refusal.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "kube/gate.h"

namespace cluster {

constexpr std::size_t kNameBytes = 253;  // as the API server takes for most kinds

bool is_refused(const kube::Failure& failure) {
  return failure.says(403) && !kube::is_policy_denied(failure);
}

namespace {

using Names = std::vector<std::string>;

void add(Names& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

// What is asked for in one scope with one verb.
struct Rule {
  std::string_view verb, ns;
  Names groups, resources;

  void add(const Collection& what) {
    const kube::Resource& resource = what.resource();
    cluster::add(groups, resource.group.empty() ? "\"\"" : resource.group);
    cluster::add(resources, resource.plural);
  }
  std::string text() const {
    std::string out =
        "the RBAC rule that would allow it, " +
        (ns.empty() ? "in a ClusterRole" : "in a Role of namespace " + std::string(ns));
    out.append(": {apiGroups: [").append(base::join(groups, ", "));
    out.append("], resources: [").append(base::join(resources, ", "));
    return out.append("], verbs: [").append(verb).append("]}");
  }
};

}  // namespace

std::string rule_text(const Asked& asked, const kube::Failure& failure) {
  if (!is_refused(failure)) return {};
  return "; " + rule_texts({asked}).front();
}

std::vector<std::string> rule_texts(const std::vector<Asked>& refused) {
  std::vector<Rule> rules;
  for (const Asked& each : refused) {
    auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& known) {
      return known.verb == each.verb && known.ns == each.ns;
    });
    if (rule == rules.end()) rule = rules.insert(rule, Rule{each.verb, each.ns, {}, {}});
    rule->add(each.what);
  }
  std::vector<std::string> out;
  for (const Rule& each : rules)
    out.push_back(each.text());
  return out;
}

std::string wait_text(const kube::Failure& failure) {
  if (!failure.retry_after) return {};
  return "; the API server asks to wait " + base::format_duration(*failure.retry_after);
}

std::string failure_text(const Asked& asked, const kube::Failure& failure) {
  if (kube::is_policy_denied(failure)) return failure.message;  // it names the object itself
  std::string out(asked.verb);
  out.append(" ").append(asked.what.text());
  if (!asked.name.empty()) {
    out += ' ';
    if (!asked.ns.empty()) out.append(asked.ns).append("/");
    out.append(base::printable(asked.name, kNameBytes));
  } else if (!asked.ns.empty()) {
    out.append(" of namespace ").append(asked.ns);
  }
  return out.append(": ")
      .append(failure.message)
      .append(rule_text(asked, failure))
      .append(wait_text(failure));
}

}  // namespace cluster
