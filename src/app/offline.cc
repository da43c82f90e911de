#include "app/offline.h"

#include <algorithm>
#include <utility>

#include "app/setting_flags.h"
#include "app/setting_values.h"
#include "audit/verify.h"
#include "base/counted.h"
#include "base/text.h"
#include "rbac/preset.h"

namespace app {
namespace {

constexpr std::string_view kAuditUsage =
    "usage: k0rdent-mcp audit verify FILE... [--audit-key-file FILE]\n\n"
    "Checks the hash chain of audit files, in the order in which they were written. Exits with 0 when\n"
    "it is whole, with 1 when a line is missing, changed or torn, with 2 when a file cannot be read.\n\n";

const OfflineFlag kFlags[] = {
    {"policy", "policy-file", "FILE", "the server's (default: none)"},
    {"policy", "verb", "get|list|watch|create|update|patch|delete|deletecollection",
     "what is asked for; patch is also an apply"},
    {"policy", "kind", "KIND",
     "plural or kind, with .GROUP and /SUBRESOURCE: deployments.apps/scale"},
    {"policy", "namespace", "NAME", "(default: all, or none)"},
    {"policy", "name", "NAME", "of the object (default: all)"},
    {"policy", "tool", "NAME", "that makes the request"},
    {"policy", "identity", "NAME", "of the caller"},
    {"policy", "cluster", "NAME", "of the management cluster"},
    {"policy", "metadata", "", "a read that returns no more than metadata, as of a list of names"},
    {"policy", "privileged", "",
     "the object has fields like hostNetwork, which give the node away"},
    {"policy", "read-only", "", "as the server would be started with it"},
    {"policy", "no-destructive", "", "the same"},
    {"policy", "no-writes", "", "as the server would be started without --allow-writes"},
    {"audit", "audit-key-file", "FILE", "the server's key"},
    {"audit", "key-file", "FILE", ""},
    {"rbac", "output", "yaml|json", "(default: yaml)"},
    {"rbac", "o", "yaml|json", ""},
    {"rbac", "name", "NAME", "of the ClusterRole (default: k0rdent-mcp-PRESET)"},
    {"rbac", "service-account", "NAMESPACE/NAME", "also print a ClusterRoleBinding for it"},
};

bool is_help(const std::vector<std::string>& args) {
  return std::any_of(args.begin(), args.end(), [](const std::string& each) {
    return each == "--help" || each == "-h" || each == "-help";
  });
}

// The name under which the flag is shown: of an old name or a letter, that of the row before.
std::string_view shown_name(const OfflineFlag& flag) {
  return (flag.help.empty() ? *(&flag - 1) : flag).name;
}

const OfflineFlag* find(std::string_view command, std::string_view name) {
  for (const OfflineFlag& flag : kFlags)
    if (flag.command == command && flag.name == name) return &flag;
  return nullptr;
}

std::string unknown_flag(std::string_view command, std::string_view word, std::string_view name) {
  std::vector<std::string_view> known;
  for (const OfflineFlag& flag : kFlags)
    if (flag.command == command) known.push_back(flag.name);
  const std::string_view near = base::nearest(name, known);
  return "unknown flag " + base::printable(word, 66) +
         (near.empty() ? "" : "; did you mean --" + std::string(near) + "?");
}

}  // namespace

std::span<const OfflineFlag> offline_flags() {
  return kFlags;
}

std::string offline_words(std::string_view command) {
  if (command == "policy") return "check|test";
  if (command == "audit") return "verify";
  return command == "rbac" ? base::join(rbac::preset_names(), "|") + "|needs" : std::string();
}

std::string flags_text(std::string_view command) {
  constexpr std::size_t kColumn = 26;
  std::string out;
  for (const OfflineFlag& flag : kFlags) {
    if (flag.command != command || flag.help.empty()) continue;
    const bool short_too = find(command, "o") != nullptr && flag.name == "output";
    std::string line = std::string(short_too ? "  -o, --" : "  --").append(flag.name);
    if (!flag.metavar.empty()) line.append(" ").append(flag.metavar);
    if (line.size() + 2 > kColumn) line += '\n';
    const std::size_t used = line.ends_with('\n') ? 0 : line.size();
    out.append(line).append(kColumn - used, ' ').append(flag.help).append("\n");
  }
  return out;
}

std::string Words::flag(std::string_view name) const {
  for (const auto& [key, value] : flags)
    if (key == name) return value;
  return {};
}

bool Words::has(std::string_view name) const {
  return std::any_of(flags.begin(), flags.end(),
                     [name](const auto& each) { return each.first == name; });
}

Words read_words(std::string_view command, const std::vector<std::string>& args) {
  Words out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].size() < 2 || args[i][0] != '-') {
      out.plain.push_back(args[i]);
      continue;
    }
    const std::string word = args[i].substr(args[i][1] == '-' ? 2 : 1);
    const std::size_t equals = word.find('=');
    const std::string said = word.substr(0, equals);
    const OfflineFlag* flag = find(command, said);
    if (flag == nullptr || (flag->metavar.empty() && equals != word.npos)) {
      out.problem = unknown_flag(command, args[i].substr(0, args[i].find('=')), said);
      return out;
    }
    std::string name(shown_name(*flag));
    // Which of two were in use would be a guess of the operator's.
    if (!flag->metavar.empty() && out.has(name)) {
      out.problem = "--" + name + " is given twice";
      return out;
    }
    if (flag->metavar.empty()) {
      out.flags.emplace_back(std::move(name), "on");
    } else if (equals != word.npos) {
      out.flags.emplace_back(std::move(name), word.substr(equals + 1));
    } else if (++i == args.size()) {
      out.problem = (said.size() == 1 ? "-" : "--") + said + " needs a value";
      return out;
    } else {
      out.flags.emplace_back(std::move(name), args[i]);
    }
  }
  return out;
}

