// The server's way out: the Reply in every order, streams, their bounds, slow readers, peers that
// go.
#include <gtest/gtest.h>

#include "http/parser.h"
#include "http/server.h"
#include "http/sse.h"
#include "support/http_server_world.h"

namespace {

using base::Payload;
using base::seconds;
using http::Reply;
using http::Request;
using test::body_of;
using test::contains;
using test::Count;
using test::get;
using test::post;
using test::status_of;

class HttpReply : public test::HttpReplyWorld {};

TEST_F(HttpReply, MayComeLater) {
  auto peer = asked();
  EXPECT_EQ(server->busy(), 1u);
  reply().send(201, "application/json", "{}", "X-A: b\r\n");
  EXPECT_FALSE(reply().connected());
  const std::string answer = received(*peer);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 201 Created\r\n"));
  EXPECT_TRUE(contains(answer, "\r\nX-A: b\r\n"));
  EXPECT_EQ(body_of(answer), "{}");
  EXPECT_EQ(server->busy(), 0u);
  reply().send(200, "", "twice");
  reply().end();
  reply().cut();
  EXPECT_EQ(received(*peer), "");
}

TEST_F(HttpReply, DroppedUnansweredBecomes500) {
  auto peer = asked();
  handler.kept.clear();
  EXPECT_EQ(status_of(received(*peer)), "500");
  handler.script = [](const Request&, Reply) {};
  EXPECT_EQ(status_of(ask(*peer, get())), "500");
}

TEST_F(HttpReply, MovesKeepTheRight) {
  auto peer = asked();
  Reply a = std::move(reply());
  EXPECT_FALSE(reply().connected());
  Reply b;
  b = std::move(a);
  handler.kept.clear();
  EXPECT_TRUE(b.connected());
  b.send(200, "", "moved");
  EXPECT_EQ(body_of(received(*peer)), "moved");
}

TEST_F(HttpReply, ALargeBodyGoesOutAsThePeerTakesIt) {
  const std::string body(3'000'000, 'b');
  handler.script = [&](const Request&, Reply r) { r.send(200, "", body); };
  auto peer = connect();
  peer->send(get() + get("/2"));
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += received(*peer);
  EXPECT_EQ(handler.seen.size(), 2u);
  EXPECT_TRUE(body_of(all).starts_with(body));
  EXPECT_GT(all.size(), 2 * body.size());
}

TEST_F(HttpReply, StreamsChunkByChunk) {
  auto peer = asked();
  reply().begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
  EXPECT_TRUE(reply().streaming());
  const std::string head = received(*peer);
  EXPECT_TRUE(contains(head, "Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(contains(head, "X-Accel-Buffering: no\r\n"));
  EXPECT_FALSE(contains(head, "Content-Length"));
  EXPECT_TRUE(reply().write(Payload("hello")));
  EXPECT_TRUE(reply().write(Payload("")));
  EXPECT_TRUE(reply().write(Payload(std::string(17, 'x'))));
  EXPECT_EQ(reply().queued_messages(), 2u);
  EXPECT_EQ(received(*peer), "5\r\nhello\r\n11\r\n" + std::string(17, 'x') + "\r\n");
  EXPECT_EQ(reply().queued_bytes(), 0u);
  reply().write(Payload("end"));
  reply().end();
  EXPECT_FALSE(reply().connected());
  EXPECT_EQ(received(*peer), "3\r\nend\r\n0\r\n\r\n");
  handler.script = nullptr;
  EXPECT_EQ(body_of(ask(*peer, post("next"))), "ok:next");
}

TEST_F(HttpReply, AStreamMayBeginWriteAndEndInsideTheHandler) {
  handler.script = [](const Request&, Reply r) {
    r.begin(200, "text/plain");
    r.write(Payload("a"));
    r.end();
  };
  auto peer = connect();
  const std::string answers = ask(*peer, get() + get() + get("/", "Connection: close\r\n"));
  const std::string tail = "1\r\na\r\n0\r\n\r\n";
  EXPECT_EQ(handler.seen.size(), 3u);
  EXPECT_TRUE(answers.ends_with(tail));
  EXPECT_TRUE(peer->eof);
}

TEST_F(HttpReply, AnOldPeersStreamEndsWithTheConnection) {
  auto peer = asked("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  reply().begin(200, "text/plain");
  reply().write(Payload("abc"));
  const std::string got = received(*peer);
  EXPECT_TRUE(contains(got, "Connection: close\r\n"));
  EXPECT_FALSE(contains(got, "chunked"));
  EXPECT_EQ(body_of(got), "abc");
  EXPECT_FALSE(peer->eof);
  reply().end();
  EXPECT_EQ(received(*peer), "");
  EXPECT_TRUE(peer->eof);
}

TEST_F(HttpReply, AStreamForHeadEndsAtOnce) {
  auto peer = asked("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  Count gone;
  reply().when_gone(gone.fn());
  reply().begin(200, "text/plain");
  EXPECT_FALSE(reply().connected());
  EXPECT_FALSE(reply().write(Payload("x")));
  EXPECT_EQ(body_of(received(*peer)), "");
  handler.script = nullptr;
  EXPECT_EQ(body_of(ask(*peer, post("x"))), "ok:x");
  EXPECT_EQ(gone.n, 0);
}

TEST_F(HttpReply, AStreamDroppedOrCutIsSeenNotToBeWhole) {
  for (const bool cut : {false, true}) {
    auto peer = asked();
    reply().begin(200, "text/plain");
    reply().write(Payload("half"));
    std::string got = received(*peer);
    if (cut) reply().cut();
    handler.kept.clear();
    got += received(*peer);
    EXPECT_TRUE(got.ends_with("4\r\nhalf\r\n"));
    EXPECT_TRUE(peer->eof || peer->reset);
    EXPECT_EQ(server->connections(), 0u);
  }
}

TEST_F(HttpReply, TheQueueIsBoundedByMessages) {
  http::ServerLimits limits;
  limits.stream_queue_messages = 10;
  start(limits);
  auto peer = asked({}, 4096);
  reply().begin(200, "text/plain");
  Count drained;
  reply().when_drained(drained.fn());
  const Payload message(std::string(2000, 'm'));
  const int taken = fill(message);
  EXPECT_EQ(reply().queued_messages(), 10u);
  EXPECT_LT(taken, 1000);
  EXPECT_EQ(message.holders(), 11u);  // shared, not copied
  EXPECT_EQ(drained.n, 0);
  for (int i = 0; i < 50; ++i)
    received(*peer);
  EXPECT_EQ(reply().queued_messages(), 0u);
  EXPECT_EQ(drained.n, 1);
  EXPECT_EQ(message.holders(), 1u);
  EXPECT_TRUE(reply().write(message));
}

TEST_F(HttpReply, TheQueueIsBoundedByBytes) {
  http::ServerLimits limits;
  limits.stream_queue_bytes = 50'000;
  start(limits);
  auto peer = asked({}, 4096);
  reply().begin(200, "text/plain");
  fill(Payload(std::string(20'000, 'm')));
  EXPECT_LE(reply().queued_bytes(), 50'000u);
  EXPECT_GT(reply().queued_bytes(), 30'000u);
  std::string got;
  for (int i = 0; i < 50; ++i)
    got += received(*peer);
  // One that is larger than the limit is taken by an empty queue.
  EXPECT_TRUE(reply().write(Payload(std::string(200'000, 'L'))));
  EXPECT_FALSE(reply().write(Payload("x")));
  reply().end();
  for (int i = 0; i < 50; ++i)
    got += received(*peer);
  EXPECT_TRUE(got.ends_with("L\r\n0\r\n\r\n"));
}

TEST_F(HttpReply, MoreThanOneTurnTakesIsSentAtOnceAndNotRefused) {
  http::ServerLimits limits;
  limits.stream_queue_messages = 200;
  start(limits);
  auto peer = asked();
  reply().begin(200, "text/plain");
  std::string got;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(reply().write(Payload("0123456789"))) << i;
    if (i % 100 == 99) peer->read();
  }
  got = peer->take() + received(*peer);
  EXPECT_EQ(body_of(got).size(), 1000u * 15);
}

TEST_F(HttpReply, AReaderThatTakesNothingIsClosedAndSaidInTheLog) {
  auto peer = asked({}, 4096);
  reply().begin(200, "text/plain");
  Count gone;
  reply().when_gone(gone.fn());
  fill(Payload(std::string(100'000, 'm')));
  pass(seconds(29));
  EXPECT_EQ(gone.n, 0);
  char some[16];
  ASSERT_GT(::recv(peer->fd.get(), some, sizeof some, 0), 0);
  peer->read();  // takes a little: the clock starts anew
  settle();
  pass(seconds(29));
  EXPECT_EQ(gone.n, 0);
  EXPECT_EQ(log, "");
  pass(seconds(1));
  EXPECT_EQ(gone.n, 1);
  EXPECT_FALSE(reply().connected());
  EXPECT_FALSE(reply().write(Payload("x")));
  EXPECT_TRUE(contains(log, "reader takes nothing")) << log;
  EXPECT_TRUE(contains(log, "queued_bytes"));
  EXPECT_TRUE(contains(log, "queued_messages"));
  EXPECT_TRUE(contains(log, "peer"));
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpReply, AReaderOfOneLargeAnswerMustTakeIt) {
  auto peer = asked({}, 4096);
  reply().send(200, "", std::string(2'000'000, 'x'));
  settle();
  EXPECT_EQ(server->busy(), 1u);
  pass(seconds(30));
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_TRUE(contains(log, "reader takes nothing"));
}

TEST_F(HttpReply, AQuietStreamStaysOpenForDays) {
  auto peer = asked();
  reply().begin(200, "text/plain");
  settle();
  for (int i = 0; i < 48; ++i)
    pass(base::hours(1));
  EXPECT_TRUE(reply().write(Payload("still here")));
  EXPECT_TRUE(contains(received(*peer), "still here"));
}

TEST_F(HttpReply, AStreamsPeerThatEndsItsSideIsGone) {
  auto peer = asked();
  Count gone;
  reply().when_gone(gone.fn());
  reply().begin(200, "text/plain");
  settle();
  EXPECT_EQ(gone.n, 0);
  peer->half_close();
  settle();
  EXPECT_EQ(gone.n, 1);
  EXPECT_FALSE(reply().connected());
  EXPECT_EQ(reply().peer(), "");
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpReply, AStreamForAPeerThatEndedItsSideBeforeIsGoneButNotInsideBegin) {
  auto peer = asked();
  Count gone;
  reply().when_gone(gone.fn());
  peer->half_close();
  settle();
  EXPECT_TRUE(reply().connected());
  reply().begin(200, "text/plain");
  EXPECT_FALSE(reply().connected());
  EXPECT_EQ(gone.n, 0);
  settle();
  EXPECT_EQ(gone.n, 1);
}

}  // namespace
