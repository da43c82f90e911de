#include "cluster/log.h"

#include <utility>

#include "cluster/upstream.h"

namespace cluster {

base::Result<std::unique_ptr<LogStream>> follow_log(Cluster& cluster, const LogOwner& owner,
                                                    LogSpec spec) {
  if (auto ok = cluster.check(kube::kPods, spec.ns); !ok) return std::move(ok).error();
  const kube::Context context{cluster.loop, Upstream::client(cluster), owner.scope,
                              &Upstream::discovery(cluster)};
  return std::make_unique<LogStream>(context, owner.retry, owner.health, owner.sink,
                                     std::move(spec));
}

LogCall::LogCall(Cluster& cluster, LogCallHandler& handler)
    : cluster_(cluster), handler_(handler), call_(Upstream::client(cluster), *this) {}

base::Result<void> LogCall::start(LogSpec spec) {
  if (auto ok = cluster_.check(kube::kPods, spec.ns); !ok) return ok;
  auto path = kube::kPods.path(spec.ns, spec.pod, "log");
  if (!path) return std::move(path).error();
  kube::Query query;
  query.add("container", spec.container);
  if (spec.previous) query.add("previous", "true");
  if (spec.tail_lines) query.add("tailLines", *spec.tail_lines);
  if (spec.since_seconds) query.add("sinceSeconds", *spec.since_seconds);
  kube::ApiRequest request;
  request.path = *std::move(path);
  request.query = query.text();
  request.accept = "text/plain, */*";
  request.credentials = std::move(spec.credentials);
  call_.start(std::move(request));
  return {};
}

}  // namespace cluster
