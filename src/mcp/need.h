// Need: what a tool or a resource asks the API server for, in the words of an RBAC rule. It is declared
// with the tool (ToolInfo) or resource (ResourceInfo), so that `k0rdent-mcp rbac` can print the rules that
// callers need, and tests can compare it with what is really asked. What every call may ask (discovery,
// reviews of the caller's own rights) is not repeated for each: rbac/preset.h has it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mcp {

struct Need {
  std::string verbs;  // joined by commas: "get,list"
  std::string
      group;  // "": core; "*" with `resource` "*": a kind that the caller or an object names
  std::string resource;  // the plural, with a subresource "pods/log"; "*": all of the group
  bool any() const { return group == "*"; }
};

using Needs = std::vector<Need>;

inline Needs operator+(Needs some, const Needs& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

}  // namespace mcp
