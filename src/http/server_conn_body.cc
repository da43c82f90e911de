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
  Request& request = fill_request();
  const BodyRule rule = server_.handler_.on_head(request);
  give_back(request);
  body_most_ = std::min(rule.most, server_.limits_.body_bytes);
  if (!rule.read) {
    // Unread body bytes would be parsed as the next request.
    keep_alive_ = false;
    deliver({});
    return false;
  }
  const std::size_t announced = static_cast<std::size_t>(head.content_length.value_or(0));
  const base::Budget& budget = server_.budgets_.bodies;
  if (announced <= body_most_ && budget.allows(peer_key_, announced) &&
      budget.has_room(announced)) {
    if (head.content_length) body_most_ = announced;
    return true;
  }
  refuse_body(announced);
  return false;
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
