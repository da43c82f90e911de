#include "mcp/modern/listen.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "http/sse.h"
#include "mcp/modern/listen_table.h"
#include "mcp/modern/task_table.h"
#include "mcp/outgoing.h"
#include "mcp/shared/answer.h"

namespace mcp::modern {

using base::json::Writer;

namespace {

constexpr std::array<std::string_view, kListChanges> kListNames = {"tools", "prompts", "resources"};

}  // namespace

class Listen::Topic final : public shared::Subscription {
 public:
  Topic(Listen& of, std::string uri) : shared::Subscription(std::move(uri)), listen_(of) {}
  ~Topic() override { unsubscribe(); }

 private:
  const Caller& caller() const override { return listen_.caller_; }
  void on_accepted() override {
    LOG_INFO("subscription started", {"listen", listen_.id_json_}, {"uri", uri()},
             {"identity", listen_.caller_.identity});
  }
  void on_refused(RpcError error) override { listen_.refused(*this, error); }
  bool deliver(const base::Payload& frame) override { return listen_.deliver(frame); }
  void on_ended() override {
    LOG_INFO("subscription ended", {"listen", listen_.id_json_}, {"uri", uri()},
             {"reason", "the feed has ended"});
  }
  void release() override { listen_.release(*this); }

  Listen& listen_;
};

Listen::Listen(shared::State& core, ListenTable& table, http::Reply reply, Caller caller,
               std::string id_json)
    : core_(core),
      table_(table),
      reply_(std::move(reply)),
      caller_(std::move(caller)),
      token_(shared::TokenUse::LivesFn::bind<&Listen::lives>(this),
             shared::TokenUse::OverFn::bind<&Listen::on_token_over>(this)),
      place_(core.budgets().streams),
      id_json_(std::move(id_json)),
      kept_alive_(shared::KeepAlive::Stream::Fn::bind<&Listen::keep_alive>(this)) {
  reply_.when_gone(base::Delegate<void()>::bind<&Listen::on_gone>(this));
  reply_.when_drained(base::Delegate<void()>::bind<&Listen::on_drained>(this));
  core_.recheck.hold(token_, caller_);
  place_.force(1, shared::counted_owner(caller_));
  ++core_.streams;
}

Listen::~Listen() {
  CHECK(!linked() && topics_.empty());
}

// ---- the beginning

void Listen::start(const ListenFilter& filter) {
  const Lists offered = core_.registry.offered();
  lists_ = {filter.lists[0] && offered.tools, filter.lists[1] && offered.prompts,
            filter.lists[2] && offered.resources};
  topics_.reserve(filter.uris.size());
  for (const std::string& uri : filter.uris) {
    ResourceFamily* family = core_.registry.find_family(uri);
    if (!family) continue;
    topics_.push_back(std::make_unique<Topic>(*this, uri));
    ++core_.subscriptions;
    topics_.back()->start(*family);
  }
  follow(filter.task_ids);
  LOG_DEBUG("listen stream opened", {"listen", id_json_}, {"peer", reply_.peer()},
            {"identity", caller_.identity}, {"uris", topics_.size()});
  acknowledge();
  phase_ = Phase::open;
  tell_tasks();
  give_room();
  check_over();
}

void Listen::follow(const std::vector<std::string>& task_ids) {
  for (const std::string& id : task_ids) {
    const bool twice = std::any_of(tasks_.begin(), tasks_.end(),
                                   [&](const Followed& each) { return each.id == id; });
    if (!twice && table_.tasks().find(id, caller_)) tasks_.push_back({id});
  }
}

void Listen::acknowledge() {
  std::string params;
  Writer w(params);
  w.begin_object().key("notifications").begin_object();
  for (std::size_t i = 0; i < kListChanges; ++i) {
    if (lists_[i]) w.field(std::string(kListNames[i]).append("ListChanged"), true);
  }
  if (!topics_.empty()) {
    w.key("resourceSubscriptions").begin_array();
    for (const auto& topic : topics_)
      w.string(topic->uri());
    w.end_array();
  }
  if (!tasks_.empty()) {
    w.key("taskIds").begin_array();
    for (const Followed& each : tasks_)
      w.string(each.id);
    w.end_array();
  }
  w.end_object().key("_meta").begin_object().key(kSubscriptionId).raw(id_json_);
  w.end_object().end_object();
  reply_.begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
  reply_.write(
      shared::event_of(Outgoing::notification("notifications/subscriptions/acknowledged", params)));
  core_.keep_alive.add(kept_alive_);
}

// ---- reporting

bool Listen::deliver(const base::Payload& frame) {
  // Frames published while the stream starts wait for the acknowledgement.
  if (phase_ == Phase::starting || !reply_.write(table_.tagged(frame, id_json_))) return false;
  ++core_.delivered;
  return true;
}

void Listen::list_changed(ListChange which) {
  const auto i = static_cast<std::size_t>(which);
  if (!lists_[i] || phase_ != Phase::open) return;
  std::string method = "notifications/";
  method.append(kListNames[i]).append("/list_changed");
  std::string params;
  Writer w(params);
  w.begin_object().key("_meta").begin_object().key(kSubscriptionId).raw(id_json_);
  w.end_object().end_object();
  // Changes coalesce: if there is no room now, one notification is sent when there is.
  changed_[i] = !reply_.write(shared::event_of(Outgoing::notification(method, params)));
  if (!changed_[i]) ++core_.delivered;
}

void Listen::task_changed(const Task& task) {
  const auto at = std::find_if(tasks_.begin(), tasks_.end(),
                               [&](const Followed& each) { return each.id == task.id(); });
  if (at == tasks_.end() || phase_ == Phase::starting || phase_ == Phase::over) return;
  at->untold = !tell(task);
  if (!at->untold && task.over()) tasks_.erase(at);
  check_over();
}

bool Listen::tell(const Task& task) {
  std::string params;
  Writer w(params);
  w.begin_object();
  task.write_details(w);
  w.key("_meta").begin_object().key(kSubscriptionId).raw(id_json_).end_object().end_object();
  if (!reply_.write(shared::event_of(Outgoing::notification("notifications/tasks", params)))) {
    return false;
  }
  ++core_.delivered;
  return true;
}

void Listen::tell_tasks() {
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    const Task* task = table_.tasks().find(at->id, caller_);
    if (task && at->untold) at->untold = !tell(*task);
    at = !task || (task->over() && !at->untold) ? tasks_.erase(at) : std::next(at);
  }
}

