// The HTTP client against a scripted server: framing, what is sent. H numbers are the
// fault catalogue's rows.
#include <gtest/gtest.h>

#include "http/client_call.h"
#include "support/client_world.h"

namespace {

using base::Errc;
using base::milliseconds;
using http::CallEnd;
using test::Caller;
using test::request;
using test::send;
using test::wait;

using HttpClient = test::ClientWorld;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
    "5;name=value\r\nhello\r\n1\r\n \r\nA;q=\"x\"\r\nfrom chunk\r\n0\r\nTrailer: t\r\n\r\n";

TEST_F(HttpClient, SendsExactlyTheRequest) {
  server.script({request(), send(kOk), request(), send(kOk), request(), send(kOk)});
  Caller caller(*pool);
  caller.start({.method = "GET",
                .target = "/api/v1/pods?limit=500",
                .headers = {{"Accept", "application/json"}, {"User-Agent", "test/1"}}});
  EXPECT_EQ(caller.ends, 0) << "never inside start()";
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok());
  EXPECT_EQ(caller.status, 200);
  EXPECT_EQ(caller.body, "ok");
  caller.start({.method = "PATCH", .target = "/a", .headers = {}, .body = "{\"a\":1}"});
  ASSERT_TRUE(finish(caller));
  caller.start({.method = "POST", .target = "/b"});
  ASSERT_TRUE(finish(caller));
  ASSERT_EQ(server.requests.size(), 3u);
  EXPECT_EQ(server.requests[0],
            "GET /api/v1/pods?limit=500 HTTP/1.1\r\nHost: api.test:6443\r\n"
            "Accept-Encoding: identity\r\nAccept: application/json\r\nUser-Agent: test/1\r\n\r\n");
  EXPECT_EQ(server.requests[1],
            "PATCH /a HTTP/1.1\r\nHost: api.test:6443\r\nAccept-Encoding: identity\r\n"
            "Content-Length: 7\r\n\r\n{\"a\":1}");
  EXPECT_NE(server.requests[2].find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST_F(HttpClient, H01H04SplitAtEveryByteGivesTheSameAnswer) {
  for (const std::string& answer : {kChunked, kOk}) {
    for (std::size_t at = 0; at <= answer.size(); ++at) {
      server.script(
          {request(), send(answer.substr(0, at)), wait(milliseconds(1)), send(answer.substr(at))});
      Caller caller(*pool);
      caller.get();
      ASSERT_TRUE(finish(caller)) << at;
      ASSERT_TRUE(caller.end->ok()) << at << caller.error();
      ASSERT_EQ(caller.heads, 1);
      ASSERT_EQ(caller.body, answer == kOk ? "ok" : "hello from chunk") << at;
      ASSERT_EQ(pool->stats().idle, 1u) << "whole: kept, cut at " << at;
      pool->close_idle();
    }
  }
}

TEST_F(HttpClient, H01OneByteAtATime) {
  std::vector<test::Step> steps{request()};
  for (const char c : kChunked) {
    steps.push_back(send(std::string(1, c)));
    steps.push_back(wait(milliseconds(1)));
  }
  server.script(steps);
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok());
  EXPECT_EQ(caller.body, "hello from chunk");
}

TEST_F(HttpClient, EndOfStreamAtAnyByteIsAnErrorThatNamesThePlace) {
  for (const std::string& answer : {kChunked, kOk}) {
    const std::size_t head = answer.find("\r\n\r\n") + 4;
    for (std::size_t at = 0; at < answer.size(); ++at) {
      server.script({request(), send(answer.substr(0, at)), test::finish()});
      Caller caller(*pool);
      caller.get();
      ASSERT_TRUE(finish(caller)) << at;
      ASSERT_FALSE(caller.end->ok()) << at;
      EXPECT_EQ(caller.end->error->code(), Errc::unavailable) << at;
      EXPECT_EQ(caller.end->phase, at < head ? CallEnd::Phase::head : CallEnd::Phase::body) << at;
      EXPECT_EQ(caller.error(), at == 0     ? "connection closed before the response"
                                : at < head ? "connection closed inside the response head"
                                            : "connection closed inside the response body");
      EXPECT_EQ(caller.ends, 1);
      EXPECT_EQ(pool->stats().idle, 0u);
    }
  }
  EXPECT_EQ(server.unexpected, 0u) << "a fresh connection is not retried";
}

TEST_F(HttpClient, ResetAtAnyByteIsAnErrorThatNamesThePlace) {
  const std::size_t head = kChunked.find("\r\n\r\n") + 4;
  for (std::size_t at = 0; at < kChunked.size(); at += 3) {
    server.script({request(), send(kChunked.substr(0, at)), wait(milliseconds(1)), test::reset()});
    Caller caller(*pool);
    caller.get();
    ASSERT_TRUE(finish(caller)) << at;
    ASSERT_FALSE(caller.end->ok()) << at;
    EXPECT_EQ(caller.end->error->code(), Errc::unavailable) << at;
    EXPECT_EQ(caller.end->phase, at < head ? CallEnd::Phase::head : CallEnd::Phase::body);
    EXPECT_NE(caller.error().find("connection broken"), std::string::npos) << caller.error();
    EXPECT_NE(caller.error().find("reset by peer"), std::string::npos) << caller.error();
  }
}

TEST_F(HttpClient, H05LengthDelimitedBodyOfAStream) {
  server.script({request(), send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":"),
                 wait(base::hours(2)), send("1}\r\n")});
  Caller caller(*pool);
  caller.start({.method = "GET", .target = "/watch", .total_time = base::kForever});
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(caller.body, "{\"a\":1}\r\n");
}

