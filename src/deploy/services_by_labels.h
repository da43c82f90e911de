// What labels of a cluster mean: which MultiClusterServices it gets and loses by them. Their selectors
// (spec.clusterSelector) look at nothing else; an empty one selects no cluster.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cluster/chosen.h"
#include "cluster/gather.h"

namespace deploy {

// `metadata.labels` of a cluster before and after a write. `before` is nullopt if the write makes the
// cluster; each value may be absent: no labels.
struct LabelChange {
  std::string_view cluster;  // "team-a/prod"
  std::optional<base::json::Value> before;
  base::json::Value after;
};

// What the selection needs of each MultiClusterService.
class Selectors final : public cluster::Chosen {
 public:
  using Chosen::Chosen;

 private:
  void take(base::json::Value object, std::string& out) const override;
};

// In sentences, for the confirmation. `part`: the list of the MultiClusterServices, which `services`
// has read; or why they cannot be read. Empty: k0rdent has no such kind, or a cluster is made that
// has no labels and gets none.
std::vector<std::string> services_by_labels(const LabelChange& change, const cluster::Part& part,
                                            Selectors& services);

}  // namespace deploy
