// Read: reads one container's log as it stands: what podLogs.get answers and a read of
// k0rdent://podlogs/… returns.
//   1  GET the pod and choose the container (only when none is named)
//   2  GET pods/{pod}/log, keeping the newest bytes
//   3  cut at a line, repair UTF-8
// A named container is requested directly: the API server reports what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/limits.h"
#include "cluster/context.h"
#include "kube/client.h"
#include "logs/request.h"

namespace logs {

class Read : private kube::ApiHandler {
 public:
  struct Outcome {
    std::optional<kube::Failure> failure;  // the whole message: "get pod: …", "read log: …"
    std::string text;                      // UTF-8
    std::string container;                 // the one that was read
    std::uint64_t omitted_bytes = 0;       // older bytes, left out because of the cap
  };
  // Runs once, never inside start().
  using Fn = base::Delegate<void(Outcome)>;
  Read(cluster::Context& context, Fn fn);
  // `max_bytes`: limit of the text; older lines are left out.
  void start(Request request, kube::config::Credentials credentials,
             std::size_t max_bytes = base::limits::kLogReadBytes);

 private:
  void on_pod(kube::ApiGet::Outcome outcome);
  void read_log();
  void on_open(int) override {}
  void on_data(std::string_view bytes) override;
  void on_end(const kube::Failure* failure) override;
  void fail(kube::Failure failure, std::string_view step);
  void cut_to_cap();

  Fn fn_;
  Request request_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::size_t max_bytes_ = base::limits::kLogReadBytes;
  std::string bytes_;
  std::uint64_t omitted_ = 0;
  kube::ApiGet pod_;
  kube::ApiCall log_;
};

}  // namespace logs
