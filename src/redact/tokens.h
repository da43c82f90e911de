// Tokens that are known by their shape: those of clouds, forges and services by their prefix, hashes of
// passwords, JWTs, and the credentials of an Authorization header.
//
// As in shapes.h, each function looks at the place that an anchor has found; nothing before `floor` is
// looked at.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/chars.h"

namespace redact {

// What tokens begin with, so that a test tries them all.
std::vector<std::string_view> token_prefixes();
Found token_at(std::string_view text, std::size_t at, std::size_t floor);
// A JWT, of which the second part begins behind text[at], a dot. A sealed cursor or state of ours
// (base/seal.h) is none: its second part is a number.
Found jwt_at(std::string_view text, std::size_t at, std::size_t floor);
// "Bearer TOKEN", "Basic BASE64".
Found credential_at(std::string_view text, std::size_t at);

}  // namespace redact
