#include "mcp/modern/gate.h"

#include <utility>

#include "base/text.h"
#include "mcp/shared/era.h"
#include "mcp/shared/lookup.h"

namespace mcp::modern {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kShown = 128;  // bytes of a value that an error repeats
constexpr std::string_view kCapabilities = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kLogLevel = "io.modelcontextprotocol/logLevel";

HttpError invalid(std::string text) {
  return {400, {RpcCode::invalid_params, std::move(text), {}}};
}

HttpError mismatch(std::string text) {
  return {400, {RpcCode::header_mismatch, std::move(text), {}}};
}

std::string shown(std::string_view text) {
  return "\"" + base::printable(text, kShown) + "\"";
}

std::string shown(Value value) {
  return value ? base::printable(value.to_json(), kShown) : "nothing";
}

}  // namespace

HttpError mixed_eras() {
  HttpError out = mismatch(
      "initialize belongs to older revisions than the one that MCP-Protocol-Version names");
  Writer w(out.error.data_json);
  w.begin_object().key("supported").raw(shared::all_versions_json()).end_object();
  return out;
}

std::optional<HttpError> check_claim(const Message& message, const shared::Mirror& mirror) {
  const Value meta = message.params["_meta"];
  const Value claim = shared::claim_of(message);
  if (!meta.is(Type::object)) {
    return invalid(
        "params._meta must be an object with io.modelcontextprotocol/protocolVersion and "
        "io.modelcontextprotocol/clientCapabilities, got " +
        shown(meta));
  }
  if (!claim.is(Type::string)) {
    return invalid("_meta.io.modelcontextprotocol/protocolVersion must be a string, got " +
                   shown(claim));
  }
  if (!meta[kCapabilities].is(Type::object)) {
    return invalid("_meta.io.modelcontextprotocol/clientCapabilities must be an object, got " +
                   shown(meta[kCapabilities]));
  }
  if (!mirror.version) return mismatch("the header MCP-Protocol-Version is missing");
  if (*mirror.version != claim.str()) {
    return mismatch("MCP-Protocol-Version is " + shown(*mirror.version) + ", but _meta has " +
                    shown(claim.str()));
  }
  if (claim.str() != shared::kFirstModern)
    return HttpError{400, shared::unsupported_version(claim.str())};
  return std::nullopt;
}

std::optional<HttpError> check_mirror(const Message& message, const shared::Mirror& mirror,
                                      std::string_view name_member) {
  if (!mirror.repeated.empty()) {
    return mismatch("the header " + base::printable(mirror.repeated, kShown) +
                    " occurs more than once");
  }
  if (!mirror.method) return mismatch("the header Mcp-Method is missing");
  if (*mirror.method != message.method) {
    return mismatch("Mcp-Method is " + shown(*mirror.method) + ", but the method is " +
                    shown(message.method));
  }
  if (name_member.empty()) return std::nullopt;
  const Value name = message.params[name_member];
  if (!mirror.name) {
    if (!name.is(Type::string)) return std::nullopt;  // the method answers with the error
    return mismatch("the header Mcp-Name is missing: it repeats params." +
                    std::string(name_member));
  }
  const auto decoded = shared::decode_mirrored(*mirror.name);
  if (!decoded) {
    return mismatch("Mcp-Name is neither plain text nor =?base64?...?= around strict base64");
  }
  if (!name.is(Type::string) || name.str() != *decoded) {
    return mismatch("Mcp-Name is " + shown(*decoded) + ", but params." + std::string(name_member) +
                    " is " + shown(name));
  }
  return std::nullopt;
}

std::optional<HttpError> read_meta(const Message& message, Meta& meta) {
  const Value from = message.params["_meta"];
  meta.capabilities = from[kCapabilities];
  if (const Value level = from[kLogLevel]; level && !level.is(Type::null)) {
    std::string problem = shared::read_log_level("_meta.io.modelcontextprotocol/logLevel", level,
                                                 meta.log_level.emplace());
    if (!problem.empty()) return invalid(std::move(problem));
  }
  const Value token = from["progressToken"];
  if (!token || token.is(Type::null)) return std::nullopt;
  meta.progress_token = token_json(token);
  if (meta.progress_token.empty()) {
    return invalid("_meta.progressToken must be a string of at most 256 bytes or an integer, got " +
                   shown(token));
  }
  return std::nullopt;
}

}  // namespace mcp::modern
