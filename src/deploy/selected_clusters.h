// The ClusterDeployments that a MultiClusterService selects before and after a write.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "cluster/gather.h"
#include "graph/model/labels.h"

namespace deploy {

class SelectedClusters final : public cluster::Part::Reader {
 public:
  // Each may be absent, and selects none then.
  void select(base::json::Value before, base::json::Value after) {
    before_ = graph::model::LabelSelector(before);
    after_ = graph::model::LabelSelector(after);
  }
  void on_object(base::json::Value object) override;
  void on_restart() override;
  // "namespace/name" of each.
  const std::vector<std::string>& before() const { return was_; }
  const std::vector<std::string>& after() const { return is_; }
  // Those of before() that are not in after().
  std::vector<std::string> gone() const;

 private:
  graph::model::LabelSelector before_, after_;
  std::vector<std::string> was_, is_;
};

// "2: a/b, a/c" or "none".
std::string listed(const std::vector<std::string>& names);

}  // namespace deploy
