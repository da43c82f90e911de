#include "tools/event_watch.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "tools/failure_to_rpc.h"

namespace tools {

using base::Payload;
using base::json::Value;
using base::json::Writer;

std::string event_delta(std::string_view action, std::string_view event_json) {
  std::string out;
  Writer w(out);
  w.begin_object().field("action", action).key("event").raw(event_json).end_object();
  return out;
}

std::string event_error_delta(std::string_view ns, std::string_view message) {
  std::string event;
  Writer w(event);
  w.begin_object().field("name", "").field("namespace", ns).field("reason", "");
  w.field("message", message).field("type", "").key("involvedObject").begin_object().end_object();
  w.end_object();
  return event_delta("ERROR", event);
}

// ---- EventFeed

EventFeed::EventFeed(EventWatch* watch, mcp::Subscriber& subscriber)
    : watch_(watch),
      subscriber_(subscriber),
      queue_(subscriber, DeltaQueue::DroppedFn::bind<&EventFeed::dropped>(this)) {}

EventFeed::~EventFeed() {
  if (watch_) watch_->leave(*this);
}

void EventFeed::on_credentials(const mcp::Caller& caller) {
  if (watch_) watch_->set_credentials(credentials_of(caller));
}

void EventFeed::on_room() {
  if (pump() && over_) subscriber_.ended();
}

void EventFeed::on_ending(std::string_view reason) {
  if (!accepted_ || !watch_) return;
  queue_.close(mcp::update_frame(
      uri(), event_error_delta(watch_->ns(), std::string("subscription ends: ").append(reason))));
  pump();
}

void EventFeed::begin(std::vector<Payload> snapshot) {
  accepted_ = true;
  snapshot_ = std::move(snapshot);
  subscriber_.accepted();
  pump();
}

void EventFeed::refuse(const kube::Failure& failure) {
  subscriber_.refused(to_rpc(failure, "watch events"));
}

// A small change would find room where a large object of the snapshot did not.
void EventFeed::offer(const Payload& frame) {
  if (snapshot_.empty()) {
    queue_.push(frame);
  } else {
    queue_.hold(frame);
  }
}

void EventFeed::end(const Payload& frame) {
  over_ = true;
  queue_.close(frame);
  if (pump()) subscriber_.ended();
}

bool EventFeed::pump() {
  for (; told_ < snapshot_.size(); ++told_) {
    if (!subscriber_.publish(
            mcp::update_frame(uri(), event_delta("ADDED", snapshot_[told_].view())))) {
      return false;
    }
  }
  std::vector<Payload>().swap(snapshot_);
  told_ = 0;
  return queue_.pump();
}

Payload EventFeed::dropped(std::uint64_t count) {
  std::string delta;
  Writer w(delta);
  w.begin_object().field("action", "DROPPED").field("dropped", count);
  w.field("message", "this subscriber was too slow; read the resource for the present state")
      .end_object();
  return mcp::update_frame(uri(), delta);
}

// ---- EventWatch

EventWatch::EventWatch(EventManager& manager, std::string key, std::string ns,
                       kube::Credentials credentials)
    : manager_(manager),
      key_(std::move(key)),
      ns_(std::move(ns)),
      credentials_(std::move(credentials)),
      retry_(manager.context_.retries.use(key_)),
      choice_(manager.context_, EventApiChoice::Fn::bind<&EventWatch::on_api>(this)) {}

EventWatch::~EventWatch() {
  for (EventFeed* feed : feeds_)
    feed->detach();
}

void EventWatch::start() {
  choice_.start(credentials_);
}

void EventWatch::on_api(const kube::Failure* failure, EventApi api) {
  if (!failure) return watch(api);
  KubeContext& context = manager_.context_;
  // Discovery is the first request of the attempt: its failure counts like the list's own.
  note_failure(context, *retry_, *failure);
  refuse_all(*failure);
}

void EventWatch::watch(EventApi api) {
  api_ = api;
  KubeContext& context = manager_.context_;
  kube::ReflectorSpec spec;
  spec.resource = event_resource(api);
  spec.ns = ns_;
  spec.credentials = credentials_;
  spec.events = true;
  if (reflector_) {
    reflector_->stop();
    context.loop.retire(
        std::move(reflector_));  // it may be on the stack: a refused v1 watch leads here
  }
  reflector_ = std::make_unique<kube::Reflector>(
      kube::WatchContext{context.loop, context.client, context.random, context.scope}, *retry_,
      static_cast<kube::ReflectorHandler&>(*this), std::move(spec));
  reflector_->start();
}

void EventWatch::join(EventFeed& feed) {
  feeds_.push_back(&feed);
  if (!reflector_ || !reflector_->synced()) return;
  feed.begin(snapshot());
  if (!problem_.empty()) {
    feed.offer(mcp::update_frame(feed.uri(), event_error_delta(ns_, problem_)));
  }
}

void EventWatch::leave(EventFeed& feed) {
  feeds_.erase(std::remove(feeds_.begin(), feeds_.end(), &feed), feeds_.end());
  if (feeds_.empty()) {
    let_go();
  } else if (feed.credentials() == credentials_) {
    set_credentials(feeds_.back()->credentials());  // its token is nobody's any more
  }
}

// Stops; the manager frees us at the end of the turn. The feeds know us no more.
std::vector<EventFeed*> EventWatch::let_go() {
  if (reflector_) reflector_->stop();
  choice_.cancel();
  std::vector<EventFeed*> feeds = std::exchange(feeds_, {});
  for (EventFeed* feed : feeds)
    feed->detach();
  manager_.release(*this);
  return feeds;
}

void EventWatch::set_credentials(const kube::Credentials& credentials) {
  tokens_tried_ = 0;
  use_credentials(credentials);
}

void EventWatch::use_credentials(const kube::Credentials& credentials) {
  if (credentials == credentials_) return;
  credentials_ = credentials;
  if (reflector_) reflector_->set_credentials(credentials);
}

void EventWatch::refuse_all(const kube::Failure& failure) {
  LOG_INFO("subscription refused", {"watch", key_}, {"status", failure.status},
           {"error", failure.message});
  for (EventFeed* feed : let_go())
    feed->refuse(failure);
}

// After the first list: all who are there were accepted.
void EventWatch::end_all(std::string_view message) {
  const std::string delta = event_error_delta(ns_, message);
  for (EventFeed* feed : let_go())
    feed->end(mcp::update_frame(feed->uri(), delta));
}

// Another subscriber of the same identity may have come with a newer token than the one in use.
bool EventWatch::try_other_token() {
  while (tokens_tried_ < feeds_.size()) {
    const kube::Credentials other = feeds_[tokens_tried_++]->credentials();
    if (other == credentials_) continue;
    use_credentials(other);
    return true;
  }
  return false;
}

std::vector<Payload> EventWatch::snapshot() const {
  struct Row {
    std::string_view version;
    const Payload* doc;
  };
  std::vector<Row> rows;
  rows.reserve(reflector_->store().size());
  for (const auto& [key, entry] : reflector_->store())
    rows.push_back({entry.resource_version, &entry.doc});
  // Decimal without leading zeros: longer is larger. Only an order for people, never a correctness
  // rule.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.version.size() != b.version.size() ? a.version.size() < b.version.size()
                                                : a.version < b.version;
  });
  std::vector<Payload> docs;
  docs.reserve(rows.size());
  for (const Row& row : rows)
    docs.push_back(*row.doc);
  return docs;
}

