// WatchDecoder: turns the bytes of a watch's answer into frames. A frame ends where its JSON object
// ends, so that several frames in one chunk, pretty-printed frames, a cut at any byte and a missing
// final newline all decode alike. A line that is a whole object is parsed in place; otherwise
// braces are counted (outside of strings, each byte once), and only an incomplete frame is
// buffered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

namespace kube {

enum class FrameType : unsigned char { added, modified, deleted, bookmark, error };

struct Frame {
  FrameType type;
  base::json::Value object;  // valid until the sink returns
};

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Returns false to stop decoding, when the stream was given up in the call.
  virtual bool on_frame(const Frame& frame) = 0;
  // A complete frame of a known type whose `object` (a part of its text) cannot be parsed. nullopt
  // makes it an error of the stream; otherwise the result is that of on_frame.
  virtual std::optional<bool> on_unreadable(FrameType /*type*/, std::string_view /*object*/,
                                            const std::string& /*why*/) {
    return std::nullopt;
  }
};

class WatchDecoder {
 public:
  explicit WatchDecoder(std::size_t max_frame = base::limits::kWatchFrameBytes)
      : max_frame_(max_frame) {}
  // Errors: protocol (garbage, unknown type, no object), too_large. After an error, or after the
  // sink returned false, only reset() may follow.
  base::Result<void> feed(std::string_view bytes, FrameSink& sink);
  // Bytes of an incomplete frame are buffered.
  bool mid_frame() const { return !pending_.empty(); }
  void reset();

 private:
  std::size_t frame_end(std::string_view bytes);
  base::json::Value line_frame(std::string_view bytes, std::size_t& size);
  base::Result<bool> decode(base::json::Value root, FrameSink& sink);
  base::Result<bool> unreadable(std::string_view text, const base::Error& why, FrameSink& sink);
  base::json::Document doc_;
  std::size_t max_frame_;
  std::string pending_;
  int depth_ = 0;
  bool in_string_ = false, escaped_ = false;
};

}  // namespace kube
