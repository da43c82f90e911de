// The listeners that speak TLS, with real sockets: what a stranger can make them hold, and what a
// client gets.
#include "door/handshakes.h"

#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/log.h"
#include "door/door.h"
#include "net/tls_stream.h"
#include "support/certs.h"
#include "support/http_server_world.h"
#include "support/temp_dir.h"

namespace {

using door::Handshakes;
using test::Peer;

struct TlsDoor : test::HttpServerWorld {
  TlsDoor() {
    start();
    dir.write("cert", certs.server_cert_pem);
    dir.write("key", certs.server_key_pem);
  }
  ~TlsDoor() override {
    if (door) door->stop();
    if (handshakes) handshakes->stop();
    if (files) files->stop();
    settle();
    server.reset();
    settle();
  }
  void listen(bool client_ca = false) {
    door::CertificateFileNames names{dir.path("cert"), dir.path("key"), {}, user};
    if (client_ca) names.client_ca = dir.write("ca", certs.ca_pem);
    files = std::make_unique<door::CertificateFiles>(loop, names);
    const auto ok = files->load();
    ASSERT_TRUE(ok) << ok.error().what();
    handshakes = std::make_unique<Handshakes>(loop, *server, *files, budgets);
    door = std::make_unique<door::Door>(loop, *server, 7, handshakes.get());
    ASSERT_TRUE(door->listen("127.0.0.1", 0));
  }
  base::Fd dial() const {
    base::Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    const net::Address& to = door->address();
    EXPECT_EQ(::connect(fd.get(), to.get(), to.length), 0);
    const int flags = ::fcntl(fd.get(), F_GETFL);
    ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK);
    return fd;
  }
  std::unique_ptr<Peer> stranger(std::string_view bytes = {}) {
    auto peer = std::make_unique<Peer>();
    peer->fd = dial();
    if (!bytes.empty()) peer->send(bytes);
    settle();
    peer->read();
    return peer;
  }
  // One of another machine.
  std::unique_ptr<Peer> remote(std::string_view host, std::string_view bytes = {}) {
    int fds[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    auto peer = std::make_unique<Peer>();
    peer->fd = base::Fd(fds[1]);
    handshakes->begin(base::Fd(fds[0]), *net::parse_address(host, 1234), 0);
    if (!bytes.empty()) peer->send(bytes);
    settle();
    return peer;
  }
  void make_client(bool certificate = false) {
    net::TlsClientOptions options;
    options.ca_pem = certs.ca_pem;
    options.verify_name = "localhost";
    if (certificate) {
      options.cert_pem = certs.client_cert_pem;
      options.key_pem = certs.client_key_pem;
    }
    client_context = std::move(*net::TlsContext::client(options));
  }
  std::unique_ptr<net::TlsStream> connect_tls() {
    auto stream = std::make_unique<net::TlsStream>(loop, *client_context, dial());
    error.clear();
    done = false;
    stream->start_handshake(net::TlsStream::HandshakeFn::bind<&TlsDoor::on_done>(this));
    for (int i = 0; i < 40 && !done; ++i)
      settle(3);
    settle();
    return stream;
  }
  void on_done(base::Result<void> result) {
    done = true;
    if (!result) error = result.error().what();
  }
  // The whole answer to one request.
  std::string ask(net::TlsStream& stream, std::string text = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n") {
    iovec piece{text.data(), text.size()};
    stream.write(&piece, 1);
    std::string got;
    for (int i = 0; i < 10; ++i) {
      settle(4);
      char buffer[4096];
      const net::Io io = stream.read(buffer, sizeof buffer);
      if (io.kind == net::Io::Kind::bytes) got.append(buffer, io.n);
    }
    return got;
  }
  std::uint64_t count(Handshakes::Result result) const { return handshakes->count(result); }

  test::TempDir dir;
  test::TestCerts certs =
      test::make_certs({.client_common_name = "alice", .client_organization = "dev"});
  net::UserField user = net::UserField::common_name;
  base::Budgets budgets;
  std::unique_ptr<door::CertificateFiles> files;
  std::unique_ptr<Handshakes> handshakes;
  std::unique_ptr<door::Door> door;
  std::unique_ptr<net::TlsContext> client_context;
  std::string error;
  bool done = false;
};

TEST_F(TlsDoor, AClientIsServedAndItsRequestsKnowTheirDoor) {
  listen();
  make_client();
  unsigned seen = 0;
  handler.script = [&](const http::Request& request, http::Reply reply) {
    seen = request.door;
    EXPECT_EQ(request.identity, nullptr);
    reply.send(200, "text/plain", "hello");
  };
  auto stream = connect_tls();
  EXPECT_EQ(error, "");
  EXPECT_TRUE(test::contains(ask(*stream), "hello"));
  EXPECT_EQ(seen, 7u);
  EXPECT_EQ(handshakes->under_way(), 0u);
  EXPECT_EQ(count(Handshakes::Result::full), 1u);
}

TEST_F(TlsDoor, ASessionIsResumed) {
  listen();
  make_client();
  auto first = connect_tls();
  EXPECT_TRUE(test::contains(ask(*first), "ok:"));
  first->close();
  auto second = connect_tls();
  EXPECT_TRUE(test::contains(ask(*second), "ok:"));
  EXPECT_EQ(count(Handshakes::Result::full), 1u);
  EXPECT_EQ(count(Handshakes::Result::resumed), 1u);
}

TEST_F(TlsDoor, ASessionEndsAnHourAfterItsFullHandshakeHoweverOftenItIsResumed) {
  listen();
  make_client();
  ask(*connect_tls());
  for (int i = 0; i < 2; ++i) {
    clock.advance(base::minutes(25));
    settle();
    ask(*connect_tls());
  }
  EXPECT_EQ(count(Handshakes::Result::resumed), 2u);
  clock.advance(base::minutes(15));
  settle();
  ask(*connect_tls());
  EXPECT_EQ(count(Handshakes::Result::full), 2u) << "65 minutes after the first";
}

// ---- strangers

TEST_F(TlsDoor, AStrangerThatSaysNothingCostsADescriptorForTenSeconds) {
  listen();
  auto silent = stranger();
  EXPECT_EQ(handshakes->under_way(), 1u);
  EXPECT_EQ(budgets.descriptors.used(), 1u);
  EXPECT_EQ(server->connections(), 0u);
  pass(door::kHandshakeTime - base::milliseconds(1));
  silent->read();
  EXPECT_FALSE(silent->eof);
  pass(base::milliseconds(1));
  silent->read();
  EXPECT_TRUE(silent->eof);
  EXPECT_EQ(handshakes->under_way(), 0u);
  EXPECT_EQ(budgets.descriptors.used(), 0u);
  EXPECT_EQ(count(Handshakes::Result::timeout), 1u);
}

TEST_F(TlsDoor, AHelloInOneBytePiecesHasNoMoreTime) {
  listen();
  auto slow = stranger("\x16");
  for (const char byte : std::string_view("\x03\x01\x02\x00\x01\x00\x01\xfc\x03", 9)) {
    pass(base::seconds(1));
    slow->send(std::string_view(&byte, 1));
  }
  settle();
  EXPECT_EQ(handshakes->under_way(), 1u);
  pass(base::seconds(1));
  slow->read();
  EXPECT_TRUE(slow->eof || slow->reset);
  EXPECT_EQ(count(Handshakes::Result::timeout), 1u);
}

TEST_F(TlsDoor, ACrowdOfStrangersMakesRoomForAClient) {
  listen();
  make_client();
  std::vector<std::unique_ptr<Peer>> crowd;
  while (handshakes->under_way() < door::kHandshakes)
    crowd.push_back(stranger());
  auto late = stranger();
  EXPECT_FALSE(late->eof || late->reset) << "it waits: nothing that is new makes room";
  EXPECT_EQ(handshakes->under_way(), door::kHandshakes);
  pass(door::kSilentGrace);
  EXPECT_TRUE(test::contains(ask(*connect_tls()), "ok:"));
  EXPECT_EQ(error, "");
  crowd[0]->read();
  EXPECT_TRUE(crowd[0]->eof) << "the oldest went";
  EXPECT_EQ(count(Handshakes::Result::crowded), 2u);
}

// Bug: of three hundred clients that came at once 44 were reset.
TEST_F(TlsDoor, ThoseThatFindNoPlaceWaitInTheBacklogUntilOneIsLeft) {
  listen();
  std::vector<std::unique_ptr<Peer>> crowd;
  for (std::size_t i = 0; i < door::kHandshakes + 44; ++i) {
    crowd.push_back(std::make_unique<Peer>());
    crowd.back()->fd = dial();
  }
  settle();
  const auto cut = [&] {
    std::size_t n = 0;
    for (auto& one : crowd) {
      one->read();
      n += one->eof || one->reset;
    }
    return n;
  };
  EXPECT_EQ(handshakes->under_way(), door::kHandshakes);
  EXPECT_EQ(cut(), 0u);
  for (std::size_t i = 0; i < 20; ++i)
    crowd[i]->close();
  settle();
  EXPECT_EQ(handshakes->under_way(), door::kHandshakes) << "twenty of those that waited";
  EXPECT_EQ(count(Handshakes::Result::crowded), 0u);
  pass(door::kHandshakeGrace);
  settle();
  EXPECT_EQ(count(Handshakes::Result::crowded), 24u) << "the oldest make room";
  EXPECT_EQ(handshakes->under_way(), door::kHandshakes);
}

// Bug: "peer" was empty when the peer had gone.
TEST_F(TlsDoor, AFailedHandshakeIsLoggedWithItsPeer) {
  listen();
  std::string lines;
  base::log::capture(&lines);
  auto broken = remote("192.0.2.7", "\x16garbage that is no record");
  pass(base::milliseconds(1));
  base::log::capture(nullptr);
  EXPECT_TRUE(test::contains(lines, "TLS handshake failed")) << lines;
  EXPECT_TRUE(test::contains(lines, "192.0.2.7:1234")) << lines;
}

TEST_F(TlsDoor, OnePeerGetsAQuarterOfThePlaces) {
  listen();
  std::vector<std::unique_ptr<Peer>> ends;
  for (std::size_t i = 0; i < door::kHandshakesOfPeer + 1; ++i)
    ends.push_back(remote("192.0.2.1"));
  EXPECT_EQ(handshakes->under_way(), door::kHandshakesOfPeer);
  pass(door::kHandshakeGrace);
  stranger();
  EXPECT_EQ(handshakes->under_way(), door::kHandshakesOfPeer + 1) << "another peer's";
}

// Bug: a peer (a NAT's, a load balancer's) whose share was full of silent connections got no other in.
TEST_F(TlsDoor, APeersOldestSilentConnectionMakesRoomForItsNext) {
  listen();
  auto other = remote("192.0.2.2");
  pass(base::milliseconds(1));
  std::vector<std::unique_ptr<Peer>> ends;
  ends.push_back(remote("192.0.2.1", "\x16"));  // speaks
  for (std::size_t i = 1; i < door::kHandshakesOfPeer; ++i) {
    if (i == 2) pass(base::milliseconds(1));
    ends.push_back(remote("192.0.2.1"));
  }
  pass(door::kSilentGrace - base::milliseconds(2));
  auto early = remote("192.0.2.1");
  early->read();
  EXPECT_TRUE(early->eof) << "nothing that is new makes room";
  pass(base::milliseconds(1));
  auto next = remote("192.0.2.1");
  next->read();
  EXPECT_FALSE(next->eof);
  for (auto& one : ends)
    one->read();
  EXPECT_FALSE(ends[0]->eof) << "it is not silent";
  EXPECT_TRUE(ends[1]->eof) << "the oldest silent one";
  EXPECT_FALSE(ends[2]->eof);
  other->read();
  EXPECT_FALSE(other->eof) << "another peer's";
  EXPECT_EQ(handshakes->under_way(), door::kHandshakesOfPeer + 1);
  EXPECT_EQ(count(Handshakes::Result::crowded), 2u);
}

// Bug: sixty-four connections of an address that had sent six bytes each shut it out for ten seconds.
TEST_F(TlsDoor, APeersOldestThatSpeaksMakesRoomWhenNoneIsSilent) {
  listen();
  auto other = remote("192.0.2.2", "\x16");
  pass(base::milliseconds(1));
  std::vector<std::unique_ptr<Peer>> ends;
  for (std::size_t i = 0; i < door::kHandshakesOfPeer; ++i) {
    if (i == 1) pass(base::milliseconds(1));
    ends.push_back(remote("192.0.2.1", "\x16\x03\x01\x02"));
  }
  pass(door::kHandshakeGrace - base::milliseconds(2));
  auto early = remote("192.0.2.1");
  early->read();
  EXPECT_TRUE(early->eof);
  pass(base::milliseconds(1));
  auto next = remote("192.0.2.1");
  next->read();
  EXPECT_FALSE(next->eof);
  ends[0]->read();
  ends[1]->read();
  other->read();
  EXPECT_TRUE(ends[0]->eof || ends[0]->reset) << "the oldest";
  EXPECT_FALSE(ends[1]->eof || ends[1]->reset);
  EXPECT_FALSE(other->eof || other->reset) << "another peer's";
  EXPECT_EQ(handshakes->under_way(), door::kHandshakesOfPeer + 1);
}

// Bug: it was to be seen in the metrics only.
TEST_F(TlsDoor, ThatHandshakesAreCutIsAWarningAMinute) {
  listen();
  std::vector<std::unique_ptr<Peer>> ends;
  const auto fill = [&] {
    for (std::size_t i = 0; i < door::kHandshakesOfPeer + 3; ++i)
      ends.push_back(remote("192.0.2.1"));
  };
  const auto said = [&] {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = log.find("TLS handshakes are cut", at)) != log.npos; ++at)
      ++n;
    return n;
  };
  remote("192.0.2.1");
  EXPECT_EQ(said(), 0u);
  fill();
  EXPECT_EQ(said(), 1u) << log;
  EXPECT_TRUE(test::contains(log, "192.0.2.1:1234")) << log;
  pass(base::seconds(59));
  fill();
  EXPECT_EQ(said(), 1u);
  pass(base::seconds(1));
  fill();
  EXPECT_EQ(said(), 2u);
}

