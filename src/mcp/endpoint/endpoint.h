// Endpoint: everything behind /mcp. Takes one complete POST, GET or DELETE and answers it through
// its Reply. The order of checks is fixed (host and origin, HTTP method, headers that must not be
// repeated, authentication, content type and coding, accept, JSON, shape, era); every 4xx is sent
// before the first byte of a stream.
//
// Both eras are served on one path; decide_era() alone decides which one a message belongs to, for
// each message separately.
//
//   request → authenticate (now or later) → parse → era ┬→ legacy/server.h: session, method ─┐
//                                                       └→ modern/server.h: checks, method ──┤
//                                        Reply ← tool run | resource run | feed ←────────────┘
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/delegate.h"
#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/registry.h"
#include "mcp/shared/options.h"
#include "mcp/shared/pace.h"
#include "mcp/shared/request_stats.h"

namespace mcp::endpoint {

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
           shared::Options options);
  ~Endpoint();

  // Checks Host and Origin; call it for every path of the server. False: answered with 403. True:
  // the CORS headers that let the browser's page read the answer were added to the reply.
  // `check_host`: instead of the option of this name. `any_origin`: the Host alone, and no headers:
  // for what every site's page may read.
  bool admit(const http::Request& request, http::Reply& reply,
             std::optional<bool> check_host = std::nullopt, bool any_origin = false);
  // Requires: admit() was true and the path is /mcp or /mcp/. `by` decides instead of the endpoint's
  // authenticator, and must outlive the endpoint, too, unless it refuses this request at once.
  void on_request(const http::Request& request, http::Reply reply, Authenticator* by = nullptr);
  // The same for a message that came without HTTP, on a stream that belongs to one client: the
  // request's headers were made from the message (Mirror::made).
  void on_message(const http::Request& request, http::Reply reply);

  // Shutdown: call begin_drain(), end_feeds(), end_streams() and abandon_calls() in this order.
  // Refuses new sessions and subscriptions (503, Retry-After); those in progress go on, and calls
  // still begin until refuse_calls().
  void begin_drain();
  void refuse_calls();
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
  void when_progress(base::Delegate<void()> fn);
  EndpointStats stats() const;
  const shared::RequestStats& requests() const;
  const shared::Pace& pace() const;
  // From now on; what a caller has used of the former rates counts.
  void set_rates(const shared::Rates& rates);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp::endpoint
