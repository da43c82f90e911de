// FrameCheck: what a frame of a watch is, given what was asked for. An API server is seldom wrong about
// that, an aggregated one, or what stands in front of one, now and then.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "kube/watch/watch_decoder.h"

namespace kube::watch {

enum class FrameIs : unsigned char {
  event,      // a change of an object, or a bookmark
  error,      // ERROR, or a Status in any other frame: the API server's own word
  foreign,    // an object of another kind, as of a failed conversion
  unnamed,    // a change of no object: kind, name or all of it is missing
  elsewhere,  // a change of an object of another namespace or name than was asked for
};

class FrameCheck {
 public:
  // `kind`: the objects' kind, "" where it is not known. `ns`: "" is all. `field_selector`: as in the
  // request; of it only metadata.name counts.
  FrameCheck(std::string kind, std::string ns, std::string_view field_selector);

  FrameIs judge(const Frame& frame) const;
  // Items of a list are asked about, too.
  bool is_elsewhere(base::json::Value object) const;

 private:
  std::string kind_, ns_, name_;
};

}  // namespace kube::watch
