// App: the whole server in one object: cluster side, managers, MCP endpoint, HTTP server, and its
// end.
//
//   start() → running --shutdown()--> draining → closing → stopped
//
//   draining  readiness false, nothing new is accepted; feeds say their last delta; each manager is
//             stopped, and none is left before the next stage (or the drain timeout is over); calls
//             in flight go on until they are done or half of the drain timeout (at most kCallGrace)
//             is over
//   closing   calls still there are answered with an error; streams end when what is queued for
//   them was taken; connections close when empty,
//             until the drain timeout is over
//   stopped   everything is closed; on_stopped is called
//
// With Command::stdio there is no listener: standard input and output are the one connection, and
// the end of input is a shutdown like a signal.
//
// Each step is one INFO line with its counts. Declaration order is the order of life: what is lower
// uses what is higher.
#pragma once

#include <memory>
#include <string>

#include "app/health.h"
#include "app/pid_file.h"
#include "app/settings.h"
#include "app/trim.h"
#include "base/budgets.h"
#include "base/delegate.h"
#include "base/random.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "kube/retry.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/endpoint.h"
#include "mcp/registry.h"
#include "mcp/stdio.h"
#include "net/resolve.h"
#include "tools/kube_authenticator.h"
#include "tools/kube_context.h"
#include "tools/register.h"

namespace app {

// Calls in flight get this long to finish before they are answered with an error: with it a clean
// end stays under 5 s.
constexpr base::Duration kCallGrace = base::seconds(3);

// Start-up memory is given back once the API server was reached and this time has passed (trim.h).
constexpr base::Duration kTrimAfter = base::seconds(1);

class App : private http::Handler {
 public:
  // `loop` outlives it.
  App(loop::Loop& loop, const Settings& settings, base::Delegate<void()> on_stopped);
  // Requires: it never started, or it stopped and the turn of that is over: what was retired in it
  // uses what dies here.
  ~App() override;

  // Reads the kubeconfig, listens, starts to reach for the API server. An unreachable cluster is no
  // error; a kubeconfig that cannot be used and an address that cannot be listened on are.
  base::Result<void> start();
  // Begins the end; again, or without a start: no effect. `why` for the log, e.g. "SIGTERM".
  void shutdown(const std::string& why);
  // Before the process leaves at once, without destructors: takes away what would outlive it.
  void abandon() { pid_file_.remove(); }

  // After start(), not of Command::stdio.
  const net::Address& address() const { return server_->address(); }
  bool ready() const { return health_->ready(); }
  mcp::EndpointStats stats() const { return endpoint_->stats(); }
  std::size_t watches() const { return managers_->active(); }
  http::Server& server() { return *server_; }
  const base::Budgets& budgets() const { return budgets_; }

 private:
  enum class State : unsigned char { running, draining, closing, stopped };
  base::Result<void> make_cluster_side();
  void make_server_side();
  base::Result<void> listen();
  void warn_of_reach() const;
  void serve_stdio();
  void on_end_of_input() { shutdown("end of input"); }
  std::size_t connections() const;
  void on_request(const http::Request& request, http::Reply reply) override;
  http::BodyRule on_head(const http::Request& head) override;
  bool serves_when_full(const http::Request& request) const override;
  void stop_managers();
  void on_manager_stopped(const tools::StopReport& report);
  bool answer_metrics(const http::Request& request, http::Reply& reply) const;
  void on_progress();
  void step();
  void trim();
  void close_streams();
  void finish();

  loop::Loop& loop_;
  Settings settings_;
  base::Delegate<void()> on_stopped_;
  State state_ = State::running;
  bool started_ = false;
  base::TimePoint shutdown_at_{};
  std::size_t managers_stopping_ = 0, watches_at_stop_ = 0, watches_left_ = 0;
  base::Random random_;
  tools::NamespaceFilter filter_;
  kube::RetryTable retries_;
  base::Budgets budgets_;  // of all that others can make us hold
  loop::Scope scope_{"server"};  // whatever watches lives below it
  net::Resolver resolver_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::Pulse> pulse_;
  std::unique_ptr<kube::Discovery> discovery_;
  std::unique_ptr<tools::KubeContext> context_;
  std::unique_ptr<Health> health_;
  std::unique_ptr<mcp::Authenticator> authenticator_;
  std::unique_ptr<tools::Managers> managers_;
  mcp::Registry registry_;
  std::unique_ptr<mcp::Endpoint> endpoint_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<mcp::Stdio> stdio_;  // of Command::stdio
  PidFile pid_file_;
  loop::Deferred progress_;
  loop::Timer stage_timer_, trim_timer_;
  Trimmer trimmer_;
};

}  // namespace app
