// A pod's state in kubectl's words, from its own object (the printer of kube-apiserver 1.35): the
// STATUS that people know ("CrashLoopBackOff", "Init:1/2", "Terminating"), which is none of its
// fields.
//
//   nothing else decides            status.phase, or status.reason where there is one (Evicted)
//   it waits for a scheduling gate  SchedulingGated
//   an init container has not       Init:N/M, or Init: and the reason why it waits or failed
//   finished
//   a container waits or has ended  its reason, of the first container that has one
//   some have completed, others run Running, or NotReady without the condition Ready
//   it is being deleted             Terminating; Unknown when its node is lost
//
// Restarts of ordinary init containers count only while they run; those of sidecars (init
// containers with restartPolicy Always) always do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/time.h"

namespace kinds {

struct PodState {
  std::string status;
  std::int64_t ready = 0, containers = 0;  // sidecars among them
  std::int64_t restarts = 0;
  std::optional<base::WallTime> last_restart;  // when the instance before the current one ended
};

PodState read_pod(base::json::Value pod);

}  // namespace kinds
