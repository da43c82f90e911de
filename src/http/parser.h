// The parser of HTTP/1.1 requests and responses: llhttp (only parser.cc includes it), made strict.
//
// It is pull style: the caller passes bytes in and asks for one event at a time, and may stop
// asking at any time (back-pressure, pipelining). A head that arrives whole is not copied: its
// views point into the caller's bytes. A head that arrives in pieces is gathered here. Body bytes
// are never copied. At rest (after reset()) a Parser holds no heap.
//
//   MessageHead head;                                     // many parsers may share one
//   Parser parser(Parser::Side::response, limits);
//   for (std::string_view in = what_was_read;;) {
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
// llhttp parses heads. The body's framing is parsed here: Debian builds llhttp in its loose mode,
// in which any two bytes end a chunk. The following are refused, whatever llhttp was built to
// tolerate:
// - bare LF or CR, obs-fold, NUL and other control characters;
// - white space before the colon or inside the start line, a header without a colon;
// - Content-Length with Transfer-Encoding, twice, or not decimal;
// - Transfer-Encoding other than exactly "chunked", or in HTTP/1.0;
// - chunk sizes that are signed, prefixed, padded, or longer than 16 digits; chunks not ended by
//   CRLF; long chunk extensions and trailers;
// - requests: no Host or two in 1.1, CONNECT, a target that is neither a path, an http URL, nor "*"
//   for OPTIONS;
// - responses: 101.
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
  // Limit on the whole body, announced or counted. SIZE_MAX for streams.
  std::size_t body_bytes = SIZE_MAX;
};

// Limits on the extensions of one chunk, and on all trailers of a message: peers send few or none.
constexpr std::size_t kChunkExtensionBytes = 256;
constexpr std::size_t kTrailerBytes = 4096;
// Interim (1xx) responses skipped before the final one.
constexpr int kInterimResponses = 16;

// The head of a request or a response. Its views are valid as long as the bytes passed to next();
// when the head came in pieces or keep_head() was called, until reset().
struct MessageHead {
  Method method = Method::other;  // requests
  std::string_view method_name;
  std::string_view target;
  int status = 0;  // responses
  int minor = 1;   // HTTP/1.<minor>
  Headers headers;
  // By version and Connection; false for a response whose body ends with the connection.
  bool keep_alive = false;
  bool expect_continue = false;  // requests: Expect: 100-continue
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  std::string_view raw;  // the head's bytes, from the start line to the empty line

  void clear();
};

class Parser {
 public:
  enum class Side : unsigned char { request, response };
  enum class Event : unsigned char { need_more, head, body, end, error };

  using Failure = ParseFailure;

  // `limits` must outlive the Parser.
  Parser(Side side, const ParserLimits& limits);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Consumes bytes from the front of `in` until there is an event. `head` is filled before
  // Event::head is returned and not touched otherwise. Interim responses (1xx except 101) are
  // skipped. After Event::end, next() returns end until reset().
  Event next(std::string_view& in, MessageHead& head);
  // After Event::body: its bytes, a part of the former `in`.
  std::string_view body() const { return body_; }
  // Call it when the peer sends no more. Returns end (a response whose body ends with the
  // connection), need_more (no byte of a message was received), or error.
  Event finish();

  // For responses, before Event::head: the request was HEAD, so no body follows, whatever the head
  // announces.
  void expect_no_body() { no_body_ = true; }
  // keep_head() copies the head's bytes, so that the caller may free its own while the body is
  // still arriving; recall_head() fills `head` from the copy. Requires: keep_head() after
  // Event::head, while the bytes of `in` are valid, with the `head` that next() filled;
  // recall_head() after it.
  void keep_head(const MessageHead& head);
  void recall_head(MessageHead& head);

  // Prepares for the next message; frees the memory. Undoes expect_no_body().
  void reset();

  // A byte of a message was received and the message has not ended.
  bool begun() const { return state_ == State::start ? !gathered_.empty() : in_body(); }
  // The head was returned and the body is incomplete.
  bool in_body() const {
    return state_ != State::start && state_ != State::done && state_ != State::failed;
  }
  const Failure& error() const { return failure_; }

 private:
  enum class State : unsigned char {
    start,       // between messages, or inside a head
    length,      // left_ bytes of the body remain
    until_eof,   // the body ends with the connection
    chunk_size,  // this and the next ones: inside a chunked body
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
  std::uint64_t left_ = 0;     // bytes left of the body or the chunk
  std::uint64_t total_ = 0;    // bytes so far of a body without a length
  std::uint32_t framing_ = 0;  // bytes of this extension or of the trailers; digits of this size
  Failure failure_;
  Side side_;
  State state_ = State::start;
  bool no_body_ = false;
  unsigned char interim_ = 0;
};

}  // namespace http
