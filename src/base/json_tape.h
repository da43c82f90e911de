// What json.cc fills and json_value.cc walks: simdjson's tape, and the numbers that its words
// cannot hold. Internal to json*.cc; the only file that includes simdjson.
//
// A Value is simdjson's own tape_ref: a document and an index on its tape. (simdjson's tape.md
// describes the tape: one 64-bit word an entry, two for a number; an opening bracket holds the
// index of its closing one.) We walk it without dom::element's error pairs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace base::json {

using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

// A parsed text: the tape, and the text of the numbers that its words cannot hold.
struct Parsed {
  struct Number {
    std::size_t index;     // of its word on the tape
    std::size_t at, size;  // in number_text
    bool whole;
  };
  // The number as it was written; nullptr when the word at `index` holds it exactly.
  const Number* written(std::size_t index) const {
    const auto found =
        std::lower_bound(numbers.begin(), numbers.end(), index,
                         [](const Number& one, std::size_t i) { return one.index < i; });
    return found != numbers.end() && found->index == index ? &*found : nullptr;
  }

  document doc;
  std::vector<Number> numbers;  // ascending by index
  bool some_are_whole = false;
  std::string number_text;
};

inline const Parsed& parsed(const void* doc) {
  return *static_cast<const Parsed*>(doc);
}

inline tape_ref ref(const void* doc, std::size_t index) {
  return {&parsed(doc).doc, index};
}

}  // namespace base::json
