#include "mcp/shared/mirrored_headers.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace mcp::shared {

namespace {

constexpr std::string_view kParam = "Mcp-Param-";
constexpr std::string_view kOpen = "=?base64?";
constexpr std::string_view kClose = "?=";

// The shared decoder skips white space and accepts any trailing bits: encoding the result again
// detects both.
std::optional<std::string> strict_base64(std::string_view text) {
  auto bytes = base::parse_base64(text);
  if (!bytes || base::base64(*bytes) != text) return std::nullopt;
  return bytes;
}

bool is_plain(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

}  // namespace

void Mirror::add(const http::Header& header) {
  const std::string_view name = header.name;
  if (name.size() < 4 || (name[0] | 0x20) != 'm' || name[3] != '-') return;
  const auto take = [&](std::optional<std::string_view>& into) {
    if (into) repeated = header.name;
    into = header.value;
  };
  if (base::iequals(name, "MCP-Protocol-Version")) return take(version);
  if (base::iequals(name, "Mcp-Method")) return take(method);
  if (base::iequals(name, "Mcp-Name")) return take(this->name);
  if (name.size() <= kParam.size() || !base::iequals(name.substr(0, kParam.size()), kParam)) return;
  const std::string_view key = name.substr(kParam.size());
  if (param(key)) repeated = header.name;
  params.push_back({key, header.value});
}

std::optional<std::string_view> Mirror::param(std::string_view name) const {
  for (const http::Header& header : params) {
    if (base::iequals(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::optional<std::string> decode_mirrored(std::string_view value) {
  if (!is_plain(value)) return std::nullopt;
  const bool encoded = value.size() >= kOpen.size() + kClose.size() && value.starts_with(kOpen) &&
                       value.ends_with(kClose);
  if (!encoded) return std::string(value);
  value.remove_prefix(kOpen.size());
  value.remove_suffix(kClose.size());
  auto bytes = strict_base64(value);
  if (!bytes || !base::valid_utf8(*bytes)) return std::nullopt;
  return bytes;
}

}  // namespace mcp::shared
