#include "events/resource.h"

#include <string>
#include <utility>

#include "cluster/completion.h"
#include "cluster/rpc_error.h"
#include "cluster/uri.h"
#include "events/list.h"

namespace events {

namespace {

constexpr std::string_view kHost = "events";

base::Result<Selector> selector_of(const cluster::Context& context, std::string_view uri) {
  auto selector = Selector::from_uri(uri);
  if (!selector) return selector;
  if (auto ok = context.filter.check(selector->ns()); !ok) return std::move(ok).error();
  return selector;
}

class EventRead final : public mcp::ToolRun {
 public:
  EventRead(cluster::Context& context, mcp::ReadReply& reply)
      : reply_(reply), list_(context, List::Fn::bind<&EventRead::on_list>(this)) {}
  void start(Selector selector, const mcp::Caller& caller) {
    list_.start({std::move(selector)}, cluster::credentials_of(caller));
  }

 private:
  void on_list(const kube::Failure* failure, mcp::JsonOf<Events> events) {
    if (failure) return reply_.fail(cluster::to_rpc(*failure, "list events"));
    reply_.succeed({"application/json", std::move(events.text)});
  }
  mcp::ReadReply& reply_;
  List list_;
};

class EventFamily final : public mcp::ResourceFamily {
 public:
  EventFamily(cluster::Context& context, Manager& manager) : context_(context), manager_(manager) {
    info_.uri_template = "k0rdent://events/{namespace}";
    info_.name = "k0rdent.mgmt.events";
    info_.title = "Kubernetes namespace events";
    info_.description =
        "Events of one namespace of the management cluster. A read returns them newest first. A "
        "subscription delivers, in each update's _meta.delta, first every existing event as ADDED, "
        "then each change as it happens. Parameters filter both: "
        "?fieldSelector=, labelSelector=, types=Warning,Normal, forKind=, forName=.";
    info_.mime_type = "application/json";
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return cluster::is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    auto selector = selector_of(context_, uri);
    if (!selector) {
      reply.fail(cluster::to_rpc(selector.error()));
      return nullptr;
    }
    auto run = std::make_unique<EventRead>(context_, reply);
    run->start(*std::move(selector), caller);
    return run;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    auto selector = selector_of(context_, subscriber.uri());
    if (!selector) {
      cluster::refuse(subscriber, selector.error());
      return nullptr;
    }
    return manager_.subscribe(subscriber, *std::move(selector));
  }

  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument == "namespace") {
      return cluster::complete_namespace(context_, cluster::Typed::name(request.value), reply);
    }
    cluster::refuse_argument(request, "namespace", reply);
    return nullptr;
  }

 private:
  cluster::Context& context_;
  Manager& manager_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_event_resource(cluster::Context& context,
                                                         Manager& manager) {
  return std::make_unique<EventFamily>(context, manager);
}

}  // namespace events
