// Bodies that arrive in pieces: whether the handler wants one, its limit, and room for it.
#include <algorithm>
#include <utility>

#include "http/server_conn.h"

namespace http {

constexpr std::string_view kRetryAfter = "Retry-After: 5\r\n";  // limits::kFullRetryAfter

// The head was read and more of the body follows. Returns false when the request was answered
// without it.
bool ServerConn::begin_body() {
  const MessageHead& head = server_.scratch_->head;
  if (refused_) return refuse({503, "too many connections"}, kRetryAfter), false;
  const std::size_t announced = static_cast<std::size_t>(head.content_length.value_or(0));
  Request& request = fill_request();
  const BodyRule rule = server_.handler_.on_head(request);
  const bool waits =
      rule.read && rule.until_checked && (!head.content_length || announced > rule.most);
  if (waits) {
    held_ = std::make_unique<HeldBody>();
    held_->announced = announced;
    held_->check = server_.handler_.check_body(request, peer_key_,
                                               Handler::RuleFn::bind<&ServerConn::on_rule>(this));
  }
  give_back(request);
  if (!waits) return admit_body(rule, announced);
  body_most_ = server_.limits_.body_bytes;  // of what came with the head
  update_interest();
  return true;
}

// `announced`: 0 for a chunked body; `by`: whose rule this is, if not the handler's. False: the request was answered without it.
bool ServerConn::admit_body(const BodyRule& rule, std::size_t announced, BodyCheck* by) {
  body_most_ = std::min(rule.most, server_.limits_.body_bytes);
  if (!rule.read) {
    // Unread body bytes would be parsed as the next request.
    keep_alive_ = false;
    std::string().swap(body_);
    deliver({}, by);
    return false;
  }
  const base::Budget& budget = server_.budgets_.bodies;
  if (announced <= body_most_ && budget.allows(peer_key_, announced) &&
      budget.has_room(announced)) {
    if (announced > 0) body_most_ = announced;
    return true;
  }
  refuse_body(announced);
  return false;
}

void ServerConn::on_rule(const BodyRule& rule) {
  held_->rule = rule;
  task_.schedule();  // the check's method is on the stack
}

void ServerConn::end_hold() {
  const std::unique_ptr<HeldBody> held = std::move(held_);
  if (!admit_body(*held->rule, held->announced, held->check.get()) || !keep_body()) return;
  if (std::exchange(continue_due_, false)) put(kContinue, {});
  set_deadline(server_.loop_.now() + server_.limits_.body_time);
  update_interest();
}

// Grows with the bytes received (the announced ones may never arrive), and never beyond the limit.
void ServerConn::add_body(std::string_view piece) {
  const std::size_t size = body_.size() + piece.size();
  if (size > body_.capacity() && size < body_most_) {
    std::string larger;
    larger.reserve(std::min(body_most_, 2 * size));
    larger.append(body_);
    body_.swap(larger);
  }
  body_.append(piece);
}

// Charges for the bytes received so far. Returns false, after a refusal, when there is no room.
bool ServerConn::keep_body() {
  const std::size_t held = held_input(), counted = body_charge_.size();
  const bool fits = body_.size() <= body_most_ &&
                    (held <= counted || body_charge_.take(held - counted, peer_key_));
  if (!fits) refuse_body(body_.size());
  return fits;
}

std::size_t ServerConn::held_input() const {
  return (body_.empty() ? 0 : body_.capacity()) + pending_.held();
}

void ServerConn::count_input() {
  body_charge_.set(held_input(), peer_key_);
}

// A body too large even for an empty budget gets 413: a retry would not help.
void ServerConn::refuse_body(std::size_t bytes) {
  std::string().swap(body_);
  count_input();
  if (bytes > body_most_ || bytes > server_.budgets_.bodies.limit())
    return refuse({413, "body too large"});
  server_.budgets_.bodies.count_refusal();
  server_.note_refusal();
  refuse({503, "too many request bodies at once"}, kRetryAfter);
}

}  // namespace http
