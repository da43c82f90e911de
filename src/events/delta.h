// Builds the deltas of events (manager.h gives their shapes).
#pragma once

#include <string>
#include <string_view>

#include "kube/watch/change.h"

namespace events {

std::string event_delta(kube::watch::Change change, std::string_view event_json);
// {"action":"ERROR", …}: an event of which only message and namespace are filled in.
std::string event_error_delta(std::string_view ns, std::string_view message);

}  // namespace events
