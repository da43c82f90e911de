// The checks of doctor that ask no API server.
#pragma once

#include <string>

#include "app/findings.h"
#include "app/settings.h"
#include "base/time.h"
#include "kube/config/kubeconfig.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace app {

void check_files(Findings& findings, const Settings& settings);
void check_limits(Findings& findings, const Settings& settings);
// The pair of files of the listeners, and the authorities of clients' certificates.
void check_listener(Findings& findings, loop::Loop& loop, const Settings& settings);
// Whether each issuer of OAUTH gives its keys. Runs the loop.
void check_issuers(Findings& findings, loop::Loop& loop, net::Resolver& resolver,
                   const Settings& settings);
// The certificates of the kubeconfig, and the proxy on the way.
void check_kubeconfig(Findings& findings, const kube::config::Config& config, base::WallTime now);

}  // namespace app
