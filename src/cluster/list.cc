#include "cluster/list.h"

#include <utility>

#include "base/json_scan.h"
#include "cluster/served.h"
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
  asked_ = resource;
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

// Metadata are seldom the unreadable part.
void List::on_unreadable(std::string_view text, const std::string& why) {
  const std::string_view object = of_rows() ? base::json::raw_member(text, "object") : text;
  base::json::Document doc;
  const auto known =
      doc.parse("{\"metadata\":" + std::string(base::json::raw_member(object, "metadata")) + "}");
  if (!known || (*known)["metadata"]["name"].str().empty())
    return handler_.on_unreadable("its name neither: " + why);
  if (cluster_.hides(query_.what.resource(), *known)) return (void)++hidden_;
  const base::json::Value metadata = (*known)["metadata"];
  std::string which(metadata["namespace"].str());
  if (!which.empty()) which += '/';
  handler_.on_unreadable(which.append(metadata["name"].str()) + ": " + why);
}

void List::on_done(const kube::Failure* failure, std::string_view) {
  const auto gone = failure ? maybe_gone(cluster_, asked_, *failure) : std::nullopt;
  handler_.on_done(gone ? &*gone : failure);
}

void List::on_restart() {
  hidden_ = 0;
  handler_.on_restart();
}

}  // namespace cluster
