#include "mcp/legacy/session.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "http/sse.h"
#include "mcp/legacy/session_table.h"
#include "mcp/result.h"

namespace mcp::legacy {

Session::Session(shared::State& core, SessionTable& table, const Id& id, Caller caller,
                 Version version)
    : place(core.budgets().sessions),
      core_(core),
      table_(table),
      id_(id),
      version_(version),
      caller_(std::move(caller)),
      token_(shared::TokenUse::LivesFn::bind<&Session::lives_by_token>(this),
             shared::TokenUse::OverFn::bind<&Session::on_token_over>(this)),
      channel_(core, table.resume_window(), StreamOwner{caller_, event_salt(this->id())},
               version >= Version::v2025_11_25,
               {base::Delegate<void()>::bind<&Session::on_room>(this),
                base::Delegate<void()>::bind<&Session::on_stream_gone>(this),
                base::Delegate<base::Payload(std::uint64_t)>::bind<&Session::gap_frame>(this),
                base::Delegate<base::Payload()>::bind<&Session::lost_frame>(this)}),
      kept_(base::Delegate<void()>::bind<&Session::on_window_over>(this)) {
  core_.recheck.hold(token_, caller_);
}

Session::~Session() {
  CHECK(calls_.empty() && subscriptions_.empty() && !linked());
}

void Session::set_bearer(const Caller& caller) {
  core_.recheck.hold(token_, caller);
  if (caller.bearer == caller_.bearer) return;
  const bool rises = caller.scope > caller_.scope;
  caller_.bearer = caller.bearer;
  caller_.acts_as = caller.acts_as;
  caller_.client_id = caller.client_id;
  caller_.token_id = caller.token_id;
  caller_.scope = caller.scope;
  for (const auto& subscription : subscriptions_)
    subscription->on_credentials(caller_);
  // What it may subscribe to from now on is not for streams that a token with less has opened.
  if (rises) channel_.end_streams();
}

// Nothing goes on for the caller without a token, and nothing is handed out. What a client of the
// next token finds: its session, and of an expired token its subscriptions as after a broken stream.
void Session::on_token_over(const shared::TokenEnd& end) {
  LOG_INFO("session waits for another token", {"session", short_id()}, {"reason", end.reason});
  abandon_calls(end.reason);
  if (end.expired) {
    drop_feeds(end.reason, true);
  } else {
    for (const auto& each : subscriptions_)
      note_let_go(each->uri(), end.reason);
    end_feeds(end.reason);
    drop_feeds(end.reason);
  }
  if (channel_.has_stream() && channel_.waiting() == 0) {
    channel_.publish(warning_frame(std::string(end.reason) +
                                   ": this stream ends; open it again with another token"),
                     0);
  }
  channel_.end_streams();
}

// ---- calls

void Session::retire(Exchange& exchange) {
  core_.loop.retire(exchanges_.take(exchange));
}

void Session::cancel(std::string_view id_json) {
  for (Exchange& exchange : exchanges_)
    exchange.cancel_waiting(id_json);
  calls_.for_each([&](shared::Call& call) {
    if (call.id_json() == id_json) call.cancel();
  });
  for (std::size_t i = 0; i < subscriptions_.size();) {
    SessionSubscription& each = *subscriptions_[i];
    if (each.cancel(id_json) && !each.is_wanted()) {
      take(each);
    } else {
      ++i;
    }
  }
}

void Session::on_response(const Message& response) {
  for (shared::Call& call : calls_) {
    if (call.on_response(response)) return;
  }
}

void Session::abandon_calls(std::string_view reason) {
  exchanges_.for_each([&](Exchange& exchange) { exchange.abandon_waiting(reason); });
  while (!calls_.empty())
    calls_.front().abandon(reason);
}

// ---- subscriptions

std::vector<std::unique_ptr<SessionSubscription>>::iterator Session::find(std::string_view uri) {
  return std::find_if(subscriptions_.begin(), subscriptions_.end(),
                      [&](const auto& each) { return each->uri() == uri; });
}

bool Session::waiting_to_subscribe() const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                     [](const auto& each) { return each->pending(); });
}

