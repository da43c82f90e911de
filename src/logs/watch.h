// Watch: one container's log for one identity: the choice of the container when none is
// named, the stream, and its memory. Internal to Manager.
//
// While no subscriber takes lines, the stream is paused: back-pressure reaches the kubelet and no
// line is lost. One subscriber that takes lines keeps it running; slower ones then depend on their
// queues, and on the memory as far back as it reaches.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/get.h"
#include "cluster/log.h"
#include "fanout/typed.h"
#include "logs/feed.h"
#include "logs/memory.h"
#include "logs/request.h"
#include "redact/line_mask.h"

namespace logs {

class Manager;

// A line that was older than this when it arrived is history still being replayed …
constexpr base::Duration kLogFresh = base::seconds(2);
// … unless nothing has arrived for this long.
constexpr base::Duration kLogQuiet = base::seconds(1);

class Watch final : public fanout::WatchOf<Feed>, private cluster::LogSink {
 public:
  struct LastFrame {
    std::uint64_t entry = UINT64_MAX, sequence = 0;
    std::string uri;
    base::Payload frame;
  };
  Watch(Manager& manager, Spec spec, Request request);

  // The entry of the memory with which the history of `request` begins; nullopt when it cannot
  // share this stream. An empty container matches the one chosen for requests that name none.
  std::optional<std::uint64_t> serves(const Request& request) const;
  // The container that was chosen, for further requests that name none; "" while it is unknown, or
  // when the request named it.
  std::string_view chosen() const { return named_ ? std::string_view() : request_.container; }
  const Memory& memory() const { return memory_; }
  LastFrame& last_frame() { return last_frame_; }

 private:
  void begin(kube::watch::Attempt attempt) override;
  void close() override;
  bool ready() const override { return open_; }
  void use(const kube::config::Credentials& credentials) override;
  kube::watch::WatchStatus status() const override;
  std::string_view task() const override { return "open log stream"; }
  bool lingers() const override { return false; }
  void on_joined(fanout::Feed& feed) override { on_level(feed); }
  void on_level(fanout::Feed& feed) override;
  std::vector<auth::Access> needs() const override;

  void on_pod(const kube::Failure* failure, base::json::Value pod);
  void open(kube::watch::Attempt attempt);
  void tell_entry(LogEntry entry);
  bool caught_up() const;
  LogHistory history(const Request& request) const;

  // Health
  void on_ready() override;
  void on_down(const kube::Failure& failure, base::Duration retry_in) override;
  // LogSink
  void on_line(const cluster::LogLine& line) override;
  void on_marker(std::string_view kind, std::string_view text) override;
  void on_end(const cluster::LogEnd& end) override;

  Manager& logs_;
  Request request_;  // the first subscriber's
  bool named_;       // it named the container
  bool open_ = false, paused_ = false, fresh_ = false;
  base::TimePoint last_news_{};  // when the log opened or the last line arrived
  Memory memory_;
  std::optional<redact::LineMask> mask_;  // of a cluster whose secrets are masked
  LastFrame last_frame_;
  cluster::Get pod_;
  kube::watch::Attempt attempt_;  // held while the pod is read
  std::unique_ptr<cluster::LogStream> stream_;
};

}  // namespace logs
