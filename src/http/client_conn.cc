#include "http/client_conn.h"

#include <algorithm>
#include <utility>

#include <sys/uio.h>

#include "base/check.h"
#include "base/text.h"
#include "base/wipe.h"

namespace http {

namespace {

constexpr ParserLimits kResponseLimits{.head_bytes = base::limits::kClientHeadBytes,
                                       .header_count = kClientHeaderCount};

constexpr std::string_view kGreeting = "HTTP/";

// Shared by all connections: there is one thread, reads never nest, and a user copies what it
// keeps.
struct Scratch {
  char bytes[64 * 1024];
  MessageHead head;
  ResponseHead response;
};

Scratch& scratch() {
  static Scratch instance;
  return instance;
}

// A refused client certificate keeps its code. Any other broken connection, including a TLS stream
// cut without close_notify, is worth a retry.
base::Errc broken_code(base::Errc code) {
  return code == base::Errc::unauthorized ? code : base::Errc::unavailable;
}

// Returns the first coding other than identity, or "".
std::string_view foreign_coding(const Headers& headers) {
  for (const Header& header : headers.all()) {
    if (!base::iequals(header.name, "Content-Encoding")) continue;
    for (std::string_view coding : base::split(header.value, ',')) {
      coding = base::trim(coding);
      if (!coding.empty() && !base::iequals(coding, "identity")) return coding;
    }
  }
  return {};
}

}  // namespace

ClientConn::ClientConn(loop::Loop& loop, std::unique_ptr<net::Stream> stream, unsigned generation)
    : stream_(std::move(stream)),
      parser_(Parser::Side::response, kResponseLimits),
      generation_(generation),
      resume_(loop, "http client resume", loop::Deferred::Fn::bind<&ClientConn::on_resume>(this)) {
  stream_->set_ready(net::Stream::ReadyFn::bind<&ClientConn::on_ready>(this));
}

void ClientConn::exchange(ConnUser& user, std::string_view head, std::string_view body,
                          bool head_method) {
  CHECK(state_ == State::fresh || state_ == State::parked);
  state_ = State::busy;
  user_ = &user;
  ended_ = {};
  head_ = head;
  body_ = body;
  sent_ = 0;
  head_method_ = head_method;
  answered_ = head_done_ = keep_alive_ = false;
  if (head_method) parser_.expect_no_body();
  write_some();
}

void ClientConn::set_paused(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  if (state_ != State::busy) return;
  if (paused) {
    resume_.cancel();
    stream_->want(false, !sent());
  } else {
    resume_.schedule();
  }
}

void ClientConn::park(base::TimePoint now, EndedFn ended) {
  CHECK(state_ == State::done);
  state_ = State::parked;
  parser_.reset();
  std::string().swap(held_);
  held_from_ = 0;
  ended_ = ended;
  parked_at_ = now;
  paused_ = false;
  stream_->want(true, false);
}

bool ClientConn::quiet() {
  CHECK(state_ == State::parked);
  return stream_->read(scratch().bytes, 1).kind == net::Io::Kind::would_block;
}

// Keeps the bytes read: a callback that parses them may be on the stack.
void ClientConn::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  user_ = nullptr;
  ended_ = {};
  resume_.cancel();
  stream_->close();
}

void ClientConn::on_ready(bool readable, bool writable) {
  if (state_ == State::parked) {
    // It may have been a TLS ticket, which does not matter.
    if (quiet()) return;
    const EndedFn ended = ended_;
    close();
    ended(*this);
    return;
  }
  if (state_ != State::busy) return;
  // Reads first: a peer that refuses a large request responds before it closes.
  if (readable && reading() && !read_some()) return;
  if (writable && !sent()) write_some();
}

void ClientConn::on_resume() {
  std::string_view in = std::string_view(held_).substr(held_from_);
  if (!feed(in)) return;
  if (in.empty()) {
    std::string().swap(held_);
    held_from_ = 0;
  } else {
    held_from_ = held_.size() - in.size();
  }
  stream_->want(reading(), !sent());
}

