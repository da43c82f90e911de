#include "graph/snapshot_tool.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "graph/read.h"

namespace graph {

namespace {

// How far a walk goes by default: a deployment, what it names, and what that names.
constexpr int kDepth = 2, kMostDepth = 20;

struct NodeView {
  std::string id, type, name, ns, uid, state;
  std::map<std::string, std::string> labels;
  mcp::Json summary;
  static mcp::Fields fields() {
    return {mcp::field<&NodeView::id>({.name = "id",
                                       .description = "Type:namespace/name; Type:/name of "
                                                      "cluster-scoped objects",
                                       .required = true}),
            mcp::field<&NodeView::type>({.name = "type", .required = true}),
            mcp::field<&NodeView::name>({.name = "name", .required = true}),
            mcp::field<&NodeView::ns>({.name = "namespace"}),
            mcp::field<&NodeView::uid>({.name = "uid", .required = true}),
            mcp::field<&NodeView::labels>({.name = "labels"}),
            mcp::field<&NodeView::state>({.name = "state"}),
            mcp::field<&NodeView::summary>({.name = "summary"})};
  }
};

struct EdgeView {
  std::string id, from, to, type, derived_from;
  bool resolved = false;
  static mcp::Fields fields() {
    return {
        mcp::field<&EdgeView::id>({.name = "id", .required = true}),
        mcp::field<&EdgeView::from>({.name = "from", .required = true}),
        mcp::field<&EdgeView::to>({.name = "to", .required = true}),
        mcp::field<&EdgeView::type>({.name = "type", .required = true}),
        mcp::field<&EdgeView::resolved>(
            {.name = "resolved", .description = "false: an end does not exist", .required = true}),
        mcp::field<&EdgeView::derived_from>({.name = "derivedFrom",
                                             .description = "the field or label that states it",
                                             .required = true})};
  }
};

struct Omitted {
  std::int64_t nodes = 0, edges = 0;
  static mcp::Fields fields() {
    return {mcp::field<&Omitted::nodes>({.name = "nodes", .required = true}),
            mcp::field<&Omitted::edges>({.name = "edges", .required = true})};
  }
};

struct Answer {
  std::vector<NodeView> nodes;
  std::vector<EdgeView> edges;
  std::string mermaid;
  std::vector<std::string> notes;
  std::optional<Omitted> omitted;
  static mcp::Fields fields() {
    return {mcp::field<&Answer::nodes>({.name = "nodes"}),
            mcp::field<&Answer::edges>({.name = "edges"}),
            mcp::field<&Answer::mermaid>({.name = "mermaid",
                                          .description = "with format mermaid, instead of nodes "
                                                         "and edges"}),
            mcp::field<&Answer::notes>(
                {.name = "notes", .description = "what is left out, and why", .required = true}),
            mcp::field<&Answer::omitted>(
                {.name = "omitted", .description = "how many the answer leaves out"})};
  }
};
using Call = mcp::TypedCall<Answer>;

struct Arguments {
  std::string ns, name;
  std::vector<std::string> kinds;
  std::optional<std::int64_t> depth;
  std::string direction = "both", format = "json";
  static mcp::Fields fields() {
    return {
        mcp::field<&Arguments::ns>({.name = "namespace",
                                    .description = "only objects of this namespace (or several, "
                                                   "comma-separated), and the cluster-scoped "
                                                   "objects joined with them"}),
        mcp::field<&Arguments::kinds>(
            {.name = "kinds",
             .description =
                 "only nodes of these types, e.g. ClusterDeployment; Machine, MachineSet and what "
                 "is made for each Machine are included only when named"}),
        mcp::field<&Arguments::name>({.name = "name",
                                      .description = "start at the objects of this name (or "
                                                     "namespace/name, or a node's id) and show "
                                                     "the part of the graph around them"}),
        mcp::field<&Arguments::depth>({.name = "depth",
                                       .description = "with name: how many edges to follow at "
                                                      "most; default 2",
                                       .minimum = 0,
                                       .maximum = kMostDepth}),
        mcp::field<&Arguments::direction>({.name = "direction",
                                           .description = "with name: downstream (what it uses), "
                                                          "upstream (what uses it), or both",
                                           .one_of = {"downstream", "upstream", "both"},
                                           .show_default = true}),
        mcp::field<&Arguments::format>({.name = "format",
                                        .description = "json, or mermaid for a flowchart",
                                        .one_of = {"json", "mermaid"},
                                        .show_default = true})};
  }
};

class GraphRun final : public mcp::ToolRun {
 public:
  GraphRun(Manager& manager, Call call)
      : call_(call), read_(manager, call->caller(), Read::Fn::bind<&GraphRun::on_graph>(this)) {}
  void start(model::Query query, model::Picture::Form form) {
    name_ = query.name;
    filtered_ = !query.filter.text().empty();
    read_.start(std::move(query), form);
  }

 private:
  void on_graph(const mcp::RpcError* error, std::string* picture) {
    if (error) return call_.fail(mcp::ToolError{error->message});
    if (!picture) {
      return call_.fail(mcp::ToolError{"no object called \"" + base::printable(name_, 300) +
                                       "\" is in the graph" +
                                       (filtered_ ? " under this filter" : "")});
    }
    mcp::JsonOf<Answer> answer;
    answer.text = std::move(*picture);
    call_.succeed(std::move(answer));
  }

  Call call_;
  std::string name_;
  bool filtered_ = false;
  Read read_;
};

class GraphTool final : public mcp::TypedTool<Arguments, Answer> {
 public:
  GraphTool(cluster::Cluster& cluster, Manager& manager)
      : TypedTool({.name = "k0rdent.mgmt.graph.snapshot",
                   .title = "Show the resource graph",
                   .description =
                       "Shows how the objects of the k0rdent management cluster are related: "
                       "ClusterDeployments, templates, services, credentials, service sets and "
                       "the Flux, Cluster API and Sveltos objects they lead to, as nodes with "
                       "their state and edges with their type. Edges to objects that do not exist "
                       "are unresolved. Give a name to see the part around it. Subscribe to "
                       "k0rdent://graph to be notified of changes.",
                   .meta_json = R"({"plane":"mgmt","category":"graph","action":"snapshot"})"}),
        cluster_(cluster),
        manager_(manager) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, Call call) override {
    std::string kinds;
    for (const std::string& kind : arguments.kinds)
      kinds.append(kinds.empty() ? "" : ",").append(kind);
    auto filter = model::Filter::parse(arguments.ns, kinds, cluster_.filter);
    if (!filter) {
      call.fail(mcp::ToolError{filter.error().what()});
      return nullptr;
    }
    model::Query query;
    query.filter = *std::move(filter);
    query.name = base::trim(arguments.name);
    query.depth = static_cast<int>(arguments.depth.value_or(kDepth));
    query.direction = arguments.direction == "downstream" ? model::Direction::downstream
                      : arguments.direction == "upstream" ? model::Direction::upstream
                                                          : model::Direction::both;
    auto run = std::make_unique<GraphRun>(manager_, call);
    run->start(std::move(query), arguments.format == "mermaid"
                                     ? model::Picture::Form::mermaid
                                     : model::Picture::Form::bounded_json);
    return run;
  }

 private:
  cluster::Cluster& cluster_;
  Manager& manager_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_graph_tool(cluster::Cluster& cluster, Manager& manager) {
  return std::make_unique<GraphTool>(cluster, manager);
}

}  // namespace graph
