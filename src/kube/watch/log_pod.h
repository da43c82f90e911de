// LogPod: the state of one container, read from its pod, as far as following its log needs it.
// Decisions depend on this state alone; the API server's texts are only displayed, because they
// differ between kubelets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace kube::watch {

struct LogPod {
  std::string uid;
  bool listed = false;  // the pod has a container of this name
  // The instance whose log is served now (a container id); "" when there is none yet. For a
  // container that waits to be restarted it is the instance that ran last.
  std::string instance;
  std::string previous;                   // the instance that previous=true serves; "" : none
  bool running = false;                   // `instance` runs
  std::optional<base::WallTime> started;  // of a running instance; whole seconds
  std::int64_t restarts = 0;
  // No further instance will start; and the reason, for display.
  bool finished = false;
  std::string reason;

  static LogPod of(base::json::Value pod, std::string_view container);
};

}  // namespace kube::watch
