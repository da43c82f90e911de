// The initial state streamed by the watch itself instead of listed in pages (Kubernetes API
// concepts, "Streaming lists"): ADDED for each object in arbitrary order, then a bookmark with the
// annotation k8s.io/initial-events-end, then further events. Until that bookmark the objects are
// neither reported nor in the store; an end before it discards them.
#include <utility>
#include <vector>

#include "base/log.h"
#include "kube/watch/reflector_impl.h"

namespace kube::watch {

void Reflector::Impl::begin_burst() {
  in_burst_ = true;
  burst_bytes_ = 0;
  ++generation_;
  nameless_ = 0;
  send_watch();
}

// The server does not know the options, or they are disabled there.
bool Reflector::Impl::burst_refused(const Failure& failure) {
  if (!in_burst_ || (!failure.says(400) && !failure.says(422))) return false;
  fall_back(failure.message);
  return true;
}

// Disables streaming for all watches of this server, for good. The attempt continues with a list.
void Reflector::Impl::fall_back(std::string_view why) {
  LOG_INFO("the API server does not stream lists; listing in pages instead",
           {"watch", retry_.key()}, {"why", why});
  silence();
  client_.set_streams_lists(false);
  wait(base::Duration::zero());
}

bool Reflector::Impl::burst_frame(const Frame& frame) {
  const base::json::Value metadata = frame.object["metadata"];
  if (frame.type == FrameType::bookmark) {
    if (metadata["annotations"]["k8s.io/initial-events-end"].str() != "true") return true;
    return apply_burst(std::string(metadata["resourceVersion"].str()));
  }
  const std::string key = key_of(metadata);
  if (key.empty() || is_foreign(frame)) return true;
  if (!unreadable_.empty()) unreadable_.erase(key);
  const std::uint32_t epoch = epoch_;
  base::Payload doc;
  if (frame.type != FrameType::deleted) doc = project(frame.object);
  if (epoch != epoch_) return false;
  if (doc.empty()) {
    burst_.erase(key);
  } else {
    burst_bytes_ += kEntryBytes + key.size() + doc.view().size() + handler_.kept_beside(doc);
    burst_[key] = Entry{std::string(metadata["uid"].str()),
                        std::string(metadata["resourceVersion"].str()), std::move(doc)};
  }
  const auto over = too_much();
  if (!over) return true;
  settle({.what = Observation::What::undecodable, .failure = &*over});
  return false;
}

// As after a list: first the existing objects, then the vanished ones.
bool Reflector::Impl::apply_burst(const std::string& version) {
  if (version.empty()) return true;  // no cursor; the deadline falls back to a list
  std::unordered_map<std::string, Entry> burst = std::move(burst_);
  burst_.clear();
  in_burst_ = false;
  std::vector<std::string> gone;
  // One that was there and could not be read is not gone; without its name it may be any of ours.
  for (const auto& [key, entry] : store_)
    if (nameless_ == 0 && entry.generation != generation_ && !burst.count(key)) gone.push_back(key);
  for (auto& [key, entry] : burst) {
    const auto known = store_.find(key);
    const bool same = known != store_.end() && known->second.uid == entry.uid &&
                      known->second.resource_version == entry.resource_version;
    if (same) known->second.generation = generation_;
    if (!same && !put(key, std::move(entry))) return false;
  }
  for (const std::string& key : gone)
    if (!remove(key, {})) return false;
  if (!complete(version)) return false;
  deadline_timer_.arm_at(last_start_ + timeout_ + kDeadlineSlack);
  const std::uint32_t epoch = epoch_;
  confirm();
  return epoch == epoch_;
}

}  // namespace kube::watch
