#include "cluster/without_copies.h"

#include <string_view>

namespace cluster {

using base::json::Member;
using base::json::Value;

namespace {

// A text that grows is copied, and its old bytes are wiped, each time.
constexpr std::size_t kUsualBytes = 4096;
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

void append_key(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  base::json::append_string(out, key);
  out += ':';
}

void append_annotations(std::string& out, Value annotations) {
  out += '{';
  for (const Member each : annotations.object()) {
    if (each.key == kLastApplied) continue;
    append_key(out, each.key);
    each.value.append_to(out);
  }
  out += '}';
}

void append_metadata(std::string& out, Value metadata) {
  out += '{';
  for (const Member each : metadata.object()) {
    if (each.key == "managedFields") continue;
    append_key(out, each.key);
    if (each.key == "annotations" && each.value.is(base::json::Type::object)) {
      append_annotations(out, each.value);
    } else {
      each.value.append_to(out);
    }
  }
  out += '}';
}

}  // namespace

std::string without_copies(Value object) {
  std::string out;
  out.reserve(kUsualBytes);
  out += '{';
  for (const Member each : object.object()) {
    append_key(out, each.key);
    if (each.key == "metadata" && each.value.is(base::json::Type::object)) {
      append_metadata(out, each.value);
    } else {
      each.value.append_to(out);
    }
  }
  out += '}';
  return out;
}

namespace {

// Where the key stands from `from` on. 'F' is rarer than what is before it.
std::size_t find_managed_fields(std::string_view text, std::size_t from) {
  constexpr std::string_view kFront = "\"managed", kBack = "Fields\":";
  while ((from = text.find(kBack, from)) != text.npos) {
    if (text.substr(0, from).ends_with(kFront)) return from - kFront.size();
    from += kBack.size();
  }
  return text.npos;
}

// Behind the first "}]" from `from` on; npos: there is none.
std::size_t behind_objects(std::string_view text, std::size_t from) {
  while ((from = text.find(']', from)) != text.npos) {
    if (text[from++ - 1] == '}') return from;
  }
  return from;
}

}  // namespace

// A quote in a JSON string has a backslash before it, so that this key is no part of a string; being
// the only one, it is the one in metadata. The array ends with the first "}]" or later.
std::array<std::string_view, 2> around_copies(std::string_view text, Value object) {
  constexpr std::string_view kKey = R"("managedFields":)", kOpens = "[{";
  const std::size_t key = find_managed_fields(text, 0), begin = key + kKey.size();
  if (key == text.npos || !text.substr(begin).starts_with(kOpens)) return {text, {}};
  const std::size_t end = behind_objects(text, begin);
  const bool is_it = object["metadata"]["managedFields"].is(base::json::Type::array);
  if (!is_it || end == text.npos || find_managed_fields(text, begin) != text.npos)
    return {text, {}};
  return {text.substr(0, key), text.substr(end)};
}

}  // namespace cluster
