#include "graph/resource.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cluster/completion.h"
#include "cluster/family.h"
#include "graph/model/kinds.h"
#include "graph/read.h"
#include "kinds/need.h"

namespace graph {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view kHost = "graph";

base::Result<model::Filter> filter_of(const cluster::NamespaceFilter& allowed,
                                      std::string_view uri) {
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
  return model::Filter::parse(namespaces, kinds, allowed);
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

mcp::ResourceInfo resource_info() {
  mcp::ResourceInfo info;
  info.uri = "k0rdent://graph";
  info.uri_template = "k0rdent://graph{?namespace,kinds}";
  info.name = "k0rdent.mgmt.graph";
  info.title = "K0rdent graph stream";
  info.description =
      "The graph of a k0rdent management cluster: ClusterDeployments, templates, services, "
      "credentials and the objects they refer to, with every relation between them; an edge to a "
      "missing object is unresolved. Filters: namespace and kinds, comma-separated; Machines, "
      "MachineSets and what is made for each Machine are included only when kinds names them. "
      "A read returns the current graph. A subscription delivers, in each update's _meta.delta, "
      "first a snapshot, then what is added, modified and deleted.";
  info.mime_type = "application/json";
  info.needs = graph_needs() + kinds::need("list", {"Namespace"});
  return info;
}

class GraphFamily final : public cluster::Family<model::Filter> {
 public:
  GraphFamily(cluster::Cluster& cluster, Manager& manager)
      : Family(cluster, kHost, resource_info()), manager_(manager) {}

  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    const cluster::Typed typed = cluster::Typed::last_of(request.value);
    if (request.argument == "namespace")
      return cluster::complete_namespace(cluster(), typed, reply);
    if (request.argument == "kinds") {
      complete_kind(typed, reply);
    } else {
      cluster::refuse_argument(request, "namespace, kinds", reply);
    }
    return nullptr;
  }

 private:
  base::Result<model::Filter> request_of(std::string_view uri) const override {
    return filter_of(cluster().filter, uri);
  }
  std::string_view ns_of(const model::Filter&) const override { return {}; }
  base::Result<std::unique_ptr<mcp::ToolRun>> start_read(model::Filter filter,
                                                         const mcp::Caller& caller,
                                                         mcp::ReadReply& reply) override {
    auto run = std::make_unique<GraphReadRun>(manager_, caller, reply);
    run->start(std::move(filter));
    return std::unique_ptr<mcp::ToolRun>(std::move(run));
  }
  std::unique_ptr<mcp::Feed> follow(mcp::Subscriber& subscriber, model::Filter filter) override {
    return manager_.subscribe(subscriber, std::move(filter));
  }

  Manager& manager_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_graph_resource(cluster::Cluster& cluster,
                                                         Manager& manager) {
  return std::make_unique<GraphFamily>(cluster, manager);
}

}  // namespace graph
