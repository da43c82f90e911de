#include "http/parser.h"

#include <algorithm>

#include <llhttp.h>

#include "base/check.h"

namespace http {

namespace {

// Filled by llhttp's callbacks while one head is parsed; lives on the stack.
struct Collect {
  MessageHead& head;
  bool no_body;
  bool done = false;
};

Collect& collect(llhttp_t* p) {
  return *static_cast<Collect*>(p->data);
}

// llhttp may report one span in several calls, always adjacent in the same bytes.
void extend(std::string_view& to, const char* at, std::size_t n) {
  to = to.empty() ? std::string_view(at, n)
                  : std::string_view(to.data(), static_cast<std::size_t>(at + n - to.data()));
}

int on_url(llhttp_t* p, const char* at, std::size_t n) {
  extend(collect(p).head.target, at, n);
  return 0;
}

int on_field(llhttp_t* p, const char* at, std::size_t n) {
  Headers& headers = collect(p).head.headers;
  const bool same = !headers.all().empty() && headers.last().value.data() == nullptr &&
                    headers.last().name.data() + headers.last().name.size() == at;
  if (same) {
    extend(headers.last().name, at, n);
  } else {
    headers.add(std::string_view(at, n), std::string_view());
  }
  return 0;
}

int on_value(llhttp_t* p, const char* at, std::size_t n) {
  Headers& headers = collect(p).head.headers;
  if (headers.all().empty()) return -1;
  extend(headers.last().value, at, n);
  return 0;
}

Method method_of(unsigned method) {
  switch (method) {
    case HTTP_GET:
      return Method::get;
    case HTTP_HEAD:
      return Method::head;
    case HTTP_POST:
      return Method::post;
    case HTTP_PUT:
      return Method::put;
    case HTTP_DELETE:
      return Method::del;
    case HTTP_OPTIONS:
      return Method::options;
    case HTTP_PATCH:
      return Method::patch;
    default:
      return Method::other;
  }
}

int on_headers_complete(llhttp_t* p) {
  Collect& c = collect(p);
  c.head.method = p->type == HTTP_REQUEST ? method_of(p->method) : Method::other;
  c.head.status = p->status_code;
  c.head.minor = p->http_minor;
  if (c.no_body) p->flags |= F_SKIPBODY;
  c.head.keep_alive = llhttp_should_keep_alive(p) != 0;
  c.done = true;
  return HPE_PAUSED;  // the body is parsed here
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t made = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_url = on_url;
    s.on_header_field = on_field;
    s.on_header_value = on_value;
    s.on_headers_complete = on_headers_complete;
    return s;
  }();
  return made;
}

ParseFailure explain(llhttp_errno_t error) {
  switch (error) {
    case HPE_INVALID_METHOD:
      return {501, "unknown method"};
    case HPE_INVALID_VERSION:
      return {505, "HTTP version other than 1.1 and 1.0"};
    case HPE_INVALID_URL:
      return {400, "malformed target"};
    case HPE_INVALID_TRANSFER_ENCODING:
      return {400, "malformed Transfer-Encoding"};
    case HPE_INVALID_CONTENT_LENGTH:
      return {400, "Content-Length is no number"};
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return {400, "more than one Content-Length, or one with Transfer-Encoding"};
    default:
      return {400, "malformed head"};
  }
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

unsigned hex_value(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

}  // namespace

void MessageHead::clear() {
  headers.clear();
  method = Method::other;
  method_name = target = raw = {};
  status = 0;
  minor = 1;
  keep_alive = expect_continue = chunked = false;
  content_length.reset();
}

Parser::Parser(Side side, const ParserLimits& limits) : limits_(limits), side_(side) {}

void Parser::reset() {
  std::string().swap(gathered_);
  body_ = {};
  left_ = total_ = 0;
  framing_ = 0;
  failure_ = {};
  state_ = State::start;
  no_body_ = false;
  interim_ = 0;
}

Parser::Event Parser::fail(int status, const char* what) {
  state_ = State::failed;
  failure_ = {status, what};
  return Event::error;
}

Parser::Event Parser::next(std::string_view& in, MessageHead& head) {
  for (;;) {
    switch (state_) {
      case State::start:
        return take_head(in, head);
      case State::done:
        return Event::end;
      case State::failed:
        return Event::error;
      case State::length:
      case State::until_eof:
      case State::chunk_data:
        return in.empty() ? Event::need_more : take_data(in);
      default:
        if (in.empty()) return Event::need_more;
        take_framing(in);
    }
  }
}

Parser::Event Parser::finish() {
  switch (state_) {
    case State::start:
      return gathered_.empty() ? Event::need_more : fail(400, "cut off in the head");
    case State::until_eof:
      state_ = State::done;
      return Event::end;
    case State::done:
      return Event::end;
    case State::failed:
      return Event::error;
    default:
      return fail(400, "cut off in the body");
  }
}

Parser::Event Parser::take_head(std::string_view& in, MessageHead& head) {
  for (;;) {
    const std::string_view raw = gather_head(in);
    if (raw.empty()) return state_ == State::failed ? Event::error : Event::need_more;
    head.clear();
    if (!parse_head(raw, head)) return Event::error;
    if (side_ == Side::request || head.status / 100 != 1) break;
    if (head.status == 101) return fail(400, "protocol switched unasked");
    if (++interim_ > kInterimResponses) return fail(400, "too many interim responses");
    gathered_.clear();
  }
  if (head.content_length && *head.content_length > limits_.body_bytes) {
    return fail(413, "body too large");
  }
  state_ = after_head(head);
  if (state_ == State::length) left_ = *head.content_length;
  return Event::head;
}

// Returns the whole head's bytes, in `in` or gathered here. Empty: incomplete or failed.
std::string_view Parser::gather_head(std::string_view& in) {
  if (side_ == Side::request) {
    // RFC 9112 2.2: empty lines before a request line are ignored.
    if (gathered_ == "\r" && in.starts_with('\n')) {
      gathered_.clear();
      in.remove_prefix(1);
    }
    while (gathered_.empty() && in.starts_with("\r\n"))
      in.remove_prefix(2);
  }
  const std::size_t seen = gathered_.size();
  const std::size_t taken = std::min(in.size(), limits_.head_bytes + 1 - seen);
  if (seen > 0) gathered_.append(in.substr(0, taken));
  const std::string_view bytes = seen > 0 ? std::string_view(gathered_) : in;

  const HeadScan scan = scan_head(bytes.substr(0, limits_.head_bytes), seen);
  if (scan.problem) {
    fail(400, scan.problem);
    return {};
  }
  if (scan.size == 0) {
    if (bytes.size() > limits_.head_bytes) {
      // Looks only at the limit's bytes: how many more have arrived is chance.
      const bool line = bytes.substr(0, limits_.head_bytes).find('\n') != std::string_view::npos;
      line ? fail(431, "head too large") : fail(414, "request line too long");
      return {};
    }
    if (seen == 0) gathered_ = in;
    in = {};
    return {};
  }
  if (seen == 0) {
    in.remove_prefix(scan.size);
    return bytes.substr(0, scan.size);
  }
  in.remove_prefix(taken - (gathered_.size() - scan.size));
  gathered_.resize(scan.size);
  return gathered_;
}

bool Parser::parse_head(std::string_view raw, MessageHead& head) {
  const std::string_view line = raw.substr(0, raw.find('\r'));
  const bool request = side_ == Side::request;
  Verdict bad = request ? check_request_line(line) : check_status_line(line);
  if (!bad) {
    Collect c{head, no_body_};
    llhttp_t parser;
    llhttp_init(&parser, request ? HTTP_REQUEST : HTTP_RESPONSE, &settings());
    parser.data = &c;
    const llhttp_errno_t error = llhttp_execute(&parser, raw.data(), raw.size());
    if (error != HPE_PAUSED || !c.done) bad = explain(error);
  }
  if (!bad) {
    head.raw = raw;
    if (request) head.method_name = line.substr(0, line.find(' '));
    head.headers.trim_values();
    bad = check_headers(head, limits_.header_count);
  }
  if (!bad && request) bad = check_request(head);
  if (!bad) return true;
  fail(bad->status, bad->what);
  return false;
}

Parser::State Parser::after_head(const MessageHead& head) const {
  const bool response = side_ == Side::response;
  if (no_body_ || (response && (head.status == 204 || head.status == 304))) return State::done;
  if (head.chunked) return State::chunk_size;
  if (head.content_length) return *head.content_length ? State::length : State::done;
  return response ? State::until_eof : State::done;
}

void Parser::keep_head(const MessageHead& head) {
  if (gathered_.empty()) gathered_ = head.raw;
}

void Parser::recall_head(MessageHead& head) {
  head.clear();
  CHECK(parse_head(gathered_, head));
}

Parser::Event Parser::take_data(std::string_view& in) {
  std::size_t n = in.size();
  if (state_ == State::until_eof) {
    // Reports the bytes that fit first: the result must not depend on how the bytes arrived.
    const std::size_t room = limits_.body_bytes - total_;
    if (room == 0) return fail(413, "body too large");
    n = std::min(n, room);
    total_ += n;
  } else {
    n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, n));
    left_ -= n;
    if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_data_cr;
  }
  body_ = in.substr(0, n);
  in.remove_prefix(n);
  return Event::body;
}

