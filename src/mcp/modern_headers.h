// The headers by which a modern request repeats what its body says, so that what stands between may
// route it without reading bodies (MCP 2026-07-28, Transports, "Standard Request Headers"). Whoever
// does is deceived if they differ: a difference is an error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace mcp {

// Views into the request.
struct Mirror {
  std::optional<std::string_view> version;  // MCP-Protocol-Version
  std::optional<std::string_view> method;   // Mcp-Method
  std::optional<std::string_view> name;     // Mcp-Name
  std::vector<http::Header> params;         // Mcp-Param-*, the name without that prefix
  std::string_view repeated;                // one that came more than once; "" : none
  // A transport without headers made them of the message: they can't differ from it, and repeat no
  // arguments.
  bool made = false;

  // Takes the header if it is one of them.
  void add(const http::Header& header);
  // The value of Mcp-Param-`name`, ignoring case.
  std::optional<std::string_view> param(std::string_view name) const;
};

// A value of Mcp-Name or Mcp-Param-*, as the body would say it: what stands between "=?base64?" and
// "?=" is decoded, anything else is literal. nullopt: characters that a header may not have, base64
// that is not strict (padding, alphabet, length), or bytes that are no UTF-8.
std::optional<std::string> decode_mirrored(std::string_view value);

}  // namespace mcp
