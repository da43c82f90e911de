#include "mcp/endpoint/stdio_message.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "mcp/outgoing.h"

namespace mcp::endpoint {

namespace {

const std::string kPeer = "stdio";

// The value of a header line "Name: value\r\n" among `lines`, or "".
std::string_view value_of(std::string_view lines, std::string_view name) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(std::min(lines.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    if (base::iequals(line.substr(0, colon), name)) return base::trim(line.substr(colon + 1));
  }
  return {};
}

}  // namespace

const std::string& StdioMessage::peer() const {
  return kPeer;
}

void StdioMessage::send(int status, std::string_view type, std::string_view body,
                        std::string_view extra) {
  if (kind_ == Kind::initialize && status == 200) {
    owner_.began_session(value_of(extra, "Mcp-Session-Id"));
  }
  const bool is_json = type.starts_with("application/json");
  if (type.starts_with(http::sse::kContentType)) {
    take_events(body);
  } else if (is_json && kind_ != Kind::own && last_event_.empty()) {
    take_data(std::string(body));
  } else if (!id_json_.empty() && status >= 400) {
    std::string text(is_json ? "the rest of the answer is lost" : base::trim(body));
    if (text.empty()) text = "the session is over: begin again with initialize";
    owner_.put(Outgoing::error(id_json_, {RpcCode::internal_error, std::move(text), {}}).text());
  }
  over();
}

void StdioMessage::begin(int, std::string_view, std::string_view) {
  state_ = State::streaming;
}

bool StdioMessage::write(const base::Payload& message, std::string_view head) {
  if (owner_.full()) {
    refused_ = true;
    return false;
  }
  take_events(head);
  take_events(message.view());
  return true;
}

// A stream with event ids may end before the answer (2025-11-25, "polling"): fetches the rest.
void StdioMessage::end() {
  if (id_json_.empty() || last_event_.empty() || answered_) return over();
  state_ = State::fresh;
  owed_ = true;
  detach();
  owner_.task_.schedule();
}

std::string StdioMessage::take_rest() {
  return std::exchange(owed_, false) ? last_event_ : std::string();
}

void StdioMessage::drop() {
  switch (state_) {
    case State::fresh:
      if (!id_json_.empty()) {
        owner_.put(Outgoing::error(id_json_, {RpcCode::internal_error, "no answer", {}}).text());
      }
      return over();
    case State::streaming:
      return end();
    case State::over:
      return detach();
  }
}

void StdioMessage::take_events(std::string_view bytes) {
  http::sse::Event event;
  while (reader_.next(bytes, event)) {
    if (!event.id.empty()) last_event_ = event.id;
    if (!event.data.empty()) take_data(event.data);
  }
}

void StdioMessage::take_data(const std::string& data) {
  if (!last_event_.empty() && !answered_) {
    base::json::Document document;
    const auto root = document.parse(data);
    answered_ = root && read_message(*root).kind == Message::Kind::response;
  }
  owner_.put(data);
}

void StdioMessage::over() {
  if (state_ == State::over) return;
  state_ = State::over;
  detach();
  owner_.remove(*this);
}

void StdioMessage::gone() {
  if (state_ == State::over) return;
  state_ = State::over;
  const auto fn = detach_gone();
  owner_.remove(*this);
  if (fn) fn();
}

void StdioMessage::tell_drained() {
  if (!std::exchange(refused_, false)) return;
  if (const auto fn = drained()) fn();
}

}  // namespace mcp::endpoint