void Parser::take_framing(std::string_view& in) {
  std::size_t used = 0;
  while (used < in.size() && state_ != State::chunk_data && state_ != State::done &&
         state_ != State::failed) {
    take_frame_byte(in[used++]);
  }
  in.remove_prefix(used);
}

void Parser::take_frame_byte(char c) {
  const auto expect = [&](char wanted, State next, const char* what) {
    if (c == wanted) {
      state_ = next;
    } else {
      fail(400, what);
    }
  };
  switch (state_) {
    case State::chunk_size:
      return take_size_byte(c);
    case State::chunk_extension:
      return take_line_byte(c, State::chunk_size_lf, kChunkExtensionBytes);
    case State::chunk_size_lf:
      expect('\n', left_ ? State::chunk_data : State::trailer_start, "chunk size without CRLF");
      framing_ = 0;
      if (left_ > limits_.body_bytes - total_) {
        fail(413, "body too large");
      } else {
        total_ += left_;
      }
      return;
    case State::chunk_data_cr:
      return expect('\r', State::chunk_data_lf, "chunk without CRLF");
    case State::chunk_data_lf:
      return expect('\n', State::chunk_size, "chunk without CRLF");
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::last_lf;
      } else if (c == ' ' || c == '\t') {
        fail(400, "folded trailer line");
      } else {
        state_ = State::trailer;
        take_line_byte(c, State::trailer_lf, kTrailerBytes);
      }
      return;
    case State::trailer:
      return take_line_byte(c, State::trailer_lf, kTrailerBytes);
    case State::trailer_lf:
      return expect('\n', State::trailer_start, "trailer without CRLF");
    case State::last_lf:
      return expect('\n', State::done, "trailer without CRLF");
    default:
      CHECK(false);
  }
}

void Parser::take_size_byte(char c) {
  if (is_hex(c) && framing_ < 16) {
    left_ = left_ << 4 | hex_value(c);
    ++framing_;
  } else if (framing_ > 0 && (c == '\r' || c == ';')) {
    state_ = c == '\r' ? State::chunk_size_lf : State::chunk_extension;
    framing_ = 0;
  } else {
    fail(400, "bad chunk size");
  }
}

// A byte of a line that is ignored: at most `max` of them; CR leads to `at_cr`.
void Parser::take_line_byte(char c, State at_cr, std::uint32_t max) {
  const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  if (c == '\r') {
    state_ = at_cr;
  } else if (control || ++framing_ > max) {
    fail(400,
         control ? "control character in a chunk's frame" : "chunk extension or trailers too long");
  }
}

}  // namespace http
