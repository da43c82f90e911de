// The words of SOCKS5, as RFC 1928 and RFC 1929 have them, and a tunnel over real sockets.
#include "net/socks5.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/proxy_tunnel.h"
#include "net/tcp_stream.h"
#include "support/net_support.h"

namespace {

using base::Errc;
using namespace std::string_literals;

TEST(Socks5, AsksForANameAnIpv4AndAnIpv6Address) {
  const struct {
    const char* host;
    std::string address;
  } cases[] = {{"api.example", "\x03\x0b"s + "api.example"},
               {"10.0.0.1", "\x01\x0a\x00\x00\x01"s},
               {"::1", "\x04"s + std::string(15, '\0') + "\x01"}};
  for (const auto& c : cases) {
    net::Socks5 socks(c.host, 6443, "", "");
    EXPECT_EQ(socks.greeting(), "\x05\x01\x00"s);
    ASSERT_EQ(socks.wanted(), 2U);
    EXPECT_EQ(*socks.take("\x05\x00"s), "\x05\x01\x00"s + c.address + "\x19\x2b");
    ASSERT_EQ(socks.wanted(), 4U);
    EXPECT_EQ(*socks.take("\x05\x00\x00\x01"s), "");
    ASSERT_EQ(socks.wanted(), 6U);
    EXPECT_EQ(*socks.take("123456"), "");
    EXPECT_EQ(socks.wanted(), 0U);
  }
}

TEST(Socks5, ReadsABoundAddressOfEachKind) {
  for (const auto& [kind, size] : {std::pair{'\x01', 6U}, {'\x04', 18U}}) {
    net::Socks5 socks("a", 1, "", "");
    ASSERT_TRUE(socks.take("\x05\x00"s));
    ASSERT_TRUE(socks.take("\x05\x00\x00"s + kind));
    EXPECT_EQ(socks.wanted(), size);
  }
  net::Socks5 socks("a", 1, "", "");
  ASSERT_TRUE(socks.take("\x05\x00"s));
  ASSERT_TRUE(socks.take("\x05\x00\x00\x03"s));
  ASSERT_EQ(socks.wanted(), 1U);
  ASSERT_TRUE(socks.take("\x04"s));
  EXPECT_EQ(socks.wanted(), 6U) << "a name of 4 bytes and a port";
}

TEST(Socks5, GivesUserAndPasswordWhenAsked) {
  net::Socks5 socks("a", 1, "me", "secret");
  EXPECT_EQ(socks.greeting(), "\x05\x02\x00\x02"s);
  EXPECT_EQ(*socks.take("\x05\x02"s), "\x01\x02me\x06secret"s);
  ASSERT_EQ(socks.wanted(), 2U);
  EXPECT_EQ(socks.take("\x01\x00"s)->size(), 3U + 1 + 2 + 2);
}

TEST(Socks5, SaysWhyThereIsNoTunnel) {
  const auto code_of = [](std::string_view first, std::string_view then = {}) {
    net::Socks5 socks("a", 1, "", "");
    auto out = socks.take(first);
    if (out && !then.empty()) out = socks.take(then);
    return out ? "fine"s : out.error().what();
  };
  EXPECT_EQ(code_of("HT"), "the proxy does not speak SOCKS5");
  EXPECT_EQ(code_of("\x05\xff"s), "the proxy wants a user and a password in its URL, or others");
  EXPECT_EQ(code_of("\x05\x02"s), "the proxy wants a user and a password in its URL, or others");
  EXPECT_EQ(code_of("\x05\x00"s, "\x05\x05\x00\x01"s),
            "the proxy refuses the tunnel: connection refused");
  EXPECT_EQ(code_of("\x05\x00"s, "\x05\x63\x00\x01"s), "the proxy refuses the tunnel: code 99");
  EXPECT_EQ(code_of("\x05\x00"s, "\x05\x00\x00\x07"s), "the proxy does not speak SOCKS5");
  net::Socks5 socks("a", 1, "me", "wrong");
  ASSERT_TRUE(socks.take("\x05\x02"s));
  EXPECT_EQ(socks.take("\x01\x01"s).error().code(), Errc::invalid_argument);
}

struct SocksTunnel : testing::Test {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  int told = 0;
  std::string error;
  std::unique_ptr<net::Stream> made;
  void on_tunnel(base::Result<std::unique_ptr<net::Stream>> stream) {
    ++told;
    if (stream) {
      made = *std::move(stream);
    } else {
      error = stream.error().what();
    }
  }
  net::ProxyTunnel tunnel{loop, net::ProxyTunnel::Fn::bind<&SocksTunnel::on_tunnel>(this)};
};

TEST_F(SocksTunnel, LeavesTheServersBytesAlone) {
  auto pair = test::tcp_pair();
  auto& ours = pair.first;
  auto& proxy = pair.second;
  net::Proxy to;
  to.host = "p";
  to.port = 1080;
  to.socks5 = true;
  tunnel.start(std::make_unique<net::TcpStream>(loop, std::move(ours)), to, "api.example", 443);
  std::string heard;
  const auto answer = [&](const std::string& wanted, const std::string& text) {
    char bytes[256];
    heard.clear();
    ASSERT_TRUE(test::run_until(loop, [&] {
      const ssize_t n = ::recv(proxy.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (n > 0) heard.append(bytes, static_cast<std::size_t>(n));
      return heard.size() >= wanted.size();
    }));
    EXPECT_EQ(heard, wanted);
    ASSERT_EQ(::send(proxy.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  };
  answer("\x05\x01\x00"s, "\x05\x00"s);
  answer("\x05\x01\x00\x03\x0b"s + "api.example\x01\xbb",
         "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50HELLO"s);
  ASSERT_TRUE(test::run_until(loop, [&] { return told > 0; }));
  EXPECT_EQ(error, "");
  char bytes[16];
  ASSERT_EQ(made->read(bytes, sizeof bytes).n, 5u);
  EXPECT_EQ(std::string(bytes, 5), "HELLO");
}

}  // namespace
