// Event streams of POSTs whose clients read slowly, or not at all, and go on being kept.
#include "mcp/legacy/call_stream.h"

#include <gtest/gtest.h>

#include "mcp/shared/keep_alive.h"
#include "support/mcp_world.h"

namespace {

using base::seconds;
using test::Answer;
using test::EventStream;

struct McpCallStream : test::McpWorld {
  McpCallStream() : session(open()) { be_quiet(); }
  std::unique_ptr<EventStream> call(int send_buffer = 0) {
    auto stream = std::make_unique<EventStream>();
    stream->peer = connect(send_buffer);
    const std::string params = R"({"name":"test.slow","_meta":{"progressToken":1}})";
    stream->peer->send(request("POST", in(session), rpc("tools/call", params, "9")));
    settle();
    return stream;
  }
  mcp::CallContext& running() { return slow->runs.back()->reply.call; }
  void finish() {
    slow->runs.back()->reply.succeed("{}");
    settle();
  }
  // A stream that is over, with more before its end than its connection takes.
  std::unique_ptr<EventStream> unread() {
    auto stream = call(8192);
    for (int i = 0; i < kLines; ++i) {
      const std::string text = std::to_string(i) + std::string(kLine, '.');
      running().log(mcp::LogLevel::error, "\"" + text + "\"");
      settle(1);
    }
    finish();
    return stream;
  }
  std::unique_ptr<EventStream> quick() {
    auto stream = call();
    running().progress({1});
    finish();
    EXPECT_TRUE(stream->ended());
    return stream;
  }
  // More than a connection's queue, less than that and what is kept.
  static constexpr int kLines = 20;
  static constexpr std::size_t kLine = 90'000;
  std::string session;
};

TEST_F(McpCallStream, BeyondTheKeptOnesTheOldestIsCutThoughItsReaderIsAtIt) {
  auto oldest = unread();
  EXPECT_EQ(endpoint->stats().streams, 1u) << "over, and not yet all out";
  for (std::size_t i = 1; i < mcp::legacy::kEndedStreams; ++i)
    quick();
  EXPECT_EQ(endpoint->stats().streams, 1u);
  auto next = call();
  running().progress({1});
  settle();
  EXPECT_EQ(endpoint->stats().streams, 1u) << "of the new one";
  drain(*oldest);
  EXPECT_TRUE(oldest->cut());
  EXPECT_FALSE(oldest->ended()) << "its reader can see that something is missing";
  const std::string accept = "Accept: text/event-stream\r\n" + in(session);
  EXPECT_EQ(ask_http("GET", accept + returning(session, "p1_1")).status, 400);
  EXPECT_EQ(listen(session, returning(session, "p2_1"))->head().status, 200);
  finish();
  drain(*next);
  EXPECT_TRUE(next->ended());
}

// The window was told of a stream that was not there any more.
TEST_F(McpCallStream, TheOldestMayBeForgottenInTheTurnInWhichItsWindowIsOver) {
  quick();
  pass(seconds(1));
  for (std::size_t i = 1; i < mcp::legacy::kEndedStreams; ++i)
    quick();
  auto next = call();
  clock.advance(base::limits::kResumeWindow - seconds(1));
  running().progress({1});  // before the window's timer, in its turn
  settle();
  finish();
  drain(*next);
  EXPECT_TRUE(next->ended());
}

TEST_F(McpCallStream, ASlowReaderGetsAllOverManyKeepAlives) {
  auto stream = unread();
  int seconds_read = 0;
  // 15 kB a second: what waits behind its connection does so for a minute.
  for (; endpoint->stats().streams > 0 && seconds_read < 300; seconds_read += 10) {
    pass(seconds(10));
    for (std::size_t n = 0; n < 150'000;) {
      char piece[8192];
      const ssize_t read = ::recv(stream->peer->fd.get(), piece, sizeof piece, 0);
      if (read <= 0) {
        settle(2);
        if (++n > 10) break;
        continue;
      }
      stream->raw.append(piece, static_cast<std::size_t>(read));
      n += static_cast<std::size_t>(read);
    }
  }
  EXPECT_GT(seconds_read * seconds(1), 3 * mcp::shared::kKeepAlive);
  drain(*stream);
  const auto data = stream->data();
  ASSERT_EQ(data.size(), static_cast<std::size_t>(kLines) + 1);
  for (int i = 0; i < kLines; ++i)
    EXPECT_TRUE(test::contains(data[static_cast<std::size_t>(i)], "\"" + std::to_string(i) + "."));
  EXPECT_TRUE(test::contains(data.back(), R"("id":9,"result")"));
  EXPECT_TRUE(stream->ended());
}

}  // namespace
