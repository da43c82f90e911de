#include "http/client_pool.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace http {

ClientPool::ClientPool(loop::Loop& loop, net::Resolver& resolver, std::string host, int port,
                       std::string host_header, net::TlsContext* tls)
    : loop_(loop),
      resolver_(resolver),
      host_(std::move(host)),
      port_(port),
      host_header_(std::move(host_header)),
      tls_(tls),
      idle_timer_(loop, "http client idle",
                  loop::Timer::Fn::bind<&ClientPool::on_idle_time>(this)) {}

ClientPool::~ClientPool() {
  CHECK(stats_.active == 0);
  close_idle();
}

std::unique_ptr<ClientConn> ClientPool::take() {
  while (!idle_.empty()) {
    std::unique_ptr<ClientConn> conn = std::move(idle_.back());
    idle_.pop_back();
    if (idle_.empty()) idle_timer_.cancel();
    if (conn->quiet()) return conn;
    drop(std::move(conn));
  }
  return nullptr;
}

void ClientPool::park(std::unique_ptr<ClientConn> conn) {
  if (conn->generation() != generation_) return drop(std::move(conn));
  if (idle_.size() == kIdlePerPool) {
    drop(std::move(idle_.front()));
    idle_.erase(idle_.begin());
  }
  conn->park(loop_.now(), ClientConn::EndedFn::bind<&ClientPool::on_conn_ended>(this));
  idle_.push_back(std::move(conn));
  if (!idle_timer_.armed()) idle_timer_.arm(kClientIdleTime);
}

void ClientPool::drop(std::unique_ptr<ClientConn> conn) {
  conn->close();
  loop_.retire(std::move(conn));
}

void ClientPool::close_idle() {
  for (std::unique_ptr<ClientConn>& conn : idle_)
    drop(std::move(conn));
  idle_.clear();
  idle_timer_.cancel();
}

void ClientPool::on_conn_ended(ClientConn& ended) {
  const auto at =
      std::find_if(idle_.begin(), idle_.end(),
                   [&](const std::unique_ptr<ClientConn>& c) { return c.get() == &ended; });
  CHECK(at != idle_.end());
  drop(std::move(*at));
  idle_.erase(at);
  if (idle_.empty()) idle_timer_.cancel();
}

void ClientPool::on_idle_time() {
  const base::TimePoint now = loop_.now();
  while (!idle_.empty() && idle_.front()->parked_at() + kClientIdleTime <= now) {
    drop(std::move(idle_.front()));
    idle_.erase(idle_.begin());
  }
  if (!idle_.empty()) idle_timer_.arm_at(idle_.front()->parked_at() + kClientIdleTime);
}

std::unique_ptr<net::Dial> ClientPool::dial(net::Dial::Fn fn, bool urgent) {
  ++stats_.dialled;
  auto dial = std::make_unique<net::Dial>(loop_, resolver_, fn);
  dial->set_urgent(urgent);
  dial->set_public_only(public_only_);
  dial->start(host_, port_, tls_, proxy_ ? &*proxy_ : nullptr);
  return dial;
}

void ClientPool::replace_tls(net::TlsContext* tls) {
  tls_ = tls;
  ++generation_;
  close_idle();
}

PoolStats ClientPool::stats() const {
  PoolStats stats = stats_;
  stats.idle = idle_.size();
  return stats;
}

}  // namespace http
