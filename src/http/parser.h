// The parser of HTTP/1.1 messages, requests and responses: llhttp behind one door (parser.cc alone
// includes it), made strict.
//
// Pull style: the caller hands bytes in and asks what they say, one event at a time, and may stop
// asking at any time (back-pressure, pipelining). Nothing is copied when a head arrives whole: its
// views point into the caller's bytes. A head that comes in pieces is gathered here. Body bytes are
// never copied. At rest (after reset()) a Parser holds no heap.
//
//   Parser parser(Parser::Side::response, limits);        MessageHead head;    // `head` may be
//   shared by many parsers for (std::string_view in = what_was_read;;) {
//     switch (parser.next(in, head)) {
//       case Event::need_more: return;                    // `in` is empty; read more
//       case Event::head:  ... head.status, head.headers  // once
//       case Event::body:  ... parser.body()              // any number of times, never empty
//       case Event::end:   parser.reset(); ...            // `in` begins with the next message
//       case Event::error: ... parser.error()             // for good, until reset()
//     }
//   }
//   // the peer's FIN:  parser.finish() → end | need_more (between messages) | error
//
// llhttp parses heads. Body framing is done here: Debian builds llhttp in its loose mode, in which
// any two bytes end a chunk. Refused, whatever llhttp was built to tolerate: bare LF or CR,
// obs-fold, NUL and other controls, white space before the colon or inside the start line, a header
// without a colon, Content-Length with Transfer-Encoding, Content-Length twice or not decimal,
// Transfer-Encoding other than exactly "chunked" or in HTTP/1.0, chunk sizes that are signed,
// prefixed, padded, or longer than 16 digits, chunks not ended by CRLF, long chunk extensions and
// trailers. Requests also: no or two Hosts in 1.1, CONNECT, a target that is no path, no http URL
// and not "*" for OPTIONS. Responses: 101.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/head_rules.h"
#include "http/message.h"

namespace http {

struct ParserLimits {
  std::size_t head_bytes = base::limits::kHeadBytes;
  std::size_t header_count = base::limits::kHeaderCount;
  // Of the whole body, announced or counted. Streams: SIZE_MAX.
  std::size_t body_bytes = SIZE_MAX;
};

// One chunk's extensions, and all trailers of a message together: nobody we talk to sends more than
// a few.
constexpr std::size_t kChunkExtensionBytes = 256;
constexpr std::size_t kTrailerBytes = 4096;
// Interim (1xx) responses skipped before the final one.
constexpr int kInterimResponses = 16;

// A request's or a response's head. Views are valid as long as the bytes given to next(), and, when
// the head came in pieces or keep_head() was called, until reset().
struct MessageHead {
  Method method = Method::other;  // requests
  std::string_view method_name;
  std::string_view target;
  int status = 0;  // responses
  int minor = 1;   // HTTP/1.<minor>
  Headers headers;
  bool keep_alive =
      false;  // by version and Connection; false for a response whose body ends with the connection
  bool expect_continue = false;  // requests: Expect: 100-continue
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  std::string_view raw;  // the head's bytes, start line to empty line

  void clear();
};

class Parser {
 public:
  enum class Side : unsigned char { request, response };
  enum class Event : unsigned char { need_more, head, body, end, error };

  using Failure = ParseFailure;

  // `limits` outlives it.
  Parser(Side side, const ParserLimits& limits);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Uses bytes from the front of `in`, removing them, until there is an event. `head` is filled
  // before Event::head is returned and not touched otherwise. Interim responses (1xx but 101) are
  // skipped. After Event::end only reset() leads on (next() gives end again).
  Event next(std::string_view& in, MessageHead& head);
  // After Event::body: the bytes, a part of what `in` was.
  std::string_view body() const { return body_; }
  // The peer will send no more: end (a response whose body ends with the connection), need_more (no
  // byte of a message had come), or error.
  Event finish();

  // Responses, before Event::head: the request was HEAD, so no body follows whatever the head says.
  void expect_no_body() { no_body_ = true; }
  // Keeps the head's bytes here, so that the caller's may go while the body is still coming;
  // recall_head() fills `head` from them again. Requires: after Event::head and before `in`'s bytes
  // go; recall_head: after keep_head(). (`head`: the one that next() filled.)
  void keep_head(const MessageHead& head);
  void recall_head(MessageHead& head);

  // For the next message; gives the memory back. Undoes expect_no_body().
  void reset();

  // A byte of a message has come and it has not ended.
  bool begun() const { return state_ == State::start ? !gathered_.empty() : in_body(); }
  // The head was given, the body is not whole.
  bool in_body() const {
    return state_ != State::start && state_ != State::done && state_ != State::failed;
  }
  const Failure& error() const { return failure_; }

 private:
  enum class State : unsigned char {
    start,       // between messages, or inside a head
    length,      // left_ bytes of body to come
    until_eof,   // body to the connection's end
    chunk_size,  // chunked body, and what comes next of it
    chunk_extension,
    chunk_size_lf,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer_start,
    trailer,
    trailer_lf,
    last_lf,
    done,
    failed,
  };

  Event fail(int status, const char* what);
  Event take_head(std::string_view& in, MessageHead& head);
  std::string_view gather_head(std::string_view& in);
  bool parse_head(std::string_view raw, MessageHead& head);
  State after_head(const MessageHead& head) const;
  Event take_data(std::string_view& in);
  void take_framing(std::string_view& in);
  void take_frame_byte(char c);
  void take_size_byte(char c);
  void take_line_byte(char c, State at_cr, std::uint32_t max);

  const ParserLimits& limits_;
  std::string gathered_;  // the head, when it came in pieces or was kept
  std::string_view body_;
  std::uint64_t left_ = 0;     // of the body or the chunk
  std::uint64_t total_ = 0;    // of a body without a length so far
  std::uint32_t framing_ = 0;  // bytes of this extension or these trailers; digits of this size
  Failure failure_;
  Side side_;
  State state_ = State::start;
  bool no_body_ = false;
  unsigned char interim_ = 0;
};

}  // namespace http
