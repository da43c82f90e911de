// Readers that are slow and steady, on real sockets: what the peer's kernel acknowledges is seen as
// progress in time, and one that takes nothing is cut.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/budgets.h"
#include "base/payload.h"
#include "net/socket.h"
#include "support/http_server_world.h"

namespace {

using base::milliseconds;
using base::Payload;
using base::seconds;
using test::contains;
using test::get;

constexpr std::size_t kRate = 4000;  // bytes in each tenth of a second

class HttpRate : public test::HttpServerWorld {
 protected:
  // A TCP connection whose receive buffer is a usual program's, that has asked.
  base::Fd asked() {
    EXPECT_TRUE(server->listen("127.0.0.1", 0));
    base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fd.get(), server->address().get(), server->address().length);
    settle();
    const std::string request = get();
    EXPECT_EQ(::send(fd.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    settle(30);
    return fd;
  }
  // So long at kRate; how much came.
  std::size_t read_for(const base::Fd& fd, base::Duration time) {
    std::vector<char> buffer(kRate);
    std::size_t taken = 0;
    for (base::Duration at{}; at < time; at += milliseconds(100)) {
      const ssize_t n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (n > 0) taken += static_cast<std::size_t>(n);
      more();
      pass(milliseconds(100));
    }
    return taken;
  }
  // A stream that always has something to say.
  void more() {
    while (!handler.kept.empty() && handler.kept[0]->streaming() &&
           handler.kept[0]->write(Payload(std::string(10'000, 'x')))) {
    }
  }
};

// Bug: with a send buffer of 4 MB no writability was told for 31 s, and the reader was cut as one
// that takes nothing.
TEST_F(HttpRate, ASteadyReaderOfAStreamIsNotCut) {
  start();
  handler.keep();
  const base::Fd fd = asked();
  ASSERT_EQ(handler.kept.size(), 1u);
  handler.kept[0]->begin(200, "text/plain");
  more();
  const std::size_t taken = read_for(fd, seconds(120));
  EXPECT_GT(taken, 1100 * kRate) << "40 kB/s for two minutes";
  EXPECT_TRUE(handler.kept[0]->streaming());
  EXPECT_FALSE(contains(log, "reader takes nothing"));
}

TEST_F(HttpRate, ASteadyReaderOfAnAnswerIsNotCut) {
  start();
  handler.script = [](const http::Request&, http::Reply reply) {
    reply.send(200, "", std::string(8'000'000, 'x'));
  };
  const base::Fd fd = asked();
  EXPECT_GT(read_for(fd, seconds(120)), 1100 * kRate);
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_FALSE(contains(log, "reader takes nothing"));
}

TEST_F(HttpRate, OneThatStopsIsCutAfterTheStallTime) {
  start();
  handler.keep();
  const base::Fd fd = asked();
  handler.kept[0]->begin(200, "text/plain");
  more();
  read_for(fd, seconds(60));
  EXPECT_EQ(server->connections(), 1u);
  // What its kernel acknowledged last was up to some seconds before it stopped.
  for (int i = 0; i < 15; ++i)
    pass(seconds(1));
  EXPECT_EQ(server->connections(), 1u);
  // On a busy machine the kernels are late, and time here does not wait for them: so much later is the end.
  constexpr int kMostSeconds = 90;
  for (int i = 0; i < kMostSeconds && server->connections() > 0; ++i)
    pass(seconds(1));
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_TRUE(contains(log, "reader takes nothing"));
}

TEST_F(HttpRate, WhatTheKernelHeldIsGivenBackWhenAllIsTaken) {
  base::Budgets budgets;
  http::ServerLimits limits;
  limits.budgets = &budgets;
  start(limits);
  handler.script = [](const http::Request&, http::Reply reply) {
    reply.send(200, "", std::string(20'000'000, 'x'));
  };
  const base::Fd fd = asked();
  EXPECT_GT(budgets.kernel.used(), 0u);
  std::vector<char> buffer(1'000'000);
  std::size_t taken = 0;
  for (int i = 0; i < 2000 && taken < 20'000'000; ++i) {
    const ssize_t n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (n > 0) taken += static_cast<std::size_t>(n);
    settle(3);
  }
  EXPECT_GE(taken, 20'000'000u);
  settle();
  EXPECT_EQ(server->connections(), 1u) << "it goes on";
  EXPECT_EQ(budgets.kernel.used(), 0u);
  EXPECT_EQ(budgets.answers.used(), 0u);
  server.reset();
  settle(2);
}

// On this machine nothing is on its way for long: what a slow network would let the kernel hold is
// not seen, but asked for.
TEST(ServerSocket, ItsBuffersDoNotGrow) {
  const base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  net::set_server_options(fd.get());
  const auto option = [&](int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(fd.get(), level, name, &value, &size), 0);
    return value;
  };
  EXPECT_EQ(option(SOL_SOCKET, SO_SNDBUF), 2 * net::kSendBufferBytes) << "the kernel doubles it";
  EXPECT_EQ(option(SOL_SOCKET, SO_RCVBUF), 2 * net::kReceiveBufferBytes);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_NOTSENT_LOWAT), net::kUnsentBytes);
}

}  // namespace
