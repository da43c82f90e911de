// Server-sent events, both directions of framing: a message as one shared Payload, and a small
// reader for tests and the simulator. Frame: "event: message\ndata: <one line>\n\n"
// (never multi-line data, never a line without a colon: some clients' readers stop at those).
#pragma once

#include <string>
#include <string_view>

#include "base/payload.h"

namespace http::sse {

// The headers that every event stream answers with, besides its Content-Type.
constexpr std::string_view kContentType = "text/event-stream";
constexpr std::string_view kExtraHeaders =
    "Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";

// Requires: `json` has no line break (compact JSON never has).
base::Payload message(std::string_view json);
// The same with "id: <id>" in front. Requires: `id` has no line break.
base::Payload message(std::string_view id, std::string_view json);
// ": text\n\n", ignored by clients; keeps proxies from closing a quiet stream.
// Requires: `text` has no line break.
base::Payload comment(std::string_view text);

struct Event {
  std::string name;  // "message" when the stream says so; "" when it does not
  std::string id;
  std::string data;  // lines joined by '\n'
  std::string comment;
  bool has_data = false;  // false: comments only
};

// Splits a stream's bytes, however they are cut, into events. Comments are reported, too.
class Reader {
 public:
  // Uses bytes from the front of `in`. True when `event` is filled; false: all used, none whole.
  bool next(std::string_view& in, Event& event);

 private:
  void take_line(std::string_view line);
  std::string line_, comment_;
  Event now_;
  bool has_data_ = false;
};

}  // namespace http::sse
