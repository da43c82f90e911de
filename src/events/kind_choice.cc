#include "events/kind_choice.h"

#include <utility>

#include "base/text.h"
#include "cluster/kind_name.h"

namespace events {

static bool is_a_kind(const kube::ApiCatalog& catalog, std::string_view name) {
  for (const kube::CatalogEntry& entry : catalog.entries) {
    for (const kube::ServedResource& each : entry.resources)
      if (base::iequals(each.kind, name)) return true;
  }
  return false;
}

KindChoice::KindChoice(cluster::Cluster& cluster, Fn fn)
    : fn_(fn), query_(cluster, kube::CatalogQuery::Fn::bind<&KindChoice::on_catalog>(this)) {}

void KindChoice::start(const kube::config::Credentials& credentials, std::string name) {
  name_ = std::move(name);
  credentials_ = credentials;
  fresh_ = false;
  query_.start(credentials_, kube::kDiscoveryTtl);
}

void KindChoice::on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure) {
  if (failure || is_a_kind(*catalog, name_)) return fn_(nullptr, std::string(name_));
  const auto found = cluster::find_kind(*catalog, name_);
  if (found) return fn_(nullptr, std::string(found->resource.kind));
  if (found.error().code() == base::Errc::not_found && !fresh_) {
    fresh_ = true;
    return query_.start(credentials_, kube::kDiscoveryMissTtl);
  }
  // Objects of a kind that was uninstalled since, or that another cluster serves, have events, too.
  const bool misspelt = found.error().what().find("(nearest: ") != std::string::npos;
  if (found.error().code() == base::Errc::not_found && !misspelt)
    return fn_(nullptr, std::string(name_));
  const kube::Failure why = kube::Failure::from_error(
      base::Error(base::Errc::invalid_argument, std::string("'forKind': ") + found.error().what()));
  fn_(&why, {});
}

}  // namespace events
