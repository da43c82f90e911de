// WatchDecoder: turns the bytes of a watch's answer into frames. A frame ends where its JSON object
// ends, so that several frames in one chunk, pretty-printed frames, a cut at any byte and a missing
// final newline all decode alike. A line that is a whole object is parsed in place; otherwise
// brackets are counted (json_walk.h), and only an incomplete frame is buffered. Only the front of a
// frame over its limit is kept, and its object is reported as unreadable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "kube/json_walk.h"

namespace kube::watch {

enum class FrameType : unsigned char { added, modified, deleted, bookmark, error };

struct Frame {
  FrameType type;
  base::json::Value object;  // valid until the sink returns
};

// A whole frame of a known type whose object no parser takes, or that is too large for one.
struct UnreadableFrame {
  FrameType type;
  std::string_view object;  // its text; of one that is too large the front
  const std::string& why;
  bool too_large;
};

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Returns false to stop decoding, when the stream was given up in the call.
  virtual bool on_frame(const Frame& frame) = 0;
  // nullopt makes it an error of the stream; otherwise the result is that of on_frame.
  virtual std::optional<bool> on_unreadable(const UnreadableFrame& /*frame*/) {
    return std::nullopt;
  }
};

class WatchDecoder {
 public:
  // A frame over `max_frame` is an error before it is whole; one over `max_object` costs itself.
  explicit WatchDecoder(std::size_t max_frame = base::limits::kWatchFrameBytes,
                        std::size_t max_object = kObjectBytes)
      : max_frame_(max_frame), max_object_(max_object) {}
  // Errors: protocol (garbage, unknown type, no object), too_large. After an error, or after the
  // sink returned false, only reset() may follow.
  base::Result<void> feed(std::string_view bytes, FrameSink& sink);
  // Bytes of an incomplete frame are buffered.
  bool mid_frame() const { return size_ > 0; }
  void reset();

 private:
  base::Result<void> decode_all(std::string_view bytes, FrameSink& sink);
  base::json::Value line_frame(std::string_view bytes, std::size_t& size);
  base::Result<bool> decode(base::json::Value root, FrameSink& sink);
  void keep(std::string_view part);
  base::Result<bool> whole(std::string_view text, std::size_t size, FrameSink& sink);
  base::Result<bool> unreadable(std::string_view text, const base::Error& why, FrameSink& sink);
  base::json::Document doc_;  // empty between two calls: it takes 13 bytes for each of the text's
  std::size_t max_frame_, max_object_;
  std::string pending_;
  std::size_t size_ = 0;  // of the frame under way, also what was not kept
  JsonWalk walk_;
};

}  // namespace kube::watch