void Listen::refused(const Topic& topic, const RpcError& error) {
  LOG_INFO("subscription refused", {"listen", id_json_}, {"uri", topic.uri()},
           {"reason", error.message});
  if (phase_ == Phase::starting) return;
  std::string params;
  Writer w(params);
  w.begin_object().key("_meta").begin_object().key(kSubscriptionId).raw(id_json_);
  w.key("error").begin_object().field("code", static_cast<int>(error.code));
  w.field("message", error.message).end_object().end_object();
  w.field("uri", topic.uri()).end_object();
  if (!reply_.write(
          shared::event_of(Outgoing::notification("notifications/resources/updated", params)))) {
    ++core_.dropped;
  }
}

void Listen::give_room() {
  std::vector<Topic*> waiting;  // a topic that ends meanwhile is freed only at the turn's end
  for (const auto& topic : topics_) {
    if (topic->wants_room()) waiting.push_back(topic.get());
  }
  for (Topic* topic : waiting) {
    if (!topic->over()) topic->on_room();
  }
}

void Listen::on_drained() {
  if (phase_ == Phase::over) return send_result();
  tell_tasks();
  for (std::size_t i = 0; i < kListChanges; ++i) {
    if (changed_[i]) list_changed(static_cast<ListChange>(i));
  }
  give_room();
  check_over();
}

// ---- the end

void Listen::release(Topic& topic) {
  const auto at = std::find_if(topics_.begin(), topics_.end(),
                               [&](const auto& each) { return each.get() == &topic; });
  CHECK(at != topics_.end());
  core_.loop.retire(std::move(*at));
  topics_.erase(at);
  --core_.subscriptions;
  core_.changed();
  check_over();
}

void Listen::end_feeds(std::string_view reason) {
  if (phase_ != Phase::open) return;
  phase_ = Phase::ending;
  std::vector<Topic*> all;
  all.reserve(topics_.size());
  for (const auto& topic : topics_)
    all.push_back(topic.get());
  for (Topic* topic : all) {  // the last topic to end may end the stream: then all are over
    if (!topic->over() && topic->end(reason)) release(*topic);
  }
}

void Listen::on_token_over(const shared::TokenEnd& end) {
  LOG_INFO("listen stream ends", {"listen", id_json_}, {"identity", caller_.identity},
           {"reason", end.reason});
  end_feeds(end.reason);
  finish();
}

void Listen::finish() {
  finishing_ = true;
  check_over();
}

// Ends the stream when it has nothing more to report: everything it was asked for has ended, or
// finish() was called and every feed has published its last delta.
void Listen::check_over() {
  const bool nothing_left = topics_.empty() && tasks_.empty() &&
                            std::find(lists_.begin(), lists_.end(), true) == lists_.end();
  const bool said =
      std::none_of(topics_.begin(), topics_.end(),
                   [](const auto& topic) { return topic->wants_room(); }) &&
      std::none_of(tasks_.begin(), tasks_.end(), [](const Followed& each) { return each.untold; });
  const bool open = phase_ == Phase::open || phase_ == Phase::ending;
  if (!open || !((phase_ == Phase::open && nothing_left) || (finishing_ && said))) return;
  phase_ = Phase::over;
  drop_topics();
  send_result();
}

void Listen::send_result() {
  const std::string result = table_.results().listen_over(id_json_);
  const auto frame = shared::event_of(Outgoing::result(id_json_, result));
  if (!reply_.write(frame) && reply_.connected()) return;  // on_drained tries again
  reply_.when_gone({});
  reply_.end();
  leave();
}

void Listen::drop_topics() {
  for (auto& topic : topics_) {
    topic->drop();
    core_.loop.retire(std::move(topic));
  }
  core_.subscriptions -= topics_.size();
  topics_.clear();
}

void Listen::on_gone() {
  drop_topics();
  leave();
}

void Listen::abandon() {
  reply_.when_gone({});
  reply_.when_drained({});
  drop_topics();
  leave();
}

void Listen::leave() {
  LOG_DEBUG("listen stream ended", {"listen", id_json_}, {"identity", caller_.identity});
  phase_ = Phase::over;
  token_.drop();
  kept_alive_.unlink();
  place_.release();
  --core_.streams;
  core_.changed();
  table_.remove(*this);
}

}  // namespace mcp::modern
