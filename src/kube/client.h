// Client: calls to one API server. It chooses the connection pool by credentials (one with our
// client certificate, or one without any), adds the Authorization header (re-reading token files,
// and running the exec plugin once for all waiting requests), retries once after a 401 with freshly
// read credentials, and turns every answer other than 2xx into a Failure, as it does an HTML page
// where JSON was requested.
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
#include "base/delegate.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "http/client.h"
#include "http/status_counts.h"
#include "kube/config/credentials.h"
#include "kube/config/kubeconfig.h"
#include "kube/failure.h"
#include "kube/resource.h"
#include "kube/verb.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace kube {

// Limits on the body of an answer other than 2xx: the bytes kept, and the wait for its end. A
// Status has a few KiB.
constexpr std::size_t kErrorBodyBytes = 64 * 1024;
constexpr base::Duration kErrorBodyTime = base::seconds(10);

struct ApiRequest {
  std::string method = "GET";
  std::string path;   // from Resource::path, or "/version"
  std::string query;  // from Query
  std::string body;
  std::string content_type;  // the body's
  std::string accept = "application/json";
  config::Credentials credentials = config::Credentials::configured();
  base::Duration head_time = base::seconds(30);
  base::Duration total_time = base::seconds(60);  // kForever for watches and log follows
  bool idempotent = true;
  bool urgent = false;  // authenticates a caller: may dial with the last descriptors (net/dial.h)
};

class ApiHandler {
 public:
  virtual ~ApiHandler() = default;
  // The value of a Warning header (parsed by warnings.h), for answers of any status, before the
  // callbacks below.
  virtual void on_warning(std::string_view) {}
  // The Content-Type of a 2xx answer, "" if it has none; before on_open.
  virtual void on_content_type(std::string_view) {}
  // A 2xx answer (204 included) begins; called once, before any data.
  virtual void on_open(int status) = 0;
  virtual void on_data(std::string_view bytes) = 0;
  // Called once, as the last statement, so that it may destroy the call. nullptr: the answer is
  // complete. After on_open a failure is one of the body (cut, stalled).
  virtual void on_end(const Failure* failure) = 0;
};

class Client;

// One call at a time; a member of its owner. The handler is never called inside start(). The
// destructor cancels, also inside a callback. start() may be called again from on_end. Client and
// handler must outlive it.
class ApiCall {
 public:
  ApiCall(Client& client, ApiHandler& handler);
  ~ApiCall();
  ApiCall(const ApiCall&) = delete;
  ApiCall& operator=(const ApiCall&) = delete;
  void start(ApiRequest request);  // Requires: !active()
  void cancel();
  bool active() const;
  void pause(bool paused);

 private:
  friend class Client;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A call that collects the whole body (at most `max_body` bytes, else Errc::too_large). A Status
// object with status Failure is a failure, whatever the HTTP status was.
class ApiGet : private ApiHandler {
 public:
  struct Outcome {
    std::optional<Failure> failure;
    int status = 0;
    std::string body;
  };
  using Fn = base::Delegate<void(Outcome)>;
  ApiGet(Client& client, Fn fn, std::size_t max_body = base::limits::kClientBodyBytes);
  void start(ApiRequest request);
  void cancel() { call_.cancel(); }
  bool active() const { return call_.active(); }

 private:
  void on_open(int status) override;
  void on_data(std::string_view bytes) override;
  void on_end(const Failure* failure) override;
  Fn fn_;
  std::size_t max_body_;
  Outcome outcome_;
  ApiCall call_;
};

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
  loop::Loop& loop() const;
  void close_idle();  // for a peer that fell silent: its idle connections may be dead, too

 private:
  friend class ApiCall;
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
