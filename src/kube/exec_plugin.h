// ExecPlugin: credentials from a program (client.authentication.k8s.io/v1 and v1beta1), run without blocking, one run for all who wait.
//
//   credential   no run under way                                           run under way
//   fresh        used                                                        used (a refresh ahead of its expiry)
//   due          used, and a run starts (from kExecAhead before its expiry)  used
//   gone         a run starts, its requests wait (none yet, expired, 401)    they wait
//
// A run that fails, or gives what has expired already, is followed by a pause of 1, 2, 4 … 30 s: meanwhile requests fail at once with its error, or
// use the expired credential (the API server is the judge of it; clocks differ). What the program prints is never logged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/error.h"
#include "base/link.h"
#include "base/random.h"
#include "base/time.h"
#include "kube/kubeconfig.h"
#include "loop/loop.h"
#include "loop/process.h"
#include "watchutil/backoff.h"

namespace kube {

constexpr base::Duration kExecTime = base::seconds(30);   // of one run; then its process group is killed
constexpr std::size_t kExecOutputBytes = 1024 * 1024;     // certificates and tokens take some KiB
constexpr base::Duration kExecAhead = base::seconds(30);  // a refresh starts so long before the expiry
constexpr base::Duration kExecPauseCap = base::seconds(30);
// Between two runs that a 401 asked for: a server that refuses whatever the program gives must not make us run it at every call.
constexpr base::Duration kExecRefusedPause = base::seconds(10);

struct ExecCredential {
  std::string token;               // "" : none
  std::string cert_pem, key_pem;   // both or neither
  std::optional<base::WallTime> expires;  // without: until a 401
};

// The program's stdout. Errors say what is wrong with it and never hold any of it.
base::Result<ExecCredential> parse_exec_credential(std::string_view output,
                                                   std::string_view api_version);
// KUBERNETES_EXEC_INFO. `ca_pem` is told when the config has provideClusterInfo.
std::string exec_info(const ExecConfig& exec, const ClusterConfig& cluster, std::string_view ca_pem);

class ExecPlugin {
 public:
  enum class State : unsigned char { ready, running, failed };

  // One who waits for the end of a run; a member of its owner.
  class Waiter : private base::Link {
   public:
    using Fn = base::Delegate<void()>;
    explicit Waiter(Fn fn) : fn_(fn) {}
    ~Waiter() { cancel(); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    void cancel() {
      if (linked()) unlink();
    }

   private:
    friend class ExecPlugin;
    Fn fn_;
  };
  // Takes a new credential into use; its error is the run's.
  using AcceptFn = base::Delegate<base::Result<void>(const ExecCredential&)>;

  // Gives exec_info() for a run that starts.
  using InfoFn = base::Delegate<std::string()>;

  // `loop` and `exec` outlive it.
  ExecPlugin(loop::Loop& loop, const ExecConfig& exec, AcceptFn accept, InfoFn info);

  // Asked before each request; starts a run when one is due. ready: what accept last took is to be used.
  State prepare();
  // Requires: a run is under way. Called once when it is over, never inside prepare(); then prepare() says how it ended.
  void wait(Waiter& waiter);
  // The API server refused the credential (401). True: the next prepare() asks the program again.
  bool refused();
  // Requires: prepare() said failed.
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
  bool have_ = false;     // a credential was taken
  bool refused_ = false;  // … and the API server does not want it
  std::optional<base::WallTime> expires_;
  std::optional<base::Error> error_;  // of the last run
  base::TimePoint pause_until_{}, refused_until_{};
  watchutil::Backoff backoff_;
  base::Random random_;
  base::Link waiters_;
  loop::Process process_;
};

}  // namespace kube
