#include "objects/resource.h"

#include <string>
#include <utility>

#include "cluster/completion.h"
#include "cluster/family.h"
#include "kinds/need.h"
#include "objects/complete.h"
#include "objects/read.h"
#include "objects/request.h"

namespace objects {

namespace {

mcp::ResourceInfo object_info() {
  mcp::ResourceInfo info;
  info.uri_template = "k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}";
  info.name = "k0rdent.mgmt.object";
  info.title = "Object of any kind";
  info.description =
      "One object of any kind that the cluster serves, its secrets masked. group: core for the one "
      "without a name; resource: the plural; namespace: - for a cluster-scoped kind. "
      "?fields=spec.config,status.conditions picks parts. A subscription delivers the object in "
      "_meta.delta as ADDED, then MODIFIED with each change, and DELETED.";
  info.mime_type = "application/json";
  info.needs = kinds::need_any("get,list,watch");
  return info;
}

mcp::ResourceInfo list_info() {
  mcp::ResourceInfo info;
  info.uri_template = "k0rdent://objects/{group}/{version}/{resource}/{namespace}";
  info.name = "k0rdent.mgmt.objects";
  info.title = "Objects of any kind";
  info.description =
      "The objects of one kind in a namespace, each with its name, labels, state and what matters "
      "of its kind; namespace: - for all, or for a cluster-scoped kind. ?labelSelector= and "
      "fieldSelector= select, ?fields= picks other parts. A subscription delivers in _meta.delta "
      "first every object as ADDED, then each change that can be seen.";
  info.mime_type = "application/json";
  info.needs = kinds::need_any("get,list,watch");
  return info;
}

// One of the two templates; `one`: that of a single object.
class ObjectFamily final : public cluster::Family<Request> {
 public:
  ObjectFamily(cluster::Cluster& cluster, Manager& manager, bool one)
      : Family(cluster, kHost, one ? object_info() : list_info()), manager_(manager), one_(one) {}

  bool owns(std::string_view uri) const override {
    return Family::owns(uri) && Request::is_object(uri) == one_;
  }

  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument != "name" || one_) return complete_variable(cluster(), request, reply);
    cluster::refuse_argument(request, "group, version, resource, namespace", reply);
    return nullptr;
  }

 private:
  base::Result<Request> request_of(std::string_view uri) const override {
    return Request::from_uri(uri);
  }
  std::string_view ns_of(const Request& request) const override { return request.filtered_ns(); }
  base::Result<std::unique_ptr<mcp::ToolRun>> start_read(Request request, const mcp::Caller&,
                                                         mcp::ReadReply& reply) override {
    return objects::start_read(cluster(), std::move(request), reply);
  }
  std::unique_ptr<mcp::Feed> follow(mcp::Subscriber& subscriber, Request request) override {
    return manager_.subscribe(subscriber, std::move(request));
  }

  Manager& manager_;
  const bool one_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_object_resource(cluster::Cluster& cluster,
                                                          Manager& manager) {
  return std::make_unique<ObjectFamily>(cluster, manager, true);
}

std::unique_ptr<mcp::ResourceFamily> make_object_list_resource(cluster::Cluster& cluster,
                                                               Manager& manager) {
  return std::make_unique<ObjectFamily>(cluster, manager, false);
}

}  // namespace objects
