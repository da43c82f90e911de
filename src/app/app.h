// App: the whole server in one object: cluster side, managers, MCP endpoint, HTTP server, and the
// orderly shutdown.
//
//   start() → running --shutdown()--> draining → closing → stopped
//
//   draining  Readiness is false and nothing new is accepted, but for what was on its way: the
//             backlog, and calls that arrive within kLateTime ("Connection: close"). Feeds send
//             their last delta. Each manager is stopped; the next stage waits until none is left or
//             the drain timeout is over. Calls in flight continue until they are done or half of it
//             (at most kCallGrace) is over.
//   closing   Calls and token checks that still run are answered with an error. Streams end when the
//             client has taken what is queued for them, connections close when empty; at the end of
//             the drain timeout all of them are cut.
//   stopped   Everything is closed; on_stopped is called.
//
// With Command::stdio, standard input and output are the only connection, and the end of input starts
// the shutdown as a signal does; with Command::in_process they are those that server().adopt() gets.
//
// Each step logs one INFO line with its counts. A member uses only members declared above it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "app/acting.h"
#include "app/doors.h"
#include "app/head_checks.h"
#include "app/health.h"
#include "app/heap_gauge.h"
#include "app/oauth.h"
#include "app/pid_file.h"
#include "app/secrets.h"
#include "app/settings.h"
#include "app/trim.h"
#include "auth/kube_authenticator.h"
#include "base/budgets.h"
#include "base/delegate.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "change/context.h"
#include "cluster/cluster.h"
#include "deploy/cluster_wait.h"
#include "deploy/config_checks.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "kube/watch/retry.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "loop/reaper.h"
#include "mcp/endpoint/endpoint.h"
#include "mcp/endpoint/stdio.h"
#include "mcp/registry.h"
#include "net/resolve.h"
#include "tools/register.h"
#include "tools/toolsets.h"

namespace app {

// Start-up memory is released once the API server was reached and this time has passed (trim.h).
constexpr base::Duration kTrimAfter = base::seconds(1);

class App : private http::Handler {
 public:
  // *loop must outlive the App. on_stopped is called once, when the shutdown is complete.
  App(loop::Loop& loop, const Settings& settings, base::Delegate<void()> on_stopped);
  // Requires: start() was not called, or on_stopped was called in an earlier turn of the loop:
  // objects retired in that turn use members that are destroyed here.
  ~App() override;

  // Reads the kubeconfig, listens, and starts to contact the API server. An unreachable cluster is
  // not an error; an unusable kubeconfig and an address that cannot be bound are.
  base::Result<void> start();
  // Begins the shutdown; no effect before start() and the second time. `why`: "SIGTERM", logged.
  void shutdown(const std::string& why);
  // SIGHUP: reads the policy file again and opens the audit file again.
  void reload();
  // Takes from `fresh` the limits that can change while serving (reloading.h); the rest stays.
  void adopt(const Settings& fresh);
  // For a process that exits at once, without destructors: removes the files that would outlive it.
  void abandon() {
    pid_file_.remove();
    if (doors_) doors_->abandon();
  }

  // Requires: start() succeeded, and the command is Command::serve. The first listener's.
  const net::Address& address() const { return doors_->address(0); }
  const Doors& doors() const { return *doors_; }
  bool ready() const { return health_->ready(); }
  mcp::endpoint::EndpointStats stats() const { return endpoint_->stats(); }
  std::size_t watches() const { return managers_->active(); }
  // What lives by itself lives below it; what is made there is told to end, and goes first.
  loop::Scope& scope() { return scope_; }
  tools::Managers& managers() { return *managers_; }
  http::Server& server() { return *server_; }
  const base::Budgets& budgets() const { return budgets_; }

