// What a monitor keeps of an object: what its phase and its update are read from.
#pragma once

#include <string>

#include "base/json.h"

namespace monitor {

// The object without Helm values, the chart's config (but for region and location), managedFields,
// annotations (but the one that pauses a ServiceSet), and the histories and inventories of its
// status. Of a ServiceSet only its provider.
std::string kept_json(base::json::Value object);

}  // namespace monitor
