// The sections of an answer about one ClusterDeployment, which its tools share.
#pragma once

#include <string>
#include <string_view>

#include "answer/conditions.h"
#include "answer/report.h"
#include "base/json.h"
#include "base/time.h"
#include "deployments/joined.h"
#include "deployments/rows.h"
#include "deployments/services.h"

namespace deployments {

// A ClusterDeployment whose Cluster is not ready counts as failed after 30 minutes; until then that
// is progress, and so are services that are not ready (internal/util/conditions in k0rdent/kcm).
constexpr base::Duration kClusterPatience = base::minutes(30);
answer::Weight weight_of(base::json::Value condition, base::WallTime now);

// A state word and why it is so. The ClusterDeployment's own (rows.h), but for an adopted cluster
// that Sveltos does not reach: its ClusterDeployment says only that the HelmRelease is installed.
State shown_state(const Joined& joined, base::WallTime now);
// Name, namespace, state and its message.
void add_identity(answer::Report& report, const Joined& joined, const State& state);
// Template, Credential, provider, region, version, age, upgrades: members and lines of what the
// ClusterDeployment itself says. The row's members (rows.h), but for its conditions.
void add_summary(answer::Report& report, const Joined& joined, const State& state,
                 base::WallTime now);
// Its line: the templates that it can be upgraded to.
void add_upgrades(answer::Report& report, const Joined& joined);
// Whether the template is valid and the Credential ready.
void add_references(answer::Report& report, const Joined& joined);
void add_services(answer::Report& report, base::json::Value deployment);
// A list of the answer, and its heading in the text.
struct Headed {
  std::string_view key, heading;
};
void add_conditions(answer::Report& report, Headed list, base::json::Value conditions,
                    base::WallTime now, answer::Weigh weigh = answer::weight_of);
void add_notes(answer::Report& report, const Joined& joined);

}  // namespace deployments
