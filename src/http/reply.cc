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

void Reply::send(int status, std::string_view content_type, std::string_view body,
                 std::string_view extra) {
  if (connected()) sink_->send(status, content_type, body, extra);
}

void Reply::begin(int status, std::string_view content_type, std::string_view extra) {
  if (connected()) sink_->begin(status, content_type, extra);
}

bool Reply::write(const base::Payload& message, std::string_view head) {
  return connected() && sink_->write(message, head);
}

void Reply::watch_peer() {
  if (connected()) sink_->watch_peer();
}

void Reply::end() {
  if (connected()) sink_->end();
}

void Reply::cut() {
  if (connected()) sink_->cut();
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
