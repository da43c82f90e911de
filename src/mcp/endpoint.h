// Endpoint: everything behind /mcp. Takes one complete POST, GET or DELETE and answers it through
// its Reply. The order of checks is fixed (host and origin, HTTP method, headers that must not be
// repeated, authentication, content type and coding, accept, JSON, shape, era); every 4xx is sent
// before the first byte of a stream.
//
// Both eras are served on one path; decide_era() alone decides which one a message belongs to, for
// each message separately.
//
//   request → authenticate (now or later) → parse → era ┬→ legacy.h: session, method ─┐
//                                                       └→ modern.h: checks, method ──┤
//                                        Reply ← tool run | resource run | feed ←─────┘
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budgets.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/registry.h"
#include "mcp/request_stats.h"

namespace mcp {

struct EndpointOptions {
  std::string server_name = "k0rdent-mcp-server";
  std::string server_title = "k0rdent MCP";
  std::string server_version;
  std::string instructions;
  // Hosts (without port, lower case) that Host and Origin may name besides loopback names. Set
  // check_host when the server is bound to loopback or the list is given explicitly. check_host
  // false: any Host is accepted (bound to a real address, behind a service name). Origin is always
  // checked when present (MCP 2025-11-25, Transports, "Security Warning").
  bool check_host = true;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;  // "https://host[:port]", exact
  // The operator's names for these two lists, for the texts of refusals.
  std::string hosts_setting = "allowed_hosts", origins_setting = "allowed_origins";
  std::size_t max_sessions = base::limits::kSessions;
  std::size_t max_sessions_per_caller = base::limits::kSessions;  // for callers with a token
  base::Duration session_idle = base::limits::kSessionIdle;
  // How long a legacy session without a stream keeps its subscriptions, and the rest of an answer
  // whose connection broke.
  base::Duration resume_window = base::limits::kResumeWindow;
  // Counts what clients can make the server hold. Must outlive the endpoint. nullptr: the endpoint
  // has its own, without a memory limit.
  base::Budgets* budgets = nullptr;
  // Seals the state that modern calls give their clients to carry; replicas behind one address
  // share it. At least base::kSealKeyBytes. "": a random key, so that such a call cannot go on
  // after a restart or in another replica.
  std::string seal_key;
};

struct EndpointStats {
  // Now. calls: the calls of both eras, and tasks with status working; subscriptions: including
  // those not yet answered.
  std::size_t sessions = 0, streams = 0, subscriptions = 0, calls = 0;
  std::size_t listens = 0;                   // listen streams (modern), also part of `streams`
  std::size_t queued_frames = 0;             // not yet written to the clients' sockets
  std::uint64_t delivered = 0, dropped = 0;  // notifications, since the start
};

class Endpoint {
 public:
  // `loop`, `registry` and `authenticator` must outlive this. The loop frees what the endpoint
  // retired in its last turn: run one more turn before you destroy what the tools use.
  Endpoint(loop::Loop& loop, Registry& registry, Authenticator& authenticator,
           EndpointOptions options);
  ~Endpoint();

  // Checks Host and Origin; call it for every path of the server. False: answered with 403. True:
  // the CORS headers that let the browser's page read the answer were added to the reply.
  bool admit(const http::Request& request, http::Reply& reply);
  // Requires: admit() was true and the path is /mcp or /mcp/.
  void on_request(const http::Request& request, http::Reply reply);
  // The same for a message that came without HTTP, on a stream that belongs to one client: the
  // request's headers were made from the message (Mirror::made).
  void on_message(const http::Request& request, http::Reply reply);

  // Shutdown: call the next four in this order.
  // Refuses new sessions, subscriptions and calls (503, Retry-After); those in progress go on.
  void begin_drain();
  // Every feed publishes its last delta and ends (watches close with their last subscriber); a feed
  // whose session has no room for the delta ends when it has. Subscriptions not yet answered get an
  // error.
  void end_feeds(std::string_view reason);
  // Streams end cleanly when everything that waits for them was handed over; no new ones open.
  // Frames queued for a session without a stream are lost and counted as dropped.
  void end_streams();
  // Answers calls that are still in progress, and requests whose token is still being checked, with
  // an error.
  void abandon_calls(std::string_view reason);
  // While draining, `fn` is called, in a later callback, after each change that could bring the
  // number of calls, subscriptions, streams or waiting frames to zero. Bytes that an ended stream
  // still has queued are the HTTP server's (Server::busy).
  void on_progress(base::Delegate<void()> fn);
  EndpointStats stats() const;
  const RequestStats& requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp
