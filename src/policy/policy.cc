#include "policy/policy.h"

#include <bit>
#include <utility>

#include "policy/parse.h"

namespace policy {
namespace {

constexpr std::string_view kSystemNamespaces[] = {"kube-system", "kube-public", "kube-node-lease"};

Decision refused(std::string_view rule, std::string why) {
  return {false, std::string(rule), std::move(why)};
}

bool is_system(std::string_view ns) {
  for (const std::string_view each : kSystemNamespaces)
    if (ns == each) return true;
  return false;
}

bool is_review(const Attributes& a) {
  return a.verb == "create" &&
         (a.group == "authentication.k8s.io" || a.group == "authorization.k8s.io") &&
         a.resource.ends_with("reviews") && a.subresource.empty();
}

bool is_secret(const Attributes& a) {
  return a.resource == "secrets" && a.group.empty();
}

// A caller that may get these acts inside a pod, a service or a node.
bool connects(const Attributes& a) {
  return a.subresource == "exec" || a.subresource == "attach" || a.subresource == "portforward" ||
         a.subresource == "proxy";
}

bool is_special_subresource(const Attributes& a) {
  return !a.subresource.empty() && a.subresource != "scale";
}

// A read that returns what is in Secrets.
bool opens_secrets(const Attributes& a, bool write) {
  return !write && is_secret(a) && !a.metadata_only;
}

// What an allow rule (nullptr: no rule) must say for this read, and does not; "": nothing.
std::string lacking_to_read(const Rule* rule, const Attributes& a) {
  if (!opens_secrets(a, false) || (rule && rule->names_kind(a))) return {};
  return "Secrets are read only if a rule names them (effect: allow, verbs: [" +
         std::string(a.verb) + "], kinds: [secrets])";
}

// What an allow rule (nullptr: no rule) must say for this write, and does not; "": nothing.
std::string lacking(const Rule* rule, const Attributes& a, std::uint16_t verb) {
  if (is_secret(a) && !(rule && rule->names_kind(a))) {
    return "Secrets are written only if a rule names them (kinds: [secrets])";
  }
  if (is_system(a.ns) && !(rule && rule->names_namespace(a.ns))) {
    return "the system namespace " + std::string(a.ns) +
           " is changed only if a rule names it (namespaces: [" + std::string(a.ns) + "])";
  }
  if (verb == kDeleteCollection && !(rule && rule->names_verbs)) {
    return "all objects of a kind are deleted at once only if a rule names the verb deletecollection";
  }
  if (is_special_subresource(a) && !(rule && rule->names_subresource(a))) {
    return "a subresource is written only if a rule names it (kinds: [" + std::string(a.resource) +
           "/" + std::string(a.subresource) + "])";
  }
  if (!a.node_field.empty() && !(rule && rule->privileged)) {
    return "it gives the node to the pod (" + std::string(a.node_field) +
           "), which only a rule with podSecurity: privileged allows";
  }
  return {};
}

}  // namespace

base::Result<Policy> Policy::parse(Mode mode, std::string_view text) {
  auto rules = parse_rules(text);
  if (!rules) return std::move(rules).error();
  return Policy(mode, *std::move(rules));
}

bool Policy::is_write(const Attributes& a) {
  return (verb_bit(a.verb) & kReads) == 0 || connects(a);
}

Decision Policy::decide_other(bool reads) {
  if (reads) return {true, "default", {}};
  return refused("default", "only resources are written");
}

std::optional<std::string> Policy::writes_off() const {
  if (mode_.allow_writes && !mode_.read_only) return std::nullopt;
  return by_mode({}, kPatch)->why;
}

std::optional<Decision> Policy::by_mode(const Attributes& a, std::uint16_t verb) const {
  if (mode_.read_only) {
    return refused("--read-only",
                   "writes are off: read-only is set (the flag --read-only, its variable, or the "
                   "configuration file)");
  }
  if (!mode_.allow_writes) {
    return refused("no --allow-writes", "writes are off: start the server with --allow-writes");
  }
  if (verb == 0) return refused("built-in", "its verb is none that this server uses");
  if (a.subresource == "status" || a.subresource == "finalize") {
    return refused("built-in", "the subresource " + std::string(a.subresource) +
                                   " belongs to the object's controller");
  }
  if (mode_.no_destructive && (verb & kDestroys) != 0) {
    return refused("--no-destructive", "the server deletes nothing (--no-destructive)");
  }
  return std::nullopt;
}

// What a caller may write it may look at in the same call: the diff is made of it, masked.
bool Policy::allows_write_of(const Attributes& a) const {
  if (!a.writing) return false;
  for (const std::string_view verb : {"patch", "create", "delete"}) {
    Attributes write = a;
    write.verb = verb;
    write.writing = false;
    if (decide(write).allowed) return true;
  }
  return false;
}

Decision Policy::decide(const Attributes& a) const {
  if (is_review(a)) return {true, "review", {}};
  const std::uint16_t verb = verb_bit(a.verb);
  const bool write = is_write(a);
  if (write) {
    if (auto decided = by_mode(a, verb)) return *std::move(decided);
  }
  std::string skipped;  // what the first allow rule that would have matched lacks
  if (!rules_.empty()) {
    Bits may;
    const std::size_t words = index_.candidates(a, verb, may);
    for (std::size_t w = 0; w < words; ++w) {
      for (std::uint64_t bits = may[w]; bits != 0; bits &= bits - 1) {
        const Rule& rule = rules_[w * 64 + static_cast<std::size_t>(std::countr_zero(bits))];
        if (!rule.matches(a, verb)) continue;
        if (!rule.allow) return refused(rule.text, "a rule denies it");
        std::string lacks = write ? lacking(&rule, a, verb) : lacking_to_read(&rule, a);
        if (lacks.empty()) return {true, rule.text, {}};
        if (skipped.empty()) skipped = std::move(lacks);
      }
    }
  }
  if (!write && skipped.empty()) skipped = lacking_to_read(nullptr, a);
  if (!write && (skipped.empty() || allows_write_of(a))) return {true, "default", {}};
  if (!skipped.empty()) return refused("built-in", std::move(skipped));
  if (has_file_) return refused("default", "no rule of the policy file allows it");
  if (std::string lacks = lacking(nullptr, a, verb); !lacks.empty())
    return refused("built-in", std::move(lacks));
  return {true, "--allow-writes", {}};
}

std::optional<std::string> Policy::refuses_tool(std::string_view tool, ToolTraits traits,
                                                std::string_view identity,
                                                std::string_view cluster) const {
  if (traits.writes) {
    Attributes any;
    if (auto decided = by_mode(any, traits.destroys ? kDelete : kPatch))
      return std::move(decided->why);
  }
  std::uint16_t open = traits.destroys ? kDelete
                       : traits.writes ? kWrites ^ kDeleteCollection
                                       : kReads;
  for (const Rule& rule : rules_) {
    if ((rule.verbs & open) == 0 || !rule.concerns(tool, identity, cluster)) continue;
    if (rule.allow) return std::nullopt;
    if (rule.unconditional()) open &= static_cast<std::uint16_t>(~rule.verbs);
    if (open == 0) return rule.text + " denies the tool";
  }
  if (traits.writes && has_file_) return "no rule of the policy file allows any of its writes";
  return std::nullopt;
}

}  // namespace policy
