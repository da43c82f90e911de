// Label selectors (Kubernetes "Labels and Selectors"): checked before they are sent, and brought to
// one form, so that two that mean the same are one watch key.
//   key  !key  key=v  key==v  key!=v  key in (v,w)  key notin (v,w)  key>n  key<n   joined by
//   commas
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace tools {

// Sorted, without needless spaces. Errc::invalid_argument: what is wrong and what would be right.
base::Result<std::string> canonical_label_selector(std::string_view text);

}  // namespace tools
