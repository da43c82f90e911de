// Registry: the tools and resource families of the server, owned; tools/list,
// resources/templates/list are serialised once and served from memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/resource.h"
#include "mcp/tool.h"

namespace mcp {

// The legacy revisions, oldest first; what a list shows depends on them (their schemas).
enum class Version : unsigned char { v2025_03_26, v2025_06_18, v2025_11_25 };
constexpr int kVersions = 3;
std::string_view to_string(Version version);
// false when it is none of ours.
bool parse_version(std::string_view text, Version& version);

class Registry {
 public:
  // Requires: names are unique and well-formed (CHECK): mistakes of ours are found at start.
  void add(std::unique_ptr<Tool> tool);
  void add(std::unique_ptr<ResourceFamily> family);

  Tool* find_tool(std::string_view name) const;
  ResourceFamily* find_family(std::string_view uri) const;
  // "did you mean": the nearest tool name, or "".
  std::string_view nearest_tool(std::string_view name) const;

  // The result objects, e.g. {"tools":[…]}; tools by name, templates by URI template. Valid until
  // the next add().
  const std::string& tools_result(Version version) const;
  const std::string& templates_result(Version version) const;

 private:
  std::vector<std::unique_ptr<Tool>> tools_;               // sorted by name
  std::vector<std::unique_ptr<ResourceFamily>> families_;  // sorted by template
  mutable std::string tools_result_[kVersions];
  mutable std::string templates_result_[kVersions];
};

}  // namespace mcp
