// An object's JSON without what repeats it: metadata.managedFields and the annotation
// last-applied-configuration. They are half of most objects, no answer shows them, and they are what
// makes redaction look at an object closely (redact/object.h).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/json.h"

namespace cluster {

// Requires: `object` is one.
std::string without_copies(base::json::Value object);

// The text of an object as it was sent, before and after what is surely of its managedFields; of
// another object's text, or one in doubt, the whole and nothing. `object`: what the text says.
std::array<std::string_view, 2> around_copies(std::string_view text, base::json::Value object);

}  // namespace cluster
