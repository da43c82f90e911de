// A pod's state in kubectl's words (kinds/pod_state.h), under the name that the tools for pods use.
#pragma once

#include "base/json.h"
#include "kinds/pod_state.h"

namespace pods {

using State = kinds::PodState;

inline State state_of(base::json::Value pod) {
  return kinds::read_pod(pod);
}

}  // namespace pods
