// The checks of doctor that ask no server.
#pragma once

#include <string>

#include "app/findings.h"
#include "app/settings.h"
#include "base/time.h"
#include "kube/config/kubeconfig.h"

namespace app {

void check_files(Findings& findings, const Settings& settings);
void check_limits(Findings& findings, const Settings& settings);
// The certificates of the kubeconfig, and the proxy on the way.
void check_kubeconfig(Findings& findings, const kube::config::Config& config, base::WallTime now);

}  // namespace app
