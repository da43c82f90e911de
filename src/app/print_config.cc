#include "app/print_config.h"

#include <algorithm>
#include <optional>

#include "app/setting_flags.h"
#include "app/version.h"
#include "base/json.h"
#include "base/text.h"
#include "kube/config/kubeconfig.h"

namespace app {
namespace {

// Comments begin here, so that they can be read down; a longer line pushes its own aside.
constexpr std::size_t kCommentColumn = 44;

// Plain where YAML has no doubt; JSON's strings are YAML's, too.
std::string scalar(std::string_view value) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+,").find(c) != std::string_view::npos || c == ':';
  };
  const bool special = value.empty() || value.back() == ':' || base::iequals(value, "null") ||
                       std::string_view("-,:").find(value[0]) != std::string_view::npos;
  if (!special && std::all_of(value.begin(), value.end(), plain)) return std::string(value);
  std::string out;
  base::json::append_string(out, value);
  return out;
}

void add_line(std::string& out, std::string line, std::string_view from) {
  line.resize(std::max(line.size(), kCommentColumn), ' ');
  out.append(line).append(" # ").append(base::visible(from)).append("\n");
}

std::string found_default(const Flag& flag, const Settings& settings) {
  if (flag.name == "kubeconfig") {
    kube::config::LoadOptions options;
    options.context = settings.context;
    if (auto config = kube::config::load_config(options)) return config->source;
  }
  if (flag.name == "memory-limit" && base::cgroup_memory_limit() != base::Budget::kNone)
    return std::to_string(base::cgroup_memory_limit()) + " (the cgroup's)";
  return std::string(default_of(flag));
}

void add_default(std::string& out, const Flag& flag, const Settings& settings) {
  const std::string name = std::string(flag.name) + ": ";
  if (default_is_value(flag)) return add_line(out, name + scalar(default_of(flag)), "default");
  add_line(out, "# " + name + base::visible(found_default(flag, settings)), "default");
}

}  // namespace

std::string effective_config(const Settings& settings) {
  std::string out = "# k0rdent-mcp " + std::string(version()) +
                    ": a flag overrides a variable, a variable the file, the file the default\n";
  for (const Flag& flag : all_flags()) {
    std::optional<Given> given;
    for (const Given& each : settings.given) {
      if (each.flag != flag.name) continue;
      if (given && repeats(flag)) {
        given->value += " " + each.value;
      } else {
        given = each;  // the last one counts
      }
    }
    if (!given) {
      add_default(out, flag, settings);
      continue;
    }
    // A file names no other file.
    const char* const comment = flag.name == kConfigFlag ? "# " : "";
    add_line(out, comment + std::string(flag.name) + ": " + scalar(given->value), given->by);
  }
  return out;
}

}  // namespace app
