// The two faces of events: one stored object, read as core v1 or as events.k8s.io/v1
// (the conversion of k8s.io/kubernetes).
#pragma once

#include <string>

#include "base/json.h"

namespace sim {

// Members of an object (store.h) in the other face's names. `object` is of core v1 / of
// events.k8s.io/v1.
std::string to_events_v1(base::json::Value object);
std::string to_core_v1(base::json::Value object);

}  // namespace sim
