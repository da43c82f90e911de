#include "tools/pod_log_manager.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "kube/log_stream.h"
#include "tools/container_choice.h"
#include "tools/delta_queue.h"
#include "tools/failure_to_rpc.h"

namespace tools {

using base::Payload;
using base::json::Writer;

// One subscription: 1 GET pod, choose the container  2 open the stream: accepted  3 lines  4 end.
class PodLogFeed final : public mcp::Feed, private kube::LogHandler {
 public:
  PodLogFeed(PodLogManager& manager, mcp::Subscriber& subscriber, PodLogRequest request,
             std::string key)
      : manager_(&manager),
        context_(manager.context_),
        subscriber_(subscriber),
        request_(std::move(request)),
        credentials_(credentials_of(subscriber.caller())),
        key_(std::move(key)),
        retry_(context_.retries.use(key_)),
        queue_(subscriber, DeltaQueue::DroppedFn::bind<&PodLogFeed::dropped>(this)),
        pod_(context_.client, kube::ApiGet::Fn::bind<&PodLogFeed::on_pod>(this)) {
    manager.feeds_.push_back(this);
  }
  ~PodLogFeed() override { detach(); }

  void start() {
    if (!request_.container.empty()) return open();
    kube::ApiRequest get;
    get.path = *kube::kPods.path(request_.ns, request_.pod);  // both are checked names
    get.credentials = credentials_;
    pod_.start(std::move(get));
  }

  // Closes everything and leaves the manager; nothing more will come.
  void detach() {
    stream_.reset();
    pod_.cancel();
    if (!manager_) return;
    auto& feeds = manager_->feeds_;
    feeds.erase(std::remove(feeds.begin(), feeds.end(), this), feeds.end());
    manager_ = nullptr;
  }

  const std::string& key() const { return key_; }

  void on_room() override {
    if (!queue_.pump()) return;
    if (queue_.closed()) return subscriber_.ended();
    if (stream_) stream_->pause(false);
  }

  void on_credentials(const mcp::Caller& caller) override {
    credentials_ = credentials_of(caller);
    if (stream_) stream_->set_credentials(credentials_);
  }

  void on_ending(std::string_view reason) override {
    if (!accepted_ || queue_.closed()) return;
    stream_.reset();
    queue_.close(mcp::update_frame(subscriber_.uri(), end_delta(reason)));
    queue_.pump();
  }

 private:
  void on_pod(kube::ApiGet::Outcome outcome) {
    if (outcome.failure) {
      note_failure(context_, *retry_, *outcome.failure);
      return refuse(to_rpc(*outcome.failure, "get pod"));
    }
    base::json::Document doc;
    auto pod = doc.parse(outcome.body);
    if (!pod) return refuse(to_rpc(pod.error()));
    auto container = choose_container(*pod, {});
    if (!container) return refuse(to_rpc(container.error()));
    request_.container = *std::move(container);
    open();
  }

  void open() {
    kube::LogSpec spec;
    spec.ns = request_.ns;
    spec.pod = request_.pod;
    spec.container = request_.container;
    spec.credentials = credentials_;
    spec.previous = request_.previous;
    spec.follow = !request_.previous;
    spec.tail_lines = request_.tail_lines;
    spec.since_seconds = request_.since_seconds;
    stream_ = std::make_unique<kube::LogStream>(
        context_.loop, manager_->scope_, context_.client, *retry_, context_.random,
        static_cast<kube::LogHandler&>(*this), std::move(spec));
    stream_->start();
  }

  void refuse(mcp::RpcError error) {
    LOG_INFO("subscription refused", {"watch", key_}, {"error", error.message});
    if (stream_) stream_->stop();
    subscriber_.refused(std::move(error));
  }

  void push(std::string_view delta) {
    queue_.push(mcp::update_frame(subscriber_.uri(), delta));
    if (!queue_.empty() && stream_) stream_->pause(true);
  }

  void on_open() override {
    accepted_ = true;
    subscriber_.accepted();
  }