 private:
  enum class State : unsigned char { running, draining, closing, stopped };
  base::Result<void> make_cluster_side();
  base::Result<void> make_oauth();
  void make_server_side();
  http::ServerLimits server_limits() const;
  mcp::Authenticator& authenticator_of(AuthMode mode);
  std::unique_ptr<mcp::Authenticator> make_authenticator(AuthMode mode);
  void register_writes();
  void set_limits();
  base::Result<void> listen();
  void say_door(unsigned door) const;
  void serve_stdio();
  void on_policy() { registry_.announce(mcp::List::tools); }
  void on_end_of_input() { shutdown("end of input"); }
  std::size_t connections() const;

  // The paths (routes.cc).
  struct Route;
  const Route& route_of(const http::Request& request) const;
  void on_request(const http::Request& request, http::Reply reply) override;
  http::BodyRule on_head(const http::Request& head) override;
  std::unique_ptr<http::BodyCheck> check_body(const http::Request& head, std::string_view peer_key,
                                              RuleFn fn) override;
  void refuse_by_head(const http::Request& request, http::Reply reply, mcp::Authenticator& told);
  bool serves_when_full(const http::Request& request) const override;
  AuthMode auth_of(const http::Request& request) const;
  mcp::Authenticator& authenticator_of(const http::Request& request);
  bool checks_host(const http::Request& request) const;
  fanout::Reader reader_of(const http::Request& request);
  mcp::AuthStats auth_stats() const;
  void show_alive(const http::Request& request, http::Reply& reply);
  void show_watches(const http::Request& request, http::Reply& reply);
  void show_ready(const http::Request& request, http::Reply& reply);
  void show_metrics(const http::Request& request, http::Reply& reply);
  void enter_mcp(const http::Request& request, http::Reply& reply);
  void show_metadata(const http::Request& request, http::Reply& reply);
  void refuse_path(const http::Request& request, http::Reply& reply);

  void stop_managers();
  void on_manager_stopped(const fanout::StopReport& report);
  void on_progress();
  void end_late_time();
  base::Duration call_grace() const;
  void step();
  void trim();
  bool has_clients() const;
  void on_full_heap() { client_->close_idle(); }
  void abandon_calls();
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
  Secrets secrets_;
  cluster::NamespaceFilter filter_;
  kube::watch::RetryTable retries_;
  base::Budgets budgets_;        // limits on what clients and API servers can make the server hold
  loop::Reaper reaper_;          // of what the watches held
  loop::Scope scope_{"server"};  // parent of every watch's scope
  Acting acting_;
  net::Resolver resolver_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::Pulse> pulse_;
  std::unique_ptr<kube::Discovery> discovery_;
  std::unique_ptr<cluster::Cluster> cluster_;
  std::unique_ptr<Health> health_;
  std::unique_ptr<OAuth> oauth_;  // with AUTH_MODE=OAUTH only
  std::array<std::unique_ptr<mcp::Authenticator>, kAuthModes> authenticators_;  // by AuthMode
  std::unique_ptr<tools::Managers> managers_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<deploy::MonitorWaits> waits_;
  std::unique_ptr<deploy::ConfigChecks> config_checks_;
  std::unique_ptr<change::Context> change_;
  tools::ToolChoice tool_choice_;
  mcp::Registry registry_;
  std::unique_ptr<mcp::endpoint::Endpoint> endpoint_;
  HeadChecks head_checks_{HeadChecks::AnswerFn::bind<&App::refuse_by_head>(this)};
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> ops_server_;     // nullptr without --ops-listen
  std::unique_ptr<Doors> doors_;                 // nullptr with Command::stdio
  std::unique_ptr<mcp::endpoint::Stdio> stdio_;  // with Command::stdio only
  PidFile pid_file_;
  loop::Deferred progress_;
  std::optional<std::size_t> abandoned_;  // calls answered with an error; nullopt: not yet
  loop::Timer stage_timer_, late_timer_, trim_timer_;
  Trimmer trimmer_;
  HeapGauge gauge_;
};

}  // namespace app
