// Two TlsStreams over a pair of sockets, on the virtual clock (2026-01-01).
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "net/tls.h"
#include "net/tls_stream.h"
#include "support/certs.h"
#include "support/net_support.h"

namespace test {

struct TlsWorld : testing::Test {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  std::unique_ptr<net::TlsContext> client_context, server_context;
  std::unique_ptr<net::TlsStream> client, server;
  int done = 0;
  std::string client_error;
  base::Errc client_code = base::Errc::internal;

  void on_handshake(base::Result<void> result) {
    ++done;
    if (result) return;
    client_error = result.error().what();
    client_code = result.error().code();
  }

  void make_server(const net::TlsServerOptions& options) {
    auto made = net::TlsContext::server(options);
    ASSERT_TRUE(made) << made.error().what();
    server_context = std::move(*made);
  }
  void make_client(const net::TlsClientOptions& options) {
    auto made = net::TlsContext::client(options);
    ASSERT_TRUE(made) << made.error().what();
    client_context = std::move(*made);
  }
  void contexts(const TestCerts& certs, const std::string& name) {
    make_server({certs.server_cert_pem, certs.server_key_pem, {}, false});
    make_client({.ca_pem = certs.ca_pem, .cert_pem = {}, .key_pem = {}, .verify_name = name});
  }
  // One handshake over a fresh connection; true when the client says it succeeded.
  bool connect() {
    auto [a, b] = tcp_pair();
    client = std::make_unique<net::TlsStream>(loop, *client_context, std::move(a));
    server = std::make_unique<net::TlsStream>(loop, *server_context, std::move(b));
    done = 0;
    client_error.clear();
    server->want(true, false);
    client->start_handshake(net::TlsStream::HandshakeFn::bind<&TlsWorld::on_handshake>(this));
    EXPECT_EQ(done, 0) << "told inside start_handshake()";
    EXPECT_TRUE(run_until(loop, [&] { return done > 0; }));
    EXPECT_EQ(done, 1);
    return client_error.empty();
  }
  void expect_refused(const std::string& words) {
    EXPECT_FALSE(connect());
    EXPECT_NE(client_error.find(words), std::string::npos) << client_error;
  }
};

}  // namespace test
