// Collection: the objects of one kind, as a request names them: a kind in the first of its versions
// that the API server serves, or exactly one resource.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/resource.h"

namespace cluster {

// A kind as a table describes it; the texts are literals.
struct ListedKind {
  std::string_view plural, group;  // group "": core
  std::string_view versions;       // joined by commas, the preferred one first
  bool namespaced = true;
};

class Collection {
 public:
  Collection() = default;
  Collection(const ListedKind& kind);       // NOLINT(google-explicit-constructor)
  Collection(const kube::Resource& exact);  // NOLINT(google-explicit-constructor)

  // Without its version.
  const kube::Resource& resource() const { return resource_; }
  kube::Resource in(std::string version) const;
  // The versions to look for, the preferred one first.
  const std::vector<std::string>& versions() const { return versions_; }
  // The first version needs no look: it is an exact resource's, or the core group's, which is always
  // served.
  bool exact() const { return exact_; }
  std::string text() const;  // "clusterdeployments.k0rdent.mirantis.com", "pods"

 private:
  kube::Resource resource_;
  std::vector<std::string> versions_;
  bool exact_ = false;
};

}  // namespace cluster
