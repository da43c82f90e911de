#include "graph/snapshot_tool.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer/cursor.h"
#include "answer/held.h"
#include "answer/list_arguments.h"
#include "base/text.h"
#include "cluster/nearest_names.h"
#include "graph/page.h"
#include "graph/read.h"
#include "mcp/schema_tool.h"

namespace graph {

namespace {

// How far a walk goes by default: a deployment, what it names, and what that names.
constexpr int kDepth = 2, kMostDepth = 20;

// Names and types: what clients check and models read.
constexpr const char* kOutput =
    R"({"type":"object","properties":{"nodes":{"type":"array","items":{"type":"object",)"
    R"("properties":{"id":{"type":"string"},"type":{"type":"string"},"name":{"type":"string"},)"
    R"("namespace":{"type":"string"},"uid":{"type":"string"},"state":{"type":"string"},)"
    R"("labels":{"type":"object","additionalProperties":{"type":"string"}},"summary":{}},)"
    R"("required":["id"]}},"edges":{"type":"array","items":{"type":"object","properties":{)"
    R"("id":{"type":"string"},"from":{"type":"string"},"to":{"type":"string"},)"
    R"("type":{"type":"string"},"resolved":{"type":"boolean"},"derivedFrom":{"type":"string"}},)"
    R"("required":["from","to","type"]}},"mermaid":{"type":"string"},)"
    R"("truncated":{"type":"boolean"},"leftOut":{"type":"object",)"
    R"("additionalProperties":{"type":"integer"}},"continue":{"type":"string"},)"
    R"("omitted":{"type":"object","properties":{"nodes":{"type":"integer"},)"
    R"("edges":{"type":"integer"}}},"notes":{"type":"array","items":{"type":"string"}}}})";

struct Arguments {
  std::string ns, name, go_on;
  std::vector<std::string> kinds;
  std::optional<std::int64_t> depth;
  std::int64_t max_bytes = answer::default_answer_bytes();
  std::string direction = "both", format = "compact";
  static mcp::Fields fields() {
    using A = Arguments;
    return {
        mcp::field<&A::ns>(
            {.name = "namespace", .description = "one, or several separated by commas"}),
        mcp::field<&A::kinds>(
            {.name = "kinds",
             .description = "only these, e.g. ClusterDeployment; Machine, MachineSet and what is "
                            "made for each Machine only when named"}),
        mcp::field<&A::name>({.name = "name",
                              .description = "the part around the objects of this name, "
                                             "namespace/name or id"}),
        mcp::field<&A::depth>({.name = "depth",
                               .description = "with name: edges to follow; default 2",
                               .minimum = 0,
                               .maximum = kMostDepth,
                               .show_limits = false}),
        mcp::field<&A::direction>({.name = "direction",
                                   .description = "with name: downstream is what it uses",
                                   .one_of = {"downstream", "upstream", "both"}}),
        mcp::field<&A::format>({.name = "format",
                                .description = "compact; json: all members; mermaid: a flowchart",
                                .one_of = {"compact", "json", "mermaid"}}),
        mcp::field<&A::go_on>(
            {.name = "continue", .description = "from a cut answer", .max_length = 16 * 1024}),
        mcp::field<&A::max_bytes>({.name = "maxBytes",
                                   .minimum = answer::kLeastAnswerBytes,
                                   .maximum = answer::kMostAnswerBytes,
                                   .show_limits = false})};
  }
};

// How often one page is made, each time smaller.
constexpr int kFits = 3;

Page::Form form_of(std::string_view word) {
  return word == "json"      ? Page::Form::json
         : word == "mermaid" ? Page::Form::mermaid
                             : Page::Form::compact;
}

std::string joined(const std::vector<std::string>& parts) {
  return base::join(parts, ",");
}

// "aws-prod", of the nodes nearest to a name, namespace/name or id; each name once.
std::vector<std::string> nearest_nodes(base::json::Value picture, std::string_view name) {
  name.remove_prefix(std::min(name.find_last_of(":/") + 1, name.size()));
  std::set<std::pair<std::size_t, std::string>> near;
  for (const base::json::Value node : picture["nodes"].array()) {
    const std::string_view is = node["name"].str();
    if (is.empty()) continue;
    near.emplace(cluster::name_distance(is, name), is);
    if (near.size() > cluster::kNamesGiven) near.erase(std::prev(near.end()));
  }
  std::vector<std::string> out;
  for (const auto& [distance, each] : near)
    out.push_back(each);
  return out;
}

class GraphRun final : public mcp::ToolRun {
 public:
  GraphRun(cluster::Cluster& cluster, Manager& manager, Arguments arguments, mcp::ToolReply& reply)
      : cluster_(cluster),
        manager_(manager),
        arguments_(std::move(arguments)),
        reply_(reply),
        owner_{"k0rdent.mgmt.graph.snapshot",
               reply.caller().identity,
               {{"namespace", arguments_.ns},
                {"name", arguments_.name},
                {"kinds", joined(arguments_.kinds)},
                {"depth", std::to_string(arguments_.depth.value_or(kDepth))},
                {"direction", arguments_.direction},
                {"format", arguments_.format}}},
        read_(manager, reply.caller(), Read::Fn::bind<&GraphRun::on_graph>(this)) {}

