// What a caller is told when a change is not made, or only half of it: in the API server's own words,
// with the ways on.
#pragma once

#include <string>
#include <vector>

#include "change/dry_run.h"
#include "change/plan.h"

namespace change {

// The API server refuses step `i` in its dry run, or other managers own its fields. `force`: the
// tool can take these over.
std::string refused_text(const Plan& plan, const std::vector<Tried>& tried, std::size_t i,
                         bool force);

// The write of step `written.size()` failed, or nothing is known of it.
std::string unmade_text(const Plan& plan, const std::vector<Tried>& tried,
                        const std::vector<kube::WriteOutcome>& written,
                        const kube::WriteOutcome& outcome);

// What the steps in `written` did, a line each, and the calls that undo what was created; "": they
// did nothing.
std::string made_text(const Plan& plan, const std::vector<Tried>& tried,
                      const std::vector<kube::WriteOutcome>& written);

}  // namespace change
