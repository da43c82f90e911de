// ServiceTemplates of the services of a MultiClusterService: whether they are there and valid, in k0rdent's
// own namespace, where KCM checks them, and in those of the clusters, from which they are installed.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cluster/chosen.h"
#include "cluster/gather.h"

namespace deploy {

// What says whether ServiceTemplates can be used, without their values: {"name", "status"}.
class TemplateStates final : public cluster::Chosen {
 public:
  // `only`: the names that count; empty: all.
  explicit TemplateStates(const cluster::Cluster& cluster,
                          std::set<std::string, std::less<>> only = {})
      : Chosen(cluster), only_(std::move(only)) {}

 private:
  void take(base::json::Value object, std::string& out) const override;
  const std::set<std::string, std::less<>> only_;
};

// The templates in the namespaces of the clusters that are selected. It must outlive the Gather.
class TemplatesOfClusters {
 public:
  // `clusters`: "namespace/name" of each; `known`: the namespace that needs no look. False: there is
  // nothing to ask for.
  bool ask(cluster::Gather& gather, const std::vector<std::string>& clusters,
           std::string_view known, base::json::Value services);
  // Sentences for the confirmation: what is missing, or not valid, and where. What could not be read is
  // a note of the Gather.
  std::vector<std::string> texts(base::json::Value services);

 private:
  struct Place {
    std::string ns, cluster;  // one of the clusters there
    TemplateStates states;
    cluster::Part* part = nullptr;
  };
  std::deque<Place> places_;
  std::size_t left_out_ = 0;  // namespaces
};

}  // namespace deploy
