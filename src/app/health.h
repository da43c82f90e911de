// Health: is the process alive (/healthz), and can it do its work (/readyz: the API server was
// reached, and we are not on our way out)? At the start it asks the API server for its version
// until it answers: 1, 2, 4 … 60 s apart.
//
//   /healthz           {"status":"ok","version":…}
//   /healthz?verbose   besides "watches":[…]: every watch (tools/watch_page.h)
//   /readyz            {"status":"ready"|"not ready","reasons":[…],"stale":[…]?,"version":…}:
//                      "stale" are the watches that are down, since when, why, and the next try
//
// An API server that is frozen (kube/pulse.h) makes the server unready: every call would
// fail. A stale watch does not make the server unready: other callers are served, the watch is tried
// again by itself, and a pod taken out of service for one namespace's trouble would end the streams
// of all. Readiness says that calls can be answered; "stale", that some subscribers wait.
//
// Nobody is asked who reads these pages; how much they show depends on what can be known of the
// reader all the same (reader.h): a stranger sees classes, no text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/pulse.h"
#include "loop/loop.h"
#include "tools/watch_page.h"
#include "watchutil/backoff.h"

namespace app {

class Health {
 public:
  // All outlive it.
  Health(loop::Loop& loop, kube::Client& client, base::Random& random, kube::Pulse& pulse);

  void start();
  void drain();  // not ready any more; asks no more
  bool ready() const { return reached_ && !draining_ && !pulse_.frozen(); }
  // The watches that the pages tell of. Before it: of none.
  using WatchesFn = base::Delegate<std::vector<tools::WatchInfo>()>;
  void show(WatchesFn watches);

  // Answers GET and HEAD of /healthz and /readyz, other methods with 405. False: another path, or
  // /healthz?verbose, which is for those who pass the host check: it names namespaces, and a page
  // of a browser's must not read it under another name of ours.
  bool answer(const http::Request& request, http::Reply& reply, const tools::Reader& reader) const;
  // The same of /healthz?verbose.
  bool answer_verbose(const http::Request& request, http::Reply& reply,
                      const tools::Reader& reader) const;

 private:
  void ask();
  void on_answer(kube::ApiGet::Outcome outcome);
  std::vector<tools::WatchInfo> watches() const;
  tools::WatchPage page(const tools::Reader& reader) const;
  void send_alive(http::Reply& reply) const;
  void send_watches(http::Reply& reply, const tools::Reader& reader) const;
  void send_ready(http::Reply& reply, const tools::Reader& reader) const;

  loop::Loop& loop_;
  kube::Client& client_;
  kube::Pulse& pulse_;
  base::Random& random_;
  bool reached_ = false, draining_ = false;
  std::string problem_ = "the API server was not reached yet";  // for those who see texts
  std::string problem_class_ = problem_;
  WatchesFn watches_;
  watchutil::Backoff backoff_;
  kube::ApiGet version_;
  loop::Timer again_;
};

// GET or HEAD; everything else is answered with 405.
bool is_read(const http::Request& request, http::Reply& reply);

}  // namespace app
