// Session: the server that a command asks: one at a URL or a Unix socket, or one in this process
// that serves the kubeconfig's cluster: the whole app::App, of which one end of a pair of sockets is a
// connection, so that all that a client can do works in the same way.
//
// A command asks one request after the other; ask() runs the loop until the answer is there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/app.h"
#include "base/delegate.h"
#include "base/error.h"
#include "cli/options.h"
#include "client/address.h"
#include "client/request.h"
#include "http/client_pool.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "net/tls.h"

namespace cli {

class Session final : private client::Observer {
 public:
  using NotifyFn = base::Delegate<void(std::string_view method, base::json::Value params)>;

  // Errc::invalid_argument: a flag or variable is wrong (exit code 2); other errors: the server or
  // cluster cannot be used.
  static base::Result<std::unique_ptr<Session>> open(const Options& options, app::Getenv getenv,
                                                     bool asks_user);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `notify`: gets the notifications that come before the answer.
  client::Outcome ask(client::Ask ask, NotifyFn notify = {});
  // Ends ask() from a notification: it returns an Outcome with Errc::cancelled.
  void stop();
  // Runs the loop for this long.
  void wait(base::Duration time);
  bool in_process() const { return app_ != nullptr; }
  // For messages: "http://127.0.0.1:6767", "the server in process".
  const std::string& name() const { return name_; }

 private:
  explicit Session(const Options& options);
  base::Result<void> connect(const Options& options);
  base::Result<void> start_in_process(const Options& options, app::Getenv getenv);
  base::Result<std::unique_ptr<net::Stream>> connect_in_process();
  base::Result<std::unique_ptr<net::Stream>> connect_unix();
  void on_notification(std::string_view method, base::json::Value params) override;
  void on_end(client::Outcome outcome) override;
  void on_time() { loop_.stop(); }
  void on_stopped();
  void on_stop();

  std::string name_;
  base::Duration timeout_;
  loop::RealClock clock_;
  loop::Loop loop_;
  net::Resolver resolver_;
  client::Address address_;
  client::Peer peer_;
  std::unique_ptr<net::TlsContext> tls_;
  std::unique_ptr<app::App> app_;  // nullptr: a server elsewhere
  bool app_started_ = false, app_stopped_ = false;
  std::optional<http::ClientPool> pool_;
  std::unique_ptr<client::Request> request_;
  NotifyFn notify_;
  std::optional<client::Outcome> outcome_;
  loop::Timer timer_;
  loop::Deferred stop_;
};

}  // namespace cli
