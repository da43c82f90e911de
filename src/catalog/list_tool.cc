#include "catalog/list_tool.h"

#include <string>
#include <utility>
#include <vector>

#include "answer/cursor.h"
#include "answer/list_answer.h"
#include "answer/list_arguments.h"
#include "base/text.h"
#include "catalog/search.h"
#include "cluster/nearest_names.h"
#include "mcp/schema_tool.h"

namespace catalog {

using answer::Row;
using base::json::Writer;

namespace {

constexpr std::string_view kName = "k0rdent.catalog.serviceTemplates.list";
// What the cut and the notes may take of maxBytes.
constexpr std::size_t kWordsBytes = 3 * 1024;
constexpr std::size_t kQueryBytes = 100;  // some ten words, each looked for in every add-on
constexpr std::size_t kSummaryShown = 120, kVersionsShown = 3;

struct CatalogArguments {
  std::string app, query, tag, go_on, format{answer::kTable};
  bool refresh = false;
  std::int64_t limit = answer::kDefaultRows, max_bytes = answer::default_answer_bytes();
  static mcp::Fields fields() {
    using A = CatalogArguments;
    return {
        mcp::field<&A::app>({.name = "app", .description = "exact name"}),
        mcp::field<&A::query>({.name = "query",
                               .description = "words of name, tag or text",
                               .max_length = kQueryBytes}),
        mcp::field<&A::tag>({.name = "tag"}),
        mcp::field<&A::refresh>({.name = "refresh", .description = "read the index again"}),
        mcp::field<&A::limit>(
            {.name = "limit", .minimum = 1, .maximum = answer::kMostRows, .show_limits = false}),
        mcp::field<&A::go_on>(
            {.name = "continue", .description = "from a cut answer", .max_length = 16 * 1024}),
        mcp::field<&A::format>(
            {.name = "format", .one_of = {answer::kTable, answer::kJson, answer::kYaml}}),
        mcp::field<&A::max_bytes>({.name = "maxBytes",
                                   .minimum = answer::kLeastAnswerBytes,
                                   .maximum = answer::kMostAnswerBytes,
                                   .show_limits = false}),
    };
  }
};

constexpr const char* kOutput =
    R"({"type":"object","properties":{"entries":{"type":"array","items":{"type":"object",)"
    R"("properties":{"slug":{"type":"string"},"title":{"type":"string"},)"
    R"("summary":{"type":"string"},"tags":{"type":"array"},"support_type":{"type":"string"},)"
    R"("deprecated":{"type":"boolean"},"versions":{"type":"array","items":{"type":"object",)"
    R"("properties":{"name":{"type":"string"},"version":{"type":"string"},)"
    R"("repository":{"type":"string"},"app_version":{"type":"string"}},)"
    R"("required":["name","version","repository"]}}},"required":["slug","title","versions"]}},)"
    R"("truncated":{"type":"boolean"},"remaining":{"type":"integer"},"continue":{"type":"string"},)"
    R"("notes":{"type":"array","items":{"type":"string"}}},"required":["entries"]})";

std::string json_of(const Addon& addon) {
  std::string out;
  Writer w(out);
  w.begin_object().field("slug", addon.name).field("title", addon.name);
  w.field_if("summary", addon.summary);
  if (!addon.tags.empty()) {
    w.key("tags").begin_array();
    for (const std::string& tag : addon.tags)
      w.string(tag);
    w.end_array();
  }
  w.field_if("support_type", addon.support);
  if (addon.deprecated) w.field("deprecated", true);
  w.key("versions").begin_array();
  for (const Chart& chart : addon.charts) {
    for (const Version& version : chart.versions) {
      w.begin_object().field("name", chart.name).field("version", version.version);
      w.field("repository", chart.repository);
      w.field_if("app_version", version.app_version).end_object();
    }
  }
  w.end_array().end_object();
  return out;
}

// "istio-base 1.27.1, 1.26.4, 1.26.3 (+2); istiod 1.27.1"
std::string charts_of(const Addon& addon, std::size_t most) {
  std::string out;
  for (const Chart& chart : addon.charts) {
    out.append(out.empty() ? "" : "; ").append(chart.name);
    for (std::size_t i = 0; i < chart.versions.size() && i < most; ++i)
      out.append(i == 0 ? " " : ", ").append(chart.versions[i].version);
    if (chart.versions.size() > most)
      out.append(" (+").append(std::to_string(chart.versions.size() - most)).append(")");
  }
  return out;
}

Row row_of(const Addon& addon, bool whole) {
  Row row;
  row.key = addon.name;
  row.json = json_of(addon);
  row.cells = {addon.name, charts_of(addon, whole ? SIZE_MAX : kVersionsShown),
               addon.support + (addon.deprecated ? ", deprecated" : ""),
               base::join(addon.tags, ", "), base::printable(addon.summary, kSummaryShown)};
  return row;
}

class ListRun final : public mcp::ToolRun {
 public:
  ListRun(Catalog& catalog, cluster::Cluster& cluster, CatalogArguments arguments,
          mcp::ToolReply& reply)
      : catalog_(catalog),
        cluster_(cluster),
        arguments_(std::move(arguments)),
        reply_(reply),
        owner_{kName,
               reply.caller().identity,
               {{"app", arguments_.app}, {"query", arguments_.query}, {"tag", arguments_.tag}}},
        query_(catalog, Query::Fn::bind<&ListRun::on_known>(this)) {}

