// JSON merge patch (RFC 7386).
#pragma once

#include <string>

#include "base/json.h"

namespace change {

// `target` as `patch` changes it, as JSON. Either may be absent.
std::string merged(base::json::Value target, base::json::Value patch);

}  // namespace change
