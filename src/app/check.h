// `k0rdent-mcp check`: reads the configuration, contacts the API server and reports what it found
// and what is missing:
//
//   0  the policy file can be used; the audit file can be written and goes on (which leaves a line in
//      it), with the key that is given
//   1  the kubeconfig can be read
//   2  the API server answers GET /version
//   3  the identity (SelfSubjectReview)
//   4  the rights to list namespaces, events and pods
//   5  the k0rdent API is served
//
// Each check prints one line to stdout that begins with "ok", "missing" or "failed"; a kubeconfig's
// warnings print "warning". Exit code 0: nothing that the server requires failed; else 1.
#pragma once

#include "app/settings.h"
#include "loop/loop.h"

namespace app {

// Runs the loop until all checks are done; returns the exit code. `loop` must not be running yet.
int run_check(loop::Loop& loop, const Settings& settings);

}  // namespace app
