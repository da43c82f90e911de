#include "http/client_request.h"

#include <algorithm>

#include "base/text.h"

namespace http {

namespace {

// RFC 9110 5.6.2.
bool is_token(std::string_view s) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !s.empty() && std::all_of(s.begin(), s.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// Headers that frame the message or name the peer: only this client sets them.
bool is_ours(std::string_view name) {
  for (const std::string_view ours :
       {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding"})
    if (base::iequals(name, ours)) return true;
  return false;
}

base::Error refusal(std::string_view what, std::string_view shown) {
  return {base::Errc::invalid_argument,
          std::string(what) + " \"" + base::printable(shown, 80) + "\" must not be sent"};
}

// These methods send Content-Length even for an empty body (RFC 9110 8.6).
bool expects_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

base::Result<void> check_request(const ClientRequest& request) {
  if (!is_token(request.method)) return refusal("method", request.method);
  const std::string& target = request.target;
  const bool clean = std::all_of(target.begin(), target.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && byte != '#';
  });
  if (!clean || !target.starts_with('/')) return refusal("target", target);
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || is_ours(name)) return refusal("header", name);
    const bool fit = std::none_of(value.begin(), value.end(),
                                  [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    if (!fit) return refusal("line break or NUL in the value of header", name);
  }
  return {};
}

std::string request_head(const ClientRequest& request, std::string_view host_header) {
  std::string head;
  head.reserve(512);
  head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  head.append(host_header).append("\r\nAccept-Encoding: identity\r\n");
  for (const auto& [name, value] : request.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || expects_body(request.method))
    head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return head.append("\r\n");
}

}  // namespace http
