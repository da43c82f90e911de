#include "objects/kind_query.h"

#include <utility>

namespace objects {

KindQuery::KindQuery(cluster::Cluster& context, Fn fn)
    : fn_(fn), query_(context, kube::CatalogQuery::Fn::bind<&KindQuery::on_catalog>(this)) {}

void KindQuery::start(const mcp::Caller& caller, std::string name) {
  name_ = std::move(name);
  credentials_ = cluster::credentials_of(caller);
  fresh_ = false;
  query_.start(credentials_, kube::kDiscoveryTtl);
}

void KindQuery::on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure) {
  if (failure)
    return fn_(nullptr, "what the cluster serves could not be read: " + failure->message);
  const auto kind = cluster::find_kind(*catalog, name_);
  if (kind) return fn_(&*kind, {});
  if (kind.error().code() == base::Errc::not_found && !fresh_) {
    fresh_ = true;
    return query_.start(credentials_, kube::kDiscoveryMissTtl);
  }
  fn_(nullptr, kind.error().what());
}

}  // namespace objects
