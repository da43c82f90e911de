#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/client_impl.h"

namespace http {

ClientPool::Impl::Impl(loop::Loop& loop_in, net::Resolver& resolver_in, std::string host_in,
                       int port_in, std::string host_header_in, net::TlsContext* tls_in)
    : loop(loop_in),
      resolver(resolver_in),
      host(std::move(host_in)),
      port(port_in),
      host_header(std::move(host_header_in)),
      tls(tls_in),
      idle_timer(loop, "http client idle",
                 loop::Timer::Fn::bind<&ClientPool::Impl::on_idle_time>(this)) {}

std::unique_ptr<ClientConn> ClientPool::Impl::take() {
  while (!idle.empty()) {
    std::unique_ptr<ClientConn> conn = std::move(idle.back());
    idle.pop_back();
    if (idle.empty()) idle_timer.cancel();
    if (conn->quiet()) return conn;
    drop(std::move(conn));
  }
  return nullptr;
}

void ClientPool::Impl::park(std::unique_ptr<ClientConn> conn) {
  if (conn->generation() != generation) return drop(std::move(conn));
  if (idle.size() == kIdlePerPool) {
    drop(std::move(idle.front()));
    idle.erase(idle.begin());
  }
  conn->park(loop.now(), ClientConn::EndedFn::bind<&ClientPool::Impl::on_conn_ended>(this));
  idle.push_back(std::move(conn));
  if (!idle_timer.armed()) idle_timer.arm(kClientIdleTime);
}

void ClientPool::Impl::drop(std::unique_ptr<ClientConn> conn) {
  conn->close();
  loop.retire(std::move(conn));
}

void ClientPool::Impl::close_idle() {
  for (std::unique_ptr<ClientConn>& conn : idle)
    drop(std::move(conn));
  idle.clear();
  idle_timer.cancel();
}

void ClientPool::Impl::on_conn_ended(ClientConn& ended) {
  const auto at = std::find_if(idle.begin(), idle.end(), [&](const std::unique_ptr<ClientConn>& c) {
    return c.get() == &ended;
  });
  CHECK(at != idle.end());
  drop(std::move(*at));
  idle.erase(at);
  if (idle.empty()) idle_timer.cancel();
}

void ClientPool::Impl::on_idle_time() {
  const base::TimePoint now = loop.now();
  while (!idle.empty() && idle.front()->parked_at() + kClientIdleTime <= now) {
    drop(std::move(idle.front()));
    idle.erase(idle.begin());
  }
  if (!idle.empty()) idle_timer.arm_at(idle.front()->parked_at() + kClientIdleTime);
}

ClientPool::ClientPool(loop::Loop& loop, net::Resolver& resolver, std::string host, int port,
                       std::string host_header, net::TlsContext* tls)
    : impl_(std::make_unique<Impl>(loop, resolver, std::move(host), port, std::move(host_header),
                                   tls)) {}

ClientPool::~ClientPool() {
  CHECK(impl_->stats.active == 0);
  impl_->close_idle();
}

void ClientPool::replace_tls(net::TlsContext* tls) {
  impl_->tls = tls;
  ++impl_->generation;
  impl_->close_idle();
}

void ClientPool::set_gate(DialGate* gate) {
  impl_->gate = gate;
}

void ClientPool::set_proxy(net::Proxy proxy) {
  impl_->proxy = std::move(proxy);
}

void ClientPool::close_idle() {
  impl_->close_idle();
}

PoolStats ClientPool::stats() const {
  PoolStats stats = impl_->stats;
  stats.idle = impl_->idle.size();
  return stats;
}

}  // namespace http