TEST_F(HttpClient, H06CloseDelimitedBodiesAreWholeAndNotReused) {
  for (const std::string head : {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n\r\n",
                                 "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"}) {
    server.script(
        {request(), send(head + "all "), wait(milliseconds(5)), send("of it"), test::finish()});
    Caller caller(*pool);
    caller.get();
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    EXPECT_EQ(caller.body, "all of it");
    EXPECT_EQ(pool->stats().idle, 0u);
  }
  server.script(
      {request(), send("HTTP/1.0 200 OK\r\n\r\nhalf"), wait(milliseconds(5)), test::reset()});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_FALSE(caller.end->ok()) << "a reset is no proper end";
  EXPECT_EQ(caller.end->phase, CallEnd::Phase::body);
}

TEST_F(HttpClient, Http10WithLengthAndKeepAliveIsReused) {
  server.script({request(),
                 send("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na"),
                 request(), send("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nb")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(pool->stats().idle, 1u);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.body, "b");
  EXPECT_EQ(pool->stats().idle, 0u);
  EXPECT_EQ(pool->stats().dialled, 1u);
}

TEST_F(HttpClient, H24HeadNoContentAndNotModifiedHaveNoBodyAndAreReused) {
  server.script({request(), send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"), request(),
                 send("HTTP/1.1 204 No Content\r\n\r\n"), request(),
                 send("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"), request(),
                 send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), request(),
                 send(kOk)});
  Caller caller(*pool);
  for (const std::string method : {"HEAD", "GET", "GET", "HEAD"}) {
    caller.start({.method = method, .target = "/x"});
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    EXPECT_EQ(caller.body, "");
  }
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.body, "ok") << "the HEAD before leaves no mark";
  EXPECT_EQ(pool->stats().dialled, 1u);
}

TEST_F(HttpClient, H09InterimResponsesAreSkipped) {
  server.script(
      {request(),
       send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + kOk),
       request(), send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), wait(milliseconds(5)),
       send(kOk)});
  Caller caller(*pool);
  for (int i = 1; i <= 2; ++i) {
    caller.get();
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    EXPECT_EQ(caller.heads, i);
    EXPECT_EQ(caller.status, 200);
    EXPECT_EQ(caller.body, "ok");
  }
}

