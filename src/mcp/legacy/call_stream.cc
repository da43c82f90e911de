#include "mcp/legacy/call_stream.h"

#include "mcp/legacy/session.h"
#include "mcp/shared/answer.h"

namespace mcp::legacy {

CallStream::CallStream(Session& session, std::uint32_t number)
    : session_(session),
      number_(number),
      stream_(session.core(), session.channel().owner(), {true, number},
              session.version() >= Version::v2025_11_25,
              {{}, {}, base::Delegate<base::Payload(std::uint64_t)>::bind<&CallStream::gap>(this)}),
      kept_(base::Delegate<void()>::bind<&CallStream::on_window_over>(this)) {}

void CallStream::tell(const Outgoing& message) {
  stream_.append(shared::event_of(message));
}

void CallStream::finish(bool answered) {
  over_ = true;
  stream_.finish();
  // A client does not come back for a call that it cancelled.
  if (!answered && !stream_.attached()) return session_.forget(*this);
  session_.resume_window().add(kept_);
}

base::Payload CallStream::gap(std::uint64_t lost) {
  return session_.gap_frame(lost);
}

void CallStream::on_window_over() {
  // A slow client is still reading.
  if (stream_.attached()) return session_.resume_window().add(kept_);
  session_.forget(*this);
}

}  // namespace mcp::legacy
