// The implementations of ClientPool and ClientCall. Private to client_pool.cc and client_call.cc.
//
// A call:
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
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/client_conn.h"
#include "http/dial_gate.h"
#include "loop/loop.h"
#include "net/dial.h"

namespace http {

struct ClientPool::Impl {
  Impl(loop::Loop& loop, net::Resolver& resolver, std::string host, int port,
       std::string host_header, net::TlsContext* tls);

  // Takes the idle connection used last, if one still lives; else returns nullptr.
  std::unique_ptr<ClientConn> take();
  // Parks `conn`; with kIdlePerPool idle ones, it replaces the one that was idle longest.
  void park(std::unique_ptr<ClientConn> conn);
  // Closes `conn` and frees it at the end of the turn.
  void drop(std::unique_ptr<ClientConn> conn);
  void close_idle();

  void on_conn_ended(ClientConn& ended);
  void on_idle_time();

  loop::Loop& loop;
  net::Resolver& resolver;
  const std::string host;
  const int port;
  const std::string host_header;
  net::TlsContext* tls;
  std::optional<net::Proxy> proxy;
  DialGate* gate = nullptr;
  unsigned generation = 0;                        // of `tls`; others are not parked
  std::vector<std::unique_ptr<ClientConn>> idle;  // in order of parking, at most kIdlePerPool
  PoolStats stats;
  loop::Timer idle_timer;
};

struct ClientCall::Impl final : ConnUser {
  Impl(ClientPool::Impl& pool, CallHandler& handler);

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

  ClientPool::Impl& pool;
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

}  // namespace http
