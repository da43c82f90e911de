// Text: finds the secrets of a text of any kind (a line of a log, a message, YAML, a command line)
// by shape, by name and as a manifest, and writes the text with masks in their places. What it
// writes has no secret any more: a second time it changes nothing. A text that would cost too much
// (work.h), as none does that was not made for that, is masked whole.
#pragma once

#include <string>
#include <string_view>

#include "redact/mask.h"
#include "redact/work.h"

namespace redact {

class Text {
 public:
  explicit Text(const Mask& mask) : mask_(mask) {}  // `mask` must outlive this

  // False: `text` has no secret, and `out` is unchanged. Else `out` becomes the text with masks.
  // Requires: `out` is not what `text` views.
  bool clean(std::string_view text, std::string& out) const;
  // Is there a secret in what a text encodes? `depth`: how many encodings it was in.
  bool has_secret(std::string_view text, int depth) const { return clean(text, nullptr, depth); }

 private:
  friend class TextScan;
  bool clean(std::string_view text, std::string* out, int depth) const;
  bool clean_within(const Limit& limit, std::string_view text, std::string* out, int depth) const;
  const Mask& mask_;
};

}  // namespace redact
