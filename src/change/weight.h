// What a change weighs, whichever tool makes it: --confirm decides by it (confirm.h).
#pragma once

#include <vector>

#include "change/dry_run.h"
#include "change/plan.h"

namespace change {

// The plan's own weight, or more: what takes something away is destructive; what makes or replaces
// machines, or installs and uninstalls services, is costly. `force`: fields of others are taken over.
Weight weight_of(const Plan& plan, const std::vector<Tried>& tried, bool force);

// A finalizer guards what its controller has still to do; without it that stays behind.
bool removes_finalizers(const Tried& tried);

}  // namespace change
