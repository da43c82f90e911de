// Wait: what a call waits for after its writes: until a cluster is ready, or gone.
#pragma once

#include <memory>
#include <string>

#include "base/delegate.h"
#include "base/time.h"
#include "mcp/caller.h"
#include "mcp/context.h"

namespace change {

class Wait {
 public:
  struct End {
    bool reached = false;  // false: failed for good, or the time limit passed
    std::string text;      // "ready after 12m", "not ready after 30m: …"
  };
  using Fn = base::Delegate<void(End)>;
  virtual ~Wait() = default;  // cancels
  // Calls `fn` once, never inside start(). Sends progress to `call`, which must outlive this.
  virtual void start(mcp::CallContext& call, Fn fn) = 0;
};

// Makes waits for ClusterDeployments.
class ClusterWaits {
 public:
  enum class Until : unsigned char { ready, gone };
  virtual ~ClusterWaits() = default;
  virtual std::unique_ptr<Wait> make(Until until, std::string ns, std::string name,
                                     base::Duration limit) = 0;
};

}  // namespace change
