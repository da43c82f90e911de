#include "mcp/resource.h"

#include <string>

#include "base/check.h"
#include "base/json.h"
#include "mcp/outgoing.h"

namespace mcp {

namespace {

// An update_frame() up to the first member of _meta.
constexpr std::string_view kToMeta =
    "event: message\ndata: "
    R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{)";

}  // namespace

base::Payload update_frame(std::string_view uri, std::string_view delta_json) {
  std::string head(kToMeta);
  head += R"("delta":)";
  std::string made, tail;
  tail.reserve(uri.size() + 16);
  tail = R"(},"uri":)";
  base::json::append_string(tail, uri);
  tail += "}}\n\n";
  return base::Payload::concat(head, passed(Body::update, delta_json, made), tail);
}

base::Payload tagged_frame(const base::Payload& frame, std::string_view id_json) {
  CHECK(frame.view().starts_with(kToMeta));
  std::string head(kToMeta);
  head.append(R"("io.modelcontextprotocol/subscriptionId":)").append(id_json).append(",");
  return base::Payload::concat(head, frame.view().substr(kToMeta.size()));
}

std::unique_ptr<Feed> ResourceFamily::subscribe(Subscriber& subscriber) {
  subscriber.refused(
      {RpcCode::invalid_params, "this resource allows no subscriptions: read it again", {}});
  return nullptr;
}

std::unique_ptr<ToolRun> ResourceFamily::complete(const CompletionRequest&,
                                                  CompletionReply& reply) {
  reply.succeed({});
  return nullptr;
}

}  // namespace mcp
