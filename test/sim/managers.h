// Field management: metadata.managedFields, and what a write makes of it
// (kubernetes.io, "Server-Side Apply"; fieldmanager of apimachinery).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "sim/field_set.h"

namespace sim {

struct Manager {
  std::string name, operation, api_version, subresource;  // operation: "Apply", "Update"
  std::string time;                                       // "" : none
  FieldSet fields = {};

  // The same manager: an applier whatever its version is.
  bool is(const Manager& other) const {
    return name == other.name && operation == other.operation && subresource == other.subresource &&
           (operation == "Apply" || api_version == other.api_version);
  }
};

using Managers = std::vector<Manager>;

Managers managers_of(base::json::Value object);
// The object with these managers; an empty managedFields when there are none.
std::string with_managers(base::json::Value object, const Managers& managers);

// Who writes, and whether status is a field of the object for this write.
struct Writing {
  Manager who;  // without fields
  bool with_status = false;
};

// After a create (`before` absent), update or patch. An object that has no managers gets none, as
// the API server does not begin to track an object later; a new one gets the writer.
Managers after_update(const Managers& managers, const Writing& writing, base::json::Value before,
                      base::json::Value after);

struct Applied {
  std::string object;  // without managers
  Managers managers;
  bool changed = false;                                       // the object
  std::vector<std::pair<FieldPath, Manager>> conflicts = {};  // fields of others that it changes
};

// `live` absent: creates. Conflicts are reported and forced alike.
Applied apply_fields(const Writing& writing, base::json::Value live, base::json::Value intent);

}  // namespace sim
