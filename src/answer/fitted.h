// fitted_json: an object as JSON within a number of bytes. What managedFields and the last-applied
// annotation hold is repeated or of no use to a reader: both are left out. An object that is too
// large has its long texts, lists and maps cut, the longest first, all to one length:
//
//   a text    "first bytes… (12345 bytes more)"
//   a list    its first elements, and "(120 more)"
//   a map     its first members, and "(more)": "120 more"
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.h"

namespace answer {

struct Fitted {
  std::string json;
  std::string cut;  // what was cut, in words; "": nothing
};

// Kubernetes' rules for an object's shape apply to its top level only. The result has at most
// `max_bytes`; of an object that has more than that in names alone the first members are given, and each
// level that ends there takes some 30 bytes more.
Fitted fitted_json(base::json::Value object, std::size_t max_bytes);

// The same for parts of an object, as an object of these names. What such a result holds may be given
// here again, with less room: what was cut is counted on.
struct Part {
  std::string name;
  base::json::Value value;
};
Fitted fitted_parts(const std::vector<Part>& parts, std::size_t max_bytes);

// A part of an answer, which has a schema: of lists that hold objects only the first elements are given,
// without a word among them; and of an object whose names alone are too long the first members.
Fitted fitted_answer(base::json::Value object, std::size_t max_bytes);

// Only long texts are cut, none to less than `least` bytes, so that the result still has the members
// and types of the object. It may be larger than `max_bytes`.
Fitted fitted_texts(base::json::Value object, std::size_t max_bytes, std::size_t least);

}  // namespace answer
