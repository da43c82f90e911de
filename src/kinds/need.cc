#include "kinds/need.h"

#include <string>

#include "kinds/table.h"

namespace kinds {

mcp::Needs need(std::string_view verbs, std::initializer_list<std::string_view> kinds) {
  mcp::Needs out;
  for (const std::string_view each : kinds)
    out = std::move(out) + need(verbs, get(each));
  return out;
}

mcp::Needs need(std::string_view verbs, const cluster::ListedKind& kind) {
  return {{std::string(verbs), std::string(kind.group), std::string(kind.plural)}};
}

mcp::Needs need_any(std::string_view verbs) {
  return {{std::string(verbs), "*", "*"}};
}

}  // namespace kinds
