// Client: one API server; its calls are in api_call.h. It chooses the connection pool by credentials
// (one with our client certificate, or one without any), adds the Authorization header (re-reading
// token files, and running the exec plugin once for all waiting requests), and retries once after a
// 401 with freshly read credentials.
//
// Files (CA, client certificate, token) are read again when the last read is older than kFileCheck
// (watched_file.h), at a 401 and after a failed dial. When a file cannot be read or parsed, its
// last good content stays in use, with a warning. A changed CA or certificate closes idle
// connections.
//
// Credentials are not sent over http:// except to loopback: such a request fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/budget.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "http/status_counts.h"
#include "kube/api_call.h"
#include "kube/body_room.h"
#include "kube/config/kubeconfig.h"
#include "kube/failure.h"
#include "kube/resource.h"
#include "kube/verb.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace http {
struct ClientRequest;
}

namespace kube {

class Gate;

namespace config {
class Auth;
class CallerTokens;
class Transport;
}  // namespace config

// The requests of one verb since the start; a repeated call counts each time. head_time: from
// start() to the answer's head, or to the failure that came instead.
struct VerbStats {
  http::StatusCounts answers;
  base::metrics::Histogram head_time;
};

// Limits of one list or watch.
struct ListLimits {
  std::size_t objects = 100000;  // ten times the largest known management cluster's, of one kind
  std::size_t bytes = 256 * base::limits::kMiB;  // kept for them
  base::Budget* budget = nullptr;                // for all together; must outlive the client
  std::size_t page_bytes = base::limits::kClientBodyBytes;  // a larger one is retried smaller
};

struct ClientStats {
  std::uint64_t requests = 0, failures = 0;  // calls started; calls that ended with a Failure
  std::size_t connections = 0;               // open to the API server
};

class Client {
 public:
  // Reads the certificates of `config`; fails when they cannot be used. `loop` and `resolver` must
  // outlive the Client. All its calls must be destroyed before it, so it must not be destroyed
  // inside a callback of one.
  // `user_agent`: "k0rdent-mcp/VERSION (linux/amd64)".
  static base::Result<std::unique_ptr<Client>> create(loop::Loop& loop, net::Resolver& resolver,
                                                      config::Config config,
                                                      std::string user_agent);
  ~Client();

  const config::Config& config() const;
  std::string server() const;  // "https://10.0.0.1:6443", for people
  ClientStats stats() const;
  const VerbStats& stats(Verb verb) const;
  // Whether reflectors stream their initial state ("streaming lists", WatchList: on by default from
  // Kubernetes 1.34) instead of listing it in pages. Off for good once the server proved not to
  // support it.
  bool streams_lists() const;
  void set_streams_lists(bool on);
  // The shortest timeoutSeconds of a watch; up to a fifth is added at random. Zero, the default: a
  // value that suits the collection.
  base::Duration watch_timeout() const;
  void set_watch_timeout(base::Duration least);
  const ListLimits& list_limits() const;
  void set_list_limits(const ListLimits& limits);
  // The room for the bodies of single answers; its budget must outlive the Client.
  BodyRoom& body_room();
  // Every request is shown to `gate` before it is sent (gate.h); nullptr, the default: none. It must
  // outlive the Client's calls.
  void set_gate(Gate* gate);
  // Where the tokens of Credentials::exchanged() come from; nullptr, the default: such requests are
  // refused. They must outlive the Client's calls.
  void set_caller_tokens(config::CallerTokens* tokens);
  loop::Loop& loop() const;
  void close_idle();  // for a peer that fell silent: its idle connections may be dead, too

  // ---- for its calls

  // Why the request must not be sent: its credentials must not go to this server, or the gate
  // refuses it; nullopt: it may.
  std::optional<Failure> objection(const ApiRequest& request) const;
  http::ClientRequest make_request(const ApiRequest& request) const;
  config::Auth& auth();
  config::Transport& transport();
  config::CallerTokens* caller_tokens() const;
  void count_start();
  void count_failure();
  // `head_time`: from start() to the answer's head, or to the failure that came instead.
  void count_answer(Verb verb, int status, base::Duration head_time);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
