#include "tools/graph_resource.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "tools/failure_to_rpc.h"
#include "tools/graph_kinds.h"
#include "tools/graph_read.h"
#include "tools/name_completion.h"
#include "tools/resource_uri.h"

namespace tools {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view kHost = "graph";

base::Result<GraphFilter> filter_of(const KubeContext& context, std::string_view uri) {
  auto parsed = parse_resource_uri(uri);
  if (!parsed) return std::move(parsed).error();
  if (!parsed->segments.empty()) {
    return Error(Errc::invalid_argument, "URI must be k0rdent://graph{?namespace,kinds}, got \"" +
                                             base::printable(uri, 200) + "\"");
  }
  std::string namespaces, kinds;
  for (auto& [name, value] : parsed->parameters) {
    if (name != "namespace" && name != "kinds") {
      return Error(Errc::invalid_argument, "unknown parameter '" + base::printable(name, 64) +
                                               "' (parameters: namespace, kinds)");
    }
    (name == "namespace" ? namespaces : kinds) = std::move(value);
  }
  return GraphFilter::parse(namespaces, kinds, context.filter);
}

// The types of the table: a kind that only a reference names is known to one graph, not here.
void complete_kind(const Typed& typed, mcp::CompletionReply& reply) {
  const GraphKinds kinds;
  std::vector<std::string> values;
  for (std::size_t id = 0; id < kinds.size(); ++id)
    typed.offer(kinds[static_cast<KindId>(id)].type, values);
  std::sort(values.begin(), values.end());
  const std::size_t total = values.size();
  reply.succeed(std::move(values), total);
}

class GraphReadRun final : public mcp::ToolRun {
 public:
  GraphReadRun(GraphManager& manager, const mcp::Caller& caller, mcp::ReadReply& reply)
      : reply_(reply), read_(manager, caller, GraphRead::Fn::bind<&GraphReadRun::on_graph>(this)) {}
  // Whole, however large: it is what the deltas of a subscription come to.
  void start(GraphFilter filter) {
    GraphQuery query;
    query.filter = std::move(filter);
    read_.start(std::move(query), GraphPicture::Form::json);
  }

 private:
  void on_graph(const mcp::RpcError* error, std::string* picture) {
    if (error) return reply_.fail(*error);
    reply_.succeed({"application/json", std::move(*picture)});
  }
  mcp::ReadReply& reply_;
  GraphRead read_;
};

class GraphFamily final : public mcp::ResourceFamily {
 public:
  GraphFamily(KubeContext& context, GraphManager& manager) : context_(context), manager_(manager) {
    info_.uri = "k0rdent://graph";
    info_.uri_template = "k0rdent://graph{?namespace,kinds}";
    info_.name = "k0rdent.mgmt.graph";
    info_.title = "K0rdent graph stream";
    info_.description =
        "The graph of a k0rdent management cluster: ClusterDeployments, templates, services, "
        "credentials and the objects they refer to, with every relation between them; an edge to a "
        "missing object is unresolved. Filters: namespace and kinds, comma-separated; Machines, "
        "MachineSets and what is made for each Machine are included only when kinds names them. "
        "A read returns the current graph. A subscription delivers, in each update's _meta.delta, "
        "first a snapshot, then what is added, modified and deleted.";
    info_.mime_type = "application/json";
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    auto filter = filter_of(context_, uri);
    if (!filter) {
      reply.fail(to_rpc(filter.error()));
      return nullptr;
    }
    auto run = std::make_unique<GraphReadRun>(manager_, caller, reply);
    run->start(*std::move(filter));
    return run;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    auto filter = filter_of(context_, subscriber.uri());
    if (!filter) {
      refuse(subscriber, filter.error());
      return nullptr;
    }
    return manager_.subscribe(subscriber, *std::move(filter));
  }

  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    const Typed typed = Typed::last_of(request.value);
    if (request.argument == "namespace") return complete_namespace(context_, typed, reply);
    if (request.argument == "kinds") {
      complete_kind(typed, reply);
    } else {
      refuse_argument(request, "namespace, kinds", reply);
    }
    return nullptr;
  }

 private:
  KubeContext& context_;
  GraphManager& manager_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_graph_resource(KubeContext& context,
                                                         GraphManager& manager) {
  return std::make_unique<GraphFamily>(context, manager);
}

}  // namespace tools
