// Content-Type, Content-Encoding and Accept, read leniently: a client that lists only one of the
// two types, or none, is answered in a form that it accepts.
#pragma once

#include <optional>

#include "http/message.h"

namespace mcp::shared {

enum class AnswerForm : unsigned char {
  json,   // one application/json body
  event,  // text/event-stream with one event per answer
};

// The form of a POST's answer: JSON when Accept allows it or is absent, else an event stream;
// nullopt: Accept allows neither (406).
std::optional<AnswerForm> answer_form(const http::Headers& headers);

// May a GET be answered with an event stream?
bool accepts_events(const http::Headers& headers);

// Is Content-Type application/json? Parameters and case are ignored.
bool is_json(const http::Headers& headers);

// Does Content-Encoding name a coding (compression, say)?
bool is_coded(const http::Headers& headers);

}  // namespace mcp::shared