Printed wrong(std::string_view what) {
  return {2, {}, std::string("k0rdent-mcp: ").append(what).append("\n")};
}

Printed run_audit(const std::vector<std::string>& args) {
  const std::string usage = std::string(kAuditUsage) + flags_text("audit");
  if (is_help(args)) return {0, usage, {}};
  const Words words = read_words("audit", args);
  if (!words.problem.empty()) return wrong(words.problem);
  if (words.plain.size() < 2 || words.plain[0] != "verify") return {2, {}, usage};
  Settings settings;
  constexpr std::string_view kKey = "audit-key-file";
  if (words.has(kKey)) {
    if (auto ok = set_audit_key(settings, words.flag(kKey)); !ok)
      return wrong("--" + std::string(kKey) + " " + ok.error().what());
  }
  audit::Verifier verifier(settings.audit_key);
  for (std::size_t i = 1; i < words.plain.size(); ++i)
    if (auto ok = verifier.file(words.plain[i]); !ok) return wrong(ok.error().what());
  verifier.end();
  if (!verifier.problem().empty()) return {1, verifier.problem() + "\n", {}};
  if (verifier.lines() == 0) return {1, "no lines: the log is empty\n", {}};
  std::string out = "ok: " + base::counted(verifier.lines(), "line") + ", seq " +
                    std::to_string(verifier.first()) + " to " + std::to_string(verifier.last());
  if (verifier.torn() > 0)
    out += ", " + std::to_string(verifier.torn()) + " torn by a crash or a full disk";
  if (settings.audit_key.empty())
    out += "; without a key this shows only that nothing was changed by accident";
  return {0, out + "\n", {}};
}

std::optional<Printed> run_offline(const std::vector<std::string>& args) {
  if (args.empty()) return std::nullopt;
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  if (args[0] == "policy") return run_policy(rest);
  if (args[0] == "audit") return run_audit(rest);
  if (args[0] == "rbac") return run_rbac(rest);
  return std::nullopt;
}

}  // namespace app
