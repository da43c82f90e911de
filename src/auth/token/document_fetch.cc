#include "auth/token/document_fetch.h"

#include <algorithm>
#include <utility>

#include "auth/token/answer_times.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "base/url.h"
#include "http/client_pool.h"
#include "net/address_reach.h"
#include "net/environment_proxy.h"
#include "net/tls.h"
#include "net/tls_trust.h"

namespace auth::token {

using base::Errc;
using base::Error;
using base::Result;

struct DocumentFetch::Line {
  explicit Line(loop::Loop& l) : loop(l) {}
  ~Line() {
    // The connections are freed at the end of the turn, and the contexts after them.
    call.reset();
    pool.reset();
    loop.retire(std::move(tls));
    loop.retire(std::move(proxy_tls));
  }
  loop::Loop& loop;
  std::unique_ptr<net::TlsTrust> trust;
  std::unique_ptr<net::TlsContext> tls, proxy_tls;
  bool proxied = false;
  std::unique_ptr<http::ClientPool> pool;
  std::unique_ptr<http::ClientCall> call;
};

namespace {

constexpr int kTooManyRequests = 429;

Error too_large() {
  return Error(Errc::too_large, "it has more than " + std::to_string(kDocumentBytes) + " bytes");
}

Result<std::unique_ptr<net::TlsContext>> make_tls(const net::TlsTrust& trust,
                                                  const std::string& name) {
  net::TlsClientOptions options;
  options.trust = &trust;
  options.verify_name = name;
  return net::TlsContext::client(options);
}

int port_of(const base::Url& url) {
  return url.port > 0 ? url.port : (url.scheme == "https" ? 443 : 80);
}

std::string host_header(const base::Url& url) {
  if (url.port > 0) return base::join_host_port(url.host, url.port);
  return url.host.find(':') == url.host.npos ? url.host : "[" + url.host + "]";
}

}  // namespace

DocumentFetch::DocumentFetch(loop::Loop& loop, net::Resolver& resolver, Fn fn)
    : loop_(loop),
      resolver_(resolver),
      fn_(fn),
      limit_(loop, "issuer document limit", loop::Timer::Fn::bind<&DocumentFetch::on_time>(this)),
      begin_(loop, "issuer document", loop::Deferred::Fn::bind<&DocumentFetch::on_begin>(this)) {}

DocumentFetch::~DocumentFetch() {
  cancel();
}

void DocumentFetch::start(DocumentRequest request) {
  CHECK(!active());
  request_ = std::move(request);
  got_ = {};
  retry_after_.reset();
  limit_.arm(kDocumentTime);
  begin_.schedule();
}

void DocumentFetch::cancel() {
  limit_.cancel();
  begin_.cancel();
  end_line();
}

// A method of the call may be on the stack.
void DocumentFetch::end_line() {
  if (line_ && line_->call) line_->call->cancel();
  loop_.retire(std::move(line_));
}

void DocumentFetch::on_begin() {
  if (!line_) {
    auto url = base::parse_url(request_.url);
    if (!url) return finish(std::move(url).error());
    url_ = *std::move(url);
    line_ = std::make_unique<Line>(loop_);
    std::string pem;
    if (!request_.ca_file.empty()) {
      auto read = base::read_regular_file(request_.ca_file, kCaFileBytes);
      if (!read) return finish(std::move(read).error().within("CA file"));
      if (base::trim(*read).empty())
        return finish(Error(Errc::invalid_argument, "CA file: " + request_.ca_file + " is empty"));
      pem = *std::move(read);
    }
    if (url_.scheme == "https") line_->trust = std::make_unique<net::TlsTrust>(std::move(pem));
  }
  if (line_->trust && !line_->trust->step(net::kCertificatesAStep)) return begin_.schedule();
  if (auto ok = make_line(); !ok) finish(std::move(ok).error());
}

Result<void> DocumentFetch::make_line() {
  if (request_.public_only && !net::may_be_public(url_.host)) {
    return Error(Errc::forbidden, base::printable(url_.host, 100) +
                                      " is not a public address, although the issuer's is");
  }
  std::optional<net::Proxy> proxy;
  if (line_->trust) {
    if (auto ok = line_->trust->verdict(); !ok) return ok;
    auto found = net::environment_proxy(url_.host, port_of(url_), request_.getenv);
    if (!found) return std::move(found).error();
    proxy = *std::move(found);
    auto tls = make_tls(*line_->trust, url_.host);
    if (!tls) return std::move(tls).error();
    line_->tls = *std::move(tls);
  }
  line_->pool = std::make_unique<http::ClientPool>(loop_, resolver_, url_.host, port_of(url_),
                                                   host_header(url_), line_->tls.get());
  if (proxy) {
    if (proxy->https) {
      auto tls = make_tls(*line_->trust, proxy->host);
      if (!tls) return std::move(tls).error().within("proxy");
      line_->proxy_tls = *std::move(tls);
      proxy->tls = line_->proxy_tls.get();
    }
    line_->pool->set_proxy(*std::move(proxy));
    line_->proxied = true;
  }
  line_->pool->set_public_only(request_.public_only);
  line_->call =
      std::make_unique<http::ClientCall>(*line_->pool, static_cast<http::CallHandler&>(*this));
  http::ClientRequest request;
  request.target = url_.path.empty() ? "/" : url_.path;
  if (!url_.query.empty()) request.target.append("?").append(url_.query);
  request.headers = {{"Accept", "application/json"}, {"User-Agent", request_.user_agent}};
  if (!request_.form.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = request_.form;
  }
  if (!request_.authorization.empty())
    request.headers.emplace_back("Authorization", request_.authorization);
  request.head_time = request.total_time = base::kForever;  // limit_ is the limit
  line_->call->start(std::move(request));
  return {};
}

void DocumentFetch::on_head(const http::ResponseHead& head) {
  got_.public_server = net::may_be_public(url_.host);
  if (!line_->proxied) {
    const auto peer = base::parse_host_port(line_->pool->last_peer());
    const auto address =
        peer ? net::parse_address(peer->host, peer->port) : Result<net::Address>(peer.error());
    got_.public_server = !address || net::is_public(*address);
  }
  got_.status = head.status;
  retry_after_ = auth::token::retry_after(head.status, head.headers, loop_.wall_now());
  const bool redirect = head.status / 100 == 3;
  if (head.status != 200 && (request_.form.empty() || redirect)) {
    std::string text = "HTTP " + std::to_string(head.status) + " ";
    text.append(http::status_text(head.status));
    if (redirect) text += ", a redirect, which is not followed";
    const bool absent = head.status / 100 == 4 && head.status != kTooManyRequests;
    return finish(Error(absent ? Errc::not_found : Errc::unavailable, text));
  }
  const auto length = base::parse_int(head.headers.find("Content-Length").value_or(""));
  if (length && *length > static_cast<std::int64_t>(kDocumentBytes)) return finish(too_large());
  got_.max_age = max_age(head.headers);
}

void DocumentFetch::on_body(std::string_view bytes) {
  if (bytes.size() > kDocumentBytes - got_.body.size()) return finish(too_large());
  got_.body.append(bytes);
}

void DocumentFetch::on_end(const http::CallEnd& end) {
  if (end.error) return finish(*end.error);
  finish(std::move(got_));
}

void DocumentFetch::on_time() {
  finish(Error(Errc::timeout, "no complete answer within " + base::format_duration(kDocumentTime)));
}

void DocumentFetch::finish(Result<FetchedDocument> result) {
  cancel();
  got_ = {};
  request_ = {};  // it may hold secrets
  const Fn told = fn_;
  told(std::move(result));
}

}  // namespace auth::token
