#include "door/handshakes.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "base/log.h"
#include "net/socket.h"
#include "net/tls_stream.h"

namespace door {

namespace {

constexpr char kTlsHandshakeRecord = 22;  // RFC 8446, section 5.1
// The least time between two log lines above DEBUG about failed handshakes, and about those that were cut.
constexpr base::Duration kSayAgain = base::minutes(1);

constexpr std::string_view kSpeaksTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 58\r\n"
    "Connection: close\r\n\r\n"
    "This port speaks TLS: write https:// instead of http:// .\n";

}  // namespace

class Handshakes::Handshake final : public base::Link {
 public:
  Handshake(Handshakes& owner, base::Fd fd, const net::Address& peer, unsigned door)
      : owner_(owner),
        peer_(peer),
        peer_key_(net::peer_key(peer)),
        door_(door),
        begun_(owner.loop_.now()),
        place_(owner.places_),
        descriptor_(owner.budgets_.descriptors),
        fd_(std::move(fd)),
        watch_(owner.loop_, "tls newcomer", loop::FdWatch::Fn::bind<&Handshake::on_ready>(this)),
        timer_(owner.loop_, "tls handshake", loop::Timer::Fn::bind<&Handshake::on_time>(this)) {}

  bool take_place() {
    return place_.take(1, peer_key_) && descriptor_.take(1) &&
           watch_.start(fd_.get(), loop::kRead) == 0;
  }
  void start_timer() { timer_.arm(kHandshakeTime); }
  base::TimePoint begun() const { return begun_; }
  bool waiting() const { return waiting_; }
  bool silent() const { return !waiting_ && !refused_ && !stream_; }
  std::string_view peer_key() const { return peer_key_; }
  std::string peer() const { return peer_.text(); }
  void wait(bool on) { waiting_ = on; }
  // False: it has nothing to say. After a turn that took long, what has come is not read yet.
  bool hear() {
    char first = 0;
    if (!silent() || ::recv(fd_.get(), &first, 1, MSG_PEEK) <= 0) return false;
    on_ready(loop::kRead);
    return true;
  }

  void shake() {
    stream_ =
        std::make_unique<net::TlsStream>(owner_.loop_, owner_.files_.context(), std::move(fd_));
    stream_->start_handshake(net::TlsStream::HandshakeFn::bind<&Handshake::on_done>(this));
  }
  // Frees everything but itself.
  void close() {
    watch_.stop();
    timer_.cancel();
    fd_.reset();
    if (stream_) stream_->close();
    owner_.loop_.retire(std::move(stream_));
    place_.release();
    descriptor_.release();
  }

