// Whether a value is a secret, given what its name says (key_words.h) and where it stands. What is
// no secret whatever its name says: a placeholder (***, ${VAR}, {{ .x }}, <none>, REDACTED), a
// reference (vault:…), a public key, the path of a file, a word of prose.
#pragma once

#include <string_view>

#include "redact/key_words.h"

namespace redact {

enum class Place : unsigned char {
  quoted,  // a member of an object, or between quotes
  bare,    // the value of an assignment or a line of YAML, without quotes
  prose,   // after a colon within a line: "token: expired" is no secret
};

bool is_secret(Holds holds, std::string_view value, Place place);

// What in `value` is the secret, if it is one: a header's is behind its scheme, an image's is in
// front of the registry. A part of `value`.
std::string_view secret_part(Holds holds, std::string_view value);
// `value` without the scheme in front of it ("Bearer "), as a header has it.
std::string_view without_scheme(std::string_view value);
// Is it the base64 of a text like user:password?
bool is_basic_auth(std::string_view base64);
// Does a sentence go on with the first word of `text`: "is", "required", "invalid" …?
bool begins_prose(std::string_view text);
// In prose a secret is told from a word by its length, and its digits or its mixed case.
bool looks_like_token(std::string_view value);
// May it be an object's name, or namespace/name? A single word may not: it may be a secret.
bool is_name_like(std::string_view value);

}  // namespace redact
