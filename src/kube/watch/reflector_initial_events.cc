// The initial state streamed by the watch itself instead of listed in pages (Kubernetes API
// concepts, "Streaming lists").
#include <utility>

#include "base/log.h"
#include "kube/watch/reflector.h"

namespace kube::watch {

void Reflector::begin_streamed_list() {
  initial_ = true;
  collection_.begin_list(true);
  send_watch();
}

// The server does not know the options, or they are disabled there.
bool Reflector::streaming_refused(const Failure& failure) {
  if (!initial_ || (!failure.says(400) && !failure.says(422))) return false;
  fall_back(failure.message);
  return true;
}

// Disables streaming for all watches of this server, for good. The attempt continues with a list.
void Reflector::fall_back(std::string_view why) {
  LOG_INFO("the API server does not stream lists; listing in pages instead",
           {"watch", retry_.key()}, {"why", why});
  silence();
  client_.set_streams_lists(false);
  wait(base::Duration::zero());
}

bool Reflector::initial_frame(const Frame& frame) {
  const base::json::Value metadata = frame.object["metadata"];
  if (frame.type == FrameType::bookmark) {
    if (metadata["annotations"]["k8s.io/initial-events-end"].str() != "true") return true;
    return end_initial_events(std::string(metadata["resourceVersion"].str()));
  }
  if (!apply(frame)) return false;
  const auto over = too_much();
  if (!over) return true;
  settle({.what = Observation::What::undecodable, .failure = &*over});
  return false;
}

bool Reflector::end_initial_events(const std::string& version) {
  if (version.empty()) return true;  // no cursor; the deadline falls back to a list
  initial_ = false;
  if (!collection_.end_list() || !complete(version)) return false;
  deadline_timer_.arm_at(last_start_ + timeout_ + kDeadlineSlack);
  const std::uint32_t epoch = epoch_;
  confirm();
  return epoch == epoch_;
}

}  // namespace kube::watch
