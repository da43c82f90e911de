#include "cluster/list.h"

#include <utility>

#include "base/text.h"

namespace cluster {

using base::json::Value;

List::List(Context& context, cluster::ListHandler& handler)
    : context_(context),
      handler_(handler),
      discovery_(context.discovery, kube::DiscoveryQuery::Fn::bind<&List::on_discovery>(this)),
      list_(context.client, static_cast<kube::ListHandler&>(*this)) {}

base::Result<void> List::start(const mcp::Caller& caller, ListQuery query) {
  if (!query.ns.empty()) {
    if (auto allowed = context_.filter.check(query.ns); !allowed) return allowed;
  }
  query_ = std::move(query);
  credentials_ = credentials_of(caller);
  hidden_ = 0;
  versions_.clear();
  for (std::string_view version : base::split(query_.kind.versions, ','))
    versions_.insert(versions_.begin(), std::string(version));
  // The core group is always served.
  query_.kind.group.empty() ? list(versions_.back()) : choose_version();
  return {};
}

void List::cancel() {
  discovery_.cancel();
  list_.cancel();
}

void List::choose_version() {
  if (versions_.empty()) {
    kube::Failure failure;
    failure.code = base::Errc::not_found;
    failure.message = "this cluster does not serve " + std::string(query_.kind.plural) + "." +
                      std::string(query_.kind.group) + " (no such CRD is installed)";
    return handler_.on_done(&failure);
  }
  discovery_.start(std::string(query_.kind.group), versions_.back(), credentials_);
}

void List::on_discovery(kube::DiscoveryQuery::Outcome outcome) {
  if (outcome.failure) return handler_.on_done(&*outcome.failure);
  const std::string version = std::move(versions_.back());
  versions_.pop_back();
  // A caller that may not ask what is served may still list: the list itself will tell.
  if (outcome.group.hidden || outcome.group.find(query_.kind.plural)) return list(version);
  choose_version();
}

void List::list(std::string version) {
  kube::ListSpec spec;
  spec.resource = {std::string(query_.kind.group), std::move(version),
                   std::string(query_.kind.plural), query_.kind.namespaced};
  spec.ns = query_.ns;
  spec.label_selector = query_.label_selector;
  spec.field_selector = query_.field_selector;
  spec.credentials = credentials_;
  spec.page = query_.page;
  spec.continue_token = query_.continue_token;
  if (query_.form != ListForm::objects) spec.accept = kube::kTableAccept;
  spec.whole_objects = query_.form == ListForm::table_whole;
  list_.start(spec);
}

void List::on_item(Value object) {
  const Value row = query_.form == ListForm::objects ? Value() : object["object"];
  const Value metadata = (row ? row : object)["metadata"];
  const bool is_namespace = query_.kind.group.empty() && query_.kind.plural == "namespaces";
  const bool filtered = is_namespace || query_.kind.namespaced;
  const std::string_view ns = metadata[is_namespace ? "name" : "namespace"].str();
  if (filtered && !context_.filter.allows(ns)) {
    ++hidden_;
    return;
  }
  handler_.on_object(object);
}

void List::on_restart() {
  hidden_ = 0;
  handler_.on_restart();
}

void List::on_done(const kube::Failure* failure, std::string_view) {
  handler_.on_done(failure);
}

}  // namespace cluster