TEST_F(TlsDoor, BehindAProxyAPeerHasAllPlaces) {
  listen();
  handshakes->set_share(door::kHandshakes);
  std::vector<std::unique_ptr<Peer>> ends;
  for (std::size_t i = 0; i < door::kHandshakes; ++i)
    ends.push_back(remote("192.0.2.1"));
  EXPECT_EQ(handshakes->under_way(), door::kHandshakes);
  EXPECT_EQ(count(Handshakes::Result::crowded), 0u);
  pass(door::kSilentGrace);
  auto next = remote("192.0.2.1");
  next->read();
  EXPECT_FALSE(next->eof);
  EXPECT_EQ(count(Handshakes::Result::crowded), 1u);
}

// Bug: a handshake that began to shake was taken for the youngest.
TEST_F(TlsDoor, OfThoseThatSpeakTheOldestGoes) {
  listen();
  auto first = stranger();
  pass(base::milliseconds(1));
  std::vector<std::unique_ptr<Peer>> crowd;
  while (handshakes->under_way() < door::kHandshakes)
    crowd.push_back(stranger("\x16"));
  first->send("\x16");
  settle();
  pass(door::kHandshakeGrace);
  stranger();
  first->read();
  EXPECT_TRUE(first->eof || first->reset);
  crowd[0]->read();
  EXPECT_FALSE(crowd[0]->eof);
}

