#include "http/server_conn.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/wipe.h"
#include "http/head_rules.h"

namespace http {

constexpr char kTlsHandshake = 22;  // the first byte of a ClientHello (RFC 8446, section 5.1)
constexpr std::string_view kRetryAfter = "Retry-After: 5\r\n";  // limits::kFullRetryAfter

ServerConn::ServerConn(Server& server, std::unique_ptr<net::Stream> stream,
                       std::string_view peer_key, unsigned door)
    : server_(server),
      stream_(std::move(stream)),
      parser_(Parser::Side::request, server.parser_limits_),
      peer_(stream_->peer()),
      peer_key_(peer_key),
      slot_(server.slots_),
      descriptor_(server.budgets_.descriptors),
      body_charge_(server.budgets_.bodies),
      answer_charge_(server.budgets_.answers),
      kernel_charge_(server.budgets_.kernel),
      // A payload belongs to one budget, its maker's: the one passed in the limits.
      queue_(server.limits_.budgets ? &server.limits_.budgets->queues : nullptr),
      timer_(server.loop_, "http connection", loop::Timer::Fn::bind<&ServerConn::on_timer>(this)),
      task_(server.loop_, "http connection", loop::Deferred::Fn::bind<&ServerConn::on_task>(this)),
      door_(static_cast<std::uint16_t>(door)) {}

bool ServerConn::take_slot() {
  if (slot_.take(1, peer_key_) && descriptor_.take(1)) return true;
  slot_.release();
  return false;
}

void ServerConn::give_slot() {
  slot_.release();
  descriptor_.release();
}

void ServerConn::start() {
  stream_->set_ready(net::Stream::ReadyFn::bind<&ServerConn::on_ready>(this));
  set_deadline(server_.loop_.now() + server_.limits_.idle_time);
  be_idle(true);
  update_interest();
}

void ServerConn::start_refused() {
  refused_ = true;
  descriptor_.force(1);
  stream_->set_ready(net::Stream::ReadyFn::bind<&ServerConn::on_ready>(this));
  set_deadline(server_.loop_.now() + kRefusedTime);
  update_interest();
}

void ServerConn::be_idle(bool idle) {
  if (std::exchange(idle_, idle) != idle) server_.set_idle(*this, idle);
}

bool ServerConn::idle_for(base::Duration least) const {
  return server_.loop_.now() + server_.limits_.idle_time >= deadline_ + least;
}

bool ServerConn::busy() const {
  return phase_ == Phase::handling || phase_ == Phase::streaming || phase_ == Phase::flushing;
}

void ServerConn::on_ready(bool readable, bool writable) {
  if (writable && blocked_) flush();
  if (readable && phase_ != Phase::closed && !held_) read_some();
  if (phase_ != Phase::closed) step();
}

// Does what must not be done inside a method of Reply or Server.
void ServerConn::on_task() {
  if (phase_ == Phase::closed) return tell_gone();
  if (held_ && held_->rule) end_hold();
  if (yield_ > 0 && --yield_ > 0) task_.schedule();
  if (!blocked_) flush();
  if (phase_ != Phase::closed) step();
  if (phase_ == Phase::receiving && server_.stopping_ && !parser_.in_body() && pending_.empty()) {
    // A request that has arrived is answered; half a head does not count as one.
    read_some();
    if (phase_ == Phase::receiving && !parser_.in_body()) return finish();
  }
  if (drained_due_ && phase_ == Phase::streaming) {
    drained_due_ = false;
    const auto fn = drained();
    if (fn) fn();
  }
}

void ServerConn::on_timer() {
  if (deadline_ == loop::TimePoint{loop::kForever}) return;
  if (server_.loop_.now() < deadline_) return timer_.arm_at(deadline_);
  switch (phase_) {
    case Phase::receiving:
      if (refused_) return refuse({503, "too many connections"}, kRetryAfter);
      if (wait_ == Wait::idle) return finish();
      return refuse({408, wait_ == Wait::head ? "head too slow" : "body too slow"});
    case Phase::streaming:
    case Phase::flushing:
      LOG_WARN("reader takes nothing", {"peer", peer_}, {"queued_bytes", queued_bytes()},
               {"queued_messages", queued_messages()});
      stream_->abort();
      return fail();
    case Phase::lingering:
      return finish();
    case Phase::handling:
      return probe();
    case Phase::closed:
      return;
  }
}

void ServerConn::set_deadline(loop::TimePoint at) {
  deadline_ = at;
  if (at == loop::TimePoint{loop::kForever}) return;
  if (!timer_.armed() || timer_.deadline() > at) timer_.arm_at(at);
}

void ServerConn::update_interest() {
  if (phase_ == Phase::closed) return;
  // Bytes after a request wait in the kernel when there is no room for them here.
  const bool room = pending_.empty() || server_.budgets_.bodies.has_room(kPipelineBytes);
  const bool read = !half_closed_ && !held_ && pending_.size() < kPipelineBytes && room;
  if (read == reading_ && blocked_ == writing_) return;
  reading_ = read;
  writing_ = blocked_;
  stream_->want(read, blocked_);
}

// One read per readiness event: with more to read the stream is ready again, after the others had
// their turn.
void ServerConn::read_some() {
  char* const buffer = server_.scratch_->read;
  const net::Io io = stream_->read(
      buffer, parser_.in_body() ? ServerScratch::kReadBytes : ServerScratch::kHeadReadBytes);
  // It holds callers' tokens, and the next read may overwrite less of it.
  const struct Wiped {
    char* bytes;
    std::size_t size;
    ~Wiped() { base::wipe(bytes, size); }
  } wiped{buffer, io.kind == net::Io::Kind::bytes ? io.n : 0};
  switch (io.kind) {
    case net::Io::Kind::would_block:
      return;
    case net::Io::Kind::error:
      return fail();
    case net::Io::Kind::eof:
      half_closed_ = true;
      if (phase_ == Phase::streaming) return fail();
      if (phase_ == Phase::lingering) return finish();
      update_interest();
      return probe();
    case net::Io::Kind::bytes:
      break;
  }
  std::string_view in(buffer, io.n);
  if (phase_ == Phase::lingering) return;
  if (phase_ == Phase::receiving && pending_.empty()) {
    if (in[0] == kTlsHandshake && !parser_.begun() && !parser_.in_body()) return refuse_tls();
    in.remove_prefix(consume(in));
    if (phase_ == Phase::closed || phase_ == Phase::lingering) return;
  }
  if (in.empty()) return;
  pending_.append(in);
  count_input();
  update_interest();
}

void ServerConn::on_eof() {
  if (parser_.finish() == Parser::Event::error) return refuse(parser_.error());
  finish();
}

// Continues with the bytes received, if it is their turn.
void ServerConn::step() {
  if (phase_ == Phase::receiving && !pending_.empty() && yield_ == 0) {
    const std::size_t used = consume(pending_.view());
    if (phase_ == Phase::closed) return;
    pending_.consume(used);
    count_input();
    update_interest();
  }
  if (phase_ == Phase::receiving && half_closed_ && pending_.empty()) on_eof();
}

// Parses and delivers until `in` is used up, a response is awaited, or this turn's share is used
// up; returns the number of bytes used. A response sent inside on_request returns to this loop, so
// that a pipeline uses no stack.
std::size_t ServerConn::consume(std::string_view in) {
  const std::size_t size = in.size();
  MessageHead& head = server_.scratch_->head;
  std::string_view piece;  // the body while it is one piece of `in`
  consuming_ = true;
  turn_bytes_ = 0;
  for (int requests = 0; phase_ == Phase::receiving;) {
    if (requests == kRequestsPerTurn || turn_bytes_ >= kAnswersPerTurn) {
      // The rest waits for another turn, after the objects that these requests retired are freed.
      // (A task that a watch schedules runs in the same turn; hence two.)
      if (in.empty()) break;
      yield_ = 2;
      task_.schedule();
      break;
    }
    const Parser::Event event = parser_.next(in, head);
    if (event == Parser::Event::need_more) {
      await_more(piece);
      if (phase_ == Phase::closed) return size;
      break;
    }
    if (event == Parser::Event::error) {
      refuse(parser_.error());
      break;
    }
    if (event == Parser::Event::head) {
      continue_due_ = head.expect_continue && in.empty();
      keep_alive_ = head.keep_alive;
      head_only_ = head.method == Method::head;
      minor_ = static_cast<unsigned char>(head.minor);
    } else if (event == Parser::Event::body) {
      if (body_.empty() && piece.empty()) {
        piece = parser_.body();
      } else {
        add_body(piece);
        add_body(parser_.body());
        piece = {};
      }
    } else {
      deliver(piece);
      if (phase_ == Phase::closed) return size;  // the server may have been destroyed
      piece = {};
      ++requests;
    }
  }
  consuming_ = false;
  return size - in.size();
}

// The input ended inside or between requests: saves what the next read would overwrite, and sets
// the deadline.
void ServerConn::await_more(std::string_view piece) {
  const Wait wait = parser_.in_body() ? Wait::body : parser_.begun() ? Wait::head : Wait::idle;
  if (wait == Wait::body) {
    if (wait_ != Wait::body && !begin_body()) return;
    add_body(piece);
    if (!keep_body()) return;
    parser_.keep_head(server_.scratch_->head);
    if (!held_ && std::exchange(continue_due_, false)) put(kContinue, {});
  }
  if (wait == wait_ || phase_ != Phase::receiving) return;
  wait_ = wait;
  be_idle(wait == Wait::idle);
  if (refused_) return;  // kRefusedTime covers the whole request
  const ServerLimits& limits = server_.limits_;
  set_deadline(server_.loop_.now() + (wait == Wait::body   ? limits.body_time
                                      : wait == Wait::head ? limits.head_time
                                                           : limits.idle_time));
}

// The scratch request, filled from the scratch head; give_back() must follow.
Request& ServerConn::fill_request() {
  ServerScratch& scratch = *server_.scratch_;
  Request& request = scratch.request;
  request.method = scratch.head.method;
  request.method_name = scratch.head.method_name;
  request.target = scratch.head.target;
  split_target(request.target, request.path, request.query);
  std::swap(request.headers, scratch.head.headers);
  request.body = {};
  request.peer = peer_;
  request.identity = stream_->identity();
  request.door = door_;
  return request;
}

bool ServerConn::certified() const {
  const net::PeerIdentity* peer = stream_->identity();
  return peer != nullptr && peer->by == net::PeerIdentity::By::certificate;
}

void ServerConn::give_back(Request& request) {
  std::swap(request.headers, server_.scratch_->head.headers);
}

// `by`: what has refused it, and answers it.
void ServerConn::deliver(std::string_view piece, BodyCheck* by) {
  if (wait_ == Wait::body) parser_.recall_head(server_.scratch_->head);
  Request& request = fill_request();
  request.body = body_.empty() ? piece : std::string_view(body_);

  be_idle(false);
  phase_ = Phase::handling;
  wait_ = Wait::idle;
  watched_ = false;
  set_deadline({loop::kForever});
  if (refused_) keep_alive_ = false;
  if (refused_ && !server_.handler_.serves_when_full(request)) {
    send(503, "text/plain", "too many connections\n", kRetryAfter);
  } else if (by) {
    by->answer(request, Reply(*this));
  } else {
    server_.handler_.on_request(request, Reply(*this));
  }
  if (phase_ == Phase::closed) return;
  give_back(request);
  parser_.reset();
  std::string().swap(body_);
  count_input();
}

void ServerConn::refuse(const ParseFailure& why, std::string_view extra) {
  LOG_DEBUG("request refused", {"peer", peer_}, {"status", why.status}, {"reason", why.what});
  keep_alive_ = head_only_ = false;
  held_.reset();
  be_idle(false);
  phase_ = Phase::handling;
  set_deadline({loop::kForever});
  std::string text(why.what);
  send(why.status, "text/plain", text.append("\n"), extra);
}

void ServerConn::shut() {
  phase_ = Phase::closed;
  timer_.cancel();
  task_.cancel();
  held_.reset();
  stream_->close();
  queue_.clear();
  queue_.set_owner({});
  body_charge_.release();
  answer_charge_.release();
  kernel_charge_.release();
}

// An expected end: no Reply has to be notified.
void ServerConn::finish() {
  shut();
  server_.remove(*this);
}

// The peer has gone.
void ServerConn::fail() {
  if (phase_ == Phase::closed) return;
  shut();
  if (attached()) {
    task_.schedule();
  } else {
    server_.remove(*this);
  }
}

void ServerConn::tell_gone() {
  const auto fn = detach_gone();
  server_.remove(*this);
  if (fn) fn();
}

void ServerConn::abandon() {
  detach();
  shut();
  give_slot();
}

void ServerConn::refuse_tls() {
  server_.say_tls(*this);
  be_idle(false);
  linger();
}

void ServerConn::linger() {
  if (half_closed_) return finish();
  stream_->shutdown_write();
  phase_ = Phase::lingering;
  if (!consuming_) pending_.release();
  std::string().swap(body_);
  count_input();
  blocked_ = false;
  set_deadline(server_.loop_.now() + kLingerTime);
  update_interest();
}

}  // namespace http
