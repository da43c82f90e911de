#include "mcp/arrival.h"

namespace mcp {

Arrival::Arrival(const http::Request& request)
    : method(request.method),
      authorization(request.headers.find("Authorization")),
      session(request.headers.find("Mcp-Session-Id")),
      version(request.headers.find("MCP-Protocol-Version")),
      last_event(request.headers.find("Last-Event-ID")),
      form(answer_form(request.headers)),
      events(accepts_events(request.headers)),
      json(is_json(request.headers)),
      body(request.body) {}

void Arrival::keep_in(std::string& text) {
  text.clear();
  for (const auto* view : {&authorization, &session, &version, &last_event})
    text.append(view->value_or(""));
  text.append(body);
  std::string_view rest = text;
  const auto move = [&](std::string_view& view) {
    const std::size_t size = view.size();
    view = rest.substr(0, size);
    rest.remove_prefix(size);
  };
  for (auto* view : {&authorization, &session, &version, &last_event}) {
    if (*view) move(**view);
  }
  move(body);
}

}  // namespace mcp
