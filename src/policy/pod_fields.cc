#include "policy/pod_fields.h"

#include <algorithm>
#include <iterator>

#include "base/json.h"

namespace policy {
namespace {

using base::json::Member;
using base::json::Type;
using base::json::Value;

constexpr std::string_view kFlags[] = {"hostNetwork", "hostPID", "hostIPC", "privileged",
                                       "hostProcess"};
constexpr std::string_view kCapabilities[] = {
    "ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"};

template <std::size_t N>
bool is_one_of(const std::string_view (&all)[N], std::string_view one) {
  return std::find(std::begin(all), std::end(all), one) != std::end(all);
}

// Looks at each value of a repeated key: which one counts is up to the API server.
std::string in_capabilities(Value capabilities) {
  for (const Member member : capabilities.object()) {
    if (member.key != "add") continue;
    for (const Value each : member.value.array()) {
      // Container runtimes take them in lower case, too.
      std::string name(each.str());
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
      if (name.starts_with("CAP_")) name.erase(0, 4);
      if (is_one_of(kCapabilities, name)) return "capabilities.add " + name;
    }
  }
  return {};
}

// The depth is bounded by the parser (base::json::kMaxDepth).
std::string find(Value value) {
  for (const Value each : value.array())
    if (std::string found = find(each); !found.empty()) return found;
  for (const Member member : value.object()) {
    if (is_one_of(kFlags, member.key) && member.value.bool_or(false))
      return std::string(member.key);
    if (member.key == "hostPath" && member.value["path"].is(Type::string)) return "hostPath";
    if (member.key == "capabilities")
      if (std::string found = in_capabilities(member.value); !found.empty()) return found;
    if (std::string found = find(member.value); !found.empty()) return found;
  }
  return {};
}

}  // namespace

std::string node_field(std::string_view body) {
  if (body.empty()) return {};
  base::json::Document doc;
  const auto root = doc.parse(body);
  if (!root || !root->is(Type::object)) return "a body that is not an object";
  return find(*root);
}

}  // namespace policy