// Bug: two hundred silent connections a second made each client wait for seconds.
TEST_F(TlsDoor, WhileItIsFullTheSilentGoBeforeThoseThatSpeak) {
  listen();
  make_client();
  auto speaks = stranger("\x16");
  pass(base::milliseconds(1));
  std::vector<std::unique_ptr<Peer>> crowd;
  while (handshakes->under_way() < door::kHandshakes)
    crowd.push_back(stranger());
  crowd.push_back(stranger());
  pass(door::kSilentGrace - base::milliseconds(1));
  EXPECT_EQ(count(Handshakes::Result::crowded), 0u);
  pass(base::milliseconds(1));
  EXPECT_EQ(count(Handshakes::Result::crowded), 1u);
  crowd[0]->read();
  EXPECT_TRUE(crowd[0]->eof) << "the oldest silent one";
  const base::TimePoint before = loop.now();
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(test::contains(ask(*connect_tls()), "ok:")) << error;
  EXPECT_EQ(loop.now(), before) << "no client waits";
  speaks->read();
  EXPECT_FALSE(speaks->eof || speaks->reset) << "it is older, but not silent";
}

// In a turn that took long: what has come is not read yet.
TEST_F(TlsDoor, WhatHasSpokenUnheardIsNotSilent) {
  listen();
  std::vector<std::unique_ptr<Peer>> crowd;
  while (handshakes->under_way() < door::kHandshakes)
    crowd.push_back(stranger());
  pass(door::kSilentGrace);
  crowd[0]->send("\x16");
  int fds[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  const base::Fd end(fds[1]);
  handshakes->begin(base::Fd(fds[0]), *net::parse_address("192.0.2.9", 1234), 0);
  settle();
  crowd[0]->read();
  crowd[1]->read();
  EXPECT_FALSE(crowd[0]->eof || crowd[0]->reset);
  EXPECT_TRUE(crowd[1]->eof);
}

TEST_F(TlsDoor, HttpIsToldThatThePortSpeaksTls) {
  listen();
  auto plain = stranger("GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(plain->got.starts_with("HTTP/1.1 400 ")) << plain->got;
  EXPECT_TRUE(test::contains(plain->got, "This port speaks TLS: write https://")) << plain->got;
  const std::size_t body = plain->got.find("\r\n\r\n") + 4;
  EXPECT_TRUE(test::contains(
      plain->got, "Content-Length: " + std::to_string(plain->got.size() - body) + "\r\n"));
  EXPECT_TRUE(plain->eof);
  EXPECT_FALSE(plain->reset);
  plain->send("more of a body");
  settle();
  EXPECT_EQ(handshakes->under_way(), 1u) << "it may still be reading";
  plain->close();
  settle();
  EXPECT_EQ(handshakes->under_way(), 0u);
  EXPECT_EQ(count(Handshakes::Result::not_tls), 1u);
}

TEST_F(TlsDoor, OtherBytesAreClosedWithoutAnAnswer) {
  listen();
  auto other = stranger(std::string_view("\0\0\0\1", 4));
  EXPECT_TRUE(other->eof || other->reset);
  EXPECT_EQ(other->got, "");
  EXPECT_EQ(count(Handshakes::Result::not_tls), 1u);
  auto broken = stranger("\x16garbage that is no record");
  pass(base::milliseconds(1));
  broken->read();
  EXPECT_TRUE(broken->eof || broken->reset);
  EXPECT_EQ(count(Handshakes::Result::failed), 1u);
}

TEST_F(TlsDoor, AClientThatLeavesWithoutCloseNotifyIsForgotten) {
  listen();
  make_client();
  auto stream = connect_tls();
  ask(*stream);
  EXPECT_EQ(server->connections(), 1u);
  ::shutdown(stream->fd(), SHUT_RDWR);  // FIN, no close_notify
  settle();
  EXPECT_EQ(server->connections(), 0u);
}

// ---- clients' certificates

TEST_F(TlsDoor, AClientsCertificateIsItsIdentity) {
  listen(true);
  make_client(true);
  net::PeerIdentity seen;
  handler.script = [&](const http::Request& request, http::Reply reply) {
    ASSERT_NE(request.identity, nullptr);
    seen = *request.identity;
    reply.send(200, "text/plain", "x");
  };
  ask(*connect_tls());
  EXPECT_EQ(seen.by, net::PeerIdentity::By::certificate);
  EXPECT_EQ(seen.user, "alice");
  EXPECT_EQ(seen.groups, std::vector<std::string>{"dev"});
  EXPECT_TRUE(seen.id.starts_with("cert:alice/")) << seen.id;
  EXPECT_EQ(seen.expires, test::kCertEnd);
  // A resumed connection has the same identity, out of its ticket.
  const std::string id = seen.id;
  seen = {};
  ask(*connect_tls());
  EXPECT_EQ(count(Handshakes::Result::resumed), 1u);
  EXPECT_EQ(seen.id, id);
}

TEST_F(TlsDoor, WithoutACertificateNoClientGetsIn) {
  listen(true);
  make_client(false);
  auto stream = connect_tls();
  EXPECT_EQ(ask(*stream), "");
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_EQ(count(Handshakes::Result::failed), 1u);
}

TEST_F(TlsDoor, AnotherAuthoritysCertificateIsRefused) {
  listen(true);
  const test::TestCerts other = test::make_certs();
  net::TlsClientOptions options;
  options.ca_pem = certs.ca_pem;
  options.verify_name = "localhost";
  options.cert_pem = other.client_cert_pem;
  options.key_pem = other.client_key_pem;
  client_context = std::move(*net::TlsContext::client(options));
  EXPECT_EQ(ask(*connect_tls()), "");
  EXPECT_EQ(count(Handshakes::Result::failed), 1u);
}

TEST_F(TlsDoor, AConnectionEndsWithItsClientsCertificate) {
  const std::int64_t now = loop.wall_now().ns / 1'000'000'000;
  const test::CertAndKey ca{certs.ca_pem, certs.ca_key_pem};
  test::CertSpec spec;
  spec.common_name = "alice";
  spec.usage = "clientAuth";
  spec.not_after = now + 600;
  const test::CertAndKey shown = test::make_cert(spec, &ca);
  listen(true);
  net::TlsClientOptions options;
  options.ca_pem = certs.ca_pem;
  options.verify_name = "localhost";
  options.cert_pem = shown.cert_pem;
  options.key_pem = shown.key_pem;
  client_context = std::move(*net::TlsContext::client(options));
  handler.keep();  // a request without an end
  auto stream = connect_tls();
  ask(*stream);
  ASSERT_EQ(server->busy(), 1u);
  // Bug: it ended before the streams on it were told why.
  pass(base::milliseconds(600'900));
  EXPECT_EQ(server->connections(), 1u);
  pass(base::milliseconds(1'100));
  EXPECT_EQ(server->connections(), 0u);
  // Its ticket has ended, too, and a full handshake refuses the certificate.
  EXPECT_EQ(ask(*connect_tls()), "");
  EXPECT_EQ(count(Handshakes::Result::resumed), 0u);
  EXPECT_EQ(count(Handshakes::Result::failed), 1u);
}

// ---- rotation

TEST_F(TlsDoor, ANewCertificateIsInUseSoonAndOldConnectionsGoOn) {
  listen();
  make_client();
  auto old = connect_tls();
  EXPECT_TRUE(test::contains(ask(*old), "ok:"));
  const test::TestCerts fresh = test::make_certs({.ca_name = "another CA"});
  // The pair changes one after the other: for a moment the key does not fit.
  dir.write("cert", fresh.server_cert_pem);
  pass(door::kCertificateCheck);
  EXPECT_TRUE(test::contains(log, "the former ones are kept")) << log;
  EXPECT_TRUE(test::contains(ask(*connect_tls()), "ok:")) << error;
  dir.write("key", fresh.server_key_pem);
  pass(door::kCertificateCheck);
  EXPECT_TRUE(test::contains(ask(*old), "ok:"));
  connect_tls();
  EXPECT_NE(error, "") << "the new one is signed by another authority";
  certs.ca_pem = fresh.ca_pem;
  make_client();
  EXPECT_TRUE(test::contains(ask(*connect_tls()), "ok:")) << error;
}

TEST_F(TlsDoor, AnOldTicketIsWorthNothingWithANewCertificate) {
  listen(true);
  make_client(true);
  ask(*connect_tls());
  const test::CertAndKey ca{certs.ca_pem, certs.ca_key_pem};
  test::CertSpec spec;
  spec.common_name = "localhost";
  spec.alternative_names = "DNS:localhost";
  spec.usage = "serverAuth";
  const test::CertAndKey fresh = test::make_cert(spec, &ca);
  dir.write("cert", fresh.cert_pem);
  dir.write("key", fresh.key_pem);
  pass(door::kCertificateCheck);
  EXPECT_TRUE(test::contains(ask(*connect_tls()), "ok:")) << error;
  EXPECT_EQ(count(Handshakes::Result::full), 2u);
  EXPECT_EQ(count(Handshakes::Result::resumed), 0u);
}

TEST_F(TlsDoor, AFileThatIsMissingOrBrokenKeepsTheOldPairAndIsSaidOnce) {
  listen();
  make_client();
  dir.remove("key");
  pass(door::kCertificateCheck);
  pass(door::kCertificateCheck);
  dir.write("cert", "-----BEGIN CERTIFICATE-----\nnonsense");
  pass(door::kCertificateCheck);
  pass(door::kCertificateCheck);
  EXPECT_TRUE(test::contains(ask(*connect_tls()), "ok:")) << error;
  std::size_t said = 0;
  for (std::size_t at = 0; (at = log.find("are kept", at)) != std::string::npos; ++at)
    ++said;
  EXPECT_EQ(said, 1u) << log;
}

}  // namespace
