// Deletion: what goes with an object that is deleted, and what stays and keeps costing, for the
// question that confirms it.
//
//   Namespace                 everything in it, counted by kind
//   CustomResourceDefinition  every object of the kind
//   ClusterDeployment         the cluster: machines and services, also those of MultiClusterServices;
//                             Regions that use it; whether what its own workloads made outside stays
//                             (spec.cleanupOnDeletion); what holds the deletion, or makes it leave
//                             machines behind: a Credential that is not there, a pause, a suspension;
//                             of an adopted one, which stays, and of a dry run other things are true
//   MultiClusterService       its services, the clusters that its selector matches, and the others
//                             that depend on it
//   others                    the table (deletion_rows.h), and their finalizers
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "base/json.h"
#include "change/cluster_sort.h"
#include "change/halts.h"
#include "change/plan.h"
#include "cluster/gather.h"

namespace change {

struct DeletionRow;

class Deletion {
 public:
  using Fn = base::Delegate<void()>;
  // `fn` runs once, as the last statement, also inside start(). `cluster` must outlive this.
  Deletion(cluster::Cluster& cluster, const mcp::Caller& caller, Fn fn);
  ~Deletion();
  // `step`: a removal whose `before` is known; it must outlive the run.
  void start(const Step& step);
  const std::vector<std::string>& consequences() const { return consequences_; }
  // Those that are of no interest once the object is gone.
  const std::vector<std::string>& while_there() const { return while_there_; }
  // Those of them that must still hold when the deletion is made (plan.h).
  const std::vector<std::string>& bound() const { return bound_; }
  // What could not be found out.
  const std::vector<std::string>& notes() const { return notes_; }
  // Adds all of it to the plan of the deletion. Requires: it has ended.
  void tell(Plan& plan) const;

 private:
  // What is counted, of one and of several: "cluster uses it", "clusters use it".
  struct Words {
    std::string one, many;
  };
  // Whether an object of the list counts; `deleted`: what goes.
  using Counts = bool (*)(base::json::Value object, base::json::Value deleted);
  class Counter;
  void on_gathered();
  void count(Words words, cluster::ListQuery query, Counts counts = nullptr);
  void ask_for(std::string_view kind, base::json::Value object);
  void ask_for(const DeletionRow& row, base::json::Value object);
  void ask_for_cluster(base::json::Value object);
  void ask_for_many(base::json::Value object);
  void say_what_goes();
  void say_halts();
  void say(std::string text) { consequences_.push_back(std::move(text)); }
  void bind(const std::string& text) {
    bound_.push_back(text);
    say(text);
  }

  const Fn fn_;
  const Step* step_ = nullptr;
  base::json::Document doc_;
  std::vector<std::unique_ptr<Counter>> counters_;
  std::vector<std::string> consequences_, while_there_, bound_, notes_;
  bool is_cluster_ = false;  // a ClusterDeployment
  Halts halts_;
  ClusterSort sort_;
  cluster::Part* credential_ = nullptr;
  cluster::Gather gather_;
};

}  // namespace change
