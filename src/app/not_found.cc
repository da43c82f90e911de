#include "app/not_found.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json.h"

namespace app {

namespace {

// The paths where the MCP SDKs look for OAuth endpoints, at the root or below the MCP endpoint.
bool is_of_login(std::string_view path) {
  constexpr std::string_view kEndpoint = "/mcp";
  if (path.starts_with(kEndpoint)) path.remove_prefix(kEndpoint.size());
  constexpr std::string_view kPaths[] = {"/register", "/authorize", "/token", "/revoke"};
  return path.starts_with("/.well-known/") ||
         std::find(std::begin(kPaths), std::end(kPaths), path) != std::end(kPaths);
}

std::string_view description(std::string_view path, AuthMode auth_mode) {
  // The usual paths of the HTTP+SSE transport.
  if (path == "/sse" || path == "/message" || path == "/messages") {
    return "the HTTP+SSE transport of 2024-11-05 is not served; the MCP endpoint is /mcp, over "
           "streamable HTTP";
  }
  if (!is_of_login(path)) return "not found; the MCP endpoint is /mcp";
  if (auth_mode == AuthMode::oauth) {
    return "this server has no login of its own: /.well-known/oauth-protected-resource names the "
           "authorization servers";
  }
  return auth_mode == AuthMode::oidc_required
             ? "this server has no login and names no authorization server: configure the client "
               "to send a bearer token of the management cluster in the Authorization header"
             : "this server needs no login; the MCP endpoint is /mcp";
}

}  // namespace

void answer_not_found(const http::Request& request, http::Reply& reply, AuthMode auth_mode) {
  std::string body;
  base::json::Writer(body)
      .begin_object()
      .field("error", "not_found")
      .field("error_description", description(request.path, auth_mode))
      .end_object();
  reply.send(404, "application/json", body + "\n");
}

}  // namespace app
