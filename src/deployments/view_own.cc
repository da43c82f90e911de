// clusterDeployments.get: what the ClusterDeployment itself says, and its template and Credential.
#include "deployments/sections.h"
#include "deployments/view.h"

namespace deployments {

base::Result<void> view_own(answer::Report& report, Joined& joined, base::WallTime now) {
  const base::json::Value deployment = joined.deployment();
  const State state = shown_state(joined, now);
  add_identity(report, joined, state);
  add_summary(report, joined, state, now);
  add_references(report, joined);
  add_conditions(report, {"conditions", "Conditions"}, deployment["status"]["conditions"], now,
                 weight_of);
  add_services(report, deployment);
  const base::json::Value config = deployment["spec"]["config"];
  if (config.size() > 0) report.member("config", config.to_json());
  add_notes(report, joined);
  return {};
}

}  // namespace deployments
