// What a ClusterDeployment shows of itself wherever it is summarised: the members of its rows and
// kubectl's columns.
#pragma once

#include <string>
#include <string_view>

#include "answer/list_row.h"
#include "base/json.h"

namespace deployments {

// Without name and namespace.
extern const answer::RowMember kRowMembers[17];
extern const answer::RowColumn kRowColumns[4];

// "aws", "azure", …, by its labels or its template's name; "": unknown.
std::string_view provider_of(base::json::Value deployment);
// The cloud's region or location.
std::string_view region_of(base::json::Value deployment);
// The word that the graph shows for it (kinds/kind.h).
std::string state_of(base::json::Value deployment);

}  // namespace deployments
