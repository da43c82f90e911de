#include "catalog/fetch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/url.h"
#include "catalog/index.h"
#include "http/client_pool.h"
#include "net/address_reach.h"
#include "net/environment_proxy.h"
#include "net/tls.h"

namespace catalog {

using base::Errc;
using base::Error;

struct Fetch::Hop {
  explicit Hop(loop::Loop& l) : loop(l) {}
  ~Hop() {
    // The connections are freed at the end of the turn, and the contexts after them.
    call.reset();
    pool.reset();
    loop.retire(std::move(tls));
    loop.retire(std::move(proxy_tls));
  }
  loop::Loop& loop;
  std::unique_ptr<net::TlsContext> tls, proxy_tls;
  bool proxied = false;
  std::unique_ptr<http::ClientPool> pool;
  std::unique_ptr<http::ClientCall> call;
};

namespace {

// RFC 9110, 8.8.3, without the bytes beyond ASCII.
bool is_etag(std::string_view s) {
  if (s.size() > kEtagBytes) return false;
  if (s.starts_with("W/")) s.remove_prefix(2);
  return s.size() >= 2 && s.front() == '"' && s.find('"', 1) == s.size() - 1 &&
         std::all_of(s.begin(), s.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error too_large() {
  return Error(Errc::too_large,
               "the index has more than " + std::to_string(kIndexBytes) + " bytes");
}

std::string host_header(const Source& source) {
  if (source.port != (source.tls ? 443 : 80)) return base::join_host_port(source.host, source.port);
  return source.host.find(':') == source.host.npos ? source.host : "[" + source.host + "]";
}

base::Result<std::unique_ptr<net::TlsContext>> make_tls(const net::TlsTrust& trust,
                                                        const std::string& name) {
  net::TlsClientOptions options;
  options.trust = &trust;
  options.verify_name = name;
  return net::TlsContext::client(options);
}

}  // namespace

Fetch::Fetch(loop::Loop& loop, net::Resolver& resolver, Fn fn)
    : loop_(loop),
      resolver_(resolver),
      fn_(fn),
      limit_(loop, "catalog fetch limit", loop::Timer::Fn::bind<&Fetch::on_time>(this)),
      begin_(loop, "catalog fetch", loop::Deferred::Fn::bind<&Fetch::on_begin>(this)) {}

Fetch::~Fetch() {
  cancel();
}

void Fetch::start(const Source& source, std::string etag, FetchOptions options) {
  CHECK(!active() && !source.is_file());
  options_ = std::move(options);
  sent_etag_ = is_etag(etag) ? std::move(etag) : std::string();
  got_ = {};
  redirects_ = 0;
  public_only_ = false;
  limit_.arm(options_.timeout);
  at_ = source;
  trust_ = std::make_unique<net::TlsTrust>(options_.ca_pem);
  begin_.schedule();
}

void Fetch::on_begin() {
  if (!trust_->step(net::kCertificatesAStep)) return begin_.schedule();
  if (auto ok = trust_->verdict(); !ok && at_.tls) return finish(std::move(ok).error());
  if (auto ok = go(at_); !ok) finish(std::move(ok).error());
}

void Fetch::cancel() {
  limit_.cancel();
  begin_.cancel();
  trust_.reset();
  end_hop();
}

// A method of the call may be on the stack.
void Fetch::end_hop() {
  if (hop_) hop_->call->cancel();
  loop_.retire(std::move(hop_));
}

base::Result<void> Fetch::go(const Source& to) {
  at_ = to;
  auto hop = std::make_unique<Hop>(loop_);
  std::optional<net::Proxy> proxy;
  if (to.tls) {
    auto found = net::environment_proxy(to.host, to.port, options_.getenv);
    if (!found) return std::move(found).error();
    proxy = *std::move(found);
    auto tls = make_tls(*trust_, to.host);
    if (!tls) return std::move(tls).error();
    hop->tls = *std::move(tls);
  }
  hop->pool = std::make_unique<http::ClientPool>(loop_, resolver_, to.host, to.port,
                                                 host_header(to), hop->tls.get());
  if (proxy) {
    if (proxy->https) {
      auto tls = make_tls(*trust_, proxy->host);
      if (!tls) return std::move(tls).error().within("proxy");
      hop->proxy_tls = *std::move(tls);
      proxy->tls = hop->proxy_tls.get();
    }
    hop->pool->set_proxy(*std::move(proxy));
    hop->proxied = true;
  }
  hop->pool->set_public_only(public_only_);
  hop->call =
      std::make_unique<http::ClientCall>(*hop->pool, static_cast<http::CallHandler&>(*this));
  http::ClientRequest request;
  request.target = to.target;
  request.headers = {{"Accept", "application/json"}, {"User-Agent", options_.user_agent}};
  if (!sent_etag_.empty()) request.headers.emplace_back("If-None-Match", sent_etag_);
  request.head_time = request.total_time = base::kForever;  // limit_ is the limit
  hop->call->start(std::move(request));
  hop_ = std::move(hop);
  return {};
}

void Fetch::judge_first_peer() {
  if (redirects_ > 0) return;
  public_only_ = net::may_be_public(at_.host);
  if (hop_->proxied) return;
  const auto peer = base::parse_host_port(hop_->pool->last_peer());
  const auto address =
      peer ? net::parse_address(peer->host, peer->port) : base::Result<net::Address>(peer.error());
  public_only_ = !address || net::is_public(*address);
}

void Fetch::on_head(const http::ResponseHead& head) {
  judge_first_peer();
  if (is_redirect(head.status)) return follow(head);
  if (head.status == 304 && !sent_etag_.empty()) {
    got_.unchanged = true;
    got_.etag = sent_etag_;
    return;
  }
  if (head.status != 200) {
    return finish(Error(Errc::unavailable, "HTTP " + std::to_string(head.status) + " " +
                                               std::string(http::status_text(head.status))));
  }
  const auto length = base::parse_int(head.headers.find("Content-Length").value_or(""));
  if (length && *length > static_cast<std::int64_t>(kIndexBytes)) return finish(too_large());
  const std::string_view etag = head.headers.find("ETag").value_or("");
  if (is_etag(etag)) got_.etag = etag;
}

void Fetch::follow(const http::ResponseHead& head) {
  if (++redirects_ > kMostRedirects) {
    return finish(Error(Errc::protocol, "more than " + std::to_string(kMostRedirects) +
                                            " redirects, the last one from " +
                                            base::printable(at_.name, 200)));
  }
  auto to = redirected(at_, head.headers.find("Location").value_or(""));
  if (!to) return finish(std::move(to).error());
  if (public_only_ && !net::may_be_public(to->host)) {
    return finish(Error(Errc::forbidden, "a redirect to " + base::printable(to->host, 100) +
                                             ", which is not a public address"));
  }
  end_hop();
  if (auto ok = go(*to); !ok) finish(std::move(ok).error());
}

void Fetch::on_body(std::string_view bytes) {
  if (bytes.size() > kIndexBytes - got_.body.size()) return finish(too_large());
  got_.body.append(bytes);
}

void Fetch::on_end(const http::CallEnd& end) {
  if (!end.error) return finish(std::move(got_));
  Error error = *end.error;
  if (redirects_ > 0)
    error = std::move(error).within("redirected to " + base::printable(at_.name, 200));
  finish(std::move(error));
}

void Fetch::on_time() {
  finish(
      Error(Errc::timeout, "no complete answer within " + base::format_duration(options_.timeout)));
}

void Fetch::finish(base::Result<Fetched> result) {
  cancel();
  got_ = {};
  const Fn told = fn_;
  told(std::move(result));
}

}  // namespace catalog