 private:
  void on_ready(std::uint32_t) {
    if (refused_) return drop_input();
    char first = 0;
    const ssize_t n = ::recv(fd_.get(), &first, 1, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return owner_.end(*this, Result::failed);  // it left without a word
    watch_.stop();
    if (first == kTlsHandshakeRecord) return owner_.wait(*this);
    // The methods of HTTP are capital letters; anything else would not read an answer.
    if (first < 'A' || first > 'Z') return owner_.end(*this, Result::not_tls);
    refuse();
  }

  void refuse() {
    LOG_DEBUG("plain HTTP on a port that speaks TLS", {"peer", peer_.text()});
    refused_ = true;
    (void)::send(fd_.get(), kSpeaksTls.data(), kSpeaksTls.size(), MSG_NOSIGNAL);
    ::shutdown(fd_.get(), SHUT_WR);
    timer_.arm(kRefusalTime);
    if (watch_.start(fd_.get(), loop::kRead) != 0) owner_.end(*this, Result::not_tls);
  }
  // Without this a reset would destroy the answer before the peer has read it.
  void drop_input() {
    char dropped[4096];
    const ssize_t n = ::recv(fd_.get(), dropped, sizeof dropped, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) owner_.end(*this, Result::not_tls);
  }

  void on_done(base::Result<void> result) {
    if (!result) {
      owner_.say_failure(peer_.text(), result.error().what());  // its socket may have none any more
      return owner_.end(*this, Result::failed);
    }
    std::unique_ptr<net::TlsStream> stream = std::move(stream_);
    const Result how = stream->resumed() ? Result::resumed : Result::full;
    // The HTTP server counts the descriptor from now on.
    place_.release();
    descriptor_.release();
    Handshakes& owner = owner_;
    owner.server_.adopt(std::move(stream), peer_key_, door_);
    owner.end(*this, how);
  }

  void on_time() { owner_.end(*this, refused_ ? Result::not_tls : Result::timeout); }

  Handshakes& owner_;
  const net::Address peer_;
  const std::string peer_key_;
  const unsigned door_;
  const base::TimePoint begun_;
  base::Charge place_, descriptor_;
  base::Fd fd_;  // until it is shaking
  bool waiting_ = false, refused_ = false;
  std::unique_ptr<net::TlsStream> stream_;
  loop::FdWatch watch_;
  loop::Timer timer_;
};

Handshakes::Handshakes(loop::Loop& loop, http::Server& server, CertificateFiles& files,
                       base::Budgets& budgets)
    : loop_(loop),
      server_(server),
      files_(files),
      budgets_(budgets),
      turn_(loop, "tls handshakes", loop::Deferred::Fn::bind<&Handshakes::start_some>(this)),
      grace_(loop, "tls grace", loop::Timer::Fn::bind<&Handshakes::on_places>(this)) {
  places_.set_share(kHandshakesOfPeer);
}

Handshakes::~Handshakes() {
  stop();
}

void Handshakes::attach(Pause& pause) {
  doors_.add(pause);
  if (full_) pause.fn(true);
}

// A place was taken or left, or the next to go has had its grace.
void Handshakes::on_places() {
  const Next next = places_.has_room(1) ? Next{} : next_to_go();
  const bool full = next.one && next.in > base::Duration::zero();
  full ? grace_.arm(next.in) : grace_.cancel();
  if (std::exchange(full_, full) == full) return;
  for (Pause& each : doors_)
    each.fn(full);
}

void Handshakes::begin(base::Fd fd, const net::Address& peer, unsigned door) {
  auto one = std::make_unique<Handshake>(*this, std::move(fd), peer, door);
  if (!make_room(one->peer_key()) || !one->take_place()) {
    ++counts_[static_cast<std::size_t>(Result::crowded)];
    say_crowded(one->peer());
    one->close();
    return;
  }
  one->start_timer();
  all_.add(std::move(one));
  on_places();
}

// A client that was cut tries again.
bool Handshakes::make_room(std::string_view peer_key) {
  while (!places_.allows(peer_key, 1))
    if (!end_next(peer_key)) return false;
  while (!places_.has_room(1))
    if (!end_next()) return false;
  return true;
}

// False: none has had its grace.
bool Handshakes::end_next(std::string_view of_peer) {
  const Next next = next_to_go(of_peer);
  if (!next.one || next.in > base::Duration::zero()) return false;
  if (!next.one->hear()) end(*next.one, Result::crowded);
  return true;
}

// The one that has had its grace first, or will have.
Handshakes::Next Handshakes::next_to_go(std::string_view of_peer) {
  const auto left = [&](const Handshake* one, base::Duration grace) {
    return std::max(one->begun() + grace - loop_.now(), base::Duration::zero());
  };
  Handshake* const silent = oldest(true, of_peer);
  Handshake* const any = oldest(false, of_peer);
  Next next{any, any ? left(any, kHandshakeGrace) : base::Duration::zero()};
  if (silent && left(silent, kSilentGrace) <= next.in) next = {silent, left(silent, kSilentGrace)};
  return next;
}

// All are looked at: the lists are in the order in which handshakes came there, and not in that of
// their beginning. `of_peer`: "": of all.
Handshakes::Handshake* Handshakes::oldest(bool silent, std::string_view of_peer) {
  Handshake* found = nullptr;
  for (auto* list : {&all_, &waiting_}) {
    for (Handshake& one : *list) {
      if ((silent && !one.silent()) || (!of_peer.empty() && one.peer_key() != of_peer)) continue;
      if (!found || one.begun() < found->begun()) found = &one;
    }
  }
  return found;
}

void Handshakes::wait(Handshake& one) {
  one.wait(true);
  waiting_.add(all_.take(one));
  turn_.schedule();
}

void Handshakes::start_some() {
  for (std::size_t n = 0; n < kHandshakesATurn && !waiting_.empty(); ++n) {
    Handshake& one = waiting_.front();
    one.wait(false);
    all_.add(waiting_.take(one));
    one.shake();
  }
  if (!waiting_.empty()) turn_.schedule();
}

void Handshakes::end(Handshake& one, Result result) {
  ++counts_[static_cast<std::size_t>(result)];
  if (result == Result::crowded) say_crowded(one.peer());
  one.close();
  loop_.retire((one.waiting() ? waiting_ : all_).take(one));
  if (full_) on_places();
}

void Handshakes::stop() {
  turn_.cancel();
  for (auto* list : {&all_, &waiting_}) {
    while (!list->empty()) {
      list->front().close();
      loop_.retire(list->take(list->front()));
    }
  }
  on_places();
}

void Handshakes::say_failure(std::string_view peer, std::string_view why) {
  if (loop_.now() - said_ < kSayAgain) {
    LOG_DEBUG("TLS handshake failed", {"peer", peer}, {"error", why});
    return;
  }
  said_ = loop_.now();
  LOG_INFO("TLS handshake failed", {"peer", peer}, {"error", why});
}

void Handshakes::say_crowded(const std::string& peer) {
  if (loop_.now() - said_crowded_ < kSayAgain) return;
  said_crowded_ = loop_.now();
  LOG_WARN("TLS handshakes are cut: too many are under way", {"peer", peer},
           {"under_way", under_way()}, {"limit", places_.limit()},
           {"limit_per_peer", places_.share()});
}

std::string_view to_string(Handshakes::Result result) {
  using enum Handshakes::Result;
  switch (result) {
    case full:
      return "full";
    case resumed:
      return "resumed";
    case failed:
      return "failed";
    case timeout:
      return "timeout";
    case crowded:
      return "crowded";
    case not_tls:
      break;
  }
  return "not-tls";
}

}  // namespace door
