// Endpoint: everything behind /mcp. One POST, GET or DELETE comes in whole and is answered through
// its Reply. The order of decisions is fixed (host and origin, verb, headers that may come once,
// auth, content type and coding, accept, JSON, shape, era), every 4xx before the first byte.
//
// Both eras are served here, on one path; which one a message belongs to is decided for each by
// itself, in one place, decide_era().
//
//   request → authenticate (now or later) → parse → era → legacy.h: session, method
//                                                       → modern.h: checks, method
//                                                       → tool run | resource run | feed → Reply
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
  // Hosts (without port, lower case) that Host and Origin may name besides loopback names; used
  // when bound to loopback or given explicitly. check_host false: any Host (bound to a real
  // address, behind a service name); Origin is always checked when present (MCP 2025-11-25,
  // Transports, "Security Warning").
  bool check_host = true;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;  // "https://host[:port]", exact
  // What the operator calls these two lists, for the refusals.
  std::string hosts_setting = "allowed_hosts", origins_setting = "allowed_origins";
  std::size_t max_sessions = base::limits::kSessions;
  std::size_t max_sessions_per_caller = base::limits::kSessions;  // of one with a token
  base::Duration session_idle = base::limits::kSessionIdle;
  // How long a legacy session without a stream keeps its subscriptions, and the rest of an answer
  // whose connection broke.
  base::Duration resume_window = base::limits::kResumeWindow;
  // Count what others can make us hold; outlive the endpoint. nullptr: some of its own, without a
  // memory limit.
  base::Budgets* budgets = nullptr;
  // Seals what modern calls that ask their clients leave with them; replicas behind one address
  // share it. "" : a random one, so that such a call ends with this process. At least
  // base::kSealKeyBytes.
  std::string seal_key;
};

struct EndpointStats {
  // Now. Calls: tools/call, resources/read and tasks that work; subscriptions: those not yet
  // answered, too.
  std::size_t sessions = 0, streams = 0, subscriptions = 0, calls = 0;
  std::size_t listens = 0;                   // of the streams, those of the modern era
  std::size_t queued_frames = 0;             // not yet taken by their readers' sockets
  std::uint64_t delivered = 0, dropped = 0;  // notifications, since the start
};

class Endpoint {
 public:
  // All outlive it. What was retired in its last turn is freed by the loop: run one more turn
  // before what the tools use dies.
  Endpoint(loop::Loop& loop, Registry& registry, Authenticator& authenticator,
           EndpointOptions options);
  ~Endpoint();

  // Host and Origin: for every path of the server. False: answered with 403. True: the answer will
  // say to a browser that the page may read it.
  bool admit(const http::Request& request, http::Reply& reply);
  // Requires: admit() was true and the path is /mcp or /mcp/.
  void on_request(const http::Request& request, http::Reply reply);
  // The same for a message that came without HTTP, on a stream that is its client's alone: the
  // request's headers were made of it.
  void on_message(const http::Request& request, http::Reply reply);

  // Shutdown, in this order. begin_drain: new sessions, subscriptions and calls are refused (503,
  // Retry-After); those under way go on.
  void begin_drain();
  // Every feed publishes its last delta and ends (watches close with their last subscriber); one
  // whose session has no room for it yet ends when it has. Subscriptions not yet answered: an
  // error.
  void end_feeds(std::string_view reason);
  // Streams end cleanly when all that waits for them was handed over; no new ones. Frames queued
  // for a session without a stream are lost here and counted as dropped.
  void end_streams();
  // Answers calls that are still under way, and requests whose caller is still being asked about,
  // with an error.
  void abandon_calls(std::string_view reason);
  // Told, in a later callback, after each change that could make calls, subscriptions, streams or
  // outboxes zero while draining. What a stream has queued when it ends is the http server's to say
  // (Server::busy).
  void on_progress(base::Delegate<void()> fn);
  EndpointStats stats() const;
  const RequestStats& requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp
