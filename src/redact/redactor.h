// Redactor: keeps secrets inside. One object for the process: with its key, equal secrets have
// equal masks wherever they are shown (mask.h).
//
//   redact::Redactor redactor;
//   redactor.body(json, out);      the body of a message, as its last step before it is sent
//   redactor.text(text, out);      a line of a log, the text of an error
//   redactor.object(value, out);   a whole object, where a tool decodes it: the answer's size is
//                                  counted, and its text made, after this
//
// Each is idempotent. What is found: object.h for JSON, text.h for anything else.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "redact/mask.h"
#include "redact/object.h"
#include "redact/text.h"

namespace redact {

class Redactor {
 public:
  Redactor() : Redactor(Mask::random()) {}
  explicit Redactor(Mask mask) : mask_(std::move(mask)) {}
  Redactor(const Redactor&) = delete;  // its parts refer to each other
  Redactor& operator=(const Redactor&) = delete;

  // False: there is no secret, and `out` is unchanged. Else `out` becomes what may be shown.
  // `json`: any JSON. Without a secret it costs one pass (scan.h) and is not parsed. A large one:
  // masking.h.
  bool body(std::string_view json, std::string& out) const;
  // Has a JSON text surely no secret, however its strings are written? It costs one pass. False for
  // texts with escapes or line ends that this program would write otherwise.
  bool is_clean(std::string_view json) const;
  bool text(std::string_view text, std::string& out) const {
    return object_.clean_string(text, out);
  }
  // The same for a text that has a name, as an attribute of a line of a log.
  bool member(std::string_view name, std::string_view text, std::string& out) const {
    return object_.clean_member(name, text, out);
  }
  std::string mask(std::string_view secret) const { return mask_.of(secret); }
  // Appends the value as JSON. `is_secret`: it is a Secret, which an item of a list does not say.
  void object(base::json::Value value, std::string& out, bool is_secret = false) const {
    object_.write(value, out, is_secret);
  }

 private:
  friend class Masking;
  const Mask mask_;
  const Text text_{mask_};
  const Object object_{mask_, text_};
};

}  // namespace redact
