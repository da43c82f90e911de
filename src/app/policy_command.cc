// k0rdent-mcp policy: check and test.
#include <algorithm>
#include <map>
#include <utility>

#include "app/offered.h"
#include "app/offline.h"
#include "base/counted.h"
#include "base/file.h"
#include "base/text.h"
#include "kinds/table.h"
#include "policy/glob.h"
#include "policy/parse.h"
#include "policy/policy.h"

namespace app {
namespace {

constexpr std::string_view kUsage =
    "usage: k0rdent-mcp policy check FILE\n"
    "       k0rdent-mcp policy test [--policy-file FILE] --verb VERB --kind KIND [flags]\n\n"
    "check reads a policy file, and warns of tools that there are not, and of names that two rules\n"
    "have. test prints what a request would get, and the rule that decides. Exits\n"
    "with 0 for a usable file or an allowed request, with 1 for a denied one, with 2 for wrong usage.\n\n";

struct Kind {
  std::string resource, group, subresource;
};

// "ClusterDeployment", "deployments.apps/scale". A kind that the server knows by name has its group.
Kind read_kind(std::string_view text) {
  Kind out;
  const std::size_t slash = text.find('/');
  if (slash != text.npos) out.subresource = text.substr(slash + 1);
  text = text.substr(0, slash);
  const std::size_t dot = text.find('.');
  const std::string_view word = text.substr(0, dot);
  const std::string lower = base::to_lower(word);
  if (dot != text.npos) out.group = text.substr(dot + 1);
  if (out.group == "core") out.group.clear();
  for (const kinds::Kind& each : kinds::all()) {
    if (dot != text.npos && each.group != out.group) continue;
    if (each.plural != lower && base::to_lower(each.kind) != lower) continue;
    return {std::string(each.plural), std::string(each.group), out.subresource};
  }
  const bool is_kind = !word.empty() && word[0] >= 'A' && word[0] <= 'Z';
  out.resource = is_kind ? policy::plurals(word).back() : lower;
  return out;
}

base::Result<policy::Policy> read_policy(policy::Mode mode, const std::string& file) {
  if (file.empty()) return policy::Policy(mode);
  auto text = base::read_file(file, policy::kFileBytes);
  if (!text) return std::move(text).error();
  auto made = policy::Policy::parse(mode, *text);
  if (!made) return std::move(made).error().within(file);
  return made;
}

// What is allowed in a rule and is most likely a slip: it makes the rule match nothing.
std::string warnings_of(const std::vector<policy::Rule>& rules) {
  std::string out;
  const Offered offered;
  std::vector<std::string_view> all;
  offered.registry().each_tool([&](const mcp::Tool& tool) { all.push_back(tool.info().name); });
  std::map<std::string_view, const policy::Rule*> named;
  for (const policy::Rule& rule : rules) {
    for (const std::string& each : rule.tools) {
      if (std::any_of(all.begin(), all.end(),
                      [&](std::string_view tool) { return policy::matches(each, tool); }))
        continue;
      const std::string_view near = base::nearest(each, all);
      out += "warning: " + rule.text + ": no tool is named " + base::printable(each, 128) +
             (near.empty() ? "" : "; did you mean " + std::string(near) + "?") + "\n";
    }
    if (rule.name.empty()) continue;
    const auto [at, is_new] = named.emplace(rule.name, &rule);
    if (!is_new)
      out += "warning: " + rule.text + " has the name of " + at->second->text +
             ": refusals and the audit log cannot tell them apart by it\n";
  }
  return out;
}

Printed check(const Words& words) {
  if (words.plain.size() != 2) return {2, {}, std::string(kUsage)};
  auto text = base::read_file(words.plain[1], policy::kFileBytes);
  if (!text) return wrong(text.error().what());
  const auto rules = policy::parse_rules(*text);
  if (!rules) return wrong(base::Error(rules.error()).within(words.plain[1]).what());
  return {0, warnings_of(*rules) + "ok: " + base::counted(rules->size(), "rule") + "\n", {}};
}

Printed test(const Words& words) {
  const std::string verb = words.flag("verb");
  if (policy::verb_bit(verb) == 0) {
    const std::string_view near = base::nearest(verb, policy::verb_words());
    return wrong("--verb must be one of the API's verbs" +
                 (near.empty() ? std::string() : "; did you mean " + std::string(near) + "?"));
  }
  if (!words.has("kind")) return wrong("--kind is missing");
  const policy::Mode mode{!words.has("no-writes"), words.has("read-only"),
                          words.has("no-destructive")};
  const auto made = read_policy(mode, words.flag("policy-file"));
  if (!made) return wrong(made.error().what());
  const Kind kind = read_kind(words.flag("kind"));
  const std::string ns = words.flag("namespace"), name = words.flag("name"),
                    tool = words.flag("tool"), cluster = words.flag("cluster"),
                    identity = words.flag("identity");
  policy::Attributes a{verb, kind.group, kind.resource, kind.subresource, ns,
                       name, tool,       identity,      cluster,          {}};
  if (kind.resource == "namespaces" && kind.group.empty() && ns.empty()) a.ns = name;
  if (words.has("privileged")) a.node_field = "privileged";
  a.metadata_only = words.has("metadata");
  // As the server has it: a rule is about the name before the last '/'.
  const std::string whole = identity.empty() || identity == "self" ? identity : identity + "/";
  a.identity = whole;
  const policy::Decision decision = (*made).decide(a);
  std::string out = decision.allowed ? "allow" : "deny";
  out.append(": ").append(decision.rule);
  if (!decision.why.empty()) out.append(": ").append(decision.why);
  return {decision.allowed ? 0 : 1, out + "\n", {}};
}

}  // namespace

Printed run_policy(const std::vector<std::string>& args) {
  std::string usage = std::string(kUsage) + flags_text("policy");
  for (const std::string& each : args)
    if (each == "--help" || each == "-h" || each == "-help") return {0, std::move(usage), {}};
  const Words words = read_words("policy", args);
  if (!words.problem.empty()) return wrong(words.problem);
  if (!words.plain.empty() && words.plain[0] == "check") return check(words);
  if (words.plain.size() == 1 && words.plain[0] == "test") return test(words);
  return {2, {}, std::move(usage)};
}

}  // namespace app