  // False: it is answered.
  bool start() {
    if (!arguments_.go_on.empty()) {
      auto cursor = open_cursor(cluster_.seal, arguments_.go_on, owner_, cluster_.loop.wall_now());
      if (!cursor) {
        reply_.fail(mcp::ToolError{cursor.error().what()});
        return false;
      }
      after_ = cursor->last_key;
    }
    query_.start(arguments_.refresh);
    return true;
  }

 private:
  void on_known(const Known& known) {
    if (!known.index) return fail(known);
    answer::ListAnswer out{"entries", "No add-ons found", answer::format_of(arguments_.format)};
    answer::Rows rows(out.format, {"NAME", "CHARTS", "SUPPORT", "TAGS", "SUMMARY"},
                      {static_cast<std::size_t>(arguments_.limit),
                       static_cast<std::size_t>(arguments_.max_bytes) - kWordsBytes});
    const auto found = find(*known.index, {arguments_.app, arguments_.query, arguments_.tag});
    std::string last;
    for (const Addon* addon : found) {
      if (!after_.empty() && addon->name <= after_) continue;
      if (out.left > 0 || !rows.add(row_of(*addon, !arguments_.app.empty()))) {
        ++out.left;
      } else {
        last = addon->name;
      }
    }
    if (out.left > 0)
      out.go_on = seal_cursor(cluster_.seal, {{}, last, {}}, owner_, cluster_.loop.wall_now());
    add_notes(known, found.empty(), out.notes);
    reply_.succeed(list_result(out, rows));
  }

  void add_notes(const Known& known, bool nothing, std::vector<std::string>& notes) const {
    if (nothing) notes.push_back(nearest(*known.index));
    if (!known.problem.empty()) {
      notes.push_back("The index is of " + base::format_rfc3339(known.checked, 0) +
                      "; it could not be refreshed: " + known.problem);
    }
    if (known.index->skipped > 0) {
      notes.push_back(std::to_string(known.index->skipped) +
                      " add-ons and charts of the index are malformed and left out");
    }
  }

  // What there is instead of what was asked for.
  std::string nearest(const Index& index) const {
    if (!arguments_.tag.empty()) {
      return "the catalog has these tags: " +
             base::printable(base::join(tags_of(index), ", "), kWordsBytes / 3);
    }
    const std::string& word = arguments_.app.empty() ? arguments_.query : arguments_.app;
    return "the catalog has no add-on \"" + base::printable(word, 100) + "\"" +
           cluster::nearest_text(nearest_addons(index, word, cluster::kNamesGiven));
  }

  void fail(const Known& known) {
    std::string text = "the catalog " + base::printable(catalog_.name(), 300) +
                       " cannot be read: " + known.problem;
    if (known.pause > base::Duration::zero()) {
      const auto rest = std::chrono::ceil<base::seconds>(known.pause);
      text += "; it is asked again in " + base::format_duration(rest) + " at the earliest";
    }
    reply_.fail(mcp::ToolError{std::move(text)});
  }

  Catalog& catalog_;
  cluster::Cluster& cluster_;
  const CatalogArguments arguments_;
  mcp::ToolReply& reply_;
  const answer::CursorOwner owner_;
  std::string after_;
  Query query_;
};

class ListTool final : public mcp::SchemaTool<CatalogArguments> {
 public:
  ListTool(Catalog& catalog, cluster::Cluster& cluster)
      : SchemaTool(
            {.name = std::string(kName),
             .title = "Search the catalog",
             .description = "Lists the catalog's add-ons: charts and versions to install as "
                            "ServiceTemplates.",
             .meta_json = R"({"plane":"catalog","category":"serviceTemplates","action":"list"})"},
            mcp::Schema::with<CatalogArguments>(CatalogArguments::fields()),
            mcp::Schema::verbatim(kOutput)),
        catalog_(catalog),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(CatalogArguments arguments, mcp::ToolReply& reply) override {
    auto run = std::make_unique<ListRun>(catalog_, cluster_, std::move(arguments), reply);
    if (!run->start()) return nullptr;
    return run;
  }

 private:
  Catalog& catalog_;
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_catalog_list_tool(Catalog& catalog, cluster::Cluster& cluster) {
  return std::make_unique<ListTool>(catalog, cluster);
}

}  // namespace catalog
