// Pairs: a name that holds a secret (key_words.h) and its value in a text, however they are written:
//
//   password=x   "password": "x"   \"password\":\"x\"   password: x   --password x   <password>x<
//   password: |            - name: DB_PASSWORD        Authorization: Bearer x
//     x                      value: x
//
// Only the value is found, without its quotes, so that the text remains what it was: JSON, YAML, a
// command line.
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/chars.h"
#include "redact/key_words.h"

namespace redact {

// The value of the name in which text[at] is; nothing before `floor` is looked at. Empty: the name
// holds no secret, has no value, or the value is none (values.h). `named`: the names before it were
// looked at; this moves it on, so that each is read once, however many anchors it has.
Found pair_at(std::string_view text, std::size_t at, std::size_t floor, std::size_t& named);

// For texts in which values cannot be told apart yet: does the name hold a secret and is it
// followed by a value? True wherever pair_at() finds something in the text that is decoded from
// this one.
bool may_be_pair(std::string_view text, std::size_t at, std::size_t& named);

}  // namespace redact
