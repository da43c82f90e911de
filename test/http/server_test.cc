// The server's way in: messages, limits, times, connections. Answers and streams:
// server_stream_test.cc.
#include "http/server.h"

#include <random>

#include <gtest/gtest.h>

#include "http/parser.h"
#include "support/http_server_world.h"

namespace {

using test::body_of;
using test::contains;
using test::get;
using test::Peer;
using test::post;
using test::status_of;

class HttpServer : public test::HttpServerWorld {};

TEST_F(HttpServer, AnswersWithOneWholeResponse) {
  auto peer = connect();
  EXPECT_EQ(ask(*peer, post("hello")),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
            "Content-Length: 8\r\n\r\nok:hello");
  ASSERT_EQ(handler.seen.size(), 1u);
  EXPECT_EQ(handler.seen[0].method, "POST");
  EXPECT_EQ(handler.seen[0].headers, "Host=a;Content-Length=5;");
  ask(*peer, get("/a/b?c=d&e"));
  EXPECT_EQ(handler.seen[1].path, "/a/b");
  EXPECT_EQ(handler.seen[1].query, "c=d&e");
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(server->busy(), 0u);
}

TEST_F(HttpServer, CountsItsAnswersByStatusThoseOfItsOwnIncluded) {
  auto peer = connect();
  ask(*peer, get());
  ask(*peer, get());
  ask(*peer, "no request\r\n\r\n");
  std::string seen;
  server->answers().for_each([&](std::string_view label, std::uint64_t n) {
    seen.append(label).append("=").append(std::to_string(n)).append(" ");
  });
  EXPECT_EQ(seen, "200=2 400=1 ");
}

TEST_F(HttpServer, ServesOverTcp) {
  ASSERT_TRUE(start().listen("127.0.0.1", 0));
  Peer peer;
  peer.fd = base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const net::Address& at = server->address();
  ASSERT_EQ(::connect(peer.fd.get(), reinterpret_cast<const sockaddr*>(&at.storage), at.length), 0);
  std::string from;
  handler.script = [&](const http::Request& r, http::Reply reply) {
    from = r.peer;
    reply.send(204, "", "");
  };
  const timeval wait{2, 0};
  setsockopt(peer.fd.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  peer.send(get("/", "Connection: close\r\n"));
  settle();
  peer.read();
  EXPECT_TRUE(peer.got.starts_with("HTTP/1.1 204 No Content\r\n")) << peer.got;
  EXPECT_TRUE(contains(peer.got, "Connection: close\r\n"));
  EXPECT_FALSE(contains(peer.got, "Content-Length"));
  EXPECT_TRUE(peer.eof);
  EXPECT_TRUE(from.starts_with("127.0.0.1:")) << from;
}

TEST_F(HttpServer, WhereverTheBytesAreCutTheAnswerIsTheSame) {
  const std::string stream = get("/1") + post("hello world") + "\r\n" +
                             "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                             "chunked\r\n\r\n5\r\nhello\r\n1;x\r\n!\r\n0\r\nT: 1\r\n\r\n" +
                             get("/3", "Connection: close\r\n");
  auto whole = connect();
  const std::string expected = ask(*whole, stream);
  EXPECT_TRUE(whole->eof);
  const std::vector<test::SeenRequest> seen = std::exchange(handler.seen, {});
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[2].body, "hello!");
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    auto peer = connect();
    std::string got = ask(*peer, stream.substr(0, cut));
    got += ask(*peer, stream.substr(cut));
    EXPECT_EQ(got, expected) << "cut at " << cut;
    ASSERT_EQ(handler.seen.size(), seen.size()) << "cut at " << cut;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(handler.seen[i].headers, seen[i].headers) << "cut at " << cut;
      EXPECT_EQ(handler.seen[i].body, seen[i].body) << "cut at " << cut;
    }
    handler.seen.clear();
  }
}