void Session::subscribe(ResourceFamily& family, std::string_view uri, Exchange& exchange,
                        const std::string& id_json) {
  if (const auto at = find(uri); at != subscriptions_.end()) {
    return (*at)->wait(exchange, id_json);
  }
  if (subscriptions_.size() >= base::limits::kSubscriptionsPerSession) {
    exchange.expect();
    RpcError error{RpcCode::internal_error,
                   "this session already has " + std::to_string(subscriptions_.size()) +
                       " subscriptions, the maximum",
                   {}};
    return exchange.answer(Outgoing::error(id_json, about_uri(std::move(error), uri)));
  }
  subscriptions_.push_back(
      std::make_unique<SessionSubscription>(*this, std::string(uri), ++last_tag_));
  SessionSubscription& subscription = *subscriptions_.back();
  ++core_.subscriptions;
  subscription.wait(exchange, id_json);
  subscription.start(family);
}

bool Session::unsubscribe(std::string_view uri) {
  const auto at = find(uri);
  if (at == subscriptions_.end()) return false;
  const std::unique_ptr<SessionSubscription> dead = take(**at);
  dead->refuse_waiters(
      about_uri({RpcCode::internal_error, "unsubscribed before the subscription began", {}}, uri));
  channel_.forget(dead->tag());
  LOG_INFO("subscription ended", {"session", short_id()}, {"uri", uri}, {"reason", "unsubscribed"});
  return true;
}

void Session::subscribed(const SessionSubscription& subscription) {
  LOG_INFO("subscription started", {"session", short_id()}, {"uri", subscription.uri()},
           {"identity", caller_.identity});
  if (std::erase(let_go_, subscription.uri()) > 0) let_go_bytes_ -= subscription.uri().size();
  keep_for_return();
}

void Session::subscription_ended(const SessionSubscription& subscription) {
  LOG_INFO("subscription ended", {"session", short_id()}, {"uri", subscription.uri()},
           {"reason", "the feed has ended"});
  if (!wants(LogLevel::warning)) return;
  std::string data;
  base::json::append_string(
      data, "the subscription to " + subscription.uri() + " has ended; its last update says why");
  tell(log_message(LogLevel::warning, data));
}

std::unique_ptr<SessionSubscription> Session::take(SessionSubscription& subscription) {
  const auto at = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                               [&](const auto& each) { return each.get() == &subscription; });
  CHECK(at != subscriptions_.end());
  std::unique_ptr<SessionSubscription> out = std::move(*at);
  subscriptions_.erase(at);
  --core_.subscriptions;
  core_.changed();
  return out;
}

void Session::retire(SessionSubscription& subscription) {
  core_.loop.retire(take(subscription));
}

void Session::end_feeds(std::string_view reason) {
  std::vector<SessionSubscription*> all;
  all.reserve(subscriptions_.size());
  for (const auto& each : subscriptions_)
    all.push_back(each.get());
  for (SessionSubscription* each : all) {
    // A subscription that ends by itself stays in memory until the end of the turn.
    if (!each->over() && each->end(reason)) take(*each);
  }
}

// ---- the end

void Session::drop_feeds(std::string_view reason, bool only_pending) {
  std::vector<std::unique_ptr<SessionSubscription>> dead, kept;
  for (auto& each : subscriptions_)
    (only_pending && !each->pending() ? kept : dead).push_back(std::move(each));
  subscriptions_ = std::move(kept);
  core_.subscriptions -= dead.size();
  for (const auto& each : dead) {
    each->refuse_waiters(
        about_uri({RpcCode::internal_error, std::string(reason), {}}, each->uri()));
  }
  core_.changed();
}

void Session::end(std::string_view reason, bool last_words) {
  token_.drop();
  abandon_calls(reason);
  if (last_words) end_feeds(reason);
  drop_feeds(reason);
  kept_.unlink();
  channel_.close();
  for (const auto& stream : call_streams_)
    stream->discard();
}

}  // namespace mcp::legacy
