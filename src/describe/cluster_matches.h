// ClusterMatches: the ClusterDeployments that a MultiClusterService's selector matches now, and the
// nearest of those that it does not. It looks at the labels of the ClusterDeployment alone; an empty
// selector matches none. Those that are being deleted are left out, as k0rdent leaves them out.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "cluster/gather.h"
#include "graph/model/labels.h"

namespace describe {

class ClusterMatches final : public cluster::Part::Reader {
 public:
  using Place = std::pair<std::string, std::string>;  // namespace and name
  // Before the list begins.
  void select(base::json::Value selector);
  bool empty_selector() const { return terms_.empty(); }

  const std::set<Place>& matches() const { return matches_; }
  // It would be, but it is being deleted.
  bool is_going(const Place& place) const { return going_.contains(place); }
  // A requirement that the nearest does not meet.
  struct Miss {
    std::string key, wanted;         // wanted: "production", "In [a, b]", "Exists"
    std::string has;                 // "": it has no such label
    bool in_cluster_labels = false;  // spec.config.clusterLabels would meet it
  };
  // The one that misses least; no place: none has a label that the selector asks for.
  struct Nearest {
    Place place;
    std::vector<Miss> misses;
  };
  const Nearest& nearest() const { return nearest_; }

  void on_object(base::json::Value object) override;
  void on_restart() override;

 private:
  struct Term {
    std::string key, wanted;
    std::string value;  // the first that would do, to measure how near another one is
    graph::model::LabelSelector selector;
  };
  void add_term(std::string_view key, std::string_view op, base::json::Value values);
  void weigh(base::json::Value object, const graph::model::Labels& labels);

  std::vector<Term> terms_;
  std::set<Place> matches_, going_;
  Nearest nearest_;
  std::pair<std::size_t, std::size_t> least_;  // of nearest_: misses, and how far their values are
};

}  // namespace describe
