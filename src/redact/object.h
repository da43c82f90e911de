// Object: writes a JSON value, a Kubernetes object or an answer that holds some, with masks in
// place of what is secret in it. Knows what only structure tells:
//
//   kind Secret, also in lists          each value of data and stringData
//   a member whose name says so         its string, and what is in its map or list (structure.h)
//   {"name": "X_PASSWORD", "value": …}  the value, of env and of lists of settings
//   metadata.managedFields, the annotation last-applied-configuration    left out: they repeat it
//   a private JSON Web Key              its private members
//   a string that is JSON               as JSON; any other string as text (text.h)
//
// Numbers (but a password of four digits or more, a token of eleven), booleans, null and names of
// members stay, and so do labels, but for tokens of known shape, and what describes a secret or
// refers to one.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "redact/mask.h"
#include "redact/text.h"

namespace redact {

class Object {
 public:
  // Both must outlive this.
  Object(const Mask& mask, const Text& text) : mask_(mask), text_(text) {}

  // Appends the value as JSON. `is_secret`: it is a Secret, which an item of a list does not say.
  void write(base::json::Value value, std::string& out, bool is_secret = false) const;
  // A text that is JSON as JSON, any other as Text does. False: it has no secret.
  bool clean_string(std::string_view text, std::string& out) const;
  // The same for the value of the member `name`.
  bool clean_member(std::string_view name, std::string_view text, std::string& out) const;

 private:
  const Mask& mask_;
  const Text& text_;
};

}  // namespace redact
