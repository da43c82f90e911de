// The Reply, the server, the connection and the peer, ending in every order.
#include <random>

#include <gtest/gtest.h>

#include "http/server.h"
#include "support/http_server_world.h"

namespace {

using base::Payload;
using base::seconds;
using http::Reply;
using http::Request;
using test::Count;
using test::get;
using test::post;

class HttpReplyOrder : public test::HttpReplyWorld {};

TEST_F(HttpReplyOrder, AnAnswerToAPeerThatIsGoneDoesNoHarm) {
  auto peer = asked();
  peer->close();
  settle();
  reply().send(200, "", "x");
  settle();
  EXPECT_EQ(server->connections(), 0u);
}

// The sender may be freed as soon as it has said its last word.
TEST_F(HttpReplyOrder, AfterTheLastWordGoneIsNotToldThoughThePeerWentBeforeInTheSameTurn) {
  for (const bool stream : {false, true}) {
    for (const bool cut : {false, true}) {
      auto peer = asked();
      Count gone;
      reply().when_gone(gone.fn());
      if (stream) reply().begin(200, "text/plain");
      server->close_all();  // as a reset: noticed, to be told later in the turn
      ASSERT_FALSE(reply().connected());
      if (!stream) reply().send(200, "", "x");
      if (stream) cut ? reply().cut() : reply().end();
      settle();
      EXPECT_EQ(gone.n, 0) << stream << cut;
      EXPECT_EQ(server->connections(), 0u);
    }
  }
}

// A word that is not the last changes nothing.
TEST_F(HttpReplyOrder, WhoStillWritesIsToldThatThePeerWent) {
  auto peer = asked();
  Count gone;
  reply().when_gone(gone.fn());
  reply().begin(200, "text/plain");
  server->close_all();
  EXPECT_FALSE(reply().write(Payload(std::string_view("x"))));
  settle();
  EXPECT_EQ(gone.n, 1);
}

TEST_F(HttpReplyOrder, GoneMayDestroyEverything) {
  auto peer = asked();
  reply().begin(200, "text/plain");
  struct Destroyer {
    std::unique_ptr<http::Server>& server;
    std::vector<std::unique_ptr<Reply>>& kept;
    void now() {
      kept.clear();
      server.reset();
    }
  } destroyer{server, handler.kept};
  reply().when_gone(base::Delegate<void()>::bind<&Destroyer::now>(&destroyer));
  peer->close();
  settle();
  EXPECT_EQ(server, nullptr);
}

TEST_F(HttpReplyOrder, TheServerMayDieInsideTheHandler) {
  std::string seen;
  handler.script = [&](const Request& r, Reply reply) {
    server.reset();
    seen = r.body;  // the views last until the handler returns
    EXPECT_FALSE(reply.connected());
    reply.send(200, "", "x");
  };
  auto peer = connect();
  peer->send(post("body") + post("next"));
  settle();
  peer->read();
  EXPECT_EQ(seen, "body");
  EXPECT_EQ(handler.seen.size(), 1u);
  EXPECT_EQ(peer->got, "");
  EXPECT_TRUE(peer->eof || peer->reset);
}

TEST_F(HttpReplyOrder, TheServerMayDieBeforeItsReplies) {
  auto fresh = asked();
  auto streaming = asked();
  reply().begin(200, "text/plain");
  Count gone;
  for (auto& r : handler.kept)
    r->when_gone(gone.fn());
  server.reset();
  for (auto& r : handler.kept) {
    EXPECT_FALSE(r->connected());
    EXPECT_FALSE(r->write(Payload("x")));
    r->end();
  }
  settle();
  EXPECT_EQ(gone.n, 0);
  fresh->read();
  streaming->read();
  EXPECT_TRUE(fresh->eof);
  EXPECT_TRUE(streaming->eof);
}

TEST_F(HttpReplyOrder, ConnectionsMayBeClosedInsideTheHandler) {
  Count gone;
  handler.script = [&](const Request&, Reply r) {
    handler.kept.push_back(std::make_unique<Reply>(std::move(r)));
    handler.kept.back()->when_gone(gone.fn());
    server->close_all();
    EXPECT_FALSE(handler.kept.back()->connected());
    EXPECT_EQ(gone.n, 0);
  };
  auto peer = connect(), other = connect();
  peer->send(get() + get());
  settle();
  EXPECT_EQ(gone.n, 1);
  EXPECT_EQ(handler.seen.size(), 1u);
  EXPECT_EQ(server->connections(), 0u);
  other->read();
  EXPECT_TRUE(other->eof);
}

TEST_F(HttpReplyOrder, CuttingInsideTheHandlerEndsThePipeline) {
  handler.script = [](const Request&, Reply r) { r.cut(); };
  auto peer = connect();
  peer->send(get() + get());
  settle();
  peer->read();
  EXPECT_EQ(handler.seen.size(), 1u);
  EXPECT_EQ(peer->got, "");
}

TEST_F(HttpReplyOrder, DrainingEndsAStreamAfterItsEnd) {
  auto peer = asked();
  reply().begin(200, "text/plain");
  settle();
  server->stop_accepting();
  settle();
  EXPECT_TRUE(reply().connected());
  reply().write(Payload("last"));
  reply().end();
  EXPECT_TRUE(received(*peer).ends_with("4\r\nlast\r\n0\r\n\r\n"));
  EXPECT_TRUE(peer->eof);
}

TEST_F(HttpReplyOrder, DrainingWaitsForAnAnswerThatIsStillGoingOut) {
  auto peer = asked({}, 4096);
  reply().send(200, "", std::string(500'000, 'x'));
  settle();
  server->stop_accepting();
  settle();
  EXPECT_EQ(server->busy(), 1u);
  std::string got;
  for (int i = 0; i < 300; ++i)
    got += received(*peer);
  EXPECT_EQ(test::body_of(got).size(), 500'000u);
  EXPECT_TRUE(peer->eof);
}

// Whatever a test does with replies, peers and time in whatever order: no crash, and nothing left.
TEST_F(HttpReplyOrder, RandomOrdersLeaveNothingBehind) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 rng(seed);
    http::ServerLimits limits;
    limits.stream_queue_messages = 4;
    start(limits);
    handler.kept.clear();
    handler.script = [&](const Request&, Reply r) {
      switch (rng() % 4) {
        case 0:
          r.send(200, "", "now");
          break;
        case 1:
          break;
        default:
          handler.kept.push_back(std::make_unique<Reply>(std::move(r)));
      }
    };
    std::vector<std::unique_ptr<test::Peer>> peers;
    for (int step = 0; step < 120; ++step) {
      if (peers.size() < 4) peers.push_back(connect(4096));
      auto& peer = peers[rng() % peers.size()];
      Reply* r = handler.kept.empty() ? nullptr : handler.kept[rng() % handler.kept.size()].get();
      switch (rng() % 14) {
        case 0:
        case 1:
        case 2:
          ::send(peer->fd.get(), get().data(), get().size(), MSG_NOSIGNAL);
          break;
        case 3:
          peer->half_close();
          break;
        case 4:
          peer = connect(4096);
          break;
        case 5:
          peer->read();
          break;
        case 6:
          if (r && !r->streaming()) r->send(200, "", std::string(rng() % 30000, 's'));
          break;
        case 7:
          if (r && !r->streaming()) r->begin(200, "");
          break;
        case 8:
        case 9:
          if (r && r->streaming()) r->write(Payload(std::string(rng() % 9000, 'w')));
          break;
        case 10:
          if (r && r->streaming()) r->end();
          break;
        case 11:
          if (r) r->cut();
          break;
        case 12:
          if (r) handler.kept.erase(handler.kept.begin());
          break;
        default:
          pass(seconds(rng() % 7));
          break;
      }
      settle(static_cast<int>(rng() % 3));
    }
    if (rng() % 2) server->stop_accepting();
    handler.script = nullptr;  // requests that are still in a pipeline
    handler.kept.clear();
    peers.clear();
    settle();
    EXPECT_EQ(server->connections(), 0u) << "seed " << seed;
    server.reset();
    settle(2);
    EXPECT_EQ(loop.watches(), 0u);
    EXPECT_EQ(loop.timers(), 0u);
  }
}

}  // namespace
