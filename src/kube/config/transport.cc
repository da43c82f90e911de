#include "kube/config/transport.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/url.h"

namespace kube::config {
namespace {

// The host as written in the URL, never tls-server-name: proxies route by it.
std::string host_header(const ClusterConfig& cluster) {
  const int usual = cluster.tls ? 443 : 80;
  // A zone is meaningful on this machine only (RFC 6874, 4).
  const std::string host = cluster.host.substr(0, cluster.host.find('%'));
  if (cluster.port != usual) return base::join_host_port(host, cluster.port);
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? "[" + host + "]" : host;
}

}  // namespace

Transport::Route::Route(Transport& owner, Contexts contexts)
    : loop(owner.loop_),
      tls(std::move(contexts)),
      pool(std::make_unique<http::ClientPool>(loop, owner.resolver_, owner.cluster_.host,
                                              owner.cluster_.port, host_header(owner.cluster_),
                                              tls.server.get())) {
  pool->set_gate(&owner.gate_);
  if (owner.cluster_.proxy.host.empty()) return;
  net::Proxy proxy = owner.cluster_.proxy;
  proxy.tls = tls.proxy.get();
  pool->set_proxy(std::move(proxy));
}

Transport::Route::~Route() {
  // The pool's connections are freed at the end of the turn, and the contexts after them.
  pool.reset();
  loop.retire(std::move(tls.server));
  loop.retire(std::move(tls.proxy));
}

void Transport::Use::reset() {
  if (!route_) return;
  std::exchange(owner_, nullptr)->release(*std::exchange(route_, nullptr));
}

Transport::Transport(loop::Loop& loop, net::Resolver& resolver, const Config& config)
    : loop_(loop),
      resolver_(resolver),
      cluster_(config.cluster),
      ca_pem_(config.cluster.ca_pem),
      cert_pem_(config.user.client_cert_pem),
      key_pem_(config.user.client_key_pem),
      ca_file_("certificate authority", config.cluster.ca_file, accept_pem),
      cert_file_("client certificate", config.user.client_cert_file, accept_pem),
      key_file_("client key", config.user.client_key_file, accept_pem),
      gate_(loop) {}

Transport::~Transport() = default;

base::Result<std::unique_ptr<Transport>> Transport::create(loop::Loop& loop,
                                                           net::Resolver& resolver,
                                                           const Config& config) {
  std::unique_ptr<Transport> transport(new Transport(loop, resolver, config));
  if (auto ok = transport->load(); !ok) return std::move(ok).error();
  return transport;
}

base::Result<void> Transport::load() {
  if (cluster_.tls) {
    for (WatchedFile* file : {&ca_file_, &cert_file_, &key_file_}) {
      file->refresh(loop_.now(), true);
      if (!file->problem().empty()) {
        return base::Error(base::Errc::invalid_argument, file->problem());
      }
    }
    if (ca_file_.has_path()) ca_pem_ = ca_file_.content();
    if (cert_file_.has_path()) cert_pem_ = cert_file_.content();
    if (key_file_.has_path()) key_pem_ = key_file_.content();
  }
  return rebuild(true);
}

// As Go does, a proxy is verified by the cluster's authorities, and shown the same certificate; it
// has its own name.
base::Result<Transport::Contexts> Transport::contexts() const {
  net::TlsClientOptions options;
  options.ca_pem = ca_pem_;
  options.insecure = cluster_.insecure;
  options.cert_pem = cert_pem_;
  options.key_pem = key_pem_;
  Contexts made;
  if (cluster_.tls) {
    options.verify_name =
        cluster_.tls_server_name.empty() ? cluster_.host : cluster_.tls_server_name;
    auto context = net::TlsContext::client(options);
    if (!context) return std::move(context).error();
    made.server = *std::move(context);
  }
  if (cluster_.proxy.https) {
    options.verify_name = cluster_.proxy.host;
    auto context = net::TlsContext::client(options);
    if (!context) return std::move(context).error().within("proxy");
    made.proxy = *std::move(context);
  }
  return made;
}

base::Result<void> Transport::rebuild(bool ca_changed) {
  auto ours = contexts();
  if (!ours) return std::move(ours).error();
  replace(ours_, std::make_unique<Route>(*this, *std::move(ours)));
  if (ca_changed) replace(bare_, nullptr);
  ++generation_;
  return {};
}

void Transport::replace(std::unique_ptr<Route>& slot, std::unique_ptr<Route> fresh) {
  std::unique_ptr<Route> before = std::exchange(slot, std::move(fresh));
  if (!before) return;
  before->pool->close_idle();
  if (before->uses > 0) {
    old_.push_back(std::move(before));
  } else {
    loop_.retire(std::move(before));
  }
}

// Only memory can be missing, and that ends the program anywhere else, too.
static std::unique_ptr<net::TlsContext> bare_twin(const std::unique_ptr<net::TlsContext>& ours) {
  if (!ours) return nullptr;
  auto twin = ours->without_certificate();
  CHECK(twin);
  return *std::move(twin);
}

Transport::Route& Transport::route(Kind kind) {
  if (kind == Kind::ours) return *ours_;
  if (!bare_) {
    bare_ = std::make_unique<Route>(
        *this, Contexts{bare_twin(ours_->tls.server), bare_twin(ours_->tls.proxy)});
  }
  return *bare_;
}

void Transport::check_files(bool force) {
  if (!cluster_.tls) return;
  const base::TimePoint now = loop_.now();
  if (force && now < next_forced_) force = false;
  if (force) next_forced_ = now + kForcedCheck;
  const bool ca = ca_file_.refresh(now, force);
  const bool cert = cert_file_.refresh(now, force);
  const bool key = key_file_.refresh(now, force);
  if (ca) adopt("certificate authority", {{&ca_pem_, ca_file_.content()}}, true);
  // A pair of which only one half has changed yet does not match; it is tried again when the other
  // half changes.
  if (cert || key) {
    adopt("client certificate",
          {{&cert_pem_, cert_file_.content()}, {&key_pem_, key_file_.content()}}, false);
  }
}

void Transport::adopt(const char* what, std::vector<std::pair<std::string*, std::string>>&& parts,
                      bool ca_changed) {
  for (auto& [in_use, content] : parts)
    std::swap(*in_use, content);
  if (auto ok = rebuild(ca_changed); !ok) {
    for (auto& [in_use, content] : parts)
      std::swap(*in_use, content);
    LOG_WARN("a changed file cannot be used, the last good content is kept", {"file", what},
             {"error", ok.error()});
    return;
  }
  LOG_INFO("a file changed and is in use", {"file", what});
}

base::Result<void> Transport::set_certificate(std::string cert_pem, std::string key_pem) {
  if (cert_pem == cert_pem_ && key_pem == key_pem_) return {};
  std::swap(cert_pem, cert_pem_);
  std::swap(key_pem, key_pem_);
  auto ok = rebuild(false);
  if (!ok) {
    std::swap(cert_pem, cert_pem_);
    std::swap(key_pem, key_pem_);
  }
  return ok;
}

Transport::Use Transport::use(Kind kind) {
  Use use;
  use.owner_ = this;
  use.route_ = &route(kind);
  ++use.route_->uses;
  return use;
}

void Transport::release(Route& route) {
  if (--route.uses > 0) return;
  const auto at = std::find_if(old_.begin(), old_.end(),
                               [&route](const auto& old) { return old.get() == &route; });
  if (at == old_.end()) return;  // still current
  // The call that used it may be on the stack or waiting to be freed.
  loop_.retire(std::move(*at));
  old_.erase(at);
}

void Transport::close_idle(Kind kind) {
  const std::unique_ptr<Route>& route = kind == Kind::ours ? ours_ : bare_;
  if (route) route->pool->close_idle();
}

std::size_t Transport::connections() const {
  std::size_t n = 0;
  const auto add = [&n](const Route& route) {
    const http::PoolStats stats = route.pool->stats();
    n += stats.idle + stats.active;
  };
  add(*ours_);
  if (bare_) add(*bare_);
  for (const auto& route : old_)
    add(*route);
  return n;
}

}  // namespace kube::config
