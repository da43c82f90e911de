// ExecPlugin: credentials from a program (client.authentication.k8s.io/v1 and v1beta1), which runs
// without blocking, one run for all waiting requests.
//
//   credential                          no run in progress           run in progress
//   fresh                               used                         used (a refresh ahead of its
//                                                                    expiry)
//   due (kExecAhead before its expiry)  used, and a run starts       used
//   gone (none yet, expired, or a 401)  a run starts, requests wait  requests wait
//
// After a run that fails, or whose credential has already expired, comes a pause of 1, 2, 4 … 30 s.
// During the pause requests fail at once with the run's error, or use the expired credential:
// clocks differ, so the API server decides about it. The program's output is never logged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "kube/config/kubeconfig.h"
#include "kube/config/waiters.h"
#include "loop/loop.h"
#include "loop/process.h"
#include "watchutil/backoff.h"

namespace kube::config {

constexpr base::Duration kExecTime = base::seconds(30);   // of a run; then its group is killed
constexpr std::size_t kExecOutputBytes = 1024 * 1024;     // certificates and tokens take a few KiB
constexpr base::Duration kExecAhead = base::seconds(30);  // a refresh starts this early
constexpr base::Duration kExecPauseCap = base::seconds(30);
// Pause between two runs caused by a 401: a server that refuses every credential must not cause a
// run at every call.
constexpr base::Duration kExecRefusedPause = base::seconds(10);

struct ExecCredential {
  std::string token;                      // "" : none
  std::string cert_pem, key_pem;          // both or neither
  std::optional<base::WallTime> expires;  // none: valid until a 401
};

// Parses the program's stdout. Errors describe the problem without quoting the output.
base::Result<ExecCredential> parse_exec_credential(std::string_view output,
                                                   std::string_view api_version);
// The value of KUBERNETES_EXEC_INFO. `ca_pem` is included when the config has provideClusterInfo.
std::string exec_info(const ExecConfig& exec, const ClusterConfig& cluster,
                      std::string_view ca_pem);

class ExecPlugin {
 public:
  using State = CredentialState;

  // Puts a new credential into use; an error becomes the run's.
  using AcceptFn = base::Delegate<base::Result<void>(const ExecCredential&)>;

  // Returns exec_info() for a run that starts.
  using InfoFn = base::Delegate<std::string()>;

  // `loop` and `exec` must outlive it.
  ExecPlugin(loop::Loop& loop, const ExecConfig& exec, AcceptFn accept, InfoFn info);

  // Call it before each request; starts a run when one is due. ready: use the credential that
  // `accept` took last.
  State prepare();
  // Calls the waiter once when the run is over, never inside prepare(); prepare() then returns its
  // result. Requires: a run is in progress.
  void wait(Waiter& waiter);
  // Reports that the API server refused the credential (401). Returns true when the next prepare()
  // runs the program again.
  bool refused();
  // Requires: prepare() returned failed.
  const base::Error& error() const { return *error_; }

 private:
  void on_done(base::Result<loop::ProcessOutcome> outcome);
  base::Result<ExecCredential> judge(base::Result<loop::ProcessOutcome> outcome);
  void settle(base::Result<ExecCredential> result);
  base::Error failure(base::Errc code, const std::string& what) const;

  loop::Loop& loop_;
  const ExecConfig& exec_;
  AcceptFn accept_;
  InfoFn info_;
  bool have_ = false;     // a credential was accepted
  bool refused_ = false;  // … and the API server refused it
  std::optional<base::WallTime> expires_;
  std::optional<base::Error> error_;  // of the last run
  base::TimePoint pause_until_{}, refused_until_{};
  watchutil::Backoff backoff_;
  base::Random random_;
  Waiters waiters_;
  loop::Process process_;
};

}  // namespace kube::config
