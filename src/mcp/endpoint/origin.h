// Access from browsers: the Host and Origin checks, which keep a page of another site (DNS
// rebinding included) from talking to a server on this machine, and the headers that make a browser
// admit an allowed page (Fetch Standard, "CORS protocol").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "mcp/shared/options.h"

namespace mcp::endpoint {

// The host in a Host header's value: without port and brackets, and without the final dot of an
// absolute name; "" when it is malformed.
std::string_view host_of(std::string_view authority);

struct OriginRules {
  bool check_host = true;
  std::vector<std::string> allowed_hosts;  // without port, lower case
  std::vector<std::string> allowed_origins = shared::inspector_origins();  // exact but for case
  // The operator's names for these two lists.
  std::string hosts_setting = "allowed_hosts", origins_setting = "allowed_origins";
};

struct OriginProblem {
  std::string text;  // for people: the value received and the setting that would allow it; "": none
  std::string name;  // the host or origin received, printable
};
// What is wrong with the request's Host or Origin, if anything.
//
//   header   accepted                                           refused
//   Host     net::is_loopback() or an allowed host, any port;   others, if check_host
//            absent (HTTP/1.0)
//   Origin   an allowed origin; http(s) on an allowed host,     others, "null" and those of other
//            any port; the server's own, on a loopback name;    loopback ports among them; two
//            absent (no browser)                                Origins
OriginProblem origin_problem(const http::Headers& headers, const OriginRules& rules,
                             bool check_host);
// The same for the Host alone.
OriginProblem host_problem(const http::Headers& headers, const OriginRules& rules, bool check_host);

// Header lines for every answer to a request whose Origin was accepted: they let the page read the
// answer and the headers that MCP needs. "" without an Origin: no browser.
std::string cors_headers(const http::Headers& headers);
// Further header lines for a preflight (OPTIONS): they allow the endpoint's methods and all headers
// that the browser names, because Mcp-Param-… can have any name. "" when it is no preflight.
std::string preflight_headers(const http::Headers& headers);

}  // namespace mcp::endpoint
