// An object's JSON without what repeats it: metadata.managedFields and the annotation
// last-applied-configuration. They are half of most objects, no answer shows them, and they are what
// makes redaction look at an object closely (redact/object.h).
#pragma once

#include <string>

#include "base/json.h"

namespace cluster {

// Requires: `object` is one.
std::string without_copies(base::json::Value object);

}  // namespace cluster
