// What a change weighs, whichever tool makes it: --confirm decides by it (confirm.h).
#pragma once

#include <string>
#include <vector>

#include "change/dry_run.h"
#include "change/plan.h"

namespace change {

// The plan's own weight, or more: that of the table (weight_rows.h), and destructive for what takes away
// a field or, by an owner, the object itself, and for what changes more than is shown, since it may do
// any of these. `force`: fields of others are taken over.
Weight weight_of(const Plan& plan, const std::vector<Tried>& tried, bool force);

// What follows from what the steps change, whichever tool makes them, for the confirmation.
std::vector<std::string> effects_of(const Plan& plan, const std::vector<Tried>& tried);

}  // namespace change
