// The HTTP client over TLS: what a proper end is, and errors that only TLS has. C numbers are the
// fault catalogue's rows.
#include <gtest/gtest.h>

#include "http/client_call.h"
#include "http/client_pool.h"
#include "net/tls.h"
#include "support/certs.h"
#include "support/client_world.h"

namespace {

using base::Errc;
using base::milliseconds;
using http::CallEnd;
using test::Caller;
using test::cut;
using test::request;
using test::send;
using test::wait;

const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class HttpClientTls : public test::ClientWorld {
 protected:
  HttpClientTls() {
    const test::TestCerts& certs = test::shared_certs();
    net::TlsServerOptions theirs;
    theirs.cert_pem = certs.server_cert_pem;
    theirs.key_pem = certs.server_key_pem;
    server_tls = *net::TlsContext::server(theirs);
    net::TlsClientOptions ours;
    ours.ca_pem = certs.ca_pem;
    ours.verify_name = "127.0.0.1";
    client_tls = *net::TlsContext::client(ours);
    peer = std::make_unique<test::RawServer>(loop, server_tls.get());
    secure = make_pool(peer->port(), client_tls.get());
  }

  std::unique_ptr<net::TlsContext> server_tls, client_tls;
  std::unique_ptr<test::RawServer> peer;
  std::unique_ptr<http::ClientPool> secure;
};

TEST_F(HttpClientTls, CallsShareOneConnection) {
  peer->script({request(), send(kOk), request(), send(kChunked), request(), send(kOk)});
  Caller caller(*secure);
  for (int i = 0; i < 3; ++i) {
    caller.get();
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    settle();  // a ticket on an idle connection is no stray byte
    EXPECT_EQ(secure->stats().idle, 1u);
  }
  EXPECT_EQ(secure->stats().dialled, 1u);
}

TEST_F(HttpClientTls, C22NoCloseNotifyAfterAWholeBodyIsASuccess) {
  peer->script({request(), send(kChunked), cut()});
  Caller caller(*secure);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(caller.body, "hello");
  settle();
  EXPECT_EQ(secure->stats().idle, 0u);
}

TEST_F(HttpClientTls, H06CloseDelimitedBodyIsWholeWithCloseNotifyOnly) {
  for (const bool proper : {true, false}) {
    peer->script({request(), send("HTTP/1.0 200 OK\r\n\r\nall of it"), wait(milliseconds(1)),
                  proper ? test::finish() : cut()});
    Caller caller(*secure);
    caller.get();
    ASSERT_TRUE(finish(caller));
    EXPECT_EQ(caller.body, "all of it");
    EXPECT_EQ(caller.end->ok(), proper) << caller.error();
    if (proper) continue;
    EXPECT_EQ(caller.end->error->code(), Errc::unavailable);
    EXPECT_EQ(caller.end->phase, CallEnd::Phase::body);
    EXPECT_EQ(caller.error().find("connection broken inside the response body: "), 0u)
        << caller.error();
  }
}

TEST_F(HttpClientTls, C23CutWithoutTheTerminatingChunkIsUnclean) {
  for (const bool proper : {true, false}) {
    for (std::size_t at = kChunked.find("\r\n\r\n") + 4; at < kChunked.size(); ++at) {
      peer->script({request(), send(kChunked.substr(0, at)), wait(milliseconds(1)),
                    proper ? test::finish() : cut()});
      Caller caller(*secure);
      caller.get();
      ASSERT_TRUE(finish(caller));
      ASSERT_FALSE(caller.end->ok()) << at;
      EXPECT_EQ(caller.end->error->code(), Errc::unavailable) << caller.error();
      EXPECT_EQ(caller.end->phase, CallEnd::Phase::body);
    }
  }
}

TEST_F(HttpClientTls, H14StaleConnectionIsRetriedOnce) {
  for (const test::Step& end : {test::finish(), cut(), test::reset()}) {
    peer->script({request(), send(kOk), request(), end});
    peer->script({request(), send(kOk)});
    Caller caller(*secure);
    caller.get();
    ASSERT_TRUE(finish(caller));
    const std::uint64_t retried = secure->stats().retried;
    caller.get();
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    EXPECT_EQ(secure->stats().retried, retried + 1);
    secure->close_idle();
  }
}

TEST_F(HttpClientTls, C21ManyChunksInOneRecordAllArrive) {
  std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 64; ++i)
    chunks += "4\r\n{}{}\r\n";
  peer->script({request(), send(chunks)});
  Caller caller(*secure);
  caller.get();
  ASSERT_TRUE(run_until([&] { return caller.body_size == 256; }));
  caller.call->cancel();
}

TEST_F(HttpClientTls, APausedCallLosesNothing) {
  constexpr std::size_t kSize = 5'000'000;
  peer->script({request(),
                send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"),
                test::fill(kSize)});
  Caller caller(*secure);
  caller.keep_body = false;
  bool paused = false;
  caller.body_hook = [&] { caller.call->pause(paused = true); };
  caller.get();
  while (!caller.end) {
    ASSERT_TRUE(run_until([&] { return paused || caller.end.has_value(); }));
    caller.call->pause(paused = false);
  }
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(caller.body_size, kSize);
}

TEST_F(HttpClientTls, C17ARefusedClientCertificateIsACredentialError) {
  net::TlsServerOptions strict;
  strict.cert_pem = test::shared_certs().server_cert_pem;
  strict.key_pem = test::shared_certs().server_key_pem;
  strict.client_ca_pem = test::shared_certs().ca_pem;
  strict.require_client = true;
  const std::unique_ptr<net::TlsContext> tls = *net::TlsContext::server(strict);
  test::RawServer demanding(loop, tls.get());
  demanding.script({request(), send(kOk)});
  std::unique_ptr<http::ClientPool> bare = make_pool(demanding.port(), client_tls.get());
  Caller caller(*bare);
  caller.get();
  ASSERT_TRUE(finish(caller));
  ASSERT_FALSE(caller.end->ok());
  EXPECT_EQ(caller.end->error->code(), Errc::unauthorized) << caller.error();
}

TEST_F(HttpClientTls, C10AnUnknownAuthorityIsADialErrorInItsOwnWords) {
  const test::TestCerts others = test::make_certs();
  net::TlsClientOptions wrong;
  wrong.ca_pem = others.ca_pem;
  wrong.verify_name = "127.0.0.1";
  const std::unique_ptr<net::TlsContext> tls = *net::TlsContext::client(wrong);
  peer->script({request()});
  std::unique_ptr<http::ClientPool> wary = make_pool(peer->port(), tls.get());
  Caller caller(*wary);
  caller.get();
  ASSERT_TRUE(finish(caller));
  ASSERT_FALSE(caller.end->ok());
  EXPECT_EQ(caller.end->phase, CallEnd::Phase::dial);
  EXPECT_NE(caller.error().find("certificate"), std::string::npos) << caller.error();
  EXPECT_EQ(peer->requests.size(), 0u);
}

}  // namespace
