// Acting: what decides about writes and records them: the policy with its file, its gate before the API client,
// and the audit log (doc/POLICY.md).
//
// The policy file is read again every kPolicyCheck and at reload(): by content, because a mounted
// ConfigMap swaps a symbolic link above it. A file that cannot be read or parsed leaves the policy in use
// as it is, with a WARN that says why; so does a file that vanished.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/settings.h"
#include "audit/log.h"
#include "base/delegate.h"
#include "base/error.h"
#include "base/log.h"
#include "cluster/policy_gate.h"
#include "loop/loop.h"

namespace app {

// As fast as an operator expects to see a change, and slower than it costs anything.
constexpr base::Duration kPolicyCheck = base::seconds(10);

class Acting {
 public:
  // `settings` and `filter` (of the log's texts) must outlive this; so must the loop.
  Acting(loop::Loop& loop, const Settings& settings, base::log::Filter& filter);
  // Reads the policy file and opens the audit log. `cluster`: its name for both. Errors: a file is
  // unusable; the server must not start then.
  base::Result<void> start(std::string cluster);
  // Calls `fn` when another policy is in use. Requires: start() succeeded.
  void when_changed(base::Delegate<void()> fn) { changed_ = fn; }
  // SIGHUP: reads the policy file now, and opens the audit file again, which may have been rotated.
  void reload();
  // The settings' read-only and no-destructive may have changed: they count from now on, before the
  // rules as ever. A server that was started without writes has no tools for them, and says so.
  // Requires: start() succeeded.
  void adopt_mode();

  // Requires: start() succeeded, for all below.
  cluster::PolicyGate& gate() const { return *gate_; }
  audit::Log* audit() const { return audit_.get(); }  // nullptr: none

  struct Stats {
    bool allow_writes, has_file, last_reload_good;
    std::size_t rules;
    std::uint64_t generation;  // 1: as read at the start
    cluster::PolicyGate::Stats decisions;
    audit::Log::Stats audit;
  };
  Stats stats() const;

 private:
  policy::Mode mode() const;
  base::Result<std::optional<policy::Policy>> read_policy();
  void check();
  void on_time();
  loop::Loop& loop_;
  const Settings& settings_;
  base::log::Filter& filter_;
  base::Delegate<void()> changed_;
  bool offered_ = false;  // the tools that write, since the start
  bool read_ = false;
  std::string content_;                     // of the policy file, as last read
  std::optional<base::Error> bad_content_;  // why it is unusable
  std::string problem_;                     // why the last check failed
  std::uint64_t generation_ = 1;
  std::unique_ptr<audit::Log> audit_;
  std::unique_ptr<cluster::PolicyGate> gate_;
  loop::Timer timer_;
};

}  // namespace app
