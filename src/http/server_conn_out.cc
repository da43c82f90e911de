#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/log.h"
#include "http/server_conn.h"
#include "net/socket.h"

namespace http {

// A stream's messages of one turn are sent together; beyond these limits they are sent at once.
constexpr std::size_t kGatherBytes = 64 * 1024;
constexpr std::size_t kGatherMessages = 64;

namespace {

void append_number(std::string& out, std::size_t n) {
  char text[24];
  out.append(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, n).ptr - text));
}

constexpr std::string_view kRetryAfter = "Retry-After: 5\r\n";  // limits::kFullRetryAfter

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

}  // namespace

// Builds the head, up to its length header, in the scratch string; decides whether the connection
// continues.
std::string& ServerConn::make_head(int status, std::string_view type, std::string_view extra) {
  close_after_ = !keep_alive_ || ending();
  server_.answers_.add(status);
  std::string& out = server_.scratch_->out;
  out.assign("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(status_text(status)).append("\r\n").append(server_.date_header());
  if (!type.empty()) out.append("Content-Type: ").append(type).append("\r\n");
  if (close_after_) {
    out.append("Connection: close\r\n");
  } else if (minor_ == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  return out.append(extra);
}

// An answer is there already, mostly its socket takes it at once, and what it tells may have been done: a
// write is made. So what others have taken since the request was let in refuses no answer of a usual size,
// and never the only one that waits; the bounds of the answers themselves do.
static bool may_send(const base::Budget& answers, std::string_view owner, std::size_t bytes) {
  constexpr std::size_t kUsualAnswer =
      64 * base::limits::kKiB;  // as those ask for who let requests in
  if (bytes <= kSmallAnswer) return true;
  if (!answers.allows(owner, bytes)) return false;
  if (answers.used() == 0 || answers.has_room(bytes)) return true;
  return bytes <= kUsualAnswer && answers.used() + bytes <= answers.limit();
}

void ServerConn::send(int status, std::string_view type, std::string_view body,
                      std::string_view extra) {
  CHECK(phase_ == Phase::handling);
  if (!may_send(server_.budgets_.answers, owner(), body.size())) {
    LOG_WARN("no room for an answer", {"peer", peer_}, {"bytes", body.size()},
             {"answers_held", server_.budgets_.answers.used()});
    server_.budgets_.answers.count_refusal();
    server_.note_refusal();
    return send(503, "text/plain", "too many answers are waiting to be read\n", kRetryAfter);
  }
  detach();
  taken_ = 0;
  if (watched_) set_deadline({loop::kForever});
  std::string& head = make_head(status, type, extra);
  if (!has_no_body(status)) {
    head.append("Content-Length: ");
    append_number(head, body.size());
    head.append("\r\n");
  }
  head.append("\r\n");
  phase_ = Phase::flushing;
  put(head, head_only_ || has_no_body(status) ? std::string_view() : body);
  if (phase_ == Phase::flushing && !blocked_) response_over();
}

// Asked before the work begins that the answer is of.
bool ServerConn::has_room(std::size_t answer) const {
  const base::Budget& budget = server_.budgets_.answers;
  return answer <= kSmallAnswer || (budget.allows(owner(), answer) && budget.has_room(answer));
}

void ServerConn::begin(int status, std::string_view type, std::string_view extra) {
  CHECK(phase_ == Phase::handling);
  if (half_closed_) return fail();
  if (watched_) set_deadline({loop::kForever});
  const bool chunked = minor_ > 0;
  if (!chunked) keep_alive_ = false;
  std::string& head = make_head(status, type, extra);
  out_.append(head.append(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n"));
  queue_.set_chunked(chunked);
  queue_.set_owner(owner());
  phase_ = Phase::streaming;
  if (head_only_) {
    detach();
    phase_ = Phase::flushing;
  }
  blocked_ ? block(false) : task_.schedule();
}

void ServerConn::watch_peer() {
  CHECK(phase_ == Phase::handling);
  watched_ = true;
  probe();
}

void ServerConn::probe() {
  const bool unsure = phase_ == Phase::handling && watched_ && half_closed_;
  if (!unsure || minor_ == 0) return;  // HTTP/1.0 has no interim responses
  put("HTTP/1.1 100 Continue\r\n\r\n", {});
  if (phase_ == Phase::handling) set_deadline(server_.loop_.now() + kProbeTime);
}

bool ServerConn::write(const base::Payload& message, std::string_view head) {
  CHECK(phase_ == Phase::streaming);
  if (message.empty()) return true;
  const ServerLimits& limits = server_.limits_;
  const std::size_t bytes = queue_.bytes() + message.size();
  const bool full =
      queue_.messages() >= limits.stream_queue_messages || bytes > limits.stream_queue_bytes;
  const bool starved = bytes > kOwnQueueBytes && !queue_.in_budget(message);
  if (starved || (full && !queue_.empty())) {
    above_half_ = true;
    if (starved) starve(message.size());
    return false;
  }
  queue_.push(message, head);
  if (bytes > limits.stream_queue_bytes / 2 ||
      queue_.messages() > limits.stream_queue_messages / 2) {
    above_half_ = true;
  }
  if (blocked_) return true;
  if (queue_.bytes() < kGatherBytes && queue_.messages() < kGatherMessages) {
    task_.schedule();
  } else {
    flush();
  }
  return phase_ == Phase::streaming;
}

// What its own share lacks is no reason to press other readers.
void ServerConn::starve(std::size_t bytes) {
  starved_ = true;
  server_.budgets_.queues.count_refusal();
  queue_.in_share(bytes) ? server_.note_refusal() : server_.await_relief();
}

bool ServerConn::relieve(bool pressed, bool room) {
  const bool timed = blocked_ && (phase_ == Phase::streaming || phase_ == Phase::flushing);
  if (pressed && timed) set_deadline(std::min(deadline_, stall_from_ + server_.stall_time()));
  if (!starved_) return false;
  if (phase_ == Phase::streaming && (!room || !queue_.in_share(kOwnQueueBytes))) return true;
  starved_ = false;
  if (phase_ != Phase::streaming) return false;
  above_half_ = false;
  drained_due_ = true;
  task_.schedule();
  return false;
}

void ServerConn::end() {
  CHECK(phase_ == Phase::streaming);
  detach();
  if (ending()) close_after_ = true;
  if (queue_.chunked()) queue_.push({});
  phase_ = Phase::flushing;
  if (!blocked_) task_.schedule();
}

void ServerConn::cut() {
  detach();
  // Without chunks a FIN would look like the stream's regular end.
  if (phase_ == Phase::streaming && !queue_.chunked()) stream_->abort();
  finish();
}

void ServerConn::drop() {
  switch (phase_) {
    case Phase::handling:
      return send(500, "text/plain", "no answer\n", {});
    case Phase::streaming:
      return cut();
    default:
      return detach();
  }
}

// Writes both at once; copies what the socket does not take to out_.
void ServerConn::put(std::string_view head, std::string_view body) {
  bool progress = false;
  while (out_.empty() && !blocked_ && head.size() + body.size() > 0) {
    const iovec pieces[2] = {{const_cast<char*>(head.data()), head.size()},
                             {const_cast<char*>(body.data()), body.size()}};
    const net::Io io =
        head.empty() ? stream_->write(pieces + 1, 1) : stream_->write(pieces, body.empty() ? 1 : 2);
    if (io.kind == net::Io::Kind::would_block) break;
    if (io.kind != net::Io::Kind::bytes) return fail();
    const std::size_t of_head = std::min(io.n, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(io.n - of_head);
    progress = true;
    note_taken(io.n);
  }
  if (head.size() + body.size() == 0) return;
  out_.append(head);
  out_.append(body);
  answer_charge_.set(out_.held(), owner());
  block(progress);
}

// Writes what is queued until the socket takes no more; then continues after the response.
void ServerConn::flush() {
  bool progress = false;
  while (!out_.empty() || !queue_.empty()) {
    StreamQueue::Pieces pieces;
    const std::string_view first = out_.view();
    if (!first.empty()) pieces.add(first.data(), first.size());
    queue_.gather(pieces);
    const net::Io io = stream_->write(pieces.list, pieces.count);
    if (io.kind == net::Io::Kind::would_block) return block(progress);
    if (io.kind != net::Io::Kind::bytes) return fail();
    const std::size_t of_first = std::min(io.n, first.size());
    if (of_first > 0) out_.consume(of_first);
    if (io.n > of_first) queue_.consume(io.n - of_first);
    progress = true;
    note_taken(io.n);
    check_drained();
  }
  blocked_ = false;
  answer_charge_.set(out_.held(), owner());
  kernel_charge_.release();
  if (phase_ == Phase::streaming) set_deadline({loop::kForever});
  if (phase_ == Phase::flushing) return response_over();
  update_interest();
}

void ServerConn::note_taken(std::size_t n) {
  taken_ += n;
  turn_bytes_ += n;
}

// The socket takes no more. The stall clock restarts whenever it has taken something; for a whole
// response, whenever it has taken enough: the buffer of unacknowledged bytes is small
// (set_server_options), so the socket takes what the peer takes.
void ServerConn::block(bool progress) {
  blocked_ = true;
  answer_charge_.set(out_.held(), owner());
  kernel_charge_.set(net::unacknowledged_bytes(stream_->fd()));
  const bool timed = phase_ == Phase::streaming || phase_ == Phase::flushing;
  const bool enough = phase_ == Phase::streaming ? progress : taken_ >= kTakenBytes;
  if (timed && (enough || deadline_ == loop::TimePoint{loop::kForever})) {
    taken_ = 0;
    stall_from_ = server_.loop_.now();
    set_deadline(server_.loop_.now() + server_.stall_time());
  }
  if (server_.pressed()) server_.await_relief();
  update_interest();
}

void ServerConn::check_drained() {
  const ServerLimits& limits = server_.limits_;
  if (!above_half_ || starved_ || phase_ != Phase::streaming ||
      queue_.bytes() > limits.stream_queue_bytes / 2 ||
      queue_.messages() > limits.stream_queue_messages / 2) {
    return;
  }
  above_half_ = false;
  drained_due_ = true;
  task_.schedule();
}

void ServerConn::response_over() {
  if (close_after_ || ending()) return linger();
  phase_ = Phase::receiving;
  std::string().swap(owner_);
  queue_.set_owner({});
  set_deadline(server_.loop_.now() + server_.limits_.idle_time);
  be_idle(true);
  update_interest();
  if (!consuming_ && (!pending_.empty() || half_closed_)) task_.schedule();
}

}  // namespace http
