#include "kube/watch/watch_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/json_scan.h"
#include "base/text.h"

namespace kube::watch {

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

// A frame up to this size cannot have too many members and elements.
constexpr std::size_t kLineBytes = kObjectValues;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

void WatchDecoder::reset() {
  std::string().swap(pending_);
  size_ = 0;
  walk_.reset();
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
    const std::string copy(base::json::member_front(text, "object"));  // the sink may reset() this
    const bool too_large = why.code() == Errc::too_large;
    if (const auto more = sink.on_unreadable({type, copy, why.what(), too_large})) return *more;
  }
  const bool too_large = why.code() == Errc::too_large;
  return Error(too_large ? Errc::too_large : Errc::protocol, "watch frame: " + why.what());
}

// API servers end each frame with a line end and have none inside. When the first line is a whole
// JSON object, it is the frame and its braces need not be counted. Returns an absent value when it
// is not.
Value WatchDecoder::line_frame(std::string_view bytes, std::size_t& size) {
  const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
  if (!end || end == bytes.data() || end[-1] != '}') return {};
  size = static_cast<std::size_t>(end - bytes.data());
  if (size > std::min({kLineBytes, max_frame_, max_object_})) return {};
  auto root = doc_.parse(bytes.substr(0, size));
  return root ? *root : Value();
}

void WatchDecoder::keep(std::string_view part) {
  const std::size_t room =
      size_ > max_object_ ? std::min(kLargeItemFront, max_object_) : max_object_;
  if (pending_.size() > room) pending_.resize(room);
  pending_.append(part.substr(0, room - pending_.size()));
}

base::Result<bool> WatchDecoder::whole(std::string_view text, std::size_t size, FrameSink& sink) {
  if (size > max_object_) {
    return unreadable(text,
                      Error(Errc::too_large, "it has " + std::to_string(size) + " bytes, over " +
                                                 std::to_string(max_object_)),
                      sink);
  }
  if (walk_.values() > kObjectValues) {
    return unreadable(text,
                      Error(Errc::too_large, "it has more than " + std::to_string(kObjectValues) +
                                                 " members and elements"),
                      sink);
  }
  auto root = doc_.parse(text);
  return root ? decode(*root, sink) : unreadable(text, root.error(), sink);
}

base::Result<void> WatchDecoder::feed(std::string_view bytes, FrameSink& sink) {
  auto fed = decode_all(bytes, sink);
  doc_.release();
  return fed;
}

base::Result<void> WatchDecoder::decode_all(std::string_view bytes, FrameSink& sink) {
  while (!bytes.empty()) {
    if (size_ == 0) {
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
    if (size_ == 0) walk_.begin_count();
    const std::size_t end = walk_.walk(bytes, [&](char) { return walk_.depth() == 0; });
    const std::string_view part = end ? bytes.substr(0, end) : bytes;
    size_ += part.size();
    if (size_ > max_frame_) {
      return Error(Errc::too_large,
                   "watch frame larger than " + std::to_string(max_frame_) + " bytes");
    }
    if (!end || size_ > part.size()) keep(part);
    if (!end) return {};
    bytes.remove_prefix(end);
    // Moved out first: the sink may reset() this.
    const std::string kept = std::exchange(pending_, {});
    auto more = whole(kept.empty() ? part : std::string_view(kept), std::exchange(size_, 0), sink);
    if (!more) return std::move(more).error();
    if (!*more) return {};
  }
  return {};
}

}  // namespace kube::watch
