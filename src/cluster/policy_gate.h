// PolicyGate: the operator's policy at the client of the API server (kube/gate.h). Each request, from any
// caller, is read as the API server will read it (kube/request_info.h) and decided by policy/policy.h. A refused
// write leaves a line in the audit log here, and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "kube/gate.h"
#include "mcp/caller.h"
#include "policy/policy.h"

namespace audit {
class Log;
}
namespace mcp {
class Tool;
}

namespace cluster {

class PolicyGate final : public kube::Gate {
 public:
  // `cluster`: its name, for rules and the audit log.
  PolicyGate(policy::Policy policy, std::string cluster)
      : policy_(std::move(policy)), cluster_(std::move(cluster)) {}

  void set_policy(policy::Policy policy) { policy_ = std::move(policy); }
  void set_mode(policy::Mode mode) { policy_.set_mode(mode); }
  const policy::Policy& policy() const { return policy_; }
  void set_audit(audit::Log* log) { audit_ = log; }  // must outlive its use; nullptr: none

  // What objection() will decide, without its traces; the rule is for the audit log.
  policy::Decision decide(const kube::ApiRequest& request) const;
  std::optional<kube::Failure> objection(const kube::ApiRequest& request) override;
  // A call of a tool that is refused by that: if the tool writes, a line in the audit log.
  void on_refused_call(const mcp::Tool& tool, const mcp::Caller& caller, const std::string& why);
  // Why no call of the tool by the caller can do what it is for, so that it is not offered.
  std::optional<std::string> refuses(const mcp::Tool& tool, const mcp::Caller& caller) const;

  struct Stats {
    std::uint64_t allowed_writes = 0, refused_writes = 0, refused_reads = 0;  // since the start
  };
  const Stats& stats() const { return stats_; }

 private:
  policy::Policy policy_;
  const std::string cluster_;
  audit::Log* audit_ = nullptr;
  Stats stats_;
};

}  // namespace cluster
