// Label selectors (Kubernetes "Labels and Selectors"): checked before they are sent, and brought to
// a canonical form, so that selectors that mean the same have one watch key. Terms are joined by
// commas:
//
//   key            !key
//   key=v          key==v            key!=v
//   key in (v,w)   key notin (v,w)
//   key>n          key<n
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace cluster {

// Returns the terms sorted, without duplicates or needless spaces. Errc::invalid_argument says what
// is wrong and what is expected.
base::Result<std::string> canonical_label_selector(std::string_view text);

}  // namespace cluster
