// What a pod object says of one of its containers, as far as following its log needs it. Texts of
// the API server are for people; what happens next is decided by this alone
// (the texts change between kubelets).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace kube {

struct LogPod {
  std::string uid;
  bool listed = false;  // the pod has a container of this name
  // The instance whose log is served now (a container id); "" when there is none yet. Of a
  // container that waits to be started again it is the last one that ran.
  std::string instance;
  std::string previous;                   // what previous=true serves; "" when there is none
  bool running = false;                   // `instance` runs
  std::optional<base::WallTime> started;  // of a running instance; whole seconds
  std::int64_t restarts = 0;
  // No further instance will come; and why, for people.
  bool finished = false;
  std::string reason;

  static LogPod of(base::json::Value pod, std::string_view container);
};

}  // namespace kube
