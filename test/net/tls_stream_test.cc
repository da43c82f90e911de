// Bytes through TLS: budgets, partial writes, post-handshake messages, and the ways to end.

#include "net/tls_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "support/certs.h"
#include "support/net_support.h"
#include "support/raw_tls.h"

namespace {

using base::Errc;
using Kind = net::Io::Kind;

struct TlsBytes : testing::Test {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  std::unique_ptr<net::TlsContext> client_context, server_context;
  std::unique_ptr<net::TlsStream> client, server;

  TlsBytes() {
    const auto& certs = test::shared_certs();
    client_context = std::move(*net::TlsContext::client(
        {.ca_pem = certs.ca_pem, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost"}));
    server_context = std::move(
        *net::TlsContext::server({certs.server_cert_pem, certs.server_key_pem, {}, false}));
  }
  void connect(int buffer = 0) {
    auto [a, b] = test::tcp_pair(buffer);
    client = std::make_unique<net::TlsStream>(loop, *client_context, std::move(a));
    server = std::make_unique<net::TlsStream>(loop, *server_context, std::move(b));
  }
};

TEST_F(TlsBytes, NoHandshakeMustBeAskedFor) {
  connect();
  test::Pump a(*client), b(*server);
  a.send("ping");
  b.send("pong");
  ASSERT_TRUE(test::run_until(loop, [&] { return a.received == "pong" && b.received == "ping"; }));
}

TEST_F(TlsBytes, BothWaysAtOnceUnderBudgets) {
  connect(8192);
  test::Pump a(*client), b(*server);
  const std::string up = test::pattern(10 << 20), down = test::pattern((10 << 20) + 77);
  a.budget = 40000;
  a.chunk = 7001;
  b.budget = 9000;
  b.chunk = 1000;  // smaller than a record: the rest waits inside OpenSSL
  a.piece = 999;   // gathered
  a.send(up);
  b.send(down);
  a.finish();
  b.finish();
  ASSERT_TRUE(test::run_until(
      loop, [&] { return a.ended() && b.ended(); }, 500000));
  EXPECT_TRUE(a.eof && b.eof) << client->error() << server->error();
  EXPECT_TRUE(a.received == down);
  EXPECT_TRUE(b.received == up);
}

TEST_F(TlsBytes, SmallPiecesAreOneRecord) {
  connect();
  test::Pump a(*client), b(*server);
  a.piece = 100;  // eight at a time
  a.send(std::string(800, 'x'));
  ASSERT_TRUE(test::run_until(loop, [&] { return b.received.size() == 800; }));
  EXPECT_EQ(a.writes, 1);
}

// C21. The budget ends in the middle of a record; the kernel has nothing more to say.
TEST_F(TlsBytes, WhatOpensslHoldsIsDeliveredWithoutTheKernel) {
  connect();
  test::Pump a(*client), b(*server);
  a.budget = a.chunk = 100;
  b.send(std::string(6400, 'f'));
  ASSERT_TRUE(test::run_until(loop, [&] { return a.received.size() == 6400; }));
  EXPECT_GE(a.calls, 64);
  // Paused in the middle, it stays silent, and goes on when wanted again.
  a.received.clear();
  b.send(std::string(6400, 'g'));
  ASSERT_TRUE(test::run_until(loop, [&] { return a.received.size() >= 1000; }));
  a.reading = false;
  a.update();
  const int calls = a.calls;
  for (int i = 0; i < 50; ++i)
    loop.run_once();
  EXPECT_EQ(a.calls, calls);
  a.reading = true;
  a.update();
  ASSERT_TRUE(test::run_until(loop, [&] { return a.received.size() == 6400; }));
}

// Reads a little each time it is called and says nothing more.
struct Sipper {
  explicit Sipper(net::Stream& s) : stream(s) {
    stream.set_ready(net::Stream::ReadyFn::bind<&Sipper::on_ready>(this));
    stream.want(true, false);
  }
  void on_ready(bool, bool) {
    char few[10];
    const net::Io io = stream.read(few, sizeof few);
    if (io.kind == Kind::bytes) got += io.n;
  }
  net::Stream& stream;
  std::size_t got = 0;
};

TEST_F(TlsBytes, AnOwnerNeedNotAskAgain) {
  connect();
  Sipper a(*client);
  test::Pump b(*server);
  b.send(std::string(500, 's'));
  ASSERT_TRUE(test::run_until(loop, [&] { return a.got == 500; }));
}

TEST_F(TlsBytes, ManySmallRecordsInOneGo) {
  connect();
  test::Pump a(*client), b(*server);
  a.send("x");
  ASSERT_TRUE(test::run_until(loop, [&] { return b.received == "x"; }));
  const int calls = a.calls;
  for (int i = 0; i < 64; ++i) {
    iovec one{const_cast<char*>("frame\n"), 6};
    ASSERT_EQ(server->write(&one, 1).kind, Kind::bytes);
  }
  ASSERT_TRUE(test::run_until(loop, [&] { return a.received.size() == 64 * 6; }));
  EXPECT_EQ(a.calls, calls + 1) << "one wake-up";
}

TEST_F(TlsBytes, ARetriedWriteMayHaveMoreBehindIt) {
  connect(4096);
  std::string got;
  client->set_ready({});
  client->want(true, false);
  server->want(true, false);
  ASSERT_TRUE(
      test::run_until(loop, [&] { return client->handshake_done() && server->handshake_done(); }));
  const std::string all = test::pattern(3 << 20);
  std::size_t sent = 0, shown = 5000;
  int blocked = 0;
  std::vector<char> buffer(20000);
  for (int i = 0; i < 100000 && got.size() < all.size(); ++i) {
    while (sent < all.size()) {
      shown = std::min(all.size(), std::max(shown, sent + 1));
      std::string moved = all.substr(sent, std::min<std::size_t>(shown - sent, 40000));
      iovec pieces[2] = {{moved.data(), moved.size() / 3},
                         {moved.data() + moved.size() / 3, moved.size() - moved.size() / 3}};
      const net::Io io = client->write(pieces, 2);
      shown += 1777;
      if (io.kind == Kind::would_block) {
        ++blocked;
        break;
      }
      ASSERT_EQ(io.kind, Kind::bytes) << client->error();
      sent += io.n;
    }
    const net::Io io = server->read(buffer.data(), buffer.size());
    if (io.kind == Kind::bytes) got.append(buffer.data(), io.n);
    loop.run_once();
  }
  EXPECT_TRUE(got == all);
  EXPECT_GT(blocked, 5);
}

TEST_F(TlsBytes, EndsWithCloseNotifyAndStillReads) {
  connect();
  test::Pump a(*client), b(*server);
  a.send("request");
  a.finish();
  ASSERT_TRUE(test::run_until(loop, [&] { return b.eof; }));
  EXPECT_EQ(b.received, "request");
  b.send("answer");
  ASSERT_TRUE(test::run_until(loop, [&] { return a.received == "answer"; }));
  server->close();
  ASSERT_TRUE(test::run_until(loop, [&] { return a.eof; })) << client->error();
  EXPECT_FALSE(client->truncated());
}

TEST_F(TlsBytes, CloseIsIdempotentAndSilent) {
  connect();
  test::Pump a(*client), b(*server);
  b.send(std::string(10000, 'x'));
  a.budget = a.chunk = 10;
  ASSERT_TRUE(test::run_until(loop, [&] { return !a.received.empty(); }));
  const int calls = a.calls;
  client->close();
  client->close();
  client->want(true, true);
  for (int i = 0; i < 20; ++i)
    loop.run_once();
  EXPECT_EQ(a.calls, calls);
  char byte;
  EXPECT_EQ(client->read(&byte, 1).kind, Kind::error);
  EXPECT_EQ(client->error(), "closed here");
  EXPECT_EQ(client->fd(), -1);
}

TEST_F(TlsBytes, AnAbortIsAResetAtTheOtherEnd) {
  connect();
  test::Pump a(*client), b(*server);
  a.send("x");
  ASSERT_TRUE(test::run_until(loop, [&] { return b.received == "x"; }));
  client->abort();
  ASSERT_TRUE(test::run_until(loop, [&] { return b.failed; }));
  EXPECT_EQ(server->error_code(), Errc::unavailable);
  EXPECT_EQ(server->error(), "read: Connection reset by peer");
}

// A FIN by a handshaking peer's socket, a stream that was never started, a failed one: all may be
// dropped.
TEST_F(TlsBytes, MayBeFreedInEveryState) {
  for (int turns = 0; turns < 12; ++turns) {
    connect();
    client->want(true, true);
    server->want(true, false);
    for (int i = 0; i < turns; ++i)
      loop.run_once();
    client.reset();
    for (int i = 0; i < 4; ++i)
      loop.run_once();
    server.reset();
  }
  EXPECT_EQ(loop.watches(), 0u);
}

struct RawPeer : TlsBytes {
  std::unique_ptr<test::RawTls> raw;
  std::unique_ptr<test::Pump> pump;

  void connect_raw(const test::RawTls::Options& options, int buffer = 0) {
    auto [a, b] = test::tcp_pair(buffer);
    client = std::make_unique<net::TlsStream>(loop, *client_context, std::move(a));
    raw = std::make_unique<test::RawTls>(std::move(b), test::shared_certs(), options);
    pump = std::make_unique<test::Pump>(*client);
    bool done = false;
    test::run_until(
        loop, [&] { return (done = done || raw->handshake()) || pump->failed; }, 200);
  }
};

TEST_F(RawPeer, WithoutAlpnIsFine) {
  connect_raw({});
  ASSERT_TRUE(raw->write("hello"));
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->received == "hello"; })) << client->error();
}

TEST_F(RawPeer, Http2ByAlpnIsRefused) {
  connect_raw({.select_h2 = true});
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->failed; }));
  // By OpenSSL's own check where it has one, else by ours.
  EXPECT_TRUE(client->error() == "the server insists on another protocol than http/1.1 (ALPN)" ||
              client->error() ==
                  "the server chose what was not offered, HTTP/2 perhaps (bad extension)")
      << client->error();
  EXPECT_EQ(client->error_code(), Errc::protocol);
}

