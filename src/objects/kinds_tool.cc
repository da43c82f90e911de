// k0rdent.mgmt.objects.kinds
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "answer/cursor.h"
#include "answer/list_answer.h"
#include "answer/list_arguments.h"
#include "base/text.h"
#include "cluster/served.h"
#include "mcp/schema_tool.h"
#include "objects/tools.h"

namespace objects {

using answer::Row;
using base::json::Writer;

namespace {

// What the cut and the notes may take of maxBytes.
constexpr std::size_t kWordsBytes = 3 * 1024;

// A name of its own in this folder: g++ 12 gives mcp::field<&A::m> of two unnamed namespaces one
// symbol when the structs have one name, and the linker keeps the offsets of one.
struct KindsArguments {
  std::string query, group, go_on, format{answer::kTable};
  std::int64_t limit = answer::kMostRows, max_bytes = answer::default_answer_bytes();
  static mcp::Fields fields() {
    using A = KindsArguments;
    return {
        mcp::field<&A::query>(
            {.name = "query", .description = "only kinds with this text in a name or the group"}),
        mcp::field<&A::group>(
            {.name = "group", .description = "only of this API group; core: the one without name"}),
        mcp::field<&A::limit>({.name = "limit",
                               .description = "most rows of this answer",
                               .minimum = 1,
                               .maximum = answer::kMostRows}),
        mcp::field<&A::go_on>(
            {.name = "continue",
             .description = "goes on after a cut answer: the `continue` that it returned",
             .max_length = 16 * 1024}),
        mcp::field<&A::format>({.name = "format",
                                .description = "of the text",
                                .one_of = {answer::kTable, answer::kJson, answer::kYaml},
                                .show_default = true}),
        mcp::field<&A::max_bytes>({.name = "maxBytes",
                                   .description = "most bytes of this answer",
                                   .minimum = answer::kLeastAnswerBytes,
                                   .maximum = answer::kMostAnswerBytes,
                                   .show_default = true}),
    };
  }
};

constexpr const char* kOutput =
    R"({"type":"object","properties":{"kinds":{"type":"array","items":{"type":"object","properties":)"
    R"({"name":{"type":"string"},"group":{"type":"string"},"version":{"type":"string"},)"
    R"("kind":{"type":"string"},"namespaced":{"type":"boolean"},"shortNames":{"type":"array"},)"
    R"("verbs":{"type":"array"}},"required":["name","version","kind","namespaced"]}},)"
    R"("truncated":{"type":"boolean"},"remaining":{"type":"integer"},"continue":{"type":"string"},)"
    R"("notes":{"type":"array","items":{"type":"string"}}},"required":["kinds"]})";

bool has(std::string_view text, const std::string& part) {
  return base::to_lower(text).find(part) != std::string::npos;
}

void write_strings(Writer& w, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  w.key(name).begin_array();
  for (const std::string& each : values)
    w.string(each);
  w.end_array();
}

// Rows come by group and name, the core group first.
Row row_of(const kube::CatalogEntry& entry, const kube::ServedResource& resource) {
  const std::string version =
      entry.group.empty() ? entry.version : entry.group + "/" + entry.version;
  Row row;
  row.key = entry.group + "/" + resource.plural;
  Writer w(row.json);
  w.begin_object().field("name", resource.plural).field_if("group", entry.group);
  w.field("version", entry.version).field("kind", resource.kind);
  w.field("namespaced", resource.namespaced);
  write_strings(w, "shortNames", resource.short_names);
  write_strings(w, "verbs", resource.verbs);
  w.end_object();
  row.cells = {resource.plural, base::join(resource.short_names, ","), version,
               resource.namespaced ? "true" : "false", resource.kind};
  return row;
}

class KindsRun final : public mcp::ToolRun {
 public:
  KindsRun(cluster::Cluster& context, KindsArguments arguments, mcp::ToolReply& reply)
      : context_(context),
        arguments_(std::move(arguments)),
        reply_(reply),
        owner_{"k0rdent.mgmt.objects.kinds",
               reply.caller().identity,
               {{"query", arguments_.query}, {"group", arguments_.group}}},
        query_(context, kube::CatalogQuery::Fn::bind<&KindsRun::on_catalog>(this)) {}