TEST_F(HttpClient, MalformedResponsesAreProtocolErrors) {
  const struct {
    const char* bytes;
    Errc code;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       Errc::protocol},  // H7
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", Errc::protocol},
      {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", Errc::protocol},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", Errc::protocol},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Errc::protocol},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Errc::protocol},
      {"SSH-2.0-OpenSSH_9.2\r\n", Errc::protocol},
      {"<html>nothing here</html>", Errc::protocol},
      {"\x15\x03\x01\x00\x02\x02\x16 and so on", Errc::protocol},
  };
  for (const auto& one : cases) {
    server.script({request(), send(one.bytes)});
    Caller caller(*pool);
    caller.get();
    ASSERT_TRUE(finish(caller));
    ASSERT_FALSE(caller.end->ok()) << one.bytes;
    EXPECT_EQ(caller.end->error->code(), one.code) << one.bytes << caller.error();
    EXPECT_EQ(caller.error().find("malformed response: "), 0u) << caller.error();
    EXPECT_EQ(pool->stats().idle, 0u);
  }
}

TEST_F(HttpClient, H08AHeadOverTheCapsIsRefused) {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i)
    many += "X: y\r\n";
  for (const std::string& head :
       {"HTTP/1.1 200 OK\r\nBig: " + std::string(1 << 20, 'b') + "\r\n", many}) {
    server.script({request(), send(head + "Content-Length: 0\r\n\r\n")});
    Caller caller(*pool);
    caller.get();
    ASSERT_TRUE(finish(caller));
    ASSERT_FALSE(caller.end->ok());
    EXPECT_EQ(caller.end->error->code(), Errc::too_large) << caller.error();
    EXPECT_EQ(caller.heads, 0);
  }
  std::string fits = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  for (int i = 0; i < 255; ++i)
    fits += "Warning: " + std::string(200, 'w') + "\r\n";
  server.script({request(), send(fits + "\r\n")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(caller.header_count, 256u);
}

TEST_F(HttpClient, H16AnEncodedBodyIsRefused) {
  server.script({request(), send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                 "Content-Length: 2\r\n\r\n\x1f\x8b")});
  server.script({request(), send("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n"
                                 "Content-Length: 2\r\n\r\nok")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  ASSERT_FALSE(caller.end->ok());
  EXPECT_EQ(caller.end->error->code(), Errc::protocol);
  EXPECT_EQ(caller.error(), "response has Content-Encoding gzip, which was not asked for");
  EXPECT_EQ(caller.body, "");
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok());
}

TEST_F(HttpClient, UnsendableRequestsFailBeforeAnythingIsSent) {
  const http::ClientRequest bad[] = {
      {.method = "GET", .target = "/a b"},
      {.method = "GET", .target = "/a\r\nX: y"},
      {.method = "GET", .target = std::string("/a\0b", 4)},
      {.method = "GET", .target = "/\xc3\xa4"},
      {.method = "GET", .target = "a"},
      {.method = "GET", .target = ""},
      {.method = "G T", .target = "/"},
      {.method = "", .target = "/"},
      {.method = "GET", .target = "/", .headers = {{"X", "a\nb"}}},
      {.method = "GET", .target = "/", .headers = {{"X", "a\rb"}}},
      {.method = "GET", .target = "/", .headers = {{"X", std::string("a\0b", 3)}}},
      {.method = "GET", .target = "/", .headers = {{"X Y", "a"}}},
      {.method = "GET", .target = "/", .headers = {{"", "a"}}},
      {.method = "GET", .target = "/", .headers = {{"transfer-encoding", "chunked"}}},
      {.method = "GET", .target = "/", .headers = {{"Content-length", "3"}}},
  };
  Caller caller(*pool);
  for (const http::ClientRequest& one : bad) {
    const int before = caller.ends;
    caller.start(one);
    EXPECT_EQ(caller.ends, before) << "never inside start()";
    ASSERT_TRUE(finish(caller));
    ASSERT_FALSE(caller.end->ok());
    EXPECT_EQ(caller.end->error->code(), Errc::invalid_argument);
    EXPECT_EQ(caller.end->phase, CallEnd::Phase::send);
  }
  EXPECT_EQ(pool->stats().dialled, 0u);
  caller.start({.method = "GET", .target = "/", .headers = {{"Authorization", "Bearer a\nb"}}});
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.error().find("Bearer"), std::string::npos) << "a value is never shown";
}

}  // namespace
