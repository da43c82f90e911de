// Arrival: what of an HTTP request decides its way through the gate, read once. Views into the
// request, or, for a request whose caller has to be asked about first, into an owned copy.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "mcp/legacy.h"
#include "mcp/media.h"
#include "mcp/modern_headers.h"

namespace mcp {

struct Arrival {
  // `made`: see Mirror.
  Arrival(const http::Request& request, bool made);

  http::Method method;
  std::optional<std::string_view> authorization, session, last_event;
  Mirror mirror;                   // MCP-Protocol-Version among them
  std::optional<AnswerForm> form;  // of a POST; nullopt: none is acceptable
  bool events;                     // an event stream is acceptable
  bool json;                       // the body is announced as JSON
  bool coded;                      // and as compressed, or the like
  // The name of a header that came more than once though it may not, of those that count for every
  // request, and of those that count in a session; "" : none. Which of the two is meant, another
  // reader on the way may see differently.
  std::string_view repeated, repeated_of_session;
  std::string_view body;

  // Copies into `text` what the views show, and moves them there.
  void keep_in(std::string& text);
  Inbound inbound() const {
    return {session, mirror.version, form.value_or(AnswerForm::json), events, last_event};
  }
};

}  // namespace mcp
