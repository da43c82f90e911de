// What a ClusterDeployment shows of itself wherever it is summarised: the members of its rows and
// kubectl's columns.
#pragma once

#include <string>
#include <string_view>

#include "answer/list_row.h"
#include "base/json.h"
#include "base/time.h"

namespace deployments {

// Without name and namespace.
// A row may have its SveltosCluster beside it (kJoin): k0rdent's Ready says nothing of an adopted
// cluster that cannot be reached.
extern const answer::Join kJoin;
extern const answer::RowMember kRowMembers[17];
extern const answer::RowColumn kRowColumns[4];

// Its state in a word, and why. `ready`: the condition, unless what is behind it says otherwise.
struct State {
  std::string word, message;
  bool ready = false;
};
State own_state(base::json::Value deployment);
// The same of one without Cluster API, with its SveltosCluster. `known`: an absent one means that
// there is none.
State state_with(base::json::Value deployment, base::json::Value sveltos, bool known,
                 base::WallTime now);

// "aws", "azure", …, by its labels or its template's name; "": unknown.
std::string_view provider_of(base::json::Value deployment);
// The cloud's region or location.
std::string_view region_of(base::json::Value deployment);
// The word that the graph shows for it (kinds/kind.h).
std::string state_of(base::json::Value deployment);

}  // namespace deployments
