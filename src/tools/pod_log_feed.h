// PodLogFeed: one subscriber of a log. It takes what its client lacks from the watch's memory:
// first the history that the client asked for; later what did not fit into the queue, as far back
// as the memory reaches. Lines are numbered per subscription; dropped lines use up their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/pod_log_memory.h"
#include "tools/pod_log_request.h"
#include "tools/watch_feed.h"

namespace tools {

class PodLogWatch;

std::string log_end_delta(std::string_view reason);

class PodLogFeed final : public WatchFeed {
 public:
  PodLogFeed(PodLogWatch& watch, mcp::Subscriber& subscriber, PodLogRequest request);
  // The log has a new entry; the watch adds it to the memory after this call.
  void on_entry(const LogEntry& entry);

 private:
  bool catch_up() override;
  void missed(const Delta&) override {}  // the memory has it
  void on_detach() override;
  std::string delta_json(kube::watch::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view reason) const override { return log_end_delta(reason); }
  std::string_view dropped_advice() const override;
  PodLogWatch& log() const;
  void skip_lost();
  base::Payload frame(const LogEntry& entry);

  PodLogRequest request_;
  bool begun_ = false;
  std::uint64_t next_ = 0;  // the entry to send next
  std::uint64_t sequence_ = 0;
};

}  // namespace tools
