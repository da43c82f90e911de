#include "http/client_call.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/client_conn.h"
#include "http/client_pool.h"
#include "http/client_request.h"
#include "http/dial_gate.h"
#include "loop/loop.h"
#include "net/dial.h"

namespace http {

namespace {

base::TimePoint later(base::TimePoint at, base::Duration by) {
  return at.since >= base::kForever - by ? base::TimePoint{base::kForever} : at + by;
}

}  // namespace

//   state         meaning                         event                            next
//   idle          nothing under way               start()                          begin
//   begin         started, nothing done yet       task; an idle connection exists  exchange
//   begin                                         task; no idle connection         dial
//   begin                                         task; the request is bad         end
//   dial          waiting for a fresh connection  connected                        exchange
//   dial                                          failed                           end
//   exchange      the connection has the request  done, or failed                  end
//   exchange                                      the reused connection was stale  dial
//   any but idle                                  time limit                       end
//   any but idle                                  cancel()                         idle, silently
//
// "end" goes to idle, silences everything and calls on_end as the last statement.
struct ClientCall::Impl final : ConnUser {
  Impl(ClientPool& pool, CallHandler& handler);

  void start(ClientRequest request);
  void cancel();
  void pause(bool pausing);
  bool active() const { return state != State::idle; }

  void on_conn_head(const ResponseHead& response) override;
  void on_conn_body(std::string_view bytes) override;
  void on_conn_done(bool reusable) override;
  void on_conn_failed(base::Error error, bool network) override;

  enum class State : unsigned char { idle, begin, dial, exchange };
  void on_begin();
  void on_time();
  void on_dialled(base::Result<std::unique_ptr<net::Stream>> stream);
  void start_dial();
  void on_gate();
  void dial_now();
  void start_exchange();
  void arm();
  void leave();
  void end(const CallEnd& how);  // must be the caller's last statement
  CallEnd::Phase phase() const;
  base::Error timeout_error() const;