TEST_F(HttpServer, AnswersAPipelineInOrder) {
  std::string bytes, expected;
  for (int i = 0; i < 100; ++i) {
    bytes += get("/" + std::to_string(i));
    expected += std::to_string(i) + ";";
  }
  for (const bool later : {false, true}) {
    handler.seen.clear();
    if (later) handler.keep();
    auto peer = connect();
    peer->send(bytes);
    settle(40);  // some in each turn
    for (std::size_t i = 0; later && i < handler.kept.size(); ++i) {
      EXPECT_EQ(handler.seen.size(), i + 1);  // never the next before the last is answered
      handler.kept[i]->send(200, "", std::to_string(i));
      settle(2);
    }
    std::string targets;
    for (const test::SeenRequest& r : handler.seen)
      targets += r.target.substr(1) + ";";
    EXPECT_EQ(targets, expected);
    peer->read();
    http::ParserLimits limits;
    http::Parser parser(http::Parser::Side::response, limits);
    http::MessageHead head;
    std::string_view in = peer->got;
    int answers = 0;
    for (auto e = parser.next(in, head); e != http::Parser::Event::need_more;
         e = parser.next(in, head)) {
      ASSERT_NE(e, http::Parser::Event::error);
      if (e != http::Parser::Event::end) continue;
      ++answers;
      parser.reset();
    }
    EXPECT_EQ(answers, 100);
  }
}

struct Limit {
  const char* name;
  std::string bytes;
  const char* status;
};

