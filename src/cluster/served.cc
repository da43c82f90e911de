#include "cluster/served.h"

#include <utility>

#include "cluster/upstream.h"

namespace cluster {

ServedQuery::ServedQuery(Cluster& cluster, Fn fn)
    : kube::DiscoveryQuery(Upstream::discovery(cluster), fn) {}

CatalogQuery::CatalogQuery(Cluster& cluster, Fn fn)
    : kube::CatalogQuery(Upstream::client(cluster), Upstream::discovery(cluster), fn) {}

void forget_served(Cluster& cluster, const std::string& group, const std::string& version) {
  Upstream::discovery(cluster).forget(group, version);
}

std::optional<kube::Failure> maybe_gone(Cluster& cluster, const kube::Resource& resource,
                                        const kube::Failure& failure) {
  if (failure.status != 404 || !failure.foreign) return std::nullopt;
  forget_served(cluster, resource.group, resource.version);
  kube::Failure out = failure;
  out.message = "this cluster does not serve " + Collection(resource).text() +
                " any more, or a proxy before it answered: " + failure.message;
  return out;
}

VersionChoice::VersionChoice(Cluster& cluster, Fn fn)
    : fn_(fn), query_(cluster, kube::DiscoveryQuery::Fn::bind<&VersionChoice::on_answer>(this)) {}

bool VersionChoice::start(const Collection& what, kube::config::Credentials credentials) {
  if (what.exact()) return false;
  what_ = what;
  credentials_ = std::move(credentials);
  at_ = 0;
  next();
  return true;
}

void VersionChoice::next() {
  query_.start(what_.resource().group, what_.versions()[at_], credentials_);
}

void VersionChoice::on_answer(kube::DiscoveryQuery::Outcome outcome) {
  if (outcome.failure) return fn_(&*outcome.failure, {});
  if (outcome.group.hidden || outcome.group.find(what_.resource().plural))
    return fn_(nullptr, what_.in(what_.versions()[at_]));
  if (query_.look_again(outcome, what_.resource().plural, credentials_)) return;
  if (++at_ < what_.versions().size()) return next();
  kube::Failure failure;
  failure.code = base::Errc::not_found;
  failure.message = "this cluster does not serve " + what_.text() + " (no such CRD is installed)";
  fn_(&failure, {});
}

}  // namespace cluster
