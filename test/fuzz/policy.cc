// Policy files: whatever was read decides as a walk over its rules does, and never more than the flags allow.
#include "policy/policy.h"

#include <bit>

#include "fuzz/fuzz.h"
#include "policy/parse.h"
#include "policy/pod_fields.h"

namespace fuzz {

namespace {

using ::policy::Attributes;

constexpr Attributes kAsked[] = {
    {"patch", "apps", "deployments", "", "prod", "web", "k0rdent.mgmt.objects.patch", "ann/1",
     "mgmt", ""},
    {"get", "", "secrets", "", "prod", "tls", "", "self", "", ""},
    {"list", "", "secrets", "", "", "", "objects.list", "bob/2", "mgmt", ""},
    {"watch", "", "nodes", "", "", "", "", "", "", ""},
    {"delete", "", "configmaps", "", "kube-system", "x", "objects.delete", "ann/1", "", ""},
    {"create", "", "pods", "", "dev", "p", "objects.apply", "ann/1", "mgmt", "hostNetwork"},
    {"deletecollection", "", "pods", "", "dev", "", "", "", "", ""},
    {"get", "", "pods", "exec", "dev", "p", "", "", "", ""},
};

}  // namespace

void policy(std::string_view input) {
  (void)::policy::node_field(input);
  auto rules = ::policy::parse_rules(input);
  auto writing = ::policy::Policy::parse({.allow_writes = true}, input);
  const auto reading = ::policy::Policy::parse({}, input);
  HOLDS(rules.has_value() == writing.has_value());
  if (!rules) {
    HOLDS(!rules.error().what().empty());
    return;
  }
  HOLDS(rules->size() <= ::policy::kRules && writing->rules() == rules->size());
  for (const Attributes& a : kAsked) {
    const std::uint16_t verb = ::policy::verb_bit(a.verb);
    const ::policy::Decision decision = (*writing).decide(a);
    HOLDS(decision.allowed == decision.why.empty() && !decision.rule.empty());
    // A denial that is the first to match decides; before it only allow rules may.
    const ::policy::Rule* deny = nullptr;
    bool allow_before = false, allow = false;
    for (const ::policy::Rule& rule : *rules) {
      if (!rule.matches(a, verb)) continue;
      allow = allow || rule.allow;
      if (!rule.allow && !deny) {
        deny = &rule;
        allow_before = allow;
      }
    }
    if (deny && !allow_before) HOLDS(decision.rule == deny->text || !decision.allowed);
    const bool write = ::policy::Policy::is_write(a);
    if (write && !allow) HOLDS(!decision.allowed);
    const bool opens_secrets = !write && a.resource == "secrets" && !a.metadata_only;
    if (!write && !deny && !opens_secrets) HOLDS(decision.allowed);
    if (opens_secrets && rules->empty()) HOLDS(!decision.allowed);
    if (write) HOLDS(!(*reading).decide(a).allowed);
  }
}

}  // namespace fuzz
