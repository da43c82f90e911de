// KeyLines: masks a private key in PEM whose lines come one by one, as those of a log do: the lines
// between BEGIN and END look like any base64 alone. What one line shows by itself is not looked at
// (text.h does that when the line is sent).
//
//   start     the lines before it are not known: one that can only be of a block, 64 or 70
//             characters of base64 and nothing else, is masked        any other line → outside
//   outside   a line with BEGIN … PRIVATE KEY and no END behind it    → inside
//   inside    a line of one word is masked, and in any other each run of base64 (a logger writes
//             something before it); END, too many lines, or too many without base64  → outside
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "redact/redactor.h"

namespace redact {

// A key of RSA with 16,384 bits has 200 lines.
constexpr std::size_t kMostKeyLines = 256;
// Lines of other threads, and headers of an encrypted key, may stand between.
constexpr std::size_t kMostOtherLines = 8;

class KeyLines {
 public:
  explicit KeyLines(const Redactor& redactor) : redactor_(redactor) {}  // must outlive this

  // Takes the next line. False: it is shown as it is. Else `out` becomes what may be shown.
  bool clean(std::string_view line, std::string& out);
  // What comes next may follow on lines that were missed.
  void restart() { state_ = State::start; }

 private:
  enum class State : unsigned char { start, outside, inside };
  bool clean_start(std::string_view line, std::string& out);
  bool clean_inside(std::string_view line, std::string& out);
  bool mask_runs(std::string_view text, std::string& out) const;
  void enter() {
    state_ = State::inside;
    lines_ = others_ = 0;
  }

  const Redactor& redactor_;
  State state_ = State::start;
  std::size_t lines_ = 0, others_ = 0;
};

}  // namespace redact