TEST_F(HttpServer, EachLimitHasItsStatusAndEndsTheConnection) {
  http::ServerLimits limits;
  limits.head_bytes = 1024;
  limits.header_count = 8;
  limits.body_bytes = 1000;
  start(limits);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string many;
  for (int i = 0; i < 9; ++i)
    many += "X: y\r\n";
  const std::vector<Limit> table = {
      {"garbage", "\x01\x02\x03 hello", "400"},
      {"both lengths", post("x", "Transfer-Encoding: chunked\r\n"), "400"},
      {"obs-fold", get("/", "X: a\r\n b\r\n"), "400"},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"bad chunk", chunked + "+5\r\n", "400"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", "400"},
      {"long request line", "GET /" + std::string(2000, 'a'), "414"},
      {"large head", get("/", "X: " + std::string(2000, 'a') + "\r\n"), "431"},
      {"many headers", get("/", many), "431"},
      {"large body announced", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "413"},
      {"large body announced, continue asked",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n", "413"},
      {"large body counted", chunked + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n", "413"},
      {"other expectation", get("/", "Expect: tea\r\n"), "417"},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
  };
  for (const Limit& l : table) {
    auto peer = connect();
    const std::string answer = ask(*peer, l.bytes);
    EXPECT_EQ(status_of(answer), l.status) << l.name << ": " << answer;
    EXPECT_TRUE(contains(answer, "Connection: close\r\n")) << l.name;
    EXPECT_TRUE(peer->eof) << l.name;
    // What still comes is thrown away, so that no reset eats the answer.
    peer->send(get());
    settle();
    EXPECT_EQ(server->connections(), 1u) << l.name;
    pass(http::kLingerTime);
    EXPECT_EQ(server->connections(), 0u) << l.name;
  }
  EXPECT_TRUE(handler.seen.empty());
}

TEST_F(HttpServer, AMistakeBehindAGoodRequestDoesNotSpoilItsAnswer) {
  auto peer = connect();
  const std::string answers = ask(*peer, get() + "BAD\r\n\r\n" + get());
  EXPECT_EQ(status_of(answers), "200");
  EXPECT_TRUE(contains(answers, "HTTP/1.1 400"));
  EXPECT_EQ(handler.seen.size(), 1u);
}

TEST_F(HttpServer, SendsContinueOnlyWhenTheBodyIsAwaited) {
  const std::string expect = "Expect: 100-continue\r\n";
  const std::string message = post("hello", expect);
  auto waits = connect();
  EXPECT_EQ(ask(*waits, message.substr(0, message.size() - 5)), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(ask(*waits, "he"), "");
  EXPECT_EQ(body_of(ask(*waits, "llo")), "ok:hello");
  EXPECT_EQ(body_of(ask(*waits, post("again"))), "ok:again");

  auto whole = connect();
  EXPECT_EQ(status_of(ask(*whole, message)), "200");
  auto begun = connect();
  EXPECT_EQ(ask(*begun, message.substr(0, message.size() - 3)), "");
  auto split = connect();
  EXPECT_EQ(ask(*split, message.substr(0, 20)), "");
  EXPECT_EQ(status_of(ask(*split, message.substr(20))), "200");
  auto empty = connect();
  EXPECT_EQ(status_of(ask(*empty, post("", expect))), "200");
}

TEST_F(HttpServer, HeadHasTheHeadOfTheGetAndNoBody) {
  auto peer = connect();
  const std::string answer = ask(*peer, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(contains(answer, "Content-Length: 3\r\n"));
  EXPECT_EQ(body_of(answer), "");
  EXPECT_EQ(body_of(ask(*peer, get())), "ok:");
  ask(*peer, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(handler.seen.back().path, "*");
}

TEST_F(HttpServer, KeepsAnOldConnectionOnlyWhenAsked) {
  auto close = connect();
  EXPECT_TRUE(contains(ask(*close, "GET / HTTP/1.0\r\n\r\n"), "Connection: close\r\n"));
  EXPECT_TRUE(close->eof);
  auto keep = connect();
  const std::string old = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_TRUE(contains(ask(*keep, old), "Connection: keep-alive\r\n"));
  EXPECT_EQ(status_of(ask(*keep, old)), "200");
  EXPECT_FALSE(keep->eof);
}

TEST_F(HttpServer, APeerThatEndsItsSideStillGetsItsAnswers) {
  auto now = connect();
  now->send(get("/1") + get("/2"));
  now->half_close();
  settle();
  now->read();
  EXPECT_EQ(handler.seen.size(), 2u);
  EXPECT_TRUE(now->eof);

  handler.keep();
  auto later = connect();
  later->send(get("/3") + get("/4"));
  later->half_close();
  settle();
  ASSERT_EQ(handler.kept.size(), 1u);
  EXPECT_TRUE(handler.kept[0]->connected());
  handler.kept[0]->send(200, "", "three");
  settle();
  ASSERT_EQ(handler.kept.size(), 2u);
  handler.kept[1]->send(200, "", "four");
  settle();
  later->read();
  EXPECT_TRUE(contains(later->got, "three"));
  EXPECT_TRUE(later->got.ends_with("four"));
  EXPECT_TRUE(later->eof);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpServer, ACutRequestIsNoRequest) {
  for (const std::string& cut :
       {std::string("GET / HT"), post("hello", "X: y\r\n").substr(0, 60)}) {
    auto peer = connect();
    peer->send(cut);
    peer->half_close();
    settle();
    peer->read();
    EXPECT_EQ(status_of(peer->got), "400") << cut;
    EXPECT_TRUE(peer->eof);
  }
  EXPECT_TRUE(handler.seen.empty());
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpServer, RandomBytesNeverBreakIt) {
  const std::string seed_text = post("hello", "Expect: 100-continue\r\n") + get("/x?y") +
                                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "5\r\nhello\r\n0\r\n\r\n" +
                                "HEAD / HTTP/1.0\r\n\r\n";
  for (unsigned seed = 1; seed <= 400; ++seed) {
    std::mt19937 rng(seed);
    std::string bytes = seed_text;
    for (unsigned n = rng() % 8; n > 0; --n) {
      const std::size_t at = rng() % bytes.size();
      if (rng() % 2) {
        bytes[at] = static_cast<char>(rng());
      } else {
        bytes.insert(at, bytes.substr(rng() % bytes.size(), rng() % 30));
      }
    }
    auto peer = connect();
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t n = std::min<std::size_t>(1 + rng() % 200, bytes.size() - at);
      ::send(peer->fd.get(), bytes.data() + at, n, MSG_NOSIGNAL);
      settle(2);
      at += n;
    }
    if (rng() % 2) peer->half_close();
    settle(3);
    peer->read();
    peer->close();
    settle(3);
    EXPECT_EQ(server->connections(), 0u) << "seed " << seed;
  }
}

}  // namespace
