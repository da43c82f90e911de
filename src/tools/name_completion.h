// What a variable of a resource template could be, while it is typed (MCP, Completion): names that
// begin with what is there already, in any case. Asked for with the caller's own rights: what may
// not be listed is not suggested, nor is what needs a variable that is not chosen yet.
//
//   namespaces   those that the operator's filter allows, by name
//   pods         of a namespace, by name
//   containers   of a pod, in its own order: containers, init containers, ephemeral ones
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/completion.h"
#include "mcp/context.h"
#include "tools/kube_context.h"

namespace tools {

// What is typed: names are completed from `start`, and told behind `before`.
struct Typed {
  std::string before, start;

  static Typed name(std::string_view value) { return {{}, std::string(value)}; }
  // Of a list "a,b,c" the last one.
  static Typed last_of(std::string_view list);

  // Adds the name, whole, to `values` if it fits.
  void offer(std::string_view name, std::vector<std::string>& values) const;
};

// `context` and `reply` outlive the run; nullptr: answered.
std::unique_ptr<mcp::ToolRun> complete_namespace(KubeContext& context, Typed typed,
                                                 mcp::CompletionReply& reply);
// `chosen`: has "namespace", and for containers "pod", unless they are not chosen yet.
std::unique_ptr<mcp::ToolRun> complete_pod(KubeContext& context,
                                           const mcp::CompletionRequest& chosen,
                                           mcp::CompletionReply& reply);
std::unique_ptr<mcp::ToolRun> complete_container(KubeContext& context,
                                                 const mcp::CompletionRequest& chosen,
                                                 mcp::CompletionReply& reply);

// The template has no such variable. `names`: those that it has, for the error.
void refuse_argument(const mcp::CompletionRequest& request, std::string_view names,
                     mcp::CompletionReply& reply);

}  // namespace tools