  void on_line(const kube::LogLine& line) override {
    std::string delta;
    Writer w(delta);
    w.begin_object().field("type", "line").field("sequence", ++sequence_);
    w.field("timestamp", base::format_rfc3339(line.time.value_or(context_.loop.wall_now()), 9));
    w.field("line", line.text);
    if (line.truncated) w.field("truncated", true);
    if (line.partial) w.field("partial", true);
    w.end_object();
    push(delta);
  }

  void on_marker(std::string_view kind, std::string_view text) override {
    std::string delta;
    Writer w(delta);
    w.begin_object().field("type", kind).field("message", text).end_object();
    push(delta);
  }

  void on_down(const kube::Failure& failure, base::Duration retry_in) override {
    if (accepted_) return;
    refuse({mcp::RpcCode::internal_error,
            "open log stream: " + failure.message + "; try again in " +
                base::format_duration(std::chrono::ceil<base::seconds>(retry_in)),
            {}});
  }
  void on_up() override {}

  void on_end(const kube::LogEnd& end) override {
    if (!accepted_) {
      return refuse(end.failure ? to_rpc(*end.failure, "open log stream")
                                : mcp::RpcError{mcp::RpcCode::resource_not_found, end.reason, {}});
    }
    if (end.failure) push(error_delta(end.failure->message));
    queue_.close(mcp::update_frame(subscriber_.uri(), end_delta(end.reason)));
    if (queue_.pump()) subscriber_.ended();
  }

  static std::string end_delta(std::string_view reason) {
    std::string delta;
    Writer w(delta);
    w.begin_object().field("type", "end").field("reason", reason).end_object();
    return delta;
  }
  static std::string error_delta(std::string_view error) {
    std::string delta;
    Writer w(delta);
    w.begin_object().field("type", "error").field("error", error).end_object();
    return delta;
  }
  Payload dropped(std::uint64_t count) {
    std::string delta;
    Writer w(delta);
    w.begin_object().field("type", "dropped").field("dropped", count);
    w.field("message", "this subscriber was too slow").end_object();
    return mcp::update_frame(subscriber_.uri(), delta);
  }

  PodLogManager* manager_;
  KubeContext& context_;
  mcp::Subscriber& subscriber_;
  PodLogRequest request_;
  kube::Credentials credentials_;
  std::string key_;
  kube::RetryTable::Use retry_;
  bool accepted_ = false;
  std::int64_t sequence_ = 0;
  DeltaQueue queue_;
  kube::ApiGet pod_;
  std::unique_ptr<kube::LogStream> stream_;
};

PodLogManager::PodLogManager(KubeContext& context) : context_(context) {}
PodLogManager::~PodLogManager() {
  stop();
}

std::unique_ptr<mcp::Feed> PodLogManager::subscribe(mcp::Subscriber& subscriber,
                                                    PodLogRequest request) {
  const auto refuse = [&](std::string message) {
    subscriber.refused({mcp::RpcCode::internal_error, std::move(message), {}});
    return std::unique_ptr<mcp::Feed>();
  };
  if (stopping_) return refuse("the server is shutting down");
  std::string key = "podlogs " + subscriber.caller().identity + " " + request.ns + "/" +
                    request.pod + "/" + request.container;
  const base::Duration wait =
      context_.retries.use(key)->retry_after();
  if (wait > base::Duration::zero()) {
    LOG_INFO("subscription refused", {"watch", key}, {"breaker", "open"},
             {"retry_in_ms", base::to_ms(wait)});
    return refuse("the log of pod '" + request.pod +
                  "' cannot be followed now: the API server kept failing; try again in " +
                  base::format_duration(std::chrono::ceil<base::seconds>(wait)));
  }
  auto feed = std::make_unique<PodLogFeed>(*this, subscriber, std::move(request), std::move(key));
  feed->start();
  return feed;
}

std::vector<std::string> PodLogManager::keys() const {
  std::vector<std::string> out;
  for (const PodLogFeed* feed : feeds_)
    out.push_back(feed->key());
  return out;
}

void PodLogManager::stop() {
  stopping_ = true;
  while (!feeds_.empty())
    feeds_.back()->detach();
}

}  // namespace tools
