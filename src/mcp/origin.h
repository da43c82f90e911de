// Who may reach us through a browser: the Host and Origin checks, which keep a page of
// another site (DNS rebinding included) from talking to a server on this machine, and the headers
// by which a browser lets a page in that may (Fetch Standard, "CORS protocol").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace mcp {

// "localhost", 127.0.0.0/8 and ::1, without port; any case.
bool is_loopback_name(std::string_view host);

// Host's value without its port and brackets, and without the dot that ends an absolute name; ""
// when it is malformed.
std::string_view host_of(std::string_view authority);

struct OriginRules {
  bool check_host = true;
  std::vector<std::string> allowed_hosts;    // without port, lower case
  std::vector<std::string> allowed_origins;  // "https://host[:port]", exact but for case
  // What the operator calls these two lists.
  std::string hosts_setting = "allowed_hosts", origins_setting = "allowed_origins";
};

struct OriginProblem {
  std::string text;  // for people: what came, and the setting that would let it in; "" : none
  std::string name;  // the host or origin that came, fit for a log
};
// What is wrong with the request's Host or Origin, if anything is.
//   Host     with check_host: a loopback name or an allowed host, any port; absent: HTTP/1.0, fine
//   Origin   an allowed origin, or http(s) on a loopback name or an allowed host, any port; absent:
//            no browser, fine; "null", another scheme, two of them: refused
OriginProblem origin_problem(const http::Headers& headers, const OriginRules& rules);

// Header lines for every answer to a request whose Origin has passed: the page may read it, with
// the headers that MCP needs. "" without an Origin: no browser.
std::string cors_headers(const http::Headers& headers);
// Besides those for OPTIONS when a browser asks what the page's next request may be: the methods of
// the endpoint and whatever headers it names, since a tool's Mcp-Param-… may be any. "" otherwise.
std::string preflight_headers(const http::Headers& headers);

}  // namespace mcp
