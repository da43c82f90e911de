// Completes the variables of resource templates while they are typed (MCP, Completion): suggests
// names that begin with the typed text, case-insensitively. Lists with the caller's own rights:
// what it may not list is not suggested, nor is a variable that depends on one that is not chosen
// yet.
//
//   namespaces   those that the operator's filter allows, by name
//   pods         of a namespace, by name
//   containers   of a pod, in the pod's order: containers, init containers, ephemeral containers
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/cluster.h"
#include "cluster/collection.h"
#include "mcp/completion.h"
#include "mcp/context.h"

namespace cluster {

// The typed text: names are completed from `start` and suggested with `before` in front of them.
struct Typed {
  std::string before, start;

  static Typed name(std::string_view value) { return {{}, std::string(value)}; }
  // In a list "a,b,c" only the last element is completed.
  static Typed last_of(std::string_view list);

  // Adds `before` and `name` to `values` if `name` begins with `start`.
  void offer(std::string_view name, std::vector<std::string>& values) const;
};

// `context` and `reply` must outlive the run. nullptr: the reply was already sent.
std::unique_ptr<mcp::ToolRun> complete_namespace(Cluster& cluster, Typed typed,
                                                 mcp::CompletionReply& reply);
// `chosen`: its context has "namespace", and for containers "pod", once they are chosen.
std::unique_ptr<mcp::ToolRun> complete_pod(Cluster& cluster, const mcp::CompletionRequest& chosen,
                                           mcp::CompletionReply& reply);
// The objects of a namespaced kind, by name.
std::unique_ptr<mcp::ToolRun> complete_object(Cluster& cluster, Collection what,
                                              const mcp::CompletionRequest& chosen,
                                              mcp::CompletionReply& reply);
// The same where the namespace is known; `ns` "": of a cluster-scoped kind.
struct NamesWanted {
  std::string ns;
  Typed typed;
};
std::unique_ptr<mcp::ToolRun> complete_names(Cluster& cluster, Collection what, NamesWanted wanted,
                                             mcp::CompletionReply& reply);
std::unique_ptr<mcp::ToolRun> complete_container(Cluster& cluster,
                                                 const mcp::CompletionRequest& chosen,
                                                 mcp::CompletionReply& reply);

// Fails a request for a variable that the template lacks. `names`: the variables it has.
void refuse_argument(const mcp::CompletionRequest& request, std::string_view names,
                     mcp::CompletionReply& reply);

}  // namespace cluster
