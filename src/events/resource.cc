#include "events/resource.h"

#include <string>
#include <utility>

#include "cluster/completion.h"
#include "cluster/family.h"
#include "cluster/refusal.h"
#include "events/api_choice.h"
#include "events/list.h"
#include "kinds/need.h"

namespace events {

namespace {

constexpr std::string_view kHost = "events";

class EventRead final : public mcp::ToolRun {
 public:
  EventRead(cluster::Cluster& cluster, mcp::ReadReply& reply)
      : reply_(reply), list_(cluster, List::Fn::bind<&EventRead::on_list>(this)) {}
  base::Result<void> start(Selector selector, const mcp::Caller& caller) {
    ns_ = selector.ns();
    return list_.start(std::move(selector), caller);
  }

 private:
  void on_list(const kube::Failure* failure, mcp::JsonOf<Events> events) {
    // Where the newer API is refused, core's is asked.
    if (failure)
      return reply_.fail(cluster::to_rpc(
          failure->code, "list events: " + failure->message +
                             cluster::rule_text({"list", kube::kCoreEvents, ns_}, *failure)));
    reply_.succeed({"application/json", std::move(events.text)});
  }
  mcp::ReadReply& reply_;
  std::string ns_;
  List list_;
};

mcp::ResourceInfo resource_info() {
  mcp::ResourceInfo info;
  info.uri_template = "k0rdent://events/{namespace}";
  info.name = "k0rdent.mgmt.events";
  info.title = "Kubernetes namespace events";
  info.description =
      "Events of one namespace of the management cluster. A read returns them newest first. A "
      "subscription delivers, in each update's _meta.delta, first every existing event as ADDED, "
      "then each change as it happens. Parameters filter both: "
      "?fieldSelector=, labelSelector=, types=Warning,Normal, forKind=, forName=.";
  info.mime_type = "application/json";
  info.needs = list_needs("list,watch") + kinds::need("list", {"Namespace"});
  return info;
}

class EventFamily final : public cluster::Family<Selector> {
 public:
  EventFamily(cluster::Cluster& cluster, Manager& manager)
      : Family(cluster, kHost, resource_info()), manager_(manager) {}

  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument == "namespace") {
      return cluster::complete_namespace(cluster(), cluster::Typed::name(request.value), reply);
    }
    cluster::refuse_argument(request, "namespace", reply);
    return nullptr;
  }

 private:
  base::Result<Selector> request_of(std::string_view uri) const override {
    return Selector::from_uri(uri);
  }
  std::string_view ns_of(const Selector& selector) const override { return selector.ns(); }
  base::Result<std::unique_ptr<mcp::ToolRun>> start_read(Selector selector,
                                                         const mcp::Caller& caller,
                                                         mcp::ReadReply& reply) override {
    auto run = std::make_unique<EventRead>(cluster(), reply);
    if (auto ok = run->start(std::move(selector), caller); !ok) return std::move(ok).error();
    return std::unique_ptr<mcp::ToolRun>(std::move(run));
  }
  std::unique_ptr<mcp::Feed> follow(mcp::Subscriber& subscriber, Selector selector) override {
    return manager_.subscribe(subscriber, std::move(selector));
  }

  Manager& manager_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_event_resource(cluster::Cluster& cluster,
                                                         Manager& manager) {
  return std::make_unique<EventFamily>(cluster, manager);
}

}  // namespace events
