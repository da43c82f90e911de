#include "cluster/watch.h"

#include <utility>

#include "cluster/upstream.h"

namespace cluster {

base::Result<std::unique_ptr<Watch>> watch(Cluster& cluster, const WatchOwner& owner,
                                           WatchSpec spec) {
  if (auto ok = cluster.check(spec.resource, spec.ns); !ok) return std::move(ok).error();
  if (!cluster.filter.pattern().empty())
    spec.hides = decltype(spec.hides)::bind<&Cluster::hides>(&cluster);
  const kube::Context context{cluster.loop, Upstream::client(cluster), owner.scope,
                              &Upstream::discovery(cluster)};
  return std::make_unique<Watch>(context, owner.retry, owner.collection, owner.health,
                                 std::move(spec));
}

}  // namespace cluster
