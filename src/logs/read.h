// Read: reads one container's log as it stands: what podLogs.get answers and a read of
// k0rdent://podlogs/… returns.
//   1  GET the pod and choose the container (only when none is named)
//   2  GET pods/{pod}/log, keeping the newest bytes
//   3  cut at a line, repair UTF-8; of a log without a line GET the pod, which may run nowhere yet
// A named container is requested directly. When the API server refuses it, the pod is read for the
// names that there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/limits.h"
#include "cluster/cluster.h"
#include "cluster/get.h"
#include "cluster/log.h"
#include "logs/request.h"
#include "mcp/need.h"

namespace logs {

// A pod, to choose its container, and its log.
mcp::Needs log_needs();
// "; the RBAC rule that would allow it …" of a get of `plural` ("pods", "pods/log"), or "".
std::string rule_text(std::string plural, const std::string& ns, const kube::Failure& failure);

class Read : private cluster::LogCallHandler {
 public:
  struct Outcome {
    std::optional<kube::Failure> failure;  // the whole message: "get pod: …", "read log: …"
    std::string text;                      // UTF-8
    std::string container;                 // the one that was read
    std::uint64_t omitted_bytes = 0;       // older bytes, left out because of the cap
    std::string why_empty;                 // "pod web is not scheduled to a node yet: …"
  };
  // Runs once, never inside start().
  using Fn = base::Delegate<void(Outcome)>;
  Read(cluster::Cluster& cluster, Fn fn);
  // `max_bytes`: limit of the text; older lines are left out. Errors: the namespace is not allowed,
  // or a name that no pod can have.
  base::Result<void> start(Request request, const mcp::Caller& caller,
                           std::size_t max_bytes = base::limits::kLogReadBytes);

 private:
  void on_pod(const kube::Failure* failure, base::json::Value pod);
  base::Result<void> read_log();
  void on_log(std::string_view bytes) override;
  void on_log_end(const kube::Failure* failure) override;
  void fail(kube::Failure failure, std::string_view step);
  void on_refused(const kube::Failure& failure);
  void cut_to_cap();
  void finish(std::string why_empty);

  cluster::Cluster& cluster_;
  Fn fn_;
  Request request_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::size_t max_bytes_ = base::limits::kLogReadBytes;
  bool named_ = false;                    // the container, by the request
  std::optional<kube::Failure> refusal_;  // of the container that was named
  bool ended_ = false;                    // the log
  std::string bytes_;
  std::uint64_t omitted_ = 0;
  cluster::Get pod_;
  cluster::LogCall log_;
};

}  // namespace logs
