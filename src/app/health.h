// Health: liveness (/healthz) and readiness (/readyz: the API server was reached and the server is
// not shutting down). At the start it requests the API server's version until it answers, 1, 2, 4 …
// 60 s apart.
//
//   /healthz           {"status":"ok","version":…}
//   /healthz?verbose   the same with "watches":[…]: every watch (fanout/status_page.h)
//   /readyz            {"status":"ready"|"not ready","reasons":[…],"stale":[…]?,"issuers":[…]?,
//                      "version":…}; "stale" lists the watches that are down, since when, why, and
//                      the time of the next attempt; "issuers" those whose keys could not be fetched
//                      lately or ever (auth/token/key_cache.h), and the age of those in use
//
// A frozen API server (kube/pulse.h) makes the server unready, because every call would fail. A
// stale watch does not: other callers are served, the watch is retried automatically, and taking
// the pod out of service for the trouble of one namespace would end the streams of all. Readiness
// means that calls can be answered; "stale" means that some subscribers wait.
//
// The pages are served without authentication. How much they show depends on what is known about
// the reader (reader.h): a stranger sees error classes, no texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/issuers.h"
#include "base/json.h"
#include "base/random.h"
#include "fanout/status_page.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/pulse.h"
#include "loop/loop.h"
#include "watchutil/backoff.h"

namespace app {

class Health {
 public:
  // All must outlive it.
  Health(loop::Loop& loop, kube::Client& client, base::Random& random, kube::Pulse& pulse);

  void start();
  void drain();  // makes it unready for good and stops the probes
  bool ready() const { return reached_ && !draining_ && !pulse_.frozen(); }
  // The source of the watches on the pages; before show() they list none.
  using WatchesFn = base::Delegate<std::vector<fanout::WatchInfo>()>;
  void show(WatchesFn watches);
  using IssuersFn = base::Delegate<std::vector<auth::IssuerStatus>()>;
  void show_issuers(IssuersFn issuers) { issuers_ = issuers; }

  // The three pages (routes.cc has their paths).
  void send_alive(http::Reply& reply) const;
  void send_watches(http::Reply& reply, const fanout::Reader& reader) const;
  void send_ready(http::Reply& reply, const fanout::Reader& reader) const;

 private:
  void ask();
  void on_answer(kube::ApiGet::Outcome outcome);
  void write_issuers(base::json::Writer& w, const fanout::Reader& reader) const;
  std::vector<fanout::WatchInfo> watches() const;
  fanout::StatusPage page(const fanout::Reader& reader) const;

  loop::Loop& loop_;
  kube::Client& client_;
  kube::Pulse& pulse_;
  base::Random& random_;
  bool reached_ = false, draining_ = false;
  std::string problem_ = "the API server was not reached yet";  // for readers that see texts
  std::string problem_class_ = problem_;
  WatchesFn watches_;
  IssuersFn issuers_;
  watchutil::Backoff backoff_;
  kube::ApiGet version_;
  loop::Timer again_;
};

// True for GET and HEAD; other methods are answered with 405.
bool is_read(const http::Request& request, http::Reply& reply);

}  // namespace app
