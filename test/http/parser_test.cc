#include "http/parser.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/parse_message.h"

namespace {

using http::MessageHead;
using http::Parser;
using test::messages::chunked;
using test::messages::parse;
using test::messages::Parsed;
using test::messages::post;
using test::messages::request;
using test::messages::response;
using test::messages::small;
using Event = Parser::Event;

TEST(HttpParser, ReadsARequestAndLeavesTheNextOne) {
  const std::string one = post("Content-Length: 5\r\nX-A:  b c \t\r\nEmpty:\r\n", "hello");
  const Parsed p = request(one + "GET / HTTP/1.1\r\n");
  EXPECT_TRUE(p.whole);
  EXPECT_EQ(p.start, "POST /mcp 0 1.1");
  EXPECT_EQ(p.headers, "Host=a;Content-Length=5;X-A=b c;Empty=;");
  EXPECT_EQ(p.body, "hello");
  EXPECT_TRUE(p.keep_alive);
  EXPECT_EQ(p.used, one.size());
}

TEST(HttpParser, DecodesChunksAndIgnoresExtensionsAndTrailers) {
  const Parsed p =
      request(chunked("5\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n00\r\nX-T: 1\r\nY: 2\r\n\r\n"));
  EXPECT_TRUE(p.whole) << p.problem;
  EXPECT_EQ(p.body, "hello world");
}

TEST(HttpParser, GivesTheSameWhereverTheBytesAreCut) {
  const std::vector<std::string> messages = {
      "GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
      "\r\n\r\nGET / HTTP/1.0\r\n\r\n",
      post("Content-Length: 11\r\n", "hello world"),
      chunked("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-T: 1\r\n\r\n"),
      post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", ""),
      "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
      "GET / HTTP/1.1\nHost: h\n\n",
      "GET / HTTP/1.1\r\nHost: h\r\rX: y\r\n\r\n",
  };
  const http::ParserLimits limits = small();
  for (const std::string& m : messages) {
    const Parsed whole = request(m);
    for (std::size_t i = 0; i <= m.size(); ++i) {
      for (const std::size_t j : {i, std::min(i + 1, m.size()), m.size()}) {
        Parser parser(Parser::Side::request, limits);
        const Parsed cut = parse(parser, {m.substr(0, i), m.substr(i, j - i), m.substr(j)});
        EXPECT_EQ(cut, whole) << m << " cut at " << i << " and " << j;
      }
    }
    Parser parser(Parser::Side::request, limits);
    std::vector<std::string> bytes;
    for (const char c : m)
      bytes.emplace_back(1, c);
    EXPECT_EQ(parse(parser, bytes), whole) << m << " byte by byte";
  }
}

TEST(HttpParser, KeepsTheHeadWhenItsBytesGo) {
  const http::ParserLimits limits = small();
  Parser parser(Parser::Side::request, limits);
  MessageHead head;
  {
    const std::string bytes = post("X-Long: some header value\r\nContent-Length: 2\r\n", "");
    std::string_view in = bytes;
    ASSERT_EQ(parser.next(in, head), Event::head);
    ASSERT_EQ(parser.next(in, head), Event::need_more);
    parser.keep_head(head);
  }
  head.clear();
  std::string_view in = "ok";
  ASSERT_EQ(parser.next(in, head), Event::body);
  ASSERT_EQ(parser.next(in, head), Event::end);
  parser.recall_head(head);
  EXPECT_EQ(head.headers.find("x-long"), "some header value");
  EXPECT_EQ(head.target, "/mcp");
}

struct Refused {
  const char* name;
  std::string bytes;
  int status;
};

TEST(HttpParser, RefusesWhatCouldSmuggle) {
  using namespace std::string_literals;
  const std::string get = "GET / HTTP/1.1\r\n";
  const std::string te = "Transfer-Encoding: ";
  const std::vector<Refused> table = {
      {"both lengths", post("Content-Length: 5\r\n" + te + "chunked\r\n", "0\r\n\r\n"), 400},
      {"both lengths, other order", post(te + "chunked\r\nContent-Length: 5\r\n", ""), 400},
      {"two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", ""), 400},
      {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", ""), 400},
      {"length list", post("Content-Length: 5, 5\r\n", ""), 400},
      {"signed length", post("Content-Length: +5\r\n", ""), 400},
      {"negative length", post("Content-Length: -5\r\n", ""), 400},
      {"hex length", post("Content-Length: 0x5\r\n", ""), 400},
      {"empty length", post("Content-Length:\r\n", ""), 400},
      {"spaced length", post("Content-Length: 1 1\r\n", ""), 400},
      {"endless length", post("Content-Length: 99999999999999999999999\r\n", ""), 400},
      {"gzip", post(te + "gzip\r\n", ""), 501},
      {"gzip, chunked", post(te + "gzip, chunked\r\n", ""), 501},
      {"chunked, gzip", post(te + "chunked, gzip\r\n", ""), 400},
      {"chunked twice", post(te + "chunked\r\n" + te + "chunked\r\n", ""), 400},
      {"identity", post(te + "identity\r\n", ""), 501},
      {"xchunked", post(te + "xchunked\r\n", ""), 501},
      {"chunkedx", post(te + "chunkedx\r\n", ""), 501},
      {"vertical tab chunked", post(te + "\vchunked\r\n", ""), 400},
      {"chunked in 1.0", "POST / HTTP/1.0\r\n" + te + "chunked\r\n\r\n", 400},
      {"obs-fold", get + "Host: a\r\nX: y\r\n z\r\n\r\n", 400},
      {"obs-fold by tab", get + "Host: a\r\nX: y\r\n\tz\r\n\r\n", 400},
      {"fold after the request line", get + " Host: a\r\n\r\n", 400},
      {"bare LF in headers", get + "Host: a\nX: y\r\n\r\n", 400},
      {"bare LF ends the head", get + "Host: a\r\n\n", 400},
      {"bare CR in a value", get + "Host: a\r\nX: y\rz\r\n\r\n", 400},
      {"CR between headers", get + "Host: a\r\r\nX: y\r\n\r\n", 400},
      {"NUL in a value", get + "Host: a\r\nX: y\0z\r\n\r\n"s, 400},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"DEL in a value", get + "Host: a\r\nX: \x7f\r\n\r\n", 400},
      {"escape in a value", get + "Host: a\r\nX: \x1b[0m\r\n\r\n", 400},
      {"space before the colon", get + "Host: a\r\nContent-Length : 5\r\n\r\n", 400},
      {"tab before the colon", get + "Host: a\r\nContent-Length\t: 5\r\n\r\n", 400},
      {"space inside a name", get + "Host: a\r\nX Y: 5\r\n\r\n", 400},
      {"no name", get + "Host: a\r\n: 5\r\n\r\n", 400},
      {"no colon", get + "Host: a\r\nnonsense\r\n\r\n", 400},
      {"bytes over 127 in a name", get + "Host: a\r\nX\xc3\xa9: 5\r\n\r\n", 400},
      {"no Host", get + "\r\n", 400},
      {"two Hosts", get + "Host: a\r\nHost: a\r\n\r\n", 400},
      {"two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"Host list", get + "Host: a, b\r\n\r\n", 400},
      {"Host with a path", get + "Host: a/b\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"small version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"other protocol", "GET / RTSP/1.0\r\nHost: a\r\n\r\n", 400},
      {"long version", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"version 2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"TLS hello", "\x16\x03\x01\x02", 400},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"method in small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"method no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"relative target", "GET mcp HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"ftp target", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"user in the target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"target without a host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"other expectation", post("Expect: tea\r\nContent-Length: 1\r\n", "x"), 417},
  };
  for (const Refused& r : table) {
    const Parsed p = request(r.bytes);
    EXPECT_EQ(p.status, r.status) << r.name << ": " << p.problem;
    EXPECT_FALSE(p.whole) << r.name;
  }
}

TEST(HttpParser, RefusesBadChunks) {
  using namespace std::string_literals;
  const std::vector<std::pair<const char*, std::string>> table = {
      {"no digit", "\r\nhello\r\n0\r\n\r\n"},
      {"sign", "+5\r\nhello\r\n0\r\n\r\n"},
      {"minus", "-5\r\nhello\r\n0\r\n\r\n"},
      {"prefix", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"space before", " 5\r\nhello\r\n0\r\n\r\n"},
      {"space behind", "5 \r\nhello\r\n0\r\n\r\n"},
      {"space before an extension", "5 ;a\r\nhello\r\n0\r\n\r\n"},
      {"no hex", "5g\r\nhello\r\n0\r\n\r\n"},
      {"17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"LF after the size", "5\nhello\r\n0\r\n\r\n"},
      {"CR without LF after the size", "5\rhello\r\n0\r\n\r\n"},
      {"LF after an extension", "5;a\nhello\r\n0\r\n\r\n"},
      {"NUL in an extension", "5;\0\r\nhello\r\n0\r\n\r\n"s},
      {"long extension", "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n"},
      {"longer than it says", "5\r\nhello!\r\n0\r\n\r\n"},
      {"any two bytes behind", "5\r\nhelloXX0\r\n\r\n"},
      {"LF behind", "5\r\nhello\n0\r\n\r\n"},
      {"LF at the end", "0\r\n\n"},
      {"folded trailer", "0\r\n X: y\r\n\r\n"},
      {"LF in a trailer", "0\r\nX: y\n\r\n"},
      {"long trailers", "0\r\nX: " + std::string(5000, 'a') + "\r\n\r\n"},
  };
  for (const auto& [name, frames] : table) {
    const Parsed p = request(chunked(frames));
    EXPECT_EQ(p.status, 400) << name;
    EXPECT_FALSE(p.whole) << name;
  }
}

TEST(HttpParser, HoldsToItsLimits) {
  EXPECT_EQ(request("GET /" + std::string(600, 'a')).status, 414);
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(600, 'a')).status, 431);
  std::string many;
  for (int i = 0; i < 11; ++i)
    many += "X: y\r\n";
  EXPECT_EQ(request(post(many, "")).status, 431);
  EXPECT_EQ(request(post("Content-Length: 1001\r\n", "")).status, 413);
  EXPECT_EQ(request(chunked("3e9\r\n")).status, 413);
  EXPECT_EQ(request(chunked("ffffffffffffffff\r\n")).status, 413);
  EXPECT_EQ(request(chunked("1f4\r\n" + std::string(500, 'x') + "\r\n1f5\r\n")).status, 413);
  EXPECT_TRUE(request(chunked("3e8\r\n" + std::string(1000, 'x') + "\r\n0\r\n\r\n")).whole);

