#include "sim/fault_stream.h"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

namespace sim {

using Kind = ByteFault::Kind;

FaultStream::FaultStream(loop::Loop& loop, std::unique_ptr<net::Stream> inner)
    : inner_(std::move(inner)),
      peer_(inner_->peer()),
      timer_(loop, "byte fault", loop::Timer::Fn::bind<&FaultStream::on_time>(this)),
      act_(loop, "byte fault", loop::Deferred::Fn::bind<&FaultStream::on_act>(this)) {
  inner_->set_ready(ReadyFn::bind<&FaultStream::on_inner>(this));
}

void FaultStream::add(const ByteFault& fault) {
  const auto at = std::find_if(faults_.begin(), faults_.end(),
                               [&](const ByteFault& other) { return other.at > fault.at; });
  faults_.insert(at, fault);
  act();
}

// How many bytes may go out now.
std::size_t FaultStream::allowance() {
  if (stalled_ || finished_) return 0;
  std::size_t n = SIZE_MAX;
  for (const ByteFault& fault : faults_) {
    if (fault.kind == Kind::corrupt) continue;
    n = fault.at > sent_ ? static_cast<std::size_t>(fault.at - sent_) : 0;
    break;
  }
  if (trickle_) n = std::min(n, trickle_left_);
  return n;
}

// Sees to the faults whose place is reached; what ends the stream is done outside of its owner's
// calls.
void FaultStream::act() {
  while (!faults_.empty() && !stalled_ && !finished_) {
    const ByteFault fault = faults_.front();
    if (fault.kind == Kind::corrupt ? fault.at >= sent_ : fault.at > sent_) break;
    faults_.erase(faults_.begin());
    if (fault.kind == Kind::stall) {
      stalled_ = true;
      timer_.arm(fault.time);
    } else if (fault.kind == Kind::trickle) {
      trickle_ = fault;
      trickle_left_ = fault.bytes;
      timer_.arm(fault.time);
    } else if (fault.kind != Kind::corrupt) {
      finished_ = true;
      faults_.assign(1, fault);
      act_.schedule();
    }
  }
  update();
}

void FaultStream::on_act() {
  finish(faults_.front().kind);
}

void FaultStream::finish(Kind kind) {
  timer_.cancel();
  if (kind == Kind::reset) {
    inner_->abort();
  } else if (kind == Kind::fin) {
    ::shutdown(inner_->fd(), SHUT_WR);
    inner_->close();
  } else if (kind == Kind::garbage) {
    static constexpr char kNoRecord[] = "this is no TLS record, nor is it HTTP\r\n\r\n";
    (void)!::send(inner_->fd(), kNoRecord, sizeof kNoRecord - 1, MSG_NOSIGNAL);
    ::shutdown(inner_->fd(), SHUT_WR);
  } else {
    inner_->close();
  }
  if (fn_) fn_(true, true);  // the owner reads, and learns it
}

void FaultStream::on_time() {
  if (stalled_) {
    stalled_ = false;
  } else if (trickle_) {
    trickle_left_ = trickle_->bytes;
    timer_.arm(trickle_->time);
  }
  act();
  if (shutdown_due_ && !stalled_) {
    shutdown_due_ = false;
    inner_->shutdown_write();
  }
}

void FaultStream::on_inner(bool readable, bool writable) {
  if (fn_) fn_(readable, writable && allowance() > 0);
}

void FaultStream::update() {
  if (closed_ || finished_) return;
  inner_->want(want_read_, want_write_ && allowance() > 0);
}

void FaultStream::want(bool read, bool write) {
  want_read_ = read;
  want_write_ = write;
  update();
}

net::Io FaultStream::read(char* to, std::size_t size) {
  if (finished_) return {net::Io::Kind::error};
  return inner_->read(to, size);
}

net::Io FaultStream::write(const iovec* pieces, int count) {
  const std::size_t most = allowance();
  if (most == 0) return {net::Io::Kind::would_block};
  net::Io io{};
  const bool spoil = !faults_.empty() && faults_.front().kind == Kind::corrupt;
  if (most == SIZE_MAX && !spoil) {
    io = inner_->write(pieces, count);
  } else {
    scratch_.clear();
    for (int i = 0; i < count && scratch_.size() < most; ++i) {
      scratch_.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    }
    scratch_.resize(std::min(scratch_.size(), most));
    for (const ByteFault& fault : faults_) {
      if (fault.kind != Kind::corrupt || fault.at < sent_) continue;
      const std::uint64_t at = fault.at - sent_;
      if (at < scratch_.size()) scratch_[at] = static_cast<char>(scratch_[at] ^ fault.mask);
    }
    const iovec one{scratch_.data(), scratch_.size()};
    io = inner_->write(&one, 1);
  }
  if (io.kind == net::Io::Kind::bytes) {
    sent_ += io.n;
    if (trickle_) trickle_left_ -= std::min(io.n, trickle_left_);
    act();
  }
  return io;
}

void FaultStream::shutdown_write() {
  if (stalled_) {
    shutdown_due_ = true;
  } else if (!finished_) {
    inner_->shutdown_write();
  }
}

void FaultStream::silence() {
  closed_ = true;
  fn_ = {};
  timer_.cancel();
  act_.cancel();
  if (const auto told = std::exchange(closed_fn_, {})) told(*this);
}

void FaultStream::close() {
  silence();
  inner_->close();
}

void FaultStream::abort() {
  silence();
  inner_->abort();
}

const std::string& FaultStream::error() const {
  return finished_ ? error_ : inner_->error();
}

base::Errc FaultStream::error_code() const {
  return finished_ ? base::Errc::unavailable : inner_->error_code();
}

}  // namespace sim
