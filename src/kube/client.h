// Client: calls to one API server. Chooses the connection pool by credentials (ours with the client
// certificate, or one without any), adds the Authorization header (re-reading token files, running
// the exec plugin once for all who wait), retries once after a 401 with freshly read credentials,
// and turns every answer that is not 2xx into a Failure (an HTML page where JSON was asked for,
// too).
//
// Files (CA, client certificate, token) are looked at again when older than kFileCheck
// (watched_file.h), at a 401 and after a failed dial; a file that cannot be read or parsed keeps
// the last good content, with a warning. A changed CA or certificate closes idle connections.
//
// Over http:// to anything but loopback no credentials are sent: such a request fails.
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
#include "kube/credentials.h"
#include "kube/failure.h"
#include "kube/kubeconfig.h"
#include "kube/resource.h"
#include "kube/verb.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace kube {

// What is kept of an answer that is not 2xx, and how long its end is waited for: a Status has some
// KiB.
constexpr std::size_t kErrorBodyBytes = 64 * 1024;
constexpr base::Duration kErrorBodyTime = base::seconds(10);

struct ApiRequest {
  std::string method = "GET";
  std::string path;   // from Resource::path, or "/version"
  std::string query;  // from Query
  std::string body;
  std::string content_type;  // of the body
  std::string accept = "application/json";
  Credentials credentials = Credentials::configured();
  base::Duration head_time = base::seconds(30);
  base::Duration total_time = base::seconds(60);  // kForever for watches and log follows
  bool idempotent = true;
  bool urgent = false;  // decides about a caller: may dial with the last descriptors (net/dial.h)
};

class ApiHandler {
 public:
  virtual ~ApiHandler() = default;
  // The value of a Warning header (warnings.h reads it), of whatever answer, before what is said of
  // it below.
  virtual void on_warning(std::string_view) {}
  // The Content-Type of a 2xx answer, "" for none; before on_open.
  virtual void on_content_type(std::string_view) {}
  // A 2xx answer begins (204 included); once, before any data.
  virtual void on_open(int status) = 0;
  virtual void on_data(std::string_view bytes) = 0;
  // Once, as the last statement. nullptr: the answer was whole. With on_open before it, a failure
  // is one of the body (cut, stalled).
  virtual void on_end(const Failure* failure) = 0;
};

class Client;

// One call at a time; a member of its owner. Never calls back inside start(); the destructor
// cancels, also inside one of its callbacks. It may be started again from on_end.
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

// A call whose whole body is wanted (at most `max_body` bytes, else Errc::too_large). A Status that
// says Failure is a failure, whatever the HTTP status was.
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

// What was asked of the API server with one verb since the start; a call that had to be repeated
// counts each time. How long: from start() to the answer's head, or to the failure that came
// instead.
struct VerbStats {
  http::StatusCounts answers;
  base::metrics::Histogram head_time;
};

// What one list or watch may come to.
struct ListLimits {
  std::size_t objects = 100000;  // of one kind: ten times the largest management cluster we know of
  std::size_t bytes = 256 * base::limits::kMiB;  // of what is kept of them
  base::Budget* budget = nullptr;                // of what all keep together; outlives the client
  std::size_t page_bytes = base::limits::kClientBodyBytes;  // a larger page is asked for with fewer
};

struct ClientStats {
  std::uint64_t requests = 0, failures = 0;  // calls started; calls that ended with a Failure
  std::size_t connections = 0;               // open to the API server
};

class Client {
 public:
  // Reads the certificates of `config`; fails when they cannot be used. `loop` and `resolver`
  // outlive it, its calls die before it (so it is never destroyed inside a callback of one).
  // `user_agent`: "k0rdent-mcp/VERSION (linux/amd64)".
  static base::Result<std::unique_ptr<Client>> create(loop::Loop& loop, net::Resolver& resolver,
                                                      Config config, std::string user_agent);
  ~Client();

  const Config& config() const;
  std::string server() const;  // "https://10.0.0.1:6443", for people
  ClientStats stats() const;
  const VerbStats& stats(Verb verb) const;
  // May a reflector have its first state streamed ("streaming lists", WatchList: on by default from
  // Kubernetes 1.34) instead of listed in pages? Off for good once the server turned out not to.
  bool streams_lists() const;
  void set_streams_lists(bool on);
  // How long a watch is asked to last at least (timeoutSeconds; at random up to a fifth more). Zero,
  // the default: as long as suits what is watched.
  base::Duration watch_timeout() const;
  void set_watch_timeout(base::Duration least);
  const ListLimits& list_limits() const;
  void set_list_limits(const ListLimits& limits);
  loop::Loop& loop() const;
  void close_idle();  // a peer that fell silent: its other connections are no better

 private:
  friend class ApiCall;
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