  // A head of exactly the limit is taken, whole or in pieces; one byte more is not.
  const http::ParserLimits limits = small();
  for (const std::size_t extra : {0u, 1u}) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    head += std::string(512 - 4 - head.size() + extra, 'x') + "\r\n\r\n";
    EXPECT_EQ(request(head).whole, extra == 0);
    Parser parser(Parser::Side::request, limits);
    EXPECT_EQ(parse(parser, {head.substr(0, 100), head.substr(100)}).whole, extra == 0);
  }
}

TEST(HttpParser, TakesEveryFormOfTarget) {
  EXPECT_EQ(request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").start, "OPTIONS * 0 1.1");
  const Parsed absolute = request("GET http://b:1/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(absolute.headers, "Host=b:1;");
  std::string_view path, query;
  http::split_target("http://b:1/x?y=?", path, query);
  EXPECT_EQ(path, "/x");
  EXPECT_EQ(query, "y=?");
  http::split_target("HTTPS://b", path, query);
  EXPECT_EQ(path, "/");
  http::split_target("/http://b/", path, query);
  EXPECT_EQ(path, "/http://b/");
}

TEST(HttpParser, IgnoresUpgradeAndKnowsKeepAlive) {
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_TRUE(request("GET / HTTP/1.1\r\nHost: a\r\n" + upgrade + "\r\n").whole);
  EXPECT_EQ(request(post(upgrade + "Content-Length: 2\r\n", "ok")).body, "ok");
  EXPECT_FALSE(request("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(request("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(HttpParser, ReadsResponses) {
  const Parsed p = response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(p.start, "  200 1.1");
  EXPECT_EQ(p.body, "ok");
  EXPECT_TRUE(p.keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n").whole);
  EXPECT_TRUE(response("HTTP/1.1 204 No Content\r\n\r\n").whole);
  EXPECT_TRUE(response("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n").whole);
  const Parsed head = response("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", true);
  EXPECT_TRUE(head.whole);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true).whole);
  EXPECT_EQ(
      response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n").body,
      "x");
}

TEST(HttpParser, SkipsInterimResponses) {
  const Parsed p = response(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(p.start, "  200 1.1");
  EXPECT_TRUE(p.whole);
  EXPECT_EQ(response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n").status, 400);
  std::string endless;
  for (int i = 0; i < 20; ++i)
    endless += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(response(endless).status, 400);
}

TEST(HttpParser, RefusesMalformedResponses) {
  for (const std::string line : {"HTTP/2 200", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "ICY 200 OK",
                                 "HTTP/1.1 2000 OK", "HTTP/1.1", "GET / HTTP/1.1"}) {
    EXPECT_NE(response(line + "\r\nContent-Length: 0\r\n\r\n").status, 0) << line;
  }
  EXPECT_NE(
      response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n").status,
      0);
  EXPECT_NE(response("HTTP/1.1 200 OK\nContent-Length: 0\n\n").status, 0);
  EXPECT_NE(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n").status, 0);
}

TEST(HttpParser, TheEndOfTheConnectionEndsOnlyWhatHasNoLength) {
  http::ParserLimits limits;
  Parser parser(Parser::Side::response, limits);
  EXPECT_EQ(parser.finish(), Event::need_more);
  const Parsed open = parse(parser, {"HTTP/1.1 200 OK\r\n\r\nsome"});
  EXPECT_EQ(open.body, "some");
  EXPECT_FALSE(open.keep_alive);
  EXPECT_EQ(parser.finish(), Event::end);
  for (const std::string bytes :
       {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsome",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n"}) {
    parser.reset();
    EXPECT_FALSE(parse(parser, {bytes}).whole);
    EXPECT_TRUE(parser.begun());
    EXPECT_EQ(parser.finish(), Event::error) << bytes;
  }
}

// Found by the fuzzer: a line's end behind the limit was one where it came along, and none where it
// did not.
TEST(HttpParser, ALineThatIsTooLongIsSaidHoweverItIsCut) {
  const std::string line = "GET /" + std::string(507, 'a') + "a", rest = " HTTP/1.1\r\n\r\n";
  const http::ParserLimits limits = small();
  for (const std::vector<std::string>& pieces : {std::vector<std::string>{line + rest},
                                                 {line, rest},
                                                 {line.substr(0, 9), line.substr(9) + rest}}) {
    Parser parser(Parser::Side::request, limits);
    EXPECT_EQ(parse(parser, pieces).status, 414);
  }
}

// Found by the fuzzer: what came of a body that the connection's end ends was told or not, as it
// was cut.
TEST(HttpParser, ABodyWithoutALengthIsToldUpToItsLimitHoweverItIsCut) {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n", fits(1000, 'x');
  const http::ParserLimits limits = small();
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{head + fits + "y"}, {head, fits, "y"}, {head + "xx", fits}}) {
    Parser parser(Parser::Side::response, limits);
    const Parsed p = parse(parser, pieces);
    EXPECT_EQ(p.body, fits);
    EXPECT_EQ(p.status, 413);
    EXPECT_EQ(p.problem, "body too large");
  }
  Parser parser(Parser::Side::response, limits);
  EXPECT_EQ(parse(parser, {head + fits}).body, fits);
  EXPECT_EQ(parser.finish(), Event::end);
}

// Bytes near to real messages, broken at random: every input ends in an event, and what is cut
// anywhere says the same as what is whole.
TEST(HttpParser, RandomBytesNeverConfuseIt) {
  const std::string seed_text = chunked("5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n") +
                                post("Content-Length: 3\r\nExpect: 100-continue\r\n", "abc");
  const http::ParserLimits limits = small();
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    std::mt19937 rng(seed);
    std::string bytes = seed_text;
    for (unsigned n = rng() % 6; n > 0; --n) {
      const std::size_t at = rng() % bytes.size();
      switch (rng() % 4) {
        case 0:
          bytes[at] = static_cast<char>(rng());
          break;
        case 1:
          bytes.erase(at, 1 + rng() % 4);
          break;
        case 2:
          bytes.insert(at, 1, "\r\n :;0"[rng() % 6]);
          break;
        default:
          bytes.insert(at, bytes.substr(rng() % bytes.size(), rng() % 20));
          break;
      }
    }
    const Parser::Side side = seed % 5 ? Parser::Side::request : Parser::Side::response;
    Parser one(side, limits), two(side, limits);
    const std::size_t cut = rng() % (bytes.size() + 1);
    EXPECT_EQ(parse(one, {bytes}), parse(two, {bytes.substr(0, cut), bytes.substr(cut)}))
        << "seed " << seed;
  }
}

}  // namespace
