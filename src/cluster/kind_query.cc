#include "cluster/kind_query.h"

#include <utility>

namespace cluster {

KindQuery::KindQuery(Cluster& cluster, Fn fn)
    : fn_(fn), query_(cluster, kube::CatalogQuery::Fn::bind<&KindQuery::on_catalog>(this)) {}

void KindQuery::start(const kube::config::Credentials& credentials, std::string name,
                      KindsIn groups) {
  name_ = std::move(name);
  credentials_ = credentials;
  groups_ = groups;
  fresh_ = false;
  query_.start(credentials_, kube::kDiscoveryTtl);
}

void KindQuery::on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure) {
  if (failure)
    return fn_({nullptr, "what the cluster serves could not be read: " + failure->message, true});
  const auto kind = find_kind(*catalog, name_, groups_);
  if (kind) return fn_({&*kind, {}, false});
  const bool is_missing = kind.error().code() == base::Errc::not_found;
  if (is_missing && !fresh_) {
    fresh_ = true;
    return query_.start(credentials_, kube::kDiscoveryMissTtl);
  }
  const bool unknown = is_missing && nearest_kinds(*catalog, name_).empty();
  fn_({nullptr, kind.error().what(), unknown});
}

}  // namespace cluster
