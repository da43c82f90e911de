// How kubectl writes the age of an object (apimachinery's HumanDuration):
//   under 2 minutes   90s          under 8 hours   3h5m     under 2 years   400d
//   under 10 minutes  5m30s        under 2 days    30h      under 8 years   3y200d
//   under 3 hours     100m         under 8 days    3d4h     older           9y
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace answer {

// A time in the future by more than a second is "<invalid>".
std::string age_text(base::Duration age);
// `created`: RFC 3339. "<unknown>" when it cannot be read.
std::string age_of(std::string_view created, base::WallTime now);

}  // namespace answer
