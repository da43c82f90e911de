// PodLogFeed: one subscriber of a log. What its client lacks is in the watch's memory: at first the
// history it asked for; later what did not fit into its queue, as far as the memory reaches back.
// Lines are numbered per subscription; those that were dropped use up their number.
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
  // The memory has one more entry.
  void on_entry(const LogEntry& entry);

 private:
  bool catch_up() override;
  void missed(const Delta&) override {}  // the memory has it
  void on_detach() override;
  std::string delta_json(kube::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view reason) const override { return log_end_delta(reason); }
  std::string_view dropped_advice() const override;
  PodLogWatch& log() const;
  void skip_lost();
  base::Payload frame(const LogEntry& entry);

  PodLogRequest request_;
  bool begun_ = false;
  std::uint64_t next_ = 0;  // the entry that is to be told next
  std::uint64_t sequence_ = 0;
};

}  // namespace tools