  // False: it is answered.
  bool start() {
    if (!arguments_.go_on.empty()) {
      auto cursor = open_cursor(context_.seal, arguments_.go_on, owner_, context_.loop.wall_now());
      if (!cursor) {
        reply_.fail(mcp::ToolError{cursor.error().what()});
        return false;
      }
      after_ = cursor->last_key;
    }
    query_.start(cluster::credentials_of(reply_.caller()), kube::kDiscoveryMissTtl);
    return true;
  }

 private:
  bool wanted(const kube::CatalogEntry& entry, const kube::ServedResource& resource) const {
    if (!arguments_.group.empty() &&
        entry.group != (arguments_.group == "core" ? std::string() : arguments_.group)) {
      return false;
    }
    const std::string query = base::to_lower(arguments_.query);
    return query.empty() || has(resource.plural, query) || has(resource.kind, query) ||
           has(entry.group, query) ||
           std::any_of(resource.short_names.begin(), resource.short_names.end(),
                       [&](const std::string& each) { return has(each, query); });
  }

  std::vector<Row> rows_of(const kube::ApiCatalog& catalog) const {
    std::vector<Row> rows;
    for (const kube::CatalogEntry& entry : catalog.entries) {
      for (const kube::ServedResource& resource : entry.resources) {
        if (wanted(entry, resource)) rows.push_back(row_of(entry, resource));
      }
    }
    // A kind with several versions is shown by its preferred one, which comes first.
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.key < b.key; });
    rows.erase(std::unique(rows.begin(), rows.end(),
                           [](const Row& a, const Row& b) { return a.key == b.key; }),
               rows.end());
    return rows;
  }

  void on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure) {
    if (failure) {
      return reply_.fail(
          mcp::ToolError{"what the cluster serves could not be read: " + failure->message});
    }
    answer::ListAnswer out{"kinds", "No kinds found", answer::format_of(arguments_.format)};
    answer::Rows rows(out.format, {"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"},
                      {static_cast<std::size_t>(arguments_.limit),
                       static_cast<std::size_t>(arguments_.max_bytes) - kWordsBytes});
    std::string last;
    for (Row& row : rows_of(*catalog)) {
      if (!after_.empty() && row.key <= after_) continue;
      std::string key = row.key;
      if (out.left > 0 || !rows.add(std::move(row))) {
        ++out.left;
      } else {
        last = std::move(key);
      }
    }
    if (out.left > 0)
      out.go_on = seal_cursor(context_.seal, {{}, last, {}}, owner_, context_.loop.wall_now());
    for (const kube::CatalogEntry& entry : catalog->entries) {
      if (entry.problem.empty()) continue;
      out.notes.push_back(entry.group + "/" + entry.version +
                          " could not be read: " + base::printable(entry.problem, 128));
    }
    reply_.succeed(list_result(out, rows));
  }

  cluster::Cluster& context_;
  const KindsArguments arguments_;
  mcp::ToolReply& reply_;
  const answer::CursorOwner owner_;
  std::string after_;
  cluster::CatalogQuery query_;
};

class KindsTool final : public mcp::SchemaTool<KindsArguments> {
 public:
  explicit KindsTool(cluster::Cluster& cluster)
      : SchemaTool({.name = "k0rdent.mgmt.objects.kinds",
                    .title = "List the kinds of objects",
                    .description =
                        "Lists the kinds that the cluster serves, as kubectl api-resources does: "
                        "names to use with objects.list and objects.get.",
                    .meta_json = R"({"plane":"mgmt","category":"objects","action":"kinds"})",
                    .open_world = false},
                   mcp::Schema::with<KindsArguments>(KindsArguments::fields()),
                   mcp::Schema::verbatim(kOutput)),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(KindsArguments arguments, mcp::ToolReply& reply) override {
    auto run = std::make_unique<KindsRun>(cluster_, std::move(arguments), reply);
    if (!run->start()) return nullptr;
    return run;
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_kinds_tool(cluster::Cluster& context) {
  return std::make_unique<KindsTool>(context);
}

}  // namespace objects