TEST_F(RawPeer, AServerWithHttp2OnlySaysSo) {
  connect_raw({.refuse_alpn = true});
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->failed; }));
  EXPECT_EQ(client->error().find("the server does not offer http/1.1"), 0u) << client->error();
}

TEST_F(RawPeer, OldTlsIsRefused) {
  connect_raw({.max_version = TLS1_1_VERSION});
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->failed; }));
  EXPECT_EQ(client->error().find("no TLS 1.2 or later in common"), 0u) << client->error();
  EXPECT_EQ(client->error_code(), Errc::protocol);
}

TEST_F(RawPeer, Tls12Works) {
  connect_raw({.max_version = TLS1_2_VERSION});
  ASSERT_TRUE(raw->write("hello"));
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->received == "hello"; })) << client->error();
}

TEST_F(RawPeer, AFinWithoutCloseNotifyIsTruncation) {
  connect_raw({});
  ASSERT_TRUE(raw->write("all of it?"));
  raw->cut();
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->failed; }));
  EXPECT_EQ(pump->received, "all of it?");
  EXPECT_FALSE(pump->eof);
  EXPECT_TRUE(client->truncated());
  EXPECT_EQ(client->error_code(), Errc::protocol);
  EXPECT_EQ(client->error(), "the peer ended the connection without close_notify");
}

