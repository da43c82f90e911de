// RequestHeaders: the parts of an HTTP request that decide how the gate treats it, read once. The
// members are views into the request, which must stay valid as long as this; keep_in() moves them
// to a copy for a request that waits while its token is checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "mcp/shared/content_negotiation.h"
#include "mcp/shared/mirrored_headers.h"

namespace mcp::shared {

struct RequestHeaders {
  // `made`: see Mirror::made.
  RequestHeaders(const http::Request& request, bool made);

  http::Method method;
  std::optional<std::string_view> authorization, session, last_event;
  Mirror mirror;                   // includes MCP-Protocol-Version
  std::optional<AnswerForm> form;  // of the answer to a POST; nullopt: Accept allows none
  bool events;                     // Accept allows an event stream
  bool json;                       // Content-Type is JSON
  bool coded;                      // Content-Encoding names a coding (compressed, say)
  // The first header that occurs more than once although it must not: among those that matter for
  // every request, and among those that matter in a session; "": none. Such a request is refused,
  // because an intermediary might use the other value.
  std::string_view repeated, repeated_of_session;
  std::string_view body;

  // Copies what the views refer to into `text` and points the views there. `text` must outlive
  // this.
  void keep_in(std::string& text);
  AnswerForm answer_form() const { return form.value_or(AnswerForm::json); }
};

}  // namespace mcp::shared
