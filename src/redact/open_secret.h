// OpenSecret: masks a secret whose name is on one line and whose value is on the lines below it,
// where the lines come one by one, as those of a log do. What one line shows by itself is not
// looked at (text.h does that when the line is sent).
//
//   password: |      password:      "password":      secrets: {     kind: Secret     stringData:
//     x                x              "x"               "a": "x"    data:              a: x
//                                                                     a: eA==
//   password = """   password=\ (its line ends there)   - name: DB_PASSWORD
//   x"""               x                                  value: x
//
// The line that begins such a value is kept, and each line below is masked as text.h masks the two
// together, so that a log that is followed shows what a read of the whole shows. It ends with a
// line that is indented no more than the name (of an object: less, or one that is no member), "---", or
// too many lines. Indentation is that of the line as it is: a logger's prefix before each line ends
// the value.
//
// kubectl shows members in the order of their names: apiVersion, data, kind. So the data of each object of
// the version v1 whose kind is not known yet are looked at, and what looks like the base64 of a text is
// masked: of a ConfigMap that is more than a read masks, of a Secret maybe less ("info", "1234").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "redact/redactor.h"

namespace redact {

// A Secret with the chains of some certificates has several hundred lines.
constexpr std::size_t kMostOpenLines = 1024;
// Bytes kept of the lines before: what exceeds it is forgotten but for the names around a line. So
// much more each line costs, while a value is open.
constexpr std::size_t kMostOpenBytes = 2048;
// A line longer than this is not kept: it is a value, and none is below it.
constexpr std::size_t kLongestOpenLine = 256;

class OpenSecret {
 public:
  explicit OpenSecret(const Redactor& redactor) : redactor_(redactor) {}  // must outlive this

  // Takes the next line. False: it is shown as it is. Else `out` becomes what may be shown.
  // Requires: `out` is not what `line` views.
  bool clean(std::string_view line, std::string& out);
  // What comes next may follow on lines that were missed.
  void restart() {
    open_ = Open::none;
    core_ = false;
  }

 private:
  enum class Open : unsigned char {
    none,
    value,      // below its name: text, a list or a map
    block,      // the lines of a text that are indented more: password: |
    data,       // of an object that may be a Secret: its kind comes below
    object,     // a Secret, or an object of a name and a value: the line is one of its members
    quotes,     // up to the next """
    next_line,  // after a backslash
  };
  // A name at the end of a line, and what begins its value.
  struct Opener {
    Open open = Open::none;
    std::size_t begin = 0;  // of the name or its quote
    bool masks = false;     // all that is in it is masked, whatever it looks like
  };

  static Opener opener_of(std::string_view line);
  static Opener name_of(std::string_view line, std::size_t end, Open open);
  static Opener kind_of(std::string_view line, std::size_t end);
  static Opener pair_of(std::string_view line, std::size_t end);
  void begin(std::string_view line);
  bool is_inside(std::string_view line) const;
  bool clean_inside(std::string_view line, std::string& out);
  bool clean_data(std::string_view line, std::string& out) const;
  bool clean_below(std::string_view line, std::string& out);
  void keep(std::string_view line);

  const Redactor& redactor_;
  Open open_ = Open::none;
  bool masks_ = false, quoted_ = false, first_ = false;
  bool core_ = false;       // the line before says apiVersion: v1
  std::size_t column_ = 0;  // of the name, or of a Secret's members, or of the line before
  std::size_t lines_ = 0;
  std::string before_;  // what was kept, with a line end behind each
};

}  // namespace redact
