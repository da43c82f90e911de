#include "tools/event_resource.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "mcp/schema.h"
#include "tools/event_list.h"
#include "tools/failure_to_rpc.h"
#include "tools/resource_uri.h"

namespace tools {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view kHost = "events";

base::Result<std::string> namespace_of(const KubeContext& context, std::string_view uri) {
  auto parsed = parse_resource_uri(uri);
  if (!parsed) return std::move(parsed).error();
  if (parsed->segments.size() != 1) {
    return Error(Errc::invalid_argument, "URI must be k0rdent://events/{namespace}, got \"" +
                                             base::printable(uri, 200) + "\"");
  }
  if (!parsed->parameters.empty()) {
    return Error(Errc::invalid_argument, "unknown parameter '" +
                                             base::printable(parsed->parameters[0].first, 64) +
                                             "': k0rdent://events/{namespace} takes none");
  }
  std::string ns = std::move(parsed->segments[0]);
  if (auto ok = mcp::check_form("namespace", ns, mcp::Field::Form::dns_label); !ok)
    return std::move(ok).error();
  if (auto ok = context.filter.check(ns); !ok) return std::move(ok).error();
  return ns;
}

class EventRead final : public mcp::ToolRun {
 public:
  EventRead(KubeContext& context, mcp::ReadReply& reply)
      : reply_(reply), list_(context, EventList::Fn::bind<&EventRead::on_list>(this)) {}
  void start(std::string ns, const mcp::Caller& caller) {
    EventFilter filter;
    filter.ns = std::move(ns);
    list_.start(std::move(filter), credentials_of(caller));
  }

 private:
  void on_list(const kube::Failure* failure, mcp::JsonOf<Events> events) {
    if (failure) return reply_.fail(to_rpc(*failure, "list events"));
    reply_.succeed({"application/json", std::move(events.text)});
  }
  mcp::ReadReply& reply_;
  EventList list_;
};

class EventFamily final : public mcp::ResourceFamily {
 public:
  EventFamily(KubeContext& context, EventManager& manager) : context_(context), manager_(manager) {
    info_.uri_template = "k0rdent://events/{namespace}";
    info_.name = "k0rdent.mgmt.events";
    info_.title = "Kubernetes namespace events";
    info_.description =
        "Events of one namespace of the management cluster. Reading gives them newest first. "
        "Subscribing gives, in each update's "
        "_meta.delta, first every present event as ADDED, then each change as it happens.";
    info_.mime_type = "application/json";
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    auto ns = namespace_of(context_, uri);
    if (!ns) {
      reply.fail(to_rpc(ns.error()));
      return nullptr;
    }
    auto run = std::make_unique<EventRead>(context_, reply);
    run->start(*std::move(ns), caller);
    return run;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    auto ns = namespace_of(context_, subscriber.uri());
    if (!ns) {
      subscriber.refused(to_rpc(ns.error()));
      return nullptr;
    }
    return manager_.subscribe(subscriber, *ns);
  }

 private:
  KubeContext& context_;
  EventManager& manager_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_event_resource(KubeContext& context,
                                                         EventManager& manager) {
  return std::make_unique<EventFamily>(context, manager);
}

}  // namespace tools
