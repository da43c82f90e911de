// Content-Type and Accept, read leniently: clients that list one of the two
// types, or none, are served in what they can take.
#pragma once

#include <optional>

#include "http/message.h"

namespace mcp {

enum class AnswerForm : unsigned char {
  json,   // one application/json body
  event,  // text/event-stream with one event per answer
};

// What a POST's answer may look like: JSON when Accept allows it or is absent, else an event
// stream; nullopt: neither (406).
std::optional<AnswerForm> answer_form(const http::Headers& headers);

// May a GET be answered with an event stream?
bool accepts_events(const http::Headers& headers);

// Is the body announced as application/json? Parameters and case do not matter.
bool is_json(const http::Headers& headers);

// Is the body compressed, or otherwise coded, by what Content-Encoding says?
bool is_coded(const http::Headers& headers);

}  // namespace mcp
