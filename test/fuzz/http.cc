// HTTP heads and bodies: however the bytes are cut, the same messages come out, and what is wrong
// with the first broken one.
#include "fuzz/fuzz.h"
#include "http/parser.h"

namespace fuzz {

namespace {

// Small, so that inputs of some hundred bytes reach them.
http::ParserLimits small() {
  http::ParserLimits limits;
  limits.head_bytes = 256;
  limits.header_count = 8;
  limits.body_bytes = 200;
  return limits;
}

// All that a connection's bytes said.
struct Said {
  std::string text;
  int failure = 0;
  bool operator==(const Said&) const = default;
};

void note(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).append(":").append(part);
}

void note_head(std::string& out, const http::MessageHead& head) {
  out.append("[head");
  note(out, head.method_name);
  note(out, head.target);
  out.append(std::to_string(head.status)).append(head.keep_alive ? "k" : "c");
  for (const http::Header& header : head.headers.all()) {
    note(out, header.name);
    note(out, header.value);
    HOLDS(!header.name.empty());
    HOLDS(header.value.find_first_of("\r\n\0") == std::string_view::npos);
  }
  HOLDS(!head.content_length || !head.chunked);
  HOLDS(!head.content_length || *head.content_length <= small().body_bytes);
  HOLDS(head.headers.all().size() <= small().header_count);
}

class Reader {
 public:
  explicit Reader(http::Parser::Side side) : parser_(side, limits_) {}

  void feed(std::string_view piece) {
    while (said_.failure == 0) {
      switch (parser_.next(piece, head_)) {
        case http::Parser::Event::need_more:
          HOLDS(piece.empty());
          if (parser_.in_body()) parser_.keep_head(head_);
          return;
        case http::Parser::Event::head:
          note_head(said_.text, head_);
          begin_ = body_ = 0;
          break;
        case http::Parser::Event::body:
          HOLDS(!parser_.body().empty());
          body_ += parser_.body().size();
          HOLDS(body_ <= limits_.body_bytes);
          said_.text.append(begin_++ == 0 ? "]" : "").append(parser_.body());
          break;
        case http::Parser::Event::end:
          said_.text.append("[end]");
          parser_.reset();
          break;
        case http::Parser::Event::error:
          fail();
          break;
      }
    }
  }
  Said end() {
    if (said_.failure != 0) return said_;
    const bool begun = parser_.begun();
    const http::Parser::Event event = parser_.finish();
    if (event == http::Parser::Event::error) fail();
    HOLDS(begun || event != http::Parser::Event::error);
    said_.text.append(event == http::Parser::Event::end ? "[finished]" : "[over]");
    return said_;
  }

 private:
  void fail() {
    said_.failure = parser_.error().status;
    HOLDS(said_.failure >= 400 && said_.failure < 600);
    said_.text.append(parser_.error().what);
  }
  const http::ParserLimits limits_ = small();
  http::Parser parser_;
  http::MessageHead head_;
  Said said_;
  std::size_t begin_ = 0, body_ = 0;
};

void read(http::Parser::Side side, std::string_view input) {
  std::vector<Said> all;
  for (const Pieces& pieces : cuts(input)) {
    Reader reader(side);
    for (const std::string& piece : pieces) {
      // Gone after the call, as a connection's read buffer is.
      const std::string copy = piece;
      reader.feed(copy);
    }
    all.push_back(reader.end());
    if (!(all.back() == all.front())) {
      std::fprintf(stderr, "whole: %s\ncut:   %s\n", all.front().text.c_str(),
                   all.back().text.c_str());
    }
    HOLDS(all.back() == all.front());
  }
}

}  // namespace

void http_request(std::string_view input) {
  read(http::Parser::Side::request, input);
}

void http_response(std::string_view input) {
  read(http::Parser::Side::response, input);
}

}  // namespace fuzz
