// The headers in which a modern request repeats parts of its body, so that intermediaries can route
// it without reading the body (MCP 2026-07-28, Transports, "Standard Request Headers"). A header
// that differs from the body would deceive them: a difference is an error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace mcp::shared {

// Views into the request.
struct Mirror {
  std::optional<std::string_view> version;  // MCP-Protocol-Version
  std::optional<std::string_view> method;   // Mcp-Method
  std::optional<std::string_view> name;     // Mcp-Name
  std::vector<http::Header> params;         // Mcp-Param-*, the name without that prefix
  std::string_view repeated;                // a header that occurs more than once; "": none
  // A transport without headers (stdio) made them from the message: they cannot differ from it, and
  // there are no Mcp-Param-*.
  bool made = false;

  // Takes the header if it is one of them.
  void add(const http::Header& header);
  // The value of Mcp-Param-`name`, ignoring case.
  std::optional<std::string_view> param(std::string_view name) const;
};

// Decodes a value of Mcp-Name or Mcp-Param-*: the text between "=?base64?" and "?=" is decoded, any
// other value is literal. nullopt: it has characters that a header must not have, base64 that is
// not strict (padding, alphabet, length), or bytes that are not UTF-8.
std::optional<std::string> decode_mirrored(std::string_view value);

}  // namespace mcp::shared
