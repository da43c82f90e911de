// What the Cluster API and Sveltos objects of a ClusterDeployment say of its phase. Internal to
// phase.cc.
//
//   Cluster: no connection any more             Failed         its API server is lost
//     it is being deleted                       Failed         the ClusterDeployment is not
//     infrastructure not ready                  Provisioning
//     control plane not initialized, available  Bootstrapping
//     machines are being replaced               Scaling
//     workers not available, machines not ready Scaling
//     scaling; the last change not acted on     Scaling
//   no Cluster, and KCM says that it is missing Failed
//   no Cluster, and KCM has seen one            by KCM's summary of it
//   SveltosCluster not ready; connection down   Provisioning; Failed
//   an adopted cluster without SveltosCluster   Failed
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "deployments/phase.h"

namespace deployments {

// Whether the object has a condition of this type and status.
bool is(base::json::Value object, std::string_view type, std::string_view status);
// "Type: message", or its reason where it has none.
std::string text_of(base::json::Value condition);

Assessment made(Phase phase, std::optional<int> progress, std::string_view reason,
                std::string message, base::json::Value about);
// With the reason and text of a condition.
Assessment made(Phase phase, std::optional<int> progress, base::json::Value condition,
                base::json::Value about);

// nullopt: all is as it should be, as far as its conditions tell.
std::optional<Assessment> by_cluster(base::json::Value cluster, base::WallTime now);
// The same from all objects behind the ClusterDeployment. nullopt: also when there are none.
std::optional<Assessment> behind(const Seen& seen, base::WallTime now);
// Whether KCM has seen a Cluster, and none was found. It is looked for by a label: one without it
// may be there all the same.
bool lacks_cluster(const Seen& seen);
// Why it is not known whether an adopted cluster can be reached; "": it is known, or it is none.
std::string unknown_reach(const Seen& seen);
// Whether there is a cluster that was up before: what is not ready then is a change of it.
bool is_live(const Seen& seen);

}  // namespace deployments
