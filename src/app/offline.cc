#include "app/offline.h"

#include <algorithm>
#include <utility>

#include "app/setting_flags.h"
#include "app/setting_values.h"
#include "audit/verify.h"
#include "base/counted.h"
#include "base/text.h"

namespace app {
namespace {

constexpr std::string_view kAuditUsage =
    "usage: k0rdent-mcp audit verify FILE... [--audit-key-file FILE]\n\n"
    "Checks the hash chain of audit files, in the order in which they were written. Exits with 0 when\n"
    "it is whole, with 1 when a line is missing, changed or torn, with 2 when a file cannot be read.\n\n"
    "  --audit-key-file FILE   the server's key (--key-file is the same)\n";

bool is_help(const std::vector<std::string>& args) {
  return std::any_of(args.begin(), args.end(), [](const std::string& each) {
    return each == "--help" || each == "-h" || each == "-help";
  });
}

template <class List>
bool holds(const List& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

std::string Words::flag(std::string_view name) const {
  for (const auto& [key, value] : flags)
    if (key == name) return value;
  return {};
}

bool Words::has(std::string_view name) const {
  return std::any_of(flags.begin(), flags.end(),
                     [name](const auto& each) { return each.first == name; });
}

Words read_words(const std::vector<std::string>& args, const std::vector<std::string_view>& flags,
                 const std::vector<std::string_view>& switches) {
  Words out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].size() < 2 || args[i][0] != '-') {
      out.plain.push_back(args[i]);
      continue;
    }
    const std::string word = args[i].substr(args[i][1] == '-' ? 2 : 1);
    const std::size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    if (holds(switches, name) && equals == word.npos) {
      out.flags.emplace_back(std::move(name), "on");
    } else if (!holds(flags, name)) {
      std::vector<std::string_view> known(flags);
      known.insert(known.end(), switches.begin(), switches.end());
      const std::string_view near = base::nearest(name, known);
      out.problem = "unknown flag " + base::printable(args[i].substr(0, args[i].find('=')), 66) +
                    (near.empty() ? "" : "; did you mean --" + std::string(near) + "?");
      return out;
    } else if (equals != word.npos) {
      out.flags.emplace_back(std::move(name), word.substr(equals + 1));
    } else if (++i == args.size()) {
      out.problem = "--" + name + " needs a value";
      return out;
    } else {
      out.flags.emplace_back(std::move(name), args[i]);
    }
  }
  return out;
}

Printed run_audit(const std::vector<std::string>& args) {
  if (is_help(args)) return {0, std::string(kAuditUsage), {}};
  const Words words = read_words(args, {"audit-key-file", "key-file"}, {});
  if (!words.problem.empty()) return {2, {}, words.problem + "\n"};
  if (words.plain.size() < 2 || words.plain[0] != "verify")
    return {2, {}, std::string(kAuditUsage)};
  Settings settings;
  for (const char* name : {"audit-key-file", "key-file"}) {
    if (!words.has(name)) continue;
    if (auto ok = set_audit_key(settings, words.flag(name)); !ok)
      return {2, {}, std::string("--") + name + " " + ok.error().what() + "\n"};
  }
  audit::Verifier verifier(settings.audit_key);
  for (std::size_t i = 1; i < words.plain.size(); ++i)
    if (auto ok = verifier.file(words.plain[i]); !ok) return {2, {}, ok.error().what() + "\n"};
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
