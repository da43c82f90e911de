#include "door/certificate_files.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/time.h"

namespace door {

using base::Result;

namespace {

std::string time_text(std::int64_t seconds) {
  return base::format_rfc3339({seconds * 1'000'000'000}, 0);
}

bool is_valid(const net::TlsContext& pair, std::int64_t now) {
  return now >= pair.valid_from() && now < pair.valid_until();
}

}  // namespace

CertificateFiles::CertificateFiles(loop::Loop& loop, const CertificateFileNames& names)
    : loop_(loop),
      cert_("server certificate", names.cert, base::accept_pem),
      key_("server key", names.key, base::accept_pem),
      client_ca_("client CA", names.client_ca, base::accept_pem),
      user_(names.user),
      timer_(loop, "certificate files", loop::Timer::Fn::bind<&CertificateFiles::on_time>(this)) {}

Result<void> CertificateFiles::load() {
  for (base::WatchedFile* file : {&cert_, &key_, &client_ca_}) {
    file->refresh(loop_.now(), true);
    if (!file->problem().empty()) return base::Error(base::Errc::invalid_argument, file->problem());
  }
  auto ok = make(newest());
  if (ok) timer_.arm(kCertificateCheck);
  return ok;
}

CertificateFiles::Contents CertificateFiles::newest() const {
  return {cert_.content(), key_.content(), client_ca_.content()};
}

Result<void> CertificateFiles::make(const Contents& from) {
  net::TlsServerOptions options;
  options.cert_pem = from.cert;
  options.key_pem = from.key;
  options.client_ca_pem = from.client_ca;
  options.require_client = client_ca_.has_path();
  options.user = user_;
  auto made = net::TlsContext::server(options);
  if (!made) return std::move(made).error();
  const net::TlsContext& fresh = **made;
  const std::int64_t now = wall_seconds();
  const std::string begin = time_text(fresh.valid_from()), until = time_text(fresh.valid_until());
  if (context_ && is_valid(*context_, now) && !is_valid(fresh, now)) {
    try_again_ = now < fresh.valid_from() ? std::min(fresh.valid_from(), context_->valid_until())
                                          : context_->valid_until();
    return base::Error(
        base::Errc::invalid_argument,
        "the server's certificate is not valid now, only from " + begin + " until " + until);
  }
  context_ = *std::move(made);
  in_use_ = from;
  if (!is_valid(*context_, now)) {
    LOG_WARN("the server's certificate is not valid now: clients will refuse it", {"from", begin},
             {"until", until});
  } else {
    LOG_INFO("server certificate in use", {"until", until});
  }
  return {};
}

std::int64_t CertificateFiles::wall_seconds() const {
  return loop_.wall_now().ns / 1'000'000'000;
}

void CertificateFiles::say_end() {
  constexpr std::int64_t kTenth = 10;
  const std::int64_t until = context_->valid_until(), life = until - context_->valid_from();
  const std::int64_t left = until - wall_seconds();
  const bool near = left < std::min(life / kTenth, base::to_ms(kCertificateEnd) / 1000);
  const End end = left <= 0 ? End::over : near ? End::near : End::far;
  const bool again = end == end_ && loop_.now() - said_end_ < kSayEnd;
  end_ = end;
  if (end == End::far || again) return;
  said_end_ = loop_.now();
  const std::string when = time_text(until);
  if (end == End::over)
    LOG_WARN("the server's certificate has expired: clients refuse it", {"until", when});
  else
    LOG_WARN("the server's certificate expires soon, and no new one is there", {"until", when});
}

void CertificateFiles::on_time() {
  look();
  say_end();
  timer_.arm(kCertificateCheck);
}

void CertificateFiles::look() {
  bool changed = false;
  for (base::WatchedFile* file : {&cert_, &key_, &client_ca_})
    changed |= file->refresh(loop_.now(), true);
  if (!changed && wall_seconds() < try_again_) return;
  try_again_ = kNever;
  const std::string old_ca = in_use_.client_ca;
  const auto ok = make(newest());
  if (!ok) make_in_part();
  const std::string problem = ok ? std::string() : ok.error().what();
  if (!problem.empty() && problem != problem_)
    LOG_WARN("the new certificate files cannot be used, the former ones are kept",
             {"error", problem});
  problem_ = problem;
  if (in_use_.client_ca == old_ca) return;
  LOG_INFO("the authorities of clients' certificates changed: connections with one end");
  if (new_ca_fn_) new_ca_fn_();
}

// The pair and the authorities are rotated by different hands: one that is unusable does not keep
// back the other.
void CertificateFiles::make_in_part() {
  const Contents fresh = newest(), old = in_use_;
  if (fresh.client_ca != old.client_ca && make({old.cert, old.key, fresh.client_ca})) return;
  if (fresh.cert != old.cert || fresh.key != old.key)
    (void)make({fresh.cert, fresh.key, old.client_ca});
}

}  // namespace door
