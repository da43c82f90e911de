// What the tools of tools.cc write into their reports. An error says why the tool cannot answer
// about this ClusterDeployment.
#pragma once

#include "answer/report.h"
#include "base/error.h"
#include "base/time.h"
#include "deployments/joined.h"

namespace deployments {

using View = base::Result<void> (*)(answer::Report& report, Joined& joined, base::WallTime now);

base::Result<void> view_own(answer::Report& report, Joined& joined, base::WallTime now);
base::Result<void> view_state(answer::Report& report, Joined& joined, base::WallTime now);
base::Result<void> view_detail(answer::Report& report, Joined& joined, base::WallTime now);
// A ClusterDeployment of another provider is an error that names the tool for it.
base::Result<void> view_aws(answer::Report& report, Joined& joined, base::WallTime now);
base::Result<void> view_azure(answer::Report& report, Joined& joined, base::WallTime now);
base::Result<void> view_gcp(answer::Report& report, Joined& joined, base::WallTime now);

}  // namespace deployments
