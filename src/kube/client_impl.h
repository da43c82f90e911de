// The implementation of Client and ApiCall. Private to client.cc and api_call.cc.
//
// The states of an ApiCall:
//
//   state     meaning                                       leaves by
//   idle      no call in progress                           start → waiting, sending, refused
//   waiting   the exec plugin runs                          its end → sending, refused;
//                                                           total_time → end
//   sending   the request is sent, no answer yet            2xx head → open; other head → error;
//                                                           end
//   open      a 2xx answer: data goes to the handler        end
//   error     another answer: its body is collected for     401, once, when there are other
//             kErrorBodyTime at most                        credentials → waiting, sending; end
//   refused   the request cannot be sent; reported from a   end
//             task, never inside start()
//
// "end": the state becomes idle, then on_end is called as the last statement. cancel() leads to
// idle without a callback.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.h"
#include "kube/client.h"
#include "kube/config/auth.h"
#include "kube/config/transport.h"
#include "loop/loop.h"

namespace kube {

struct Client::Impl {
  Impl(loop::Loop& loop_in, config::Config config_in, std::string user_agent_in,
       std::unique_ptr<config::Transport> transport_in);

  // Why `credentials` must not be sent to this server; nullopt: they may.
  std::optional<Failure> objection(const config::Credentials& credentials) const;
  http::ClientRequest make_request(const ApiRequest& request) const;

  loop::Loop& loop;
  const config::Config config;
  const std::string user_agent;
  std::unique_ptr<config::Transport> transport;
  config::Auth auth;
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
  void finish(const Failure* why);  // must be the last statement of its caller
  Failure collected() const;

  Client::Impl& client;
  ApiHandler& handler;
  ApiRequest request;
  base::TimePoint started;
  std::uint64_t stamp = 0;                 // identifies the credentials sent
  std::optional<Failure> failure;          // in state refused; and of the first 401
  std::string body;                        // of an error answer
  std::optional<std::string> retry_after;  // its Retry-After header
  int status = 0;
  int depth = 0;
  bool again = false, paused = false;
  config::Transport::Use route;  // must outlive `call`
  std::unique_ptr<http::ClientCall> call;
  config::Auth::Waiter waiter;
  loop::Deferred refused_task;
  loop::Timer timer;

 public:
  State state = State::idle;
};

}  // namespace kube
