#include "http/reply.h"

#include <utility>

namespace http {

Reply::Reply(ReplySink& sink) : sink_(&sink) {
  sink.reply_ = this;
}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    drop();
    take(other);
  }
  return *this;
}

void Reply::take(Reply& other) {
  sink_ = std::exchange(other.sink_, nullptr);
  gone_ = std::exchange(other.gone_, {});
  drained_ = std::exchange(other.drained_, {});
  headers_ = std::move(other.headers_);
  if (sink_) sink_->reply_ = this;
}

void Reply::drop() {
  if (sink_) sink_->drop();
}

bool Reply::connected() const {
  return sink_ && sink_->connected();
}
bool Reply::streaming() const {
  return sink_ && sink_->streaming();
}

void Reply::add_headers(std::string lines) {
  if (headers_) {
    headers_->append(lines);
  } else {
    headers_ = std::make_unique<std::string>(std::move(lines));
  }
}

std::string Reply::with_headers(std::string_view extra) const {
  return std::string(*headers_).append(extra);
}

void Reply::send(int status, std::string_view content_type, std::string_view body,
                 std::string_view extra) {
  if (!connected()) return forget();
  if (!headers_) return sink_->send(status, content_type, body, extra);
  sink_->send(status, content_type, body, with_headers(extra));
}

void Reply::begin(int status, std::string_view content_type, std::string_view extra) {
  if (!connected()) return;
  if (!headers_) return sink_->begin(status, content_type, extra);
  sink_->begin(status, content_type, with_headers(extra));
}

bool Reply::write(const base::Payload& message, std::string_view head) {
  return connected() && sink_->write(message, head);
}

void Reply::watch_peer() {
  if (connected()) sink_->watch_peer();
}

void Reply::end() {
  connected() ? sink_->end() : forget();
}

void Reply::cut() {
  connected() ? sink_->cut() : forget();
}

// After the final call the caller may be freed before the sink reports that its peer left.
void Reply::forget() {
  if (sink_) sink_->detach();
}

std::size_t Reply::queued_bytes() const {
  return connected() ? sink_->queued_bytes() : 0;
}
std::size_t Reply::queued_messages() const {
  return connected() ? sink_->queued_messages() : 0;
}
std::string Reply::peer() const {
  return connected() ? sink_->peer() : std::string();
}
std::string Reply::peer_key() const {
  return connected() ? std::string(sink_->peer_key()) : std::string();
}

void Reply::charge_to(std::string_view owner) {
  if (connected()) sink_->charge_to(owner);
}
std::string Reply::owner() const {
  return connected() ? std::string(sink_->owner()) : std::string();
}
bool Reply::has_room(std::size_t bytes) const {
  return !connected() || sink_->has_room(bytes);
}

void ReplySink::detach() {
  if (reply_) reply_->sink_ = nullptr;
  reply_ = nullptr;
}

base::Delegate<void()> ReplySink::detach_gone() {
  const auto fn = reply_ ? reply_->gone_ : base::Delegate<void()>();
  detach();
  return fn;
}

base::Delegate<void()> ReplySink::drained() const {
  return reply_ ? reply_->drained_ : base::Delegate<void()>();
}

}  // namespace http
