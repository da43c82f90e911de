#include "mcp/shared/keep_alive.h"

#include "http/sse.h"

namespace mcp::shared {

KeepAlive::KeepAlive(loop::Loop& loop)
    : loop_(loop),
      comment_(http::sse::comment("keep-alive")),
      timer_(loop, "mcp keep-alive", loop::Timer::Fn::bind<&KeepAlive::on_timer>(this)) {}

void KeepAlive::add(Stream& stream) {
  stream.unlink();
  stream.due = loop_.now() + kKeepAlive;
  streams_.push_back(stream);
  if (!timer_.armed()) timer_.arm(kKeepAlive);
}

void KeepAlive::on_timer() {
  while (streams_.linked()) {
    auto& stream = static_cast<Stream&>(*streams_.next);
    if (stream.due > loop_.now()) return timer_.arm_at(stream.due);
    stream.send(comment_);
    add(stream);
  }
}

}  // namespace mcp::shared
