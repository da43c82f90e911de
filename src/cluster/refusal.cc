#include "cluster/refusal.h"

#include "base/text.h"
#include "base/time.h"
#include "kube/gate.h"

namespace cluster {

constexpr std::size_t kNameBytes = 253;  // as the API server takes for most kinds

std::string rule_text(const Asked& asked, const kube::Failure& failure) {
  if (!failure.says(403) || kube::is_policy_denied(failure)) return {};
  const kube::Resource& resource = asked.what.resource();
  std::string out =
      "; the RBAC rule that would allow it, " +
      (asked.ns.empty() ? "in a ClusterRole" : "in a Role of namespace " + std::string(asked.ns));
  out.append(": {apiGroups: [").append(resource.group.empty() ? "\"\"" : resource.group);
  out.append("], resources: [").append(resource.plural);
  return out.append("], verbs: [").append(asked.verb).append("]}");
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