// One frame per distinct URI, shared by all who subscribed with it.
void EventWatch::tell(std::string_view delta) {
  std::string_view last_uri;
  Payload frame;
  for (EventFeed* feed : feeds_) {
    if (!feed->accepted()) continue;
    if (frame.empty() || feed->uri() != last_uri) {
      last_uri = feed->uri();
      frame = mcp::update_frame(last_uri, delta);
    }
    feed->offer(frame);
  }
}

Payload EventWatch::project(Value object) {
  return Payload(event_json(object, api_));
}

void EventWatch::on_change(kube::Change change, const std::string&, const Payload& doc) {
  if (!reflector_->synced()) return;  // the first list is told as each feed's snapshot
  const std::string_view action = change == kube::Change::added      ? "ADDED"
                                  : change == kube::Change::modified ? "MODIFIED"
                                                                     : "DELETED";
  tell(event_delta(action, doc.view()));
}

void EventWatch::on_synced() {
  const std::vector<Payload> docs = snapshot();
  for (EventFeed* feed : feeds_)
    feed->begin(docs);
}

void EventWatch::on_denied(const kube::Failure& failure) {
  if (failure.status == 401 && try_other_token()) return;
  if (!reflector_->synced()) {
    if (falls_back(api_, failure)) return watch(EventApi::core_v1);
    return refuse_all(failure);
  }
  const bool told = !problem_.empty();
  problem_ = "the API server refuses the watch: " + failure.message;
  if (reflector_->state() == kube::Reflector::State::stopped) {
    return end_all(problem_ + "; the subscription ends");
  }
  problem_ += "; it is tried again";
  if (!told) tell(event_error_delta(ns_, problem_));
}

void EventWatch::on_down(const kube::Failure& failure, base::Duration) {
  if (!reflector_->synced()) refuse_all(failure);
}

void EventWatch::on_up() {
  problem_.clear();
  tokens_tried_ = 0;
}

}  // namespace tools
