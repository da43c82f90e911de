// `k0rdent-mcp doctor`: checks everything that the server depends on. Each check is a line that begins
// with "ok", "warn" (the server works, but see what follows) or "fail" (it does not), and says what was
// found; a warn or fail is followed by a line with what to do:
//
//   here      configuration, kubeconfig, policy file, proxy, ends of certificates, descriptors, memory
//   the way   DNS, connection and TLS, the API server's clock
//   there     versions, identity, k0rdent's Management and CRDs, the groups that its objects refer to
//   rights    what each preset of RBAC (rbac/preset.h) grants, by SelfSubjectAccessReviews
#pragma once

#include "app/settings.h"
#include "base/time.h"
#include "loop/loop.h"

namespace app {

// Tokens and certificates are refused by a clock that is off by more (client-go's leeway for tokens
// is 10 s); from here on it is worth a look.
constexpr base::Duration kClockWarn = base::seconds(10), kClockFail = base::minutes(5);
constexpr base::Duration kCertificateWarn = base::hours(24 * 30);

// Runs the loop until all checks are done. Returns the exit code: 1 when one failed, else 0. `loop` must
// not be running yet.
int run_doctor(loop::Loop& loop, const Settings& settings);

}  // namespace app
