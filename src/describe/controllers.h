// Controllers: the Deployments of k0rdent's own namespace that do not run as they should, and the
// pods that say why. Management and its components say nothing of it: a component is one whose Helm
// release was installed once.
//
//   0 replicas, and it is a controller       a problem (its condition Available is True)
//   a pod crashes, or cannot be started      a problem, with the pod's word and message
//   not Available for kStartTime             a problem
//   else fewer are available than wanted     it waits: it starts, or is rolled out
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "answer/report.h"
#include "base/time.h"
#include "cluster/chosen.h"
#include "cluster/gather.h"

namespace describe {

// A controller that is started or replaced is ready within it, its image's download included.
constexpr base::Duration kStartTime = base::minutes(2);

class Controllers {
 public:
  // As Description's (description.h).
  void begin(cluster::Gather& gather);
  bool more(cluster::Gather& gather);

  struct Finding {
    std::string text;
    bool problem = true;  // false: it waits
  };
  std::vector<Finding> findings(base::WallTime now);
  // The member "deployments": those that do not run as they should.
  void write(answer::Report& report);

 private:
  class Deployments final : public cluster::Chosen {
   public:
    using Chosen::Chosen;

   private:
    void take(base::json::Value object, std::string& out) const override;
  };
  class Pods final : public cluster::Chosen {
   public:
    using Chosen::Chosen;

   private:
    void take(base::json::Value object, std::string& out) const override;
  };
  std::vector<base::json::Value> pods_of(base::json::Value deployment);

  std::optional<Deployments> deployments_;
  std::optional<Pods> pods_;
};

}  // namespace describe
