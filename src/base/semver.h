// The order of versions, by semver.org 2.0.0 (section 11), for the versions of charts, templates and
// Kubernetes as they are published: a leading "v" does not count, parts that are missing are 0
// ("1.2" is 1.2.0), and more than three are compared in turn.
#pragma once

#include <string_view>

namespace base {

// Negative: `a` is older; positive: newer; 0: neither (build metadata after '+' has no order). A
// pre-release is older than its release. A text that is no version is older than every version;
// two of them are in the order of their bytes.
int compare_versions(std::string_view a, std::string_view b);

// "1.2.3-rc.1": it has a part after '-'.
bool is_prerelease(std::string_view version);

// "1.2.3", "v1.2.3-rc.1+5": three numbers, as semver.org has them, with a "v" before them or not. For
// Helm and Flux anything else ("1.2", "1.x", "latest") is a range or a tag that moves.
bool is_exact_version(std::string_view version);

}  // namespace base
