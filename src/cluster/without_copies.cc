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

}  // namespace cluster
