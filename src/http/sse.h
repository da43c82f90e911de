// Server-sent events: makes messages as one shared Payload, and has a small reader for tests and
// the simulator. A frame is "event: message\ndata: <one line>\n\n". It never has multi-line data or
// a line without a colon: the readers of some clients stop at those.
#pragma once

#include <string>
#include <string_view>

#include "base/payload.h"

namespace http::sse {

// The headers of every event stream response, besides its Content-Type.
constexpr std::string_view kContentType = "text/event-stream";
constexpr std::string_view kExtraHeaders =
    "Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";

// Requires: `json` contains no line break (compact JSON never does).
base::Payload message(std::string_view json);
// The same, preceded by "id: <id>". Requires: `id` contains no line break.
base::Payload message(std::string_view id, std::string_view json);
// ": text\n\n", which clients ignore; keeps proxies from closing a quiet stream. Requires: `text`
// contains no line break.
base::Payload comment(std::string_view text);

struct Event {
  std::string name;  // the stream's event field; "" without one
  std::string id;
  std::string data;  // lines joined by '\n'
  std::string comment;
  bool has_data = false;  // false: comments only
};

// Splits a stream's bytes, however they are cut, into events. Comments are reported as well.
class Reader {
 public:
  // Consumes bytes from the front of `in`. Returns true when `event` is filled; false when all
  // bytes are used and no event is complete.
  bool next(std::string_view& in, Event& event);

 private:
  void take_line(std::string_view line);
  std::string line_, comment_;
  Event now_;
  bool has_data_ = false;
};

}  // namespace http::sse
