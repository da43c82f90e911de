// Pairs: a name that holds a secret (key_words.h) and its value in a text, however they are written:
//
//   password=x   "password": "x"   \"password\":\"x\"   password: x   --password x   <password>x<
//   password: |            - name: DB_PASSWORD        Authorization: Bearer x
//     x                      value: x
//   passwords: {a: x}      passwords:                 secret:
//                          - x                          db: x
//   ENV PASSWORD x         WITH PASSWORD 'x'          login bob password x (.netrc)
//   <password a="b">x<     <name>password</name>      setenv("PASSWORD", "x")
//                          <value>x</value>           variable "password" { default = "x" }
//   password[0]=x          .password | default "x"    &quot;password&quot;:&quot;x&quot;
//   password = """x"""     <password><![CDATA[x]]>    requirepass x (Redis)    <c:password>x<
//   password=\ (its line ends there, x is on the next)
//
// Only the value is found, without its quotes, so that the text remains what it was: JSON, YAML, a
// command line.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/chars.h"
#include "redact/key_words.h"

namespace redact {

// Appends the values of the name in which text[at] is: one, or those in a map or a list. Nothing
// before `floor` is looked at. None: the name holds no secret, has no value, or the value is none
// (values.h). `named`: the names before it were looked at; this moves it on, so that each is read
// once, however many anchors it has.
void find_pair(std::string_view text, std::size_t at, std::size_t floor, std::size_t& named,
               std::vector<Found>& out);

// For texts in which values cannot be told apart yet: does the name hold a secret and is it
// followed by a value? True wherever find_pair() finds something in the text that is decoded from
// this one.
bool may_be_pair(std::string_view text, std::size_t at, std::size_t& named);

}  // namespace redact
