#include "kube/watch_decoder.h"

#include <cstring>
#include <utility>

#include "base/json_scan.h"
#include "base/text.h"

namespace kube {

using base::Errc;
using base::Error;
using base::json::Type;
using base::json::Value;

namespace {

bool parse_type(std::string_view text, FrameType& type) {
  if (text == "ADDED") return type = FrameType::added, true;
  if (text == "MODIFIED") return type = FrameType::modified, true;
  if (text == "DELETED") return type = FrameType::deleted, true;
  if (text == "BOOKMARK") return type = FrameType::bookmark, true;
  if (text == "ERROR") return type = FrameType::error, true;
  return false;
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

void WatchDecoder::reset() {
  std::string().swap(pending_);
  depth_ = 0;
  in_string_ = escaped_ = false;
}

// The length of `bytes` up to and including the end of the current frame, or 0 when it does not end
// here. memchr skips strings, which are most of a frame's bytes.
std::size_t WatchDecoder::frame_end(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (escaped_) {
      escaped_ = false;
      ++i;
      continue;
    }
    if (in_string_) {
      const auto* quote =
          static_cast<const char*>(std::memchr(bytes.data() + i, '"', bytes.size() - i));
      const std::size_t stop =
          quote ? static_cast<std::size_t>(quote - bytes.data()) : bytes.size();
      const auto* slash = static_cast<const char*>(std::memchr(bytes.data() + i, '\\', stop - i));
      if (slash) {
        i = static_cast<std::size_t>(slash - bytes.data()) + 1;
        escaped_ = true;
      } else if (quote) {
        in_string_ = false;
        i = stop + 1;
      } else {
        return 0;
      }
      continue;
    }
    const char c = bytes[i++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{') {
      ++depth_;
    } else if (c == '}' && --depth_ == 0) {
      return i;
    }
  }
  return 0;
}

base::Result<bool> WatchDecoder::decode(Value root, FrameSink& sink) {
  Frame frame{};
  const Value type = root["type"];
  if (!parse_type(type.str(), frame.type)) {
    return Error(Errc::protocol,
                 "watch frame of unknown type '" + base::printable(type.str(), 40) + "'");
  }
  frame.object = root["object"];
  if (!frame.object.is(Type::object) && frame.type != FrameType::error) {
    return Error(Errc::protocol, "watch frame without an object");
  }
  return sink.on_frame(frame);
}

base::Result<bool> WatchDecoder::unreadable(std::string_view text, const Error& why,
                                            FrameSink& sink) {
  FrameType type{};
  const std::string_view spelled = base::json::raw_member(text, "type");
  const bool known = spelled.size() > 2 && parse_type(spelled.substr(1, spelled.size() - 2), type);
  if (known && type != FrameType::error) {
    const std::string copy(base::json::raw_member(text, "object"));  // the sink may reset() this
    if (const auto more = sink.on_unreadable(type, copy, why.what())) return *more;
  }
  return Error(Errc::protocol, "watch frame: " + why.what());
}

// API servers end each frame with a line end and have none inside. When the first line is a whole
// JSON object, it is the frame and its braces need not be counted. Returns an absent value when it
// is not.
Value WatchDecoder::line_frame(std::string_view bytes, std::size_t& size) {
  const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
  if (!end || end == bytes.data() || end[-1] != '}') return {};
  size = static_cast<std::size_t>(end - bytes.data());
  if (size > max_frame_) return {};
  auto root = doc_.parse(bytes.substr(0, size));
  return root ? *root : Value();
}

base::Result<void> WatchDecoder::feed(std::string_view bytes, FrameSink& sink) {
  while (!bytes.empty()) {
    if (pending_.empty()) {
      std::size_t blank = 0;
      while (blank < bytes.size() && is_space(bytes[blank]))
        ++blank;
      bytes.remove_prefix(blank);
      if (bytes.empty()) return {};
      if (bytes.front() != '{') {
        return Error(Errc::protocol, "watch stream: expected a JSON object, got '" +
                                         base::printable(bytes, 40) + "'");
      }
      std::size_t size = 0;
      if (const Value root = line_frame(bytes, size)) {
        bytes.remove_prefix(size);
        auto more = decode(root, sink);
        if (!more) return std::move(more).error();
        if (!*more) return {};
        continue;
      }
    }
    const std::size_t end = frame_end(bytes);
    const std::string_view part = end ? bytes.substr(0, end) : bytes;
    if (pending_.size() + part.size() > max_frame_) {
      return Error(Errc::too_large,
                   "watch frame larger than " + std::to_string(max_frame_) + " bytes");
    }
    if (!end || !pending_.empty()) pending_.append(part);
    if (!end) return {};
    bytes.remove_prefix(end);
    // Moved out first: the sink may reset() this.
    const std::string whole = std::exchange(pending_, {});
    auto root = doc_.parse(whole.empty() ? part : std::string_view(whole));
    const std::string_view text = whole.empty() ? part : std::string_view(whole);
    auto more = root ? decode(*root, sink) : unreadable(text, root.error(), sink);
    if (!more) return std::move(more).error();
    if (!*more) return {};
  }
  return {};
}

}  // namespace kube
