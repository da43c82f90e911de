// Kind: one kind of object as the server knows it: where the API serves it, and what is shown of it.
// table.h has them all. The texts are literals.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "cluster/collection.h"

namespace kinds {

// A member of a summary: its name, and the path of its value in the object ("[]": of each element).
// "#" before a path counts the values instead of showing them. "[Type]" after ".conditions": of
// that condition; the graph does not follow it.
struct SummaryField {
  std::string_view name, path;
};

// "" while there is nothing to say. The words: ready, progressing, pending, failed, deleting,
// stuck-deleting, paused, dry-run, valid, invalid, bound, complete, suspended, for a Cluster or
// Machine its phase in lower case, and for a Pod kubectl's STATUS.
//   pending         not reconciled yet, or not since its spec last changed
//   stuck-deleting  its deletion failed, or its Credential is gone, without which it never ends
using StateFn = std::string (*)(base::json::Value object);

struct Kind : cluster::ListedKind {
  std::string_view kind;    // "ClusterDeployment"
  StateFn state = nullptr;  // nullptr: its objects have no state
  std::span<const SummaryField> summary = {};
};

// The state word of an object of this kind, from the object alone; "": it has none.
std::string state_of(const Kind& kind, base::json::Value object);

}  // namespace kinds
