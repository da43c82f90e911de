// Transport: the connections to the API server, in two kinds that never mix:
//
//   ours  made with the configured client certificate, if any
//   bare  made without a certificate, for callers' bearer tokens and anonymous requests
//
// Each kind has its own TLS context and pool: a Route. The bare one is made for the first request
// that needs it: a TLS context takes half a millisecond of the program's start. When the CA or client certificate changes, a
// new Route serves further calls; running calls finish on the old Route, whose idle connections
// close, and which is freed with its last call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/client_pool.h"
#include "http/dial_gate.h"
#include "kube/config/kubeconfig.h"
#include "kube/config/watched_file.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "net/tls.h"

namespace kube::config {

// Pause between two file checks caused by failures: reading three files at every refused connection
// would be a load of its own.
constexpr base::Duration kForcedCheck = base::seconds(5);

class Transport {
 public:
  enum class Kind : unsigned char { ours, bare };

 private:
  struct Contexts {
    std::unique_ptr<net::TlsContext> server;  // nullptr over http
    std::unique_ptr<net::TlsContext> proxy;   // of an https:// proxy, else nullptr
  };
  struct Route {
    Route(Transport& owner, Contexts contexts);
    ~Route();
    loop::Loop& loop;
    Contexts tls;
    std::unique_ptr<http::ClientPool> pool;
    int uses = 0;
  };

 public:
  // Keeps a Route, and with it a call's pool, alive. Move-only. The Transport must outlive it, and
  // it must outlive the call made on it.
  class Use {
   public:
    Use() = default;
    Use(Use&& o) noexcept
        : owner_(std::exchange(o.owner_, nullptr)), route_(std::exchange(o.route_, nullptr)) {}
    Use& operator=(Use&& o) noexcept {
      reset();
      owner_ = std::exchange(o.owner_, nullptr);
      route_ = std::exchange(o.route_, nullptr);
      return *this;
    }
    ~Use() { reset(); }
    void reset();
    http::ClientPool& pool() const { return *route_->pool; }

   private:
    friend class Transport;
    Transport* owner_ = nullptr;
    Route* route_ = nullptr;
  };

  // Reads the certificates; fails when they cannot be used. `loop` and `resolver` must outlive it.
  static base::Result<std::unique_ptr<Transport>> create(loop::Loop& loop, net::Resolver& resolver,
                                                         const Config& config);
  ~Transport();

  Use use(Kind kind);
  // Checks the files when they are due; `force`: now, at most every kForcedCheck.
  void check_files(bool force);
  // Replaces the certificate by the exec plugin's ("" and "" : none). On an error the previous one
  // stays.
  base::Result<void> set_certificate(std::string cert_pem, std::string key_pem);
  // Counts the changes of our certificate and of the CA; a refused request may be retried when it
  // grew.
  std::uint64_t generation() const { return generation_; }
  bool has_certificate() const { return !cert_pem_.empty(); }
  void close_idle(Kind kind);
  std::size_t connections() const;  // idle and in use
  net::Resolver& resolver() const { return resolver_; }
  // The CA bundle in use, for exec plugins that request it; "" : the system's.
  const std::string& ca_pem() const { return ca_pem_; }

 private:
  Transport(loop::Loop& loop, net::Resolver& resolver, const Config& config);
  base::Result<void> load();
  base::Result<Contexts> contexts() const;
  Route& route(Kind kind);
  base::Result<void> rebuild(bool ca_changed);
  // Puts new contents into use; when they do not work, everything stays unchanged.
  void adopt(const char* what, std::vector<std::pair<std::string*, std::string>>&& parts,
             bool ca_changed);
  void replace(std::unique_ptr<Route>& slot, std::unique_ptr<Route> fresh);
  void release(Route& route);

  loop::Loop& loop_;
  net::Resolver& resolver_;
  ClusterConfig cluster_;
  std::string ca_pem_, cert_pem_, key_pem_;
  WatchedFile ca_file_, cert_file_, key_file_;
  base::TimePoint next_forced_{};
  std::uint64_t generation_ = 0;
  http::DialGate gate_;                      // shared by all routes
  std::unique_ptr<Route> ours_, bare_;       // bare_: nullptr until it is needed
  std::vector<std::unique_ptr<Route>> old_;  // replaced, but still in use by calls
};

}  // namespace kube::config
