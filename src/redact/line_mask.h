// LineMask: masks what of a log only the lines before a line say is secret: a private key, and a
// value that is on lines below its name. What one line shows by itself is masked when it is sent.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "redact/key_lines.h"
#include "redact/open_secret.h"

namespace redact {

class LineMask {
 public:
  explicit LineMask(const Redactor& redactor) : keys_(redactor), open_(redactor) {}  // outlives it

  // Takes the next line. False: it is shown as it is. Else `out` becomes what may be shown.
  bool clean(std::string_view line, std::string& out) {
    const bool in_key = keys_.clean(line, out);
    std::string masked;
    if (!open_.clean(in_key ? std::string_view(out) : line, masked)) return in_key;
    out = std::move(masked);
    return true;
  }
  // What comes next may follow on lines that were missed.
  void restart() {
    keys_.restart();
    open_.restart();
  }

 private:
  KeyLines keys_;
  OpenSecret open_;
};

}  // namespace redact
