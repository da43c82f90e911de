// PodLog: an answer to pods/log: what was written, then (follow) what comes, until the container's
// end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loop/loop.h"
#include "sim/answer.h"
#include "sim/log_store.h"
#include "sim/long_answer.h"
#include "sim/store.h"

namespace sim {

struct PodLogOptions {
  std::string key;  // of the LogStore
  bool follow = false, previous = false, timestamps = false;
  std::optional<std::int64_t> tail, limit_bytes;
  std::optional<base::WallTime> since;
};

class PodLog final : public LongAnswer {
 public:
  PodLog(const LogStore& logs, PodLogOptions options, ApiRequest request, http::Reply reply);
  void start() override;
  void on_record(const std::string& key, const LogRecord* record) override;

 private:
  void deliver(const LogRecord& record);
  const LogStore& logs_;
  PodLogOptions options_;
};

// Chooses the container and reads the parameters; false: refused with `answer` (204 for a pod
// without a node).
bool plan_pod_log(Store& store, const LogStore& logs, const ApiRequest& request, base::WallTime now,
                  PodLogOptions& options, Answer& answer);

}  // namespace sim
