#include "cluster/collection.h"

#include <utility>

#include "base/text.h"

namespace cluster {

Collection::Collection(const ListedKind& kind)
    : resource_{std::string(kind.group), {}, std::string(kind.plural), kind.namespaced},
      exact_(kind.group.empty()) {
  for (std::string_view version : base::split(kind.versions, ','))
    versions_.emplace_back(version);
}

Collection::Collection(const kube::Resource& exact)
    : resource_{exact.group, {}, exact.plural, exact.namespaced},
      versions_{exact.version},
      exact_(true) {}

kube::Resource Collection::in(std::string version) const {
  kube::Resource out = resource_;
  out.version = std::move(version);
  return out;
}

std::string Collection::text() const {
  return resource_.group.empty() ? resource_.plural : resource_.plural + "." + resource_.group;
}

}  // namespace cluster
