// JSON Patch (RFC 6902), as a merge patch.
//
// A patch is applied here, to the object as it was read, and is sent as the merge patch (RFC 7386)
// that makes the same of it. The write has the object's uid and resourceVersion as preconditions, so
// that the result is the same as if the API server had applied the operations; and the diff, the
// conflicts with other managers and the look after a lost answer are those of every other patch.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace change {

// One call is one change that a person can look at.
constexpr std::size_t kPatchOperations = 100;
// What a patch may grow an object to: `copy` doubles it in each operation.
constexpr std::size_t kPatchedBytes = std::size_t{3} << 20;

// What is wrong with a patch, whatever the object; "": nothing. `patch`: any JSON.
std::string json_patch_problem(base::json::Value patch);

// `target` after the operations, as JSON. Requires: json_patch_problem() found nothing.
// Errc::conflict: a test is not met. Errc::invalid_argument: a place is not there; both texts name
// the operation.
enum class Tests : unsigned char { decide, skip };
base::Result<std::string> json_patched(base::json::Value target, base::json::Value patch,
                                       Tests tests = Tests::decide);

// The merge patch that makes `after` of `before`, both objects; "{}": they are equal.
// Errc::invalid_argument: `after` has a null where `before` has something else, which a merge patch
// cannot say.
base::Result<std::string> merge_between(base::json::Value before, base::json::Value after);

}  // namespace change