  // False: it is answered.
  bool start() {
    auto filter = model::Filter::parse(arguments_.ns, joined(arguments_.kinds), cluster_.filter);
    if (!filter) return fail(filter.error().what());
    filtered_ = !filter->text().empty();
    if (!arguments_.go_on.empty()) {
      auto cursor =
          answer::open_cursor(cluster_.seal, arguments_.go_on, owner_, cluster_.loop.wall_now());
      if (!cursor) return fail(cursor.error().what());
      const std::vector<std::string_view> places = base::split(cursor->token, '.');
      after_.id = std::move(cursor->last_key);
      after_.edge = std::move(cursor->last_sort);
      after_.position = static_cast<std::size_t>(base::parse_int(places[0]).value_or(0));
      if (places.size() > 1)
        after_.edges = static_cast<std::size_t>(base::parse_int(places[1]).value_or(0));
    }
    query_.filter = *std::move(filter);
    query_.name = base::trim(arguments_.name);
    query_.depth = static_cast<int>(arguments_.depth.value_or(kDepth));
    query_.direction = arguments_.direction == "downstream" ? model::Direction::downstream
                       : arguments_.direction == "upstream" ? model::Direction::upstream
                                                            : model::Direction::both;
    read_.start(query_, model::Picture::Form::bounded_json);
    return true;
  }

 private:
  bool fail(const std::string& what) {
    reply_.fail(mcp::ToolError{what});
    return false;
  }

  void on_graph(const mcp::RpcError* error, std::string* picture) {
    if (error) return (void)fail(error->message);
    if (!picture) {
      query_.name.clear();
      all_.emplace(manager_, reply_.caller(), Read::Fn::bind<&GraphRun::on_all>(this));
      return all_->start(query_, model::Picture::Form::bounded_json);
    }
    base::json::Document doc;
    const auto root = doc.parse(*picture);
    const base::json::Value whole = root ? *root : base::json::Value();
    // The notes, the counts of what is left out and the cursor may be more than a page sets aside.
    const auto most = static_cast<std::size_t>(arguments_.max_bytes);
    std::size_t bytes = most;
    for (int i = 0;; ++i) {
      mcp::ToolResult out = page_of(whole, bytes);
      const std::size_t is = answer::sent_bytes(out);
      if (is <= most || i == kFits || bytes < 2 * (is - most))
        return (void)reply_.succeed(std::move(out));
      bytes -= 3 * (is - most) / 2 + 1;
    }
  }

  mcp::ToolResult page_of(base::json::Value whole, std::size_t bytes) const {
    const Page page(whole, form_of(arguments_.format), bytes, after_);
    if (!page.cut()) return page.result({});
    const Page::End end = page.end();
    return page.result(answer::seal_cursor(
        cluster_.seal,
        {std::to_string(end.position) + "." + std::to_string(end.edges), end.id, end.edge}, owner_,
        cluster_.loop.wall_now()));
  }

  // The whole graph, for the names that may have been meant. It has only what the caller may see.
  void on_all(const mcp::RpcError*, std::string* picture) {
    std::vector<std::string> names;
    base::json::Document doc;
    if (const auto root = doc.parse(picture ? *picture : "{}"))
      names = nearest_nodes(*root, base::trim(arguments_.name));
    fail("no object called \"" + base::printable(arguments_.name, 300) + "\" is in the graph" +
         (filtered_ ? " under this filter" : "") + cluster::nearest_text(names));
  }

  cluster::Cluster& cluster_;
  Manager& manager_;
  const Arguments arguments_;
  mcp::ToolReply& reply_;
  const answer::CursorOwner owner_;
  Page::End after_;
  bool filtered_ = false;
  model::Query query_;
  Read read_;
  std::optional<Read> all_;
};

class GraphTool final : public mcp::SchemaTool<Arguments> {
 public:
  GraphTool(cluster::Cluster& cluster, Manager& manager)
      : SchemaTool({.name = "k0rdent.mgmt.graph.snapshot",
                    .title = "Show the resource graph",
                    .description =
                        "Shows how the objects of the management cluster are related: "
                        "ClusterDeployments, templates, services, credentials and the Flux, "
                        "Cluster API and Sveltos objects behind them, with their states. Give a "
                        "name to see what is around it. Subscribe to k0rdent://graph for changes.",
                    .meta_json = R"({"plane":"mgmt","category":"graph","action":"snapshot"})",
                    .needs = graph_needs()},
                   mcp::Schema::with<Arguments>(Arguments::fields()),
                   mcp::Schema::verbatim(kOutput)),
        cluster_(cluster),
        manager_(manager) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::ToolReply& reply) override {
    auto run = std::make_unique<GraphRun>(cluster_, manager_, std::move(arguments), reply);
    if (!run->start()) return nullptr;
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
