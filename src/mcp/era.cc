#include "mcp/era.h"

#include "mcp/registry.h"

namespace mcp {

using base::json::Value;
using base::json::Writer;

namespace {

Value claim_of(Value params) {
  return params["_meta"]["io.modelcontextprotocol/protocolVersion"];
}

bool is_modern(std::optional<std::string_view> header) {
  return header && *header >= kFirstModern;
}

}  // namespace

Era decide_era(const Message& message, std::optional<std::string_view> header) {
  const bool modern_method =
      message.kind == Message::Kind::request &&
      (message.method == "server/discover" || message.method == "subscriptions/listen");
  const bool modern = modern_method || is_modern(header) || claim_of(message.params).present();
  return modern ? Era::modern : Era::legacy;
}

Era decide_batch_era(Value array, std::optional<std::string_view> header) {
  if (is_modern(header)) return Era::modern;
  for (const Value element : array.array()) {
    if (claim_of(element["params"])) return Era::modern;
  }
  return Era::legacy;
}

bool is_legacy_header(std::optional<std::string_view> header) {
  Version version{};
  return !header || parse_version(*header, version);
}

std::string supported_versions_json() {
  std::string out;
  Writer w(out);
  w.begin_array();
  for (int i = kLegacyVersions - 1; i >= 0; --i)
    w.string(to_string(static_cast<Version>(i)));
  w.end_array();
  return out;
}

RpcError unsupported_version(const Message& message, std::optional<std::string_view> header) {
  const std::string_view requested = claim_of(message.params).str(header.value_or(kFirstModern));
  std::string data;
  Writer w(data);
  w.begin_object().key("supported").raw(supported_versions_json());
  w.field("requested", requested).end_object();
  return {RpcCode::unsupported_version,
          "this server speaks the revisions that begin with initialize, see data.supported",
          std::move(data)};
}

}  // namespace mcp