  ClientPool& pool;
  CallHandler& handler;
  // Kept until the response's head is received: a retry needs them.
  std::string head, body;
  std::optional<base::Error> refused;
  DialGate::Place place;
  std::unique_ptr<net::Dial> dial;
  std::unique_ptr<ClientConn> conn;
  base::Duration head_time{}, total_time{};
  base::TimePoint head_deadline, total_deadline, paused_at;
  unsigned dial_generation = 0;
  State state = State::idle;
  bool head_method = false, idempotent = true, urgent = false, reused = false, paused = false;
  loop::Deferred begin_task;
  loop::Timer timer;
};

ClientCall::Impl::Impl(ClientPool& pool_in, CallHandler& handler_in)
    : pool(pool_in),
      handler(handler_in),
      place(DialGate::Place::Fn::bind<&ClientCall::Impl::on_gate>(this)),
      begin_task(pool.loop(), "http client begin",
                 loop::Deferred::Fn::bind<&ClientCall::Impl::on_begin>(this)),
      timer(pool.loop(), "http client time limit",
            loop::Timer::Fn::bind<&ClientCall::Impl::on_time>(this)) {}

void ClientCall::Impl::start(ClientRequest request) {
  CHECK(state == State::idle);
  state = State::begin;
  pool.count_begin();
  reused = paused = false;
  head_method = request.method == "HEAD";
  idempotent = request.idempotent.value_or(request.method != "POST" && request.method != "PATCH");
  urgent = request.urgent;
  head_time = request.head_time;
  total_time = request.total_time;
  head_deadline = later(pool.loop().now(), head_time);
  total_deadline = later(pool.loop().now(), total_time);
  if (base::Result<void> fit = check_request(request); !fit) {
    refused = std::move(fit).error();
  } else {
    head = request_head(request, pool.host_header());
    body = std::move(request.body);
    arm();
  }
  begin_task.schedule();
}

void ClientCall::Impl::on_begin() {
  if (refused) {
    base::Error error = std::move(*refused);
    return end({std::move(error), CallEnd::Phase::send});
  }
  conn = pool.take();
  if (!conn) return start_dial();
  reused = true;
  start_exchange();
}

void ClientCall::Impl::start_dial() {
  state = State::dial;
  if (pool.may_dial(place)) dial_now();
}

// Another call's connection may have become idle meanwhile.
void ClientCall::Impl::on_gate() {
  conn = pool.take();
  if (!conn) return dial_now();
  place.leave();
  reused = true;
  start_exchange();
}

void ClientCall::Impl::dial_now() {
  dial_generation = pool.generation();
  if (pool.connect()) {
    return on_dialled(pool.connect()());
  }
  dial = pool.dial(net::Dial::Fn::bind<&ClientCall::Impl::on_dialled>(this), urgent);
}

void ClientCall::Impl::on_dialled(base::Result<std::unique_ptr<net::Stream>> stream) {
  pool.loop().retire(std::move(dial));
  place.leave();
  if (!stream) {
    pool.close_idle();
    return end({std::move(stream).error(), CallEnd::Phase::dial});
  }
  pool.note_peer((*stream)->peer());
  conn = std::make_unique<ClientConn>(pool.loop(), *std::move(stream), dial_generation);
  start_exchange();
}

void ClientCall::Impl::start_exchange() {
  state = State::exchange;
  conn->set_paused(paused);
  conn->exchange(*this, head, body, head_method);
}

void ClientCall::Impl::on_conn_head(const ResponseHead& response) {
  arm();
  // Nothing is sent again from here on, but a connection that is still sending needs them.
  if (conn->sent()) {
    std::string().swap(head);
    std::string().swap(body);
  }
  handler.on_head(response);
}

void ClientCall::Impl::on_conn_body(std::string_view bytes) {
  handler.on_body(bytes);
}

void ClientCall::Impl::on_conn_done(bool reusable) {
  if (reusable) pool.park(std::move(conn));
  end({});
}

void ClientCall::Impl::on_conn_failed(base::Error error, bool network) {
  if (network) pool.close_idle();
  // After a response byte, or for a POST that may have arrived, only the caller can decide whether
  // to retry.
  const bool again = network && reused && !conn->answered() && (idempotent || !conn->sent_any());
  if (!again) return end({std::move(error), phase()});
  reused = false;
  pool.count_retry();
  pool.drop(std::move(conn));
  start_dial();
}

void ClientCall::Impl::on_time() {
  base::Error error = timeout_error();
  const CallEnd::Phase where = phase();
  if (where != CallEnd::Phase::body) pool.close_idle();
  end({std::move(error), where});
}

CallEnd::Phase ClientCall::Impl::phase() const {
  if (!conn) return CallEnd::Phase::dial;
  if (conn->head_done()) return CallEnd::Phase::body;
  return conn->sent() || conn->answered() ? CallEnd::Phase::head : CallEnd::Phase::send;
}

base::Error ClientCall::Impl::timeout_error() const {
  const bool in_body = conn && conn->head_done();
  const bool total = in_body || total_deadline <= head_deadline;
  const char* what = "";
  switch (phase()) {
    case CallEnd::Phase::dial:
      what = "not connected within ";
      break;
    case CallEnd::Phase::send:
      what = "request not sent within ";
      break;
    case CallEnd::Phase::head:
      what = "no response head within ";
      break;
    case CallEnd::Phase::body:
      what = "response not complete within ";
      break;
  }
  return {base::Errc::timeout, what + base::format_duration(total ? total_time : head_time)};
}

// One timer for both limits; the head's limit no longer counts once the head is received.
void ClientCall::Impl::arm() {
  if (paused) return timer.cancel();
  const bool in_body = conn && conn->head_done();
  timer.arm_at(in_body ? total_deadline : std::min(head_deadline, total_deadline));
}

void ClientCall::Impl::pause(bool pausing) {
  if (state == State::idle || pausing == paused) return;
  paused = pausing;
  if (paused) {
    paused_at = pool.loop().now();
  } else {
    const base::Duration stood = pool.loop().now() - paused_at;
    head_deadline = later(head_deadline, stood);
    total_deadline = later(total_deadline, stood);
  }
  if (!refused) arm();
  if (conn) conn->set_paused(paused);
}

// Goes to idle and silences every source.
void ClientCall::Impl::leave() {
  state = State::idle;
  pool.count_end();
  begin_task.cancel();
  timer.cancel();
  refused.reset();
  place.leave();
  if (dial) dial->cancel();
  pool.loop().retire(std::move(dial));
  if (conn) pool.drop(std::move(conn));
  std::string().swap(head);
  std::string().swap(body);
}

void ClientCall::Impl::end(const CallEnd& how) {
  leave();
  handler.on_end(how);
}

void ClientCall::Impl::cancel() {
  if (state != State::idle) leave();
}

ClientCall::ClientCall(ClientPool& pool, CallHandler& handler)
    : impl_(std::make_unique<Impl>(pool, handler)) {}

ClientCall::~ClientCall() {
  loop::Loop& loop = impl_->pool.loop();
  impl_->cancel();
  loop.retire(std::move(impl_));  // one of its callbacks may be on the stack
}

void ClientCall::start(ClientRequest request) {
  impl_->start(std::move(request));
}
void ClientCall::cancel() {
  impl_->cancel();
}
bool ClientCall::active() const {
  return impl_->active();
}
void ClientCall::pause(bool paused) {
  impl_->pause(paused);
}

}  // namespace http
