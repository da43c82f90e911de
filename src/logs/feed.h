// Feed: one subscriber of a log. It takes what its client lacks from the watch's memory:
// first the history that the client asked for; later what did not fit into the queue, as far back
// as the memory reaches. Lines are numbered per subscription; dropped lines use up their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fanout/typed.h"
#include "logs/memory.h"
#include "logs/request.h"

namespace logs {

class Watch;

std::string log_end_delta(std::string_view reason);

class Feed final : public fanout::FeedOf<Watch> {
 public:
  Feed(Watch& watch, mcp::Subscriber& subscriber, Request request);
  // The log has a new entry; the watch adds it to the memory after this call.
  void on_entry(const LogEntry& entry);

 private:
  bool catch_up() override;
  void missed(const fanout::Delta&) override {}  // the memory has it
  void on_detach() override;
  std::string delta_json(kube::watch::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view reason) const override { return log_end_delta(reason); }
  std::string_view dropped_advice() const override;
  void skip_lost();
  base::Payload frame(const LogEntry& entry);

  Request request_;
  bool begun_ = false;
  std::uint64_t next_ = 0;  // the entry to send next
  std::uint64_t sequence_ = 0;
};

}  // namespace logs
