#include "logs/watch.h"

#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "cluster/rpc_error.h"
#include "logs/container_choice.h"
#include "logs/manager.h"
#include "logs/read.h"

namespace logs {

using base::Payload;

Watch::Watch(Manager& manager, Spec spec, Request request)
    : fanout::WatchOf<Feed>(manager, std::move(spec)),
      logs_(manager),
      request_(std::move(request)),
      named_(!request_.container.empty()),
      memory_(manager.memory_budget(), history(request_), mcp::counted_owner(first_caller())),
      pod_(context().kube, cluster::Get::Fn::bind<&Watch::on_pod>(this)) {
  if (context().kube.redactor) mask_.emplace(*context().kube.redactor);
}

LogHistory Watch::history(const Request& request) const {
  LogHistory out;
  out.tail_lines = request.tail_lines;
  if (request.since_seconds) {
    const base::Duration ago = base::seconds(*request.since_seconds);
    out.since = base::WallTime{context().kube.loop.wall_now().ns - ago.count()};
  }
  return out;
}

void Watch::begin(kube::watch::Attempt attempt) {
  if (named_) return open(std::move(attempt));
  attempt_ = std::move(attempt);
  // The names are valid, and a subscription to a hidden namespace was refused.
  CHECK(pod_.start(credentials(), {kube::kPods, request_.ns, request_.pod}));
}

void Watch::close() {
  pod_.cancel();
  attempt_.drop();
  if (stream_) stream_->stop();
}

void Watch::use(const kube::config::Credentials& credentials) {
  if (stream_) stream_->set_credentials(credentials);
}

std::vector<auth::Access> Watch::needs() const {
  return {{"get", kube::kPods, request_.ns, request_.pod, "log"}};
}

kube::watch::WatchStatus Watch::status() const {
  if (stream_) return stream_->status();
  kube::watch::WatchStatus status;
  status.state = "looking";
  return status;
}

void Watch::on_pod(const kube::Failure* failure, base::json::Value pod) {
  if (failure) {
    attempt_.refused(*failure);
    return refuse_all(cluster::to_rpc(
        failure->code, "get pod: " + failure->message + rule_text("pods", request_.ns, *failure)));
  }
  auto container = choose_container(pod, {});
  if (!container) return refuse_all(cluster::to_rpc(container.error()));
  Request chosen = request_;
  chosen.container = *std::move(container);
  // Never finds this watch, which has no container yet.
  if (Watch* other = logs_.stream_for(slot(), chosen)) {
    attempt_.succeeded();  // reading the pod was all of it
    return hand_over(*other);
  }
  request_ = std::move(chosen);
  // The log's outcome settles the pod's key, too: else each success in reading the pod would make
  // it forget that the log cannot be had.
  rename(logs_.key_of(identity(), request_));
  open(std::move(attempt_));
}

void Watch::open(kube::watch::Attempt attempt) {
  cluster::LogSpec spec = request_.spec();
  spec.credentials = credentials();
  auto made =
      cluster::follow_log(context().kube, {scope(), retry(), *this, *this}, std::move(spec));
  CHECK(made);  // as in begin()
  stream_ = *std::move(made);
  stream_->start(std::move(attempt));
}

// Whether everything that was written so far has arrived.
bool Watch::caught_up() const {
  const base::TimePoint now = context().kube.loop.now();
  return !paused_ && !stale() && (fresh_ || now - last_news_ >= kLogQuiet);
}

std::optional<std::uint64_t> Watch::serves(const Request& request) const {
  if (request.previous || request_.previous) return std::nullopt;
  const bool same = request.container.empty() ? !named_ : request.container == request_.container;
  if (!same) return std::nullopt;
  // Not open yet: requests for exactly the same history wait together.
  if (!open_) {
    const bool alike = request.tail_lines == request_.tail_lines &&
                       request.since_seconds == request_.since_seconds;
    return alike ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
  if (request.tail_lines && !caught_up()) return std::nullopt;
  return memory_.begin_of(history(request));
}

void Watch::tell_entry(LogEntry entry) {
  bool taken = false;
  // Sent before it is kept: an entry that is too large for the memory is sent, too.
  for_each_feed([&](Feed& feed) {
    feed.on_entry(entry);
    taken = taken || feed.takes();
  });
  memory_.add(std::move(entry));
  last_frame_ = {};
  if (taken || paused_ || !stream_) return;
  paused_ = true;
  stream_->pause(true);
}

void Watch::on_level(fanout::Feed& feed) {
  if (!feed.takes() || !std::exchange(paused_, false)) return;
  stream_->pause(false);
}

void Watch::on_ready() {
  open_ = true;
  last_news_ = context().kube.loop.now();
  fanout::SharedWatch::on_ready();
}

void Watch::on_line(const cluster::LogLine& line) {
  const base::WallTime now = context().kube.loop.wall_now();
  LogEntry entry;
  entry.kind = "line";
  entry.time = line.time.value_or(now);
  std::string masked;
  const bool is_masked = mask_ && mask_->clean(line.text, masked);
  entry.text = is_masked ? Payload(masked) : Payload(line.text);
  entry.truncated = line.truncated;
  entry.partial = line.partial;
  fresh_ = now.ns - entry.time.ns <= kLogFresh.count();
  last_news_ = context().kube.loop.now();
  tell_entry(std::move(entry));
}

void Watch::on_marker(std::string_view kind, std::string_view text) {
  if (mask_) mask_->restart();
  LogEntry entry;
  entry.kind = kind == "gap" ? "gap" : "restart";
  entry.text = Payload(text);
  tell_entry(std::move(entry));
}

void Watch::on_down(const kube::Failure& failure, base::Duration retry_in) {
  if (open_) return fanout::SharedWatch::on_down(failure, retry_in);
  refuse_all({mcp::RpcCode::internal_error,
              "open log stream: " + failure.message + "; try again in " +
                  base::format_duration(std::chrono::ceil<base::seconds>(retry_in)),
              {}});
}

void Watch::on_end(const cluster::LogEnd& end) {
  if (!open_) {
    return refuse_all(end.failure
                          ? cluster::to_rpc(end.failure->code,
                                            "open log stream: " + end.failure->message +
                                                rule_text("pods/log", request_.ns, *end.failure))
                          : mcp::RpcError{mcp::RpcCode::resource_not_found, end.reason, {}});
  }
  if (end.failure) {
    LogEntry entry;
    entry.kind = "error";
    entry.text = Payload(end.failure->message);
    tell_entry(std::move(entry));
  }
  end_all(log_end_delta(end.reason));
}

}  // namespace logs
