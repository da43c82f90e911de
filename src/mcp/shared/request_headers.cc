#include "mcp/shared/request_headers.h"

#include <initializer_list>

namespace mcp::shared {

namespace {

// Calls fn(std::string_view&) for each view that is set, in a fixed order.
template <class Fn>
void for_each_view(RequestHeaders& arrival, Fn fn) {
  Mirror& mirror = arrival.mirror;
  for (auto* view : {&arrival.authorization, &arrival.session, &arrival.last_event, &mirror.version,
                     &mirror.method, &mirror.name}) {
    if (*view) fn(**view);
  }
  for (http::Header& param : mirror.params) {
    fn(param.name);
    fn(param.value);
  }
  fn(mirror.repeated);
  fn(arrival.body);
}

// The first of `names` (literals) that occurs more than once, or "".
std::string_view repeated_of(const http::Headers& headers,
                             std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (headers.count(name) > 1) return name;
  }
  return {};
}

}  // namespace

RequestHeaders::RequestHeaders(const http::Request& request, bool made)
    : method(request.method),
      authorization(request.headers.find("Authorization")),
      session(request.headers.find("Mcp-Session-Id")),
      last_event(request.headers.find("Last-Event-ID")),
      form(mcp::shared::answer_form(request.headers)),
      events(accepts_events(request.headers)),
      json(is_json(request.headers)),
      coded(is_coded(request.headers)),
      repeated(repeated_of(request.headers, {"Authorization", "Content-Type"})),
      repeated_of_session(repeated_of(request.headers,
                                      {"Mcp-Session-Id", "MCP-Protocol-Version", "Last-Event-ID"})),
      body(request.body) {
  for (const http::Header& header : request.headers.all())
    mirror.add(header);
  mirror.made = made;
}

void RequestHeaders::keep_in(std::string& text) {
  text.clear();
  for_each_view(*this, [&](std::string_view& view) { text.append(view); });
  std::string_view rest = text;
  for_each_view(*this, [&](std::string_view& view) {
    const std::size_t size = view.size();
    view = rest.substr(0, size);
    rest.remove_prefix(size);
  });
}

}  // namespace mcp::shared
