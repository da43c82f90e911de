// Maps failures of the cluster side to JSON-RPC errors of resource requests; no other place does.
//   not_found → -32002   invalid_argument → -32602   everything else → -32603, with the text
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "kube/failure.h"
#include "mcp/jsonrpc.h"
#include "mcp/resource.h"

namespace cluster {

inline mcp::RpcError to_rpc(base::Errc code, std::string message) {
  const mcp::RpcCode rpc = code == base::Errc::not_found          ? mcp::RpcCode::resource_not_found
                           : code == base::Errc::invalid_argument ? mcp::RpcCode::invalid_params
                                                                  : mcp::RpcCode::internal_error;
  return {rpc, std::move(message), {}};
}
inline mcp::RpcError to_rpc(const base::Error& error) {
  return to_rpc(error.code(), error.what());
}
inline mcp::RpcError to_rpc(const kube::Failure& failure, std::string_view step) {
  return to_rpc(failure.code, std::string(step) + ": " + failure.message);
}

// Refuses and logs a subscription whose request is invalid, before there is a watch.
inline void refuse(mcp::Subscriber& subscriber, const base::Error& error) {
  LOG_INFO("subscription refused", {"uri", base::printable(subscriber.uri(), 200)},
           {"identity", subscriber.caller().identity}, {"error", error});
  subscriber.refused(to_rpc(error));
}

}  // namespace cluster
