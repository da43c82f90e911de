// One HTTP message through the parser, cut in any way, and what came of it.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/parser.h"

namespace test::messages {

// What one message said, whatever way its bytes came.
struct Parsed {
  std::string start, headers, body;
  int status = 0;  // of the failure
  std::string problem;
  bool whole = false, keep_alive = false;
  std::size_t used = 0;
  bool operator==(const Parsed&) const = default;
};

inline std::string describe(const http::MessageHead& head) {
  std::string text;
  for (const http::Header& h : head.headers.all()) {
    text.append(h.name).append("=").append(h.value).append(";");
  }
  return text;
}

// Hands `pieces` to `parser` one after the other, each in memory of its own that goes afterwards.
inline Parsed parse(http::Parser& parser, const std::vector<std::string>& pieces) {
  Parsed out;
  http::MessageHead head;
  for (const std::string& piece : pieces) {
    const std::string copy = piece;
    std::string_view in = copy;
    for (bool more = true; more;) {
      switch (parser.next(in, head)) {
        case http::Parser::Event::need_more:
          EXPECT_TRUE(in.empty());
          if (parser.in_body()) parser.keep_head(head);
          more = false;
          break;
        case http::Parser::Event::head:
          out.start = std::string(head.method_name) + " " + std::string(head.target) + " " +
                      std::to_string(head.status) + " 1." + std::to_string(head.minor);
          out.headers = describe(head);
          out.keep_alive = head.keep_alive;
          break;
        case http::Parser::Event::body:
          EXPECT_FALSE(parser.body().empty());
          out.body.append(parser.body());
          break;
        case http::Parser::Event::end:
          out.whole = true;
          out.used += piece.size() - in.size();
          return out;
        case http::Parser::Event::error:
          out.status = parser.error().status;
          out.problem = parser.error().what;
          out.used = 0;
          return out;
      }
    }
    out.used += piece.size();
  }
  return out;
}

inline http::ParserLimits small() {
  http::ParserLimits limits;
  limits.head_bytes = 512;
  limits.header_count = 10;
  limits.body_bytes = 1000;
  return limits;
}

inline Parsed request(const std::string& bytes) {
  const http::ParserLimits limits = small();
  http::Parser parser(http::Parser::Side::request, limits);
  return parse(parser, {bytes});
}

inline Parsed response(const std::string& bytes, bool head_request = false) {
  const http::ParserLimits limits = small();
  http::Parser parser(http::Parser::Side::response, limits);
  if (head_request) parser.expect_no_body();
  return parse(parser, {bytes});
}

inline std::string post(const std::string& headers, const std::string& rest) {
  return "POST /mcp HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + rest;
}

inline std::string chunked(const std::string& frames) {
  return post("Transfer-Encoding: chunked\r\n", frames);
}

}  // namespace test::messages
