// From a name to a stream: which address wins, what a failure says, and that nothing is left
// behind.

#include "net/dial.h"

#include <optional>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "net/listener.h"
#include "net/tls_stream.h"
#include "support/certs.h"
#include "support/dead_ports.h"
#include "support/fake_dns.h"
#include "support/net_support.h"

namespace {

using base::Errc;
using test::BlackHole;
using test::DeadPort;

struct DialTest : testing::Test {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  test::FakeDns dns{loop};
  net::Resolver resolver{loop, dns.server()};
  net::Listener listener{loop, net::Listener::AcceptFn::bind<&DialTest::on_accept>(this)};
  std::vector<base::Fd> accepted;
  std::unique_ptr<net::Stream> stream;
  int calls = 0;
  std::string error;
  std::optional<Errc> code;
  net::Dial dial{loop, resolver, net::Dial::Fn::bind<&DialTest::on_dialled>(this)};

  void on_accept(base::Fd fd, const net::Address&) { accepted.push_back(std::move(fd)); }
  void on_dialled(base::Result<std::unique_ptr<net::Stream>> result) {
    ++calls;
    EXPECT_FALSE(dial.active());
    if (result) {
      stream = std::move(*result);
    } else {
      error = result.error().what();
      code = result.error().code();
    }
  }
  void start(const std::string& host, int port, net::TlsContext* tls = nullptr) {
    stream.reset();
    error.clear();
    code.reset();
    calls = 0;
    dial.start(host, port, tls);
    EXPECT_EQ(calls, 0) << "told inside start()";
    EXPECT_TRUE(dial.active());
  }
  bool finished() {
    return test::run_until(loop, [&] { return calls > 0; });
  }
  int listen(const char* host = "127.0.0.1") {
    const auto done = listener.listen(host, 0);
    EXPECT_TRUE(done) << done.error().what();
    return listener.address().port();
  }
  std::string port_text(const char* host, int port) { return host + (":" + std::to_string(port)); }
};

TEST_F(DialTest, ConnectsToALiteralAddress) {
  const int port = listen();
  start("127.0.0.1", port);
  ASSERT_TRUE(finished());
  ASSERT_TRUE(stream) << error;
  EXPECT_EQ(stream->peer(), port_text("127.0.0.1", port));
}

TEST_F(DialTest, LocalhostFindsAServerOnEitherFamily) {
  if (!listener.listen("::1", 0)) GTEST_SKIP() << "optional: no IPv6 on this machine";
  start("localhost", listener.address().port());
  ASSERT_TRUE(finished());
  ASSERT_TRUE(stream) << error;
  EXPECT_EQ(stream->peer(), "[::1]:" + std::to_string(listener.address().port()));
}

TEST_F(DialTest, ADialOfThePublicSkipsEveryOtherAddress) {
  const int port = listen();
  dns.names["inside.test"] = {"127.0.0.1", "10.0.0.1", "fd00::1"};
  for (const char* host : {"inside.test", "127.0.0.1", "localhost"}) {
    dial.set_public_only(true);
    start(host, port);
    ASSERT_TRUE(finished());
    EXPECT_EQ(code, Errc::forbidden) << error;
    EXPECT_NE(error.find("not a public address"), std::string::npos) << error;
  }
  EXPECT_TRUE(accepted.empty()) << "checked before anything is sent";
  dial.set_public_only(false);
  start("127.0.0.1", port);
  ASSERT_TRUE(finished());
  EXPECT_TRUE(stream);
}

TEST_F(DialTest, RefusedSaysWhoRefused) {
  DeadPort dead;
  start("127.0.0.1", dead.port);
  ASSERT_TRUE(finished());
  EXPECT_EQ(error, "connect " + port_text("127.0.0.1", dead.port) + ": Connection refused");
  EXPECT_EQ(code, Errc::unavailable);
}

TEST_F(DialTest, TwoRefusedAddressesAreOneFailure) {
  dns.names["api.example"] = {"127.0.0.1", "127.0.0.2"};
  DeadPort dead("0.0.0.0");
  start("api.example.", dead.port);
  ASSERT_TRUE(finished());
  for (int i = 0; i < 20; ++i)
    loop.run_once();
  EXPECT_EQ(calls, 1);
  EXPECT_NE(error.find(port_text("127.0.0.1", dead.port)), std::string::npos) << error;
  EXPECT_NE(error.find(port_text("127.0.0.2", dead.port)), std::string::npos) << error;
}

TEST_F(DialTest, ADeadFirstAddressCostsNoTimeWhenItRefuses) {
  dns.names["api.example"] = {"127.0.0.1", "127.0.0.2"};
  const int port = listen("127.0.0.2");
  start("api.example.", port);
  ASSERT_TRUE(finished());
  ASSERT_TRUE(stream) << error;
  EXPECT_EQ(stream->peer(), port_text("127.0.0.2", port));
  EXPECT_EQ(loop.now().since, base::Duration::zero());
}

TEST_F(DialTest, ABlackHoleIsGivenUpAfterItsTime) {
  BlackHole hole("127.0.0.1");
  const int before = test::open_fds();
  start("127.0.0.1", hole.port);
  ASSERT_TRUE(finished());
  EXPECT_EQ(error, "connect " + port_text("127.0.0.1", hole.port) + ": no answer within 10s");
  EXPECT_EQ(code, Errc::timeout);
  EXPECT_EQ(loop.now().since, net::kConnectTimeout);
  EXPECT_EQ(test::open_fds(), before);
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(DialTest, ABlackHoleFirstCostsAQuarterOfASecond) {
  BlackHole hole("127.0.0.1");
  const auto done = listener.listen("127.0.0.2", hole.port);
  ASSERT_TRUE(done) << done.error().what();
  dns.names["api.example"] = {"127.0.0.1", "127.0.0.2"};
  const int before = test::open_fds();
  start("api.example.", hole.port);
  ASSERT_TRUE(finished());
  ASSERT_TRUE(stream) << error;
  EXPECT_EQ(stream->peer(), port_text("127.0.0.2", hole.port));
  EXPECT_LE(loop.now().since, net::kNextAddress);
  ASSERT_TRUE(test::run_until(loop, [&] { return accepted.size() == 1; }));
  EXPECT_EQ(test::open_fds(), before + 2) << "ours and the accepted one; the loser is closed";
}

TEST_F(DialTest, ResolvingIsAPhaseOfItsOwn) {
  start("nowhere.example.", 443);
  ASSERT_TRUE(finished());
  EXPECT_EQ(error, "resolve nowhere.example.: no such host");
  dns.silent = true;
  start("silent.example.", 443);
  ASSERT_TRUE(finished());
  EXPECT_EQ(error, "resolve silent.example.: no answer from the name servers");
  EXPECT_EQ(code, Errc::timeout);
}

TEST_F(DialTest, TlsToAServerThatNeverAnswers) {
  auto context = net::TlsContext::client({.ca_pem = test::shared_certs().ca_pem,
                                          .cert_pem = {},
                                          .key_pem = {},
                                          .verify_name = "localhost"});
  ASSERT_TRUE(context);
  const int port = listen();
  const int before = test::open_fds();
  start("127.0.0.1", port, context->get());
  ASSERT_TRUE(finished());
  EXPECT_EQ(error, "TLS handshake with 127.0.0.1 (" + port_text("127.0.0.1", port) +
                       "): no answer within 10s");
  EXPECT_EQ(code, Errc::timeout);
  EXPECT_EQ(loop.now().since, net::kTlsTimeout);
  accepted.clear();
  EXPECT_EQ(test::open_fds(), before);
}

// Bug: watches used up the descriptors: no client could come in any more, nor be asked about.
TEST_F(DialTest, LeavesDescriptorsForThoseWhoComeAndAnUrgentOneSome) {
  const int port = listen();
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  // All numbers below the highest are in use.
  std::vector<base::Fd> below;
  const int top = 256;
  for (int fd = 0; fd < top; fd = below.back().get()) {
    below.emplace_back(::dup(0));
    ASSERT_TRUE(below.back());
  }
  const auto dial_with = [&](int free, bool urgent) {
    const rlimit few{static_cast<rlim_t>(below.back().get() + 1 + free), old.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    dial.set_urgent(urgent);
    start("127.0.0.1", port);
    EXPECT_TRUE(finished());
    const bool good = stream != nullptr;
    stream.reset();
    accepted.clear();
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
    return good;
  };
  ASSERT_GE((below.back().get() + net::kSparedDescriptors) / 8, net::kUrgentSpares);
  EXPECT_TRUE(dial_with(net::kSparedDescriptors + 8, false)) << error;
  EXPECT_FALSE(dial_with(8, false));
  EXPECT_NE(error.find("too few descriptors are left"), std::string::npos) << error;
  EXPECT_EQ(code, Errc::unavailable);
  EXPECT_TRUE(dial_with(net::kUrgentSpares + 2, true)) << error;
  EXPECT_FALSE(dial_with(4, true));
}

// Bug: what was dialled took the descriptors of accepted connections, and a health check hung.
TEST_F(DialTest, WhatWasDialledIsCountedUntilItIsGone) {
  const std::size_t before = net::dialled();
  const int port = listen();
  start("127.0.0.1", port);
  EXPECT_TRUE(finished());
  EXPECT_EQ(net::dialled(), before + 1);
  stream.reset();
  EXPECT_EQ(net::dialled(), before);
  const DeadPort dead;
  start("127.0.0.1", dead.port);
  EXPECT_TRUE(finished());
  EXPECT_EQ(net::dialled(), before);
}

struct TlsDial : DialTest {
  std::unique_ptr<net::TlsContext> client, server;
  std::unique_ptr<net::TlsStream> server_stream;
  net::Listener tls_listener{loop, net::Listener::AcceptFn::bind<&TlsDial::on_tls_accept>(this)};
  void on_tls_accept(base::Fd fd, const net::Address&) {
    server_stream = std::make_unique<net::TlsStream>(loop, *server, std::move(fd));
    server_stream->want(true, false);
  }
  int listen_tls(const std::string& verify_name) {
    const auto& certs = test::shared_certs();
    server = std::move(
        *net::TlsContext::server({certs.server_cert_pem, certs.server_key_pem, {}, false}));
    client = std::move(*net::TlsContext::client(
        {.ca_pem = certs.ca_pem, .cert_pem = {}, .key_pem = {}, .verify_name = verify_name}));
    EXPECT_TRUE(tls_listener.listen("127.0.0.1", 0));
    return tls_listener.address().port();
  }
};

TEST_F(TlsDial, GivesATlsStream) {
  const int port = listen_tls("localhost");
  start("127.0.0.1", port, client.get());
  ASSERT_TRUE(finished());
  ASSERT_TRUE(stream) << error;
  test::Pump from(*server_stream), to(*stream);
  to.send("hello");
  ASSERT_TRUE(test::run_until(loop, [&] { return from.received == "hello"; }));
}

TEST_F(TlsDial, SaysWhichCertificateWasRefusedAndWhy) {
  const int port = listen_tls("k8s.example");
  start("127.0.0.1", port, client.get());
  ASSERT_TRUE(finished());
  EXPECT_EQ(error.find("TLS handshake with 127.0.0.1 (" + port_text("127.0.0.1", port) +
                       "): certificate is not for the DNS name k8s.example: it is for DNS "
                       "localhost"),
            0u)
      << error;
}

TEST_F(TlsDial, CancelIsSilentAndCompleteInEveryPhase) {
  dns.names["api.example"] = {"127.0.0.1"};
  const int port = listen_tls("localhost");
  const int before = test::open_fds() + 1;  // c-ares' socket may stay
  int finished_ones = 0;
  for (int turns = 0; turns < 14; ++turns) {
    start("api.example.", port, client.get());
    for (int i = 0; i < turns && calls == 0; ++i)
      loop.run_once();
    finished_ones += stream ? 1 : 0;
    const int told = calls;
    dial.cancel();
    EXPECT_FALSE(dial.active());
    for (int i = 0; i < 20; ++i)
      loop.run_once();
    EXPECT_EQ(calls, told);
    stream.reset();
    server_stream.reset();
    EXPECT_LE(test::open_fds(), before);
    EXPECT_EQ(loop.timers(), 0u);
    clock.advance(net::kAnswerTtl);
    loop.run_once();
  }
  EXPECT_GT(finished_ones, 0) << "the last rounds got through";
}

TEST_F(DialTest, CancelOfADialIntoABlackHole) {
  BlackHole hole("127.0.0.1");
  const int before = test::open_fds();
  start("127.0.0.1", hole.port);
  loop.run_once();
  dial.cancel();
  EXPECT_EQ(test::open_fds(), before);
  EXPECT_EQ(loop.timers(), 0u);
  start("127.0.0.1", hole.port);
  ASSERT_TRUE(finished()) << "and it may be started again";
}

TEST_F(DialTest, OutOfDescriptorsIsAFailureLikeAnyOther) {
  const int port = listen();
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const rlimit none{0, old.rlim_max};
  start("127.0.0.1", port);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool done = finished();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  ASSERT_TRUE(done);
  EXPECT_EQ(error, "connect " + port_text("127.0.0.1", port) + ": socket: Too many open files");
  EXPECT_EQ(code, Errc::unavailable);
}

// The owner frees the Dial in its callback, as a finished call does.
struct Suicide {
  Suicide(loop::Loop& loop, net::Resolver& resolver)
      : dial(std::make_unique<net::Dial>(loop, resolver,
                                         net::Dial::Fn::bind<&Suicide::on_dialled>(this))) {}
  void on_dialled(base::Result<std::unique_ptr<net::Stream>> result) {
    good = result.has_value();
    dial.reset();
  }
  std::unique_ptr<net::Dial> dial;
  bool good = false;
};

TEST_F(DialTest, MayBeFreedInItsOwnCallback) {
  const int port = listen();
  DeadPort dead;
  for (const int to : {port, dead.port}) {
    Suicide one(loop, resolver);
    one.dial->start("127.0.0.1", to, nullptr);
    ASSERT_TRUE(test::run_until(loop, [&] { return !one.dial; }));
    EXPECT_EQ(one.good, to == port);
  }
}

}  // namespace
