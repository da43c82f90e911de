// Toolsets: groups of tools that an operator may choose from (--toolsets), so that a client puts
// fewer tools before its model. Each tool is in exactly one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tools {

// The toolset of a tool, by its name; "" for a name that is no tool's.
std::string_view toolset_of(std::string_view tool);
// All names, in the order of --help.
const std::vector<std::string_view>& toolsets();

// Whether a tool is offered. Without names: every tool.
class ToolChoice {
 public:
  explicit ToolChoice(std::vector<std::string> toolsets = {}) : chosen_(std::move(toolsets)) {}
  bool offers(std::string_view tool) const;

 private:
  std::vector<std::string> chosen_;
};

}  // namespace tools
