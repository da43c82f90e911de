#include "app/doors.h"

#include <utility>

#include "app/open_rules.h"
#include "base/log.h"

namespace app {

using base::Result;

Doors::Doors(const Parts& parts)
    : loop_(parts.loop), settings_(parts.settings), server_(parts.server), ops_server_(parts.ops) {
  for (const door::PassedSocket& each : settings_.passed)
    passed_.push_back({base::Fd(each.fd), each.name});
  if (settings_.tls.cert.empty()) return;
  files_ = std::make_unique<door::CertificateFiles>(loop_, settings_.tls);
  tls_ = std::make_unique<door::Handshakes>(loop_, server_, *files_, parts.budgets);
  if (settings_.max_connections_per_peer >= settings_.max_connections)
    tls_->set_share(door::kHandshakes);
  files_->when_new_ca(base::Delegate<void()>::bind<&Doors::on_new_client_ca>(this));
}

// Clients connect again, and their certificates are verified by the new ones.
void Doors::on_new_client_ca() {
  tls_->stop();
  server_.end_certified();
}

std::unique_ptr<door::Door> Doors::make(const Listen& listen) {
  return std::make_unique<door::Door>(loop_, server_, static_cast<unsigned>(open_.size()),
                                      speaks_tls(listen, settings_) ? tls_.get() : nullptr);
}

Result<void> Doors::open() {
  const bool all_passed = !passed_.empty() && !settings_.listen_said;
  if (files_) {
    if (auto ok = files_->load(); !ok) return ok;
  }
  // First: it may name one of several sockets that are passed.
  Result<void> ok = settings_.ops_listen ? open_ops() : Result<void>();
  if (ok && all_passed) {
    Listen passed;
    passed.kind = Listen::Kind::passed;
    ok = open_one(passed);
  }
  for (const Listen& listen : settings_.listens) {
    if (ok && !all_passed) ok = open_one(listen);
  }
  if (!ok) {
    open_.clear();
    ops_door_.reset();
  }
  for (const Passed& each : passed_) {
    if (each.fd)
      LOG_WARN("a passed socket is not used", {"descriptor", each.fd.get()}, {"name", each.name});
  }
  passed_.clear();
  return ok;
}

Result<void> Doors::open_one(const Listen& listen) {
  if (listen.kind == Listen::Kind::passed) return open_passed(listen);
  auto door = make(listen);
  auto ok = listen.kind == Listen::Kind::tcp ? door->listen(listen.host, listen.port)
                                             : door->listen_unix(listen.socket);
  if (ok) open_.push_back({listen, std::move(door)});
  return ok;
}

Result<void> Doors::open_passed(const Listen& listen) {
  bool found = false;
  for (Passed& each : passed_) {
    if (!each.fd || (!listen.name.empty() && each.name != listen.name)) continue;
    found = true;
    if (auto ok = adopt(listen, {std::move(each.fd), each.name}); !ok) return ok;
  }
  if (found) return {};
  return base::Error(base::Errc::not_found, "listen on " + to_string(listen) +
                                                ": no such socket was passed that is not in use "
                                                "by another flag (LISTEN_FDS, LISTEN_FDNAMES, "
                                                "LISTEN_PID)");
}

Result<void> Doors::adopt(const Listen& listen, Passed passed) {
  const std::string name = "the passed socket " + std::to_string(passed.fd.get()) +
                           (passed.name.empty() ? "" : " (" + passed.name + ")");
  const auto real = described(listen, passed.fd.get());
  if (!real) return base::Error(real.error()).within(name);
  if (auto ok = may_open(*real, settings_); !ok) return std::move(ok).error().within(name);
  auto door = make(*real);
  auto ok = door->adopt(std::move(passed.fd));
  if (ok) open_.push_back({*real, std::move(door)});
  return ok;
}

Result<void> Doors::open_ops() {
  const Listen& listen = *settings_.ops_listen;
  ops_door_ = std::make_unique<door::Door>(loop_, *ops_server_, kOpsDoor);
  switch (listen.kind) {
    case Listen::Kind::tcp:
      return ops_door_->listen(listen.host, listen.port);
    case Listen::Kind::unix_socket:
      return ops_door_->listen_unix(listen.socket);
    case Listen::Kind::passed:
      break;
  }
  for (Passed& each : passed_) {
    if (each.fd && (listen.name.empty() || each.name == listen.name))
      return ops_door_->adopt(std::move(each.fd));
  }
  return base::Error(base::Errc::not_found,
                     "--ops-listen " + to_string(listen) + ": no such socket was passed");
}

void Doors::finish() {
  for (Open& each : open_)
    each.door->finish();
}

void Doors::end_handshakes() {
  if (tls_) tls_->stop();
  if (files_) files_->stop();
}

void Doors::abandon() {
  for (Open& each : open_)
    each.door->stop();
  if (ops_door_) ops_door_->stop();
}

}  // namespace app
