#include "cluster/list.h"

#include <utility>

#include "cluster/upstream.h"

namespace cluster {

constexpr const char* kMetadataListOnly =
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

List::List(Cluster& cluster, cluster::ListHandler& handler)
    : cluster_(cluster),
      handler_(handler),
      version_(cluster, VersionChoice::Fn::bind<&List::on_version>(this)),
      list_(Upstream::client(cluster), static_cast<kube::ListHandler&>(*this)) {}

base::Result<void> List::start(kube::config::Credentials credentials, ListQuery query) {
  if (auto ok = cluster_.check(query.what.resource(), query.ns); !ok) return ok;
  query_ = std::move(query);
  credentials_ = std::move(credentials);
  hidden_ = 0;
  if (!version_.start(query_.what, credentials_)) list(query_.what.in(query_.what.versions()[0]));
  return {};
}

void List::cancel() {
  version_.cancel();
  list_.cancel();
}

void List::on_version(const kube::Failure* failure, kube::Resource resource) {
  failure ? handler_.on_done(failure) : list(std::move(resource));
}

void List::list(kube::Resource resource) {
  kube::ListSpec spec;
  spec.resource = std::move(resource);
  spec.ns = query_.ns;
  spec.label_selector = query_.label_selector;
  spec.field_selector = query_.field_selector;
  spec.credentials = credentials_;
  spec.page = query_.page;
  if (query_.form == ListForm::metadata) spec.accept = kMetadataListOnly;
  if (of_rows()) spec.accept = kube::kTableAccept;
  spec.whole_objects = query_.form == ListForm::table_whole;
  spec.continue_token = query_.continue_token;
  list_.start(spec);
}

void List::on_item(base::json::Value object) {
  const base::json::Value row = of_rows() ? object["object"] : base::json::Value();
  if (cluster_.hides(query_.what.resource(), row ? row : object)) {
    ++hidden_;
    return;
  }
  handler_.on_object(object);
}

void List::on_restart() {
  hidden_ = 0;
  handler_.on_restart();
}

}  // namespace cluster
