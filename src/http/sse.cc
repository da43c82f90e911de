#include "http/sse.h"

#include <string>

namespace http::sse {

base::Payload message(std::string_view json) {
  return base::Payload::concat("event: message\ndata: ", json, "\n\n");
}

base::Payload message(std::string_view id, std::string_view json) {
  std::string head = "id: ";
  head.append(id).append("\nevent: message\ndata: ");
  return base::Payload::concat(head, json, "\n\n");
}

base::Payload comment(std::string_view text) {
  return base::Payload::concat(": ", text, "\n\n");
}

bool Reader::next(std::string_view& in, Event& event) {
  while (!in.empty()) {
    const std::size_t end = in.find('\n');
    line_.append(in.substr(0, end));
    if (end == std::string_view::npos) {
      in = {};
      return false;
    }
    in.remove_prefix(end + 1);
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    const bool whole = line_.empty() && (has_data_ || !comment_.empty());
    if (!line_.empty()) take_line(line_);
    line_.clear();
    if (whole) {
      event = std::move(now_);
      event.comment = std::move(comment_);
      event.has_data = has_data_;
      now_ = {};
      comment_.clear();
      has_data_ = false;
      return true;
    }
  }
  return false;
}

void Reader::take_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (colon == 0) {
    comment_ = value;
  } else if (field == "data") {
    if (has_data_) now_.data += '\n';
    now_.data.append(value);
    has_data_ = true;
  } else if (field == "event") {
    now_.name = value;
  } else if (field == "id") {
    now_.id = value;
  }
}

}  // namespace http::sse
