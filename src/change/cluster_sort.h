// ClusterSort: what k0rdent made for a ClusterDeployment, on which depends what its deletion, upgrade or
// change does: a cluster with machines; nothing but the connection to a cluster that was there before
// (adopted); or nothing at all (a dry run).
#pragma once

#include <string>

#include "base/json.h"
#include "change/halts.h"
#include "cluster/gather.h"

namespace change {

enum class Sort : unsigned char { made, adopted, dry_run };

class ClusterSort {
 public:
  // Asks for the template of a ClusterDeployment, whose providers say whether it adopts.
  void ask(cluster::Gather& gather, const std::string& ns, base::json::Value deployment);
  // What cannot be known is taken to be a cluster with machines. Requires: ask() of both, and what they
  // asked for has come.
  Sort of(base::json::Value deployment, const Halts& halts) const;

 private:
  cluster::Part* template_ = nullptr;
};

}  // namespace change
