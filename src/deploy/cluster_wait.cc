#include "deploy/cluster_wait.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.h"
#include "deployments/phase.h"
#include "http/sse.h"

namespace deploy {

using base::json::Value;

namespace {

base::Duration whole_seconds(base::Duration time) {
  return std::chrono::round<std::chrono::seconds>(time);
}

double seconds_of(base::Duration time) {
  return static_cast<double>(base::to_ms(time)) / 1000;
}

class MonitorWait final : public change::Wait, private mcp::Subscriber {
 public:
  MonitorWait(loop::Loop& loop, monitor::Manager& manager, change::ClusterWaits::Until until,
              monitor::Request request, base::Duration limit)
      : loop_(loop),
        manager_(manager),
        until_(until),
        request_(std::move(request)),
        limit_(limit),
        uri_("k0rdent://cluster-monitor/" + request_.ns + "/" + request_.name),
        timer_(loop, "wait for a cluster", loop::Timer::Fn::bind<&MonitorWait::on_time>(this)),
        reach_(loop, "cluster out of sight", loop::Timer::Fn::bind<&MonitorWait::on_reach>(this)),
        end_(loop, "wait ended", loop::Deferred::Fn::bind<&MonitorWait::on_end>(this)) {}

  void start(mcp::CallContext& call, Fn fn) override {
    call_ = &call;
    fn_ = fn;
    started_ = loop_.now();
    timer_.arm(limit_);
    feed_ = manager_.subscribe(*this, request_);
  }

 private:
  const mcp::Caller& caller() const override { return call_->caller(); }
  const std::string& uri() const override { return uri_; }
  void accepted() override {}

  void refused(mcp::RpcError error) override {
    // It is gone before anything was seen of it.
    const bool gone = until_ == change::ClusterWaits::Until::gone &&
                      error.message.find("there is no") != std::string::npos;
    finish(gone, gone ? "gone" : "cannot watch it: " + error.message);
  }

  bool publish(const base::Payload& frame) override {
    std::string_view bytes = frame.view();
    http::sse::Reader reader;
    http::sse::Event event;
    base::json::Document doc;
    if (!reader.next(bytes, event)) return true;
    if (const auto root = doc.parse(event.data)) on_update((*root)["params"]["_meta"]["delta"]);
    return true;
  }

  void on_update(Value update) {
    const std::string phase(update["phase"].str());
    if (phase.empty()) return;  // about the watch itself
    last_ = phase;
    if (!update["message"].str().empty()) last_.append(": ").append(update["message"].str());
    if (call_->wants_progress()) {
      mcp::Progress progress;
      // It is a share of the longest wait; two reports at one moment must grow, too.
      done_ = std::max(seconds_of(loop_.now() - started_), done_ + 0.001);
      progress.done = done_;
      progress.total = std::max(seconds_of(limit_), done_);
      progress.message = last_;
      call_->progress(progress);
    }
    const bool deleted = update["reason"].str() == "Deleted";
    if (until_ == change::ClusterWaits::Until::gone) {
      if (deleted) finish(true, "gone");
      return;
    }
    if (deleted) return finish(false, "was deleted");
    reach_.cancel();
    if (update["reason"].str() == deployments::kReachUnknown) reach_.arm(kReachPatience);
    if (!update["terminal"].bool_or(false)) return;
    const bool ready = phase == "Ready";
    finish(ready, ready ? "ready" : "failed: " + last_);
  }

  void ended() override { finish(false, "the watch ended; last seen " + last_); }
  void on_reach() { finish(true, "ready, as far as is known: " + last_); }
  void on_time() {
    finish(false, "the time limit of " + base::format_duration(limit_) +
                      " passed, the work goes on; last seen " + last_);
  }

  // The feed may be on the stack: it goes in a turn of its own.
  void finish(bool reached, const std::string& what) {
    if (over_) return;
    over_ = true;
    result_.reached = reached;
    result_.text =
        what + " (waited " + base::format_duration(whole_seconds(loop_.now() - started_)) + ")";
    timer_.cancel();
    reach_.cancel();
    end_.schedule();
  }
  void on_end() {
    feed_.reset();
    fn_(std::move(result_));
  }

  loop::Loop& loop_;
  monitor::Manager& manager_;
  const change::ClusterWaits::Until until_;
  const monitor::Request request_;
  const base::Duration limit_;
  const std::string uri_;
  mcp::CallContext* call_ = nullptr;
  Fn fn_;
  base::TimePoint started_{};
  std::string last_ = "nothing yet";
  double done_ = 0;  // seconds, as reported
  bool over_ = false;
  End result_;
  std::unique_ptr<mcp::Feed> feed_;
  loop::Timer timer_, reach_;
  loop::Deferred end_;
};

}  // namespace

std::unique_ptr<change::Wait> MonitorWaits::make(Until until, std::string ns, std::string name,
                                                 base::Duration limit) {
  return std::make_unique<MonitorWait>(loop_, manager_, until,
                                       monitor::Request{std::move(ns), std::move(name)}, limit);
}

}  // namespace deploy
