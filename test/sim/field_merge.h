// What server-side apply makes of objects, by the shapes of field_set.h.
#pragma once

#include <string>

#include "base/json.h"
#include "sim/field_set.h"

namespace sim {

// What server-side apply makes of an object and an intent; an object without some of its fields.
std::string typed_merge(base::json::Value live, base::json::Value intent);
std::string without_fields(base::json::Value object, const FieldSet& gone);

// With the keys of lists' elements that a schema gives a value (a service's namespace).
std::string with_key_defaults(base::json::Value object);

}  // namespace sim