bool ClientConn::write_some() {
  while (!sent()) {
    iovec pieces[2];
    int count = 0;
    std::size_t skip = sent_;
    for (const std::string_view part : {head_, body_}) {
      const std::size_t n = std::min(skip, part.size());
      skip -= n;
      if (n == part.size()) continue;
      pieces[count++] = {const_cast<char*>(part.data() + n), part.size() - n};
    }
    const net::Io io = stream_->write(pieces, count);
    if (io.kind == net::Io::Kind::would_block) break;
    if (io.kind != net::Io::Kind::bytes) {
      fail_stream();
      return false;
    }
    sent_ += io.n;
  }
  stream_->want(reading(), !sent());
  return true;
}

bool ClientConn::read_some() {
  Scratch& shared = scratch();
  for (std::size_t budget = kReadPerTurn; budget > 0;) {
    const std::size_t size = std::min(budget, sizeof(shared.bytes));
    const net::Io io = stream_->read(shared.bytes, size);
    switch (io.kind) {
      case net::Io::Kind::would_block:
        return true;
      case net::Io::Kind::eof:
        on_eof();
        return false;
      case net::Io::Kind::error:
        fail_stream();
        return false;
      case net::Io::Kind::bytes:
        break;
    }
    // They may hold a token or a Secret's data, and the next read may overwrite less of it.
    const struct Wiped {
      char* bytes;
      std::size_t size;
      ~Wiped() { base::wipe(bytes, size); }
    } wiped{shared.bytes, io.n};
    budget -= io.n;
    std::string_view in(shared.bytes, io.n);
    // The parser waits for a whole head; a peer with another protocol may never send an empty line.
    if (!answered_ && !kGreeting.starts_with(in.substr(0, kGreeting.size()))) {
      answered_ = true;
      fail(base::Error(base::Errc::protocol,
                       "malformed response: it begins with \"" + base::printable(in, 40) + "\""),
           false);
      return false;
    }
    answered_ = true;
    if (!feed(in)) return false;
    if (paused_) {
      held_.assign(in);
      held_from_ = 0;
      return true;
    }
  }
  return true;
}

bool ClientConn::feed(std::string_view& in) {
  while (!paused_) {
    switch (parser_.next(in, scratch().head)) {
      case Parser::Event::need_more:
        return true;
      case Parser::Event::head:
        if (!take_head()) return false;
        break;
      case Parser::Event::body:
        user_->on_conn_body(parser_.body());
        if (state_ != State::busy) return false;
        break;
      case Parser::Event::end:
        finish(in.empty());
        return false;
      case Parser::Event::error: {
        const Parser::Failure& failure = parser_.error();
        const bool large = failure.status == 431;
        fail(base::Error(large ? base::Errc::too_large : base::Errc::protocol,
                         std::string("malformed response: ") + failure.what),
             false);
        return false;
      }
    }
  }
  return true;
}

bool ClientConn::take_head() {
  Scratch& shared = scratch();
  head_done_ = true;
  keep_alive_ = shared.head.keep_alive;
  const std::string_view coding = head_method_ ? "" : foreign_coding(shared.head.headers);
  if (!coding.empty()) {
    fail(base::Error(base::Errc::protocol, "response has Content-Encoding " +
                                               base::printable(coding, 40) +
                                               ", which was not asked for"),
         false);
    return false;
  }
  shared.response.status = shared.head.status;
  std::swap(shared.response.headers, shared.head.headers);
  user_->on_conn_head(shared.response);
  shared.response.headers.clear();
  return state_ == State::busy;
}

void ClientConn::finish(bool clean) {
  state_ = State::done;
  resume_.cancel();
  user_->on_conn_done(clean && keep_alive_ && sent());
}

void ClientConn::on_eof() {
  if (parser_.finish() == Parser::Event::end) return finish(false);
  fail(base::Error(base::Errc::unavailable, std::string("connection closed ") + where()), true);
}

const char* ClientConn::where() const {
  if (head_done_) return "inside the response body";
  if (answered_) return "inside the response head";
  return sent() ? "before the response" : "before the request was sent";
}

void ClientConn::fail_stream() {
  fail(base::Error(broken_code(stream_->error_code()),
                   std::string("connection broken ") + where() + ": " + stream_->error()),
       true);
}

void ClientConn::fail(base::Error error, bool network) {
  ConnUser* const user = user_;
  close();
  user->on_conn_failed(std::move(error), network);
}

}  // namespace http
