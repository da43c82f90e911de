#include "support/fake_api.h"

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace test {

std::string Seen::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (base::iequals(key, name)) return value;
  }
  return {};
}

int Seen::count(std::string_view name) const {
  int n = 0;
  for (const auto& [key, value] : headers)
    n += base::iequals(key, name) ? 1 : 0;
  return n;
}

FakeApi::FakeApi(loop::Loop& loop, net::TlsContext* tls)
    : loop_(loop), tls_(tls), server_(loop, *this) {
  server_.set_wrap(http::Server::WrapFn::bind<&FakeApi::wrap>(this));
  CHECK(server_.listen("127.0.0.1", 0).has_value());
}

std::unique_ptr<net::Stream> FakeApi::wrap(base::Fd fd) {
  if (tls_) return std::make_unique<net::TlsStream>(loop_, *tls_, std::move(fd));
  return std::make_unique<net::TcpStream>(loop_, std::move(fd));
}

kube::config::Config FakeApi::config() const {
  kube::config::Config config;
  config.cluster.name = "fake";
  config.cluster.tls = tls_ != nullptr;
  config.cluster.host = "127.0.0.1";
  config.cluster.port = port();
  config.ns = "default";
  return config;
}

void FakeApi::on_request(const http::Request& request, http::Reply reply) {
  Seen one{std::string(request.method_name),
           std::string(request.target),
           std::string(request.body),
           std::string(request.peer),
           {}};
  for (const http::Header& header : request.headers.all())
    one.headers.emplace_back(header.name, header.value);
  seen.push_back(one);
  const FakeAnswer what = answer(one);
  if (what.silent) {
    silent_.push_back(std::move(reply));
  } else {
    reply.send(what.status, what.type, what.body, what.extra);
  }
}

void Get::start(kube::config::Credentials credentials) {
  out.reset();
  kube::ApiRequest request;
  request.path = "/api/v1/namespaces";
  request.credentials = std::move(credentials);
  call.start(std::move(request));
}

void Get::on_done(kube::ApiGet::Outcome outcome) {
  ++calls;
  out = std::move(outcome);
  if (hook) hook();
}

std::string status_json(int code, std::string_view reason, std::string_view message) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("kind", "Status").field("apiVersion", "v1").field("status", "Failure");
  w.field("message", message).field("reason", reason).field("code", code).end_object();
  return out;
}

}  // namespace test