TEST_F(RawPeer, ACloseNotifyIsAProperEnd) {
  connect_raw({});
  ASSERT_TRUE(raw->write("all of it"));
  raw->close_notify();
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->ended(); }));
  EXPECT_TRUE(pump->eof);
  EXPECT_EQ(pump->received, "all of it");
}

TEST_F(RawPeer, KeyUpdateMidStream) {
  connect_raw({});
  std::string expected, up;
  for (int i = 0; i < 20; ++i) {
    raw->update_keys();
    ASSERT_TRUE(raw->write("frame"));
    expected += "frame";
    pump->send("up");
    up += "up";
    ASSERT_TRUE(test::run_until(loop, [&] { return pump->received == expected; }))
        << client->error();
    ASSERT_TRUE(test::run_until(loop, [&] {
      up.erase(0, raw->read().size());
      return up.empty();
    })) << client->error();
  }
}

// As many bytes as the kernel takes, beneath TLS: the peer cannot read them, but no record of ours
// has room either.
void stuff(int fd) {
  const std::string junk(4096, 'j');
  for (std::size_t size = junk.size(); size > 0; size /= 2) {
    while (::send(fd, junk.data(), size, MSG_NOSIGNAL) > 0) {
    }
  }
}

// Takes what has come, beneath TLS; true at the end of the stream.
bool drain(int fd) {
  char buffer[65536];
  ssize_t n;
  while ((n = ::recv(fd, buffer, sizeof buffer, 0)) > 0) {
  }
  return n == 0;
}

// C20: the answer to a KeyUpdate has no room; reading does not depend on it.
TEST_F(RawPeer, ReadingGoesOnWhenAKeyUpdateCannotBeAnswered) {
  connect_raw({}, 4096);
  ASSERT_TRUE(raw->write("x"));
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->received == "x"; }));
  stuff(client->fd());
  raw->update_keys();
  ASSERT_TRUE(raw->write("frame"));
  // OpenSSL may hold the frame back until the answer is out; then it must not spin over that.
  for (int i = 0; i < 20; ++i)
    loop.run_once();
  const int calls = pump->calls;
  for (int i = 0; i < 100; ++i)
    loop.run_once();
  EXPECT_EQ(pump->calls, calls) << "no spinning";
  ASSERT_TRUE(test::run_until(loop, [&] {
    drain(raw->fd());
    return pump->received == "xframe";
  })) << client->error();
}

TEST_F(RawPeer, AKeyUpdateBehindAnUnfinishedWrite) {
  connect_raw({}, 4096);
  const std::string all = test::pattern(1 << 20);
  pump->send(all);
  for (int i = 0; i < 100; ++i)
    loop.run_once();
  ASSERT_FALSE(pump->sent());
  raw->update_keys();
  ASSERT_TRUE(raw->write("frame"));
  std::string got;
  ASSERT_TRUE(test::run_until(loop,
                              [&] {
                                got += raw->read();
                                return got.size() >= all.size();
                              }))
      << client->error() << got.size();
  EXPECT_TRUE(got == all);
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->received == "frame"; })) << client->error();
}

TEST_F(RawPeer, TheEndWaitsForRoomToo) {
  connect_raw({}, 4096);
  ASSERT_TRUE(raw->write("x"));
  ASSERT_TRUE(test::run_until(loop, [&] { return pump->received == "x"; }));
  stuff(client->fd());
  client->shutdown_write();
  ASSERT_TRUE(test::run_until(loop, [&] { return drain(raw->fd()); }));
}

}  // namespace
