// Address: where an MCP server listens, as the user writes it:
//
//   http://127.0.0.1:6767      the path /mcp is added where there is none
//   https://mcp.example/mcp
//   unix:/run/k0rdent-mcp.sock
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace client {

struct Address {
  bool tls = false;
  std::string host;  // "" for a Unix socket
  int port = 0;
  std::string path = "/mcp";
  std::string unix_path;  // "": TCP

  // The value of Host; a Unix socket's server is asked as localhost.
  std::string host_header() const;
};

base::Result<Address> parse_address(std::string_view text);

}  // namespace client
