#include "mcp/shared/era.h"

#include "mcp/registry.h"

namespace mcp::shared {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kClaim = "io.modelcontextprotocol/protocolVersion";

bool is_modern(std::optional<std::string_view> header) {
  return header && *header >= kFirstModern;
}

void write_versions(Writer& w, bool modern, bool legacy) {
  w.begin_array();
  if (modern) w.string(kFirstModern);
  for (int i = kLegacyVersions - 1; legacy && i >= 0; --i)
    w.string(to_string(static_cast<Version>(i)));
  w.end_array();
}

std::string versions_json(bool modern, bool legacy) {
  std::string out;
  Writer w(out);
  write_versions(w, modern, legacy);
  return out;
}

}  // namespace

Value claim_of(const Message& message) {
  return message.params["_meta"][kClaim];
}

Era decide_era(const Message& message, std::optional<std::string_view> header) {
  const bool modern_method =
      message.kind == Message::Kind::request &&
      (message.method == "server/discover" || message.method == "subscriptions/listen");
  const bool modern = modern_method || is_modern(header) || claim_of(message).present();
  return modern ? Era::modern : Era::legacy;
}

Era decide_batch_era(Value array, std::optional<std::string_view> header) {
  if (is_modern(header)) return Era::modern;
  for (const Value element : array.array()) {
    if (element["params"]["_meta"][kClaim]) return Era::modern;
  }
  return Era::legacy;
}

bool is_legacy_header(std::optional<std::string_view> header) {
  Version version{};
  return !header || parse_version(*header, version);
}

std::string all_versions_json() {
  return versions_json(true, true);
}

std::string legacy_versions_json() {
  return versions_json(false, true);
}

RpcError unsupported_version(std::string_view claim) {
  Version version{};
  const bool legacy = parse_version(claim, version);
  std::string data;
  Writer w(data);
  w.begin_object().key("supported");
  write_versions(w, true, !legacy);
  w.field("requested", claim).end_object();
  return {RpcCode::unsupported_version,
          legacy ? "this revision needs a session: begin with initialize"
                 : "protocol version not supported, see data.supported",
          std::move(data)};
}

}  // namespace mcp::shared
