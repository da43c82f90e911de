// `k0rdent-mcp check`: reads the configuration, reaches the API server, says what it found and what
// is missing.
//   1 kubeconfig  2 GET /version  3 who we are (SelfSubjectReview)  4 may we list namespaces,
//   events, pods  5 which APIs are served
// One line each on stdout, "ok", "missing" or "failed" first. Exit 0 when the server could do its
// work, else 1.
#pragma once

#include "app/settings.h"
#include "loop/loop.h"

namespace app {

// Runs the loop until done; returns the exit code.
int run_check(loop::Loop& loop, const Settings& settings);

}  // namespace app
