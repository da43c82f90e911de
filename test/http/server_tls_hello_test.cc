// A TLS handshake on a port that serves plain HTTP.
#include <gtest/gtest.h>

#include "support/http_server_world.h"

namespace {

constexpr std::string_view kHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

using PlainPort = test::HttpServerWorld;

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at)
    ++n;
  return n;
}

TEST_F(PlainPort, ATlsHelloIsClosedCleanlyAndSaidOnce) {
  for (int i = 0; i < 3; ++i) {
    auto peer = connect();
    peer->send(kHello);
    settle();
    peer->send("the rest of the hello");
    settle();
    peer->read();
    EXPECT_TRUE(peer->eof);
    EXPECT_FALSE(peer->reset);
    EXPECT_EQ(peer->got, "") << "an answer that it could not read";
    peer->close();
    settle();
  }
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_EQ(times(log, "a client speaks TLS to a port that serves plain HTTP"), 1u) << log;
  EXPECT_TRUE(handler.seen.empty());
}

TEST_F(PlainPort, ATlsHelloThatNeverEndsIsLetGo) {
  auto peer = connect();
  peer->send(kHello);
  settle();
  pass(http::kLingerTime);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(PlainPort, TheByteMeansNothingInsideARequest) {
  auto peer = connect();
  peer->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
  settle();
  peer->send("\x16\x03\x01\x02");
  settle();
  peer->read();
  EXPECT_TRUE(test::contains(peer->got, "200 OK")) << peer->got;
  EXPECT_EQ(handler.seen.at(0).body, "\x16\x03\x01\x02");
}

}  // namespace
