#include "tools/toolsets.h"

#include <algorithm>

namespace tools {

namespace {

struct Prefix {
  std::string_view tool, toolset;
};
// The longest prefix that fits counts: they come first.
constexpr Prefix kPrefixes[] = {
    {"k0rdent.mgmt.namespaces.", "core"}, {"k0rdent.mgmt.events.", "core"},
    {"k0rdent.mgmt.objects.", "core"},    {"k0rdent.mgmt.podLogs.", "logs"},
    {"k0rdent.mgmt.graph.", "graph"},     {"k0rdent.pods.", "core"},
    {"k0rdent.mgmt.", "k0rdent"},         {"k0rdent.provider.", "k0rdent"},
    {"k0rdent.catalog.", "k0rdent"},
};

}  // namespace

std::string_view toolset_of(std::string_view tool) {
  const auto* at = std::find_if(std::begin(kPrefixes), std::end(kPrefixes),
                                [tool](const Prefix& each) { return tool.starts_with(each.tool); });
  return at == std::end(kPrefixes) ? std::string_view() : at->toolset;
}

const std::vector<std::string_view>& toolsets() {
  static const std::vector<std::string_view> all = {"core", "k0rdent", "logs", "graph"};
  return all;
}

bool ToolChoice::offers(std::string_view tool) const {
  return chosen_.empty() ||
         std::find(chosen_.begin(), chosen_.end(), toolset_of(tool)) != chosen_.end();
}

}  // namespace tools
