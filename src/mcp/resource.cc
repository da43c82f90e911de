#include "mcp/resource.h"

#include <string>

#include "base/json.h"

namespace mcp {

base::Payload update_frame(std::string_view uri, std::string_view delta_json) {
  constexpr std::string_view kHead =
      "event: message\ndata: "
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{"delta":)";
  std::string tail = R"(},"uri":)";
  base::json::append_string(tail, uri);
  tail += "}}\n\n";
  return base::Payload::concat(kHead, delta_json, tail);
}

std::unique_ptr<Feed> ResourceFamily::subscribe(Subscriber& subscriber) {
  subscriber.refused(
      {RpcCode::invalid_params, "this resource does not tell of changes: read it again", {}});
  return nullptr;
}

std::unique_ptr<ToolRun> ResourceFamily::complete(const CompletionRequest&,
                                                  CompletionReply& reply) {
  reply.succeed({});
  return nullptr;
}

}  // namespace mcp
