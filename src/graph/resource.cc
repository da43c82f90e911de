#include "graph/resource.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cluster/completion.h"
#include "cluster/rpc_error.h"
#include "cluster/uri.h"
#include "graph/model/kinds.h"
#include "graph/read.h"

namespace graph {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view kHost = "graph";

base::Result<model::Filter> filter_of(const cluster::Context& context, std::string_view uri) {
  auto parsed = cluster::parse_resource_uri(uri);
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
  return model::Filter::parse(namespaces, kinds, context.filter);
}

// The types of the table: a kind that only a reference names is known to one graph, not here.
void complete_kind(const cluster::Typed& typed, mcp::CompletionReply& reply) {
  const model::Kinds kinds;
  std::vector<std::string> values;
  for (std::size_t id = 0; id < kinds.size(); ++id)
    typed.offer(kinds[static_cast<model::KindId>(id)].type, values);
  std::sort(values.begin(), values.end());
  const std::size_t total = values.size();
  reply.succeed(std::move(values), total);
}

class GraphReadRun final : public mcp::ToolRun {
 public:
  GraphReadRun(Manager& manager, const mcp::Caller& caller, mcp::ReadReply& reply)
      : reply_(reply), read_(manager, caller, Read::Fn::bind<&GraphReadRun::on_graph>(this)) {}
  // Whole, however large: it is what the deltas of a subscription come to.
  void start(model::Filter filter) {
    model::Query query;
    query.filter = std::move(filter);
    read_.start(std::move(query), model::Picture::Form::json);
  }

 private:
  void on_graph(const mcp::RpcError* error, std::string* picture) {
    if (error) return reply_.fail(*error);
    reply_.succeed({"application/json", std::move(*picture)});
  }
  mcp::ReadReply& reply_;
  Read read_;
};

class GraphFamily final : public mcp::ResourceFamily {
 public:
  GraphFamily(cluster::Context& context, Manager& manager) : context_(context), manager_(manager) {
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
  bool owns(std::string_view uri) const override { return cluster::is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    auto filter = filter_of(context_, uri);
    if (!filter) {
      reply.fail(cluster::to_rpc(filter.error()));
      return nullptr;
    }
    auto run = std::make_unique<GraphReadRun>(manager_, caller, reply);
    run->start(*std::move(filter));
    return run;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    auto filter = filter_of(context_, subscriber.uri());
    if (!filter) {
      cluster::refuse(subscriber, filter.error());
      return nullptr;
    }
    return manager_.subscribe(subscriber, *std::move(filter));
  }

  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    const cluster::Typed typed = cluster::Typed::last_of(request.value);
    if (request.argument == "namespace") return cluster::complete_namespace(context_, typed, reply);
    if (request.argument == "kinds") {
      complete_kind(typed, reply);
    } else {
      cluster::refuse_argument(request, "namespace, kinds", reply);
    }
    return nullptr;
  }

 private:
  cluster::Context& context_;
  Manager& manager_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_graph_resource(cluster::Context& context,
                                                         Manager& manager) {
  return std::make_unique<GraphFamily>(context, manager);
}

}  // namespace graph
