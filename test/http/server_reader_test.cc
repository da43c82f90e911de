// Slow readers over TCP: one that goes on taking is served, however large the kernel's buffers could
// be; one that stands still is cut.
#include <vector>

#include "support/http_server_world.h"

namespace {

using base::Payload;
using base::seconds;

// A client whose kernel takes up to 4 MiB for it: window updates come in large steps then.
class SlowReader : public test::HttpServerWorld {
 protected:
  void connect_and_ask() {
    ASSERT_TRUE(server->listen("127.0.0.1", 0));
    fd = base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int large = 4 * 1024 * 1024;
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    ::connect(fd.get(), server->address().get(), server->address().length);
    settle();
    const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    ASSERT_EQ(::send(fd.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    settle(30);
  }
  // Reads so much in each second; how much came.
  std::size_t read_for(int secs, std::size_t a_second) {
    std::size_t taken = 0;
    std::vector<char> buffer(a_second);
    for (int i = 0; i < secs && server->connections() > 0; ++i) {
      const ssize_t n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (n > 0) taken += static_cast<std::size_t>(n);
      settle(3);
      pass(seconds(1));
    }
    return taken;
  }
  base::Fd fd;
};

// Bug: "a steady reader of 40 kB/s is cut as 'takes nothing' after 31 s": with a send buffer of 4 MB
// the socket became writable when a third of it was free.
TEST_F(SlowReader, OfAStreamAtFortyKilobytesASecondIsNeverCut) {
  http::ServerLimits limits;
  limits.stream_queue_bytes = 64 << 20;
  start(limits);
  handler.keep();
  connect_and_ask();
  ASSERT_EQ(handler.kept.size(), 1u);
  http::Reply& reply = *handler.kept[0];
  reply.begin(200, "text/plain");
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(reply.write(Payload(std::string(100'000, 'm'))));
  settle(200);
  EXPECT_EQ(read_for(180, 40'000), 180u * 40'000);
  EXPECT_TRUE(reply.connected());
  EXPECT_EQ(log, "");
  EXPECT_LT(read_for(90, 1), 60u) << "one that stands still is, as ever";
  EXPECT_FALSE(reply.connected());
}

TEST_F(SlowReader, OfOneResponseAtFortyKilobytesASecondIsNeverCut) {
  start();
  handler.script = [](const http::Request&, http::Reply reply) {
    reply.send(200, "", std::string(16'000'000, 'x'));
  };
  connect_and_ask();
  settle(200);
  EXPECT_EQ(read_for(180, 40'000), 180u * 40'000);
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(log, "");
}

}  // namespace
