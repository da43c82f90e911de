// What Client and ApiCall hide. Private to client.cc and api_call.cc.
//
// An ApiCall:
//   state     means                                                       leaves by
//   idle      nothing under way                                            start → waiting,
//   sending, refused waiting   the exec plugin runs                                         its end
//   → sending, refused; total_time → end sending   the request is out, nothing has come yet 2xx
//   head → open; other head → error; end open      a 2xx answer: data goes to the handler end error
//   another answer: its body is collected, kErrorBodyTime at most  401, once, with other
//   credentials → waiting, sending; end refused   cannot be sent; told from a task, never inside
//   start         end end: state idle, then on_end as the last statement.   cancel → idle, silently
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.h"
#include "kube/auth.h"
#include "kube/client.h"
#include "kube/transport.h"
#include "loop/loop.h"

namespace kube {

struct Client::Impl {
  Impl(loop::Loop& loop_in, Config config_in, std::string user_agent_in,
       std::unique_ptr<Transport> transport_in);

  // Why `credentials` cannot be sent at all.
  std::optional<Failure> objection(const Credentials& credentials) const;
  http::ClientRequest make_request(const ApiRequest& request) const;

  loop::Loop& loop;
  const Config config;
  const std::string user_agent;
  std::unique_ptr<Transport> transport;
  Auth auth;
  ClientStats stats;
  std::array<VerbStats, kVerbs> verbs;
  bool streams_lists = false;
  base::Duration watch_timeout{};
  ListLimits list_limits;
};

struct ApiCall::Impl final : http::CallHandler {
  enum class State : unsigned char { idle, waiting, sending, open, error, refused };

  Impl(Client::Impl& client_in, ApiHandler& handler_in);

  void start(ApiRequest what);
  void cancel();
  void pause(bool want);
  bool in_callback() const { return depth > 0; }
  loop::Loop& loop() const { return client.loop; }

  void on_head(const http::ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end(const http::CallEnd& end) override;

 private:
  class InCallback;
  void acquire();
  void send();
  void refuse(Failure why);
  void on_credentials();
  void on_refused();
  void on_time();
  void answer_is_whole();
  void leave();
  void record(int answer);
  void finish(const Failure* why);  // the last statement wherever it is called
  Failure collected() const;

  Client::Impl& client;
  ApiHandler& handler;
  ApiRequest request;
  base::TimePoint started;
  std::uint64_t stamp = 0;                 // of the credentials sent
  std::optional<Failure> failure;          // of refused; of the first 401
  std::string body;                        // of an error
  std::optional<std::string> retry_after;  // its header
  int status = 0;
  int depth = 0;
  bool again = false, paused = false;
  Transport::Use route;  // outlives `call`
  std::unique_ptr<http::ClientCall> call;
  Auth::Waiter waiter;
  loop::Deferred refused_task;
  loop::Timer timer;

 public:
  State state = State::idle;
};

}  // namespace kube
