#include "answer/list_tool.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/age.h"
#include "answer/cursor.h"
#include "answer/list_arguments.h"
#include "answer/path.h"
#include "answer/table.h"
#include "base/text.h"
#include "cluster/label_selector.h"
#include "cluster/list.h"

namespace answer {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// What the cut and the notes may take of maxBytes: the cursor, twice, is most of it.
constexpr std::size_t kWordsBytes = 3 * 1024;

std::string meta_of(const ListRow& row) {
  std::string out;
  Writer(out)
      .begin_object()
      .field("plane", "mgmt")
      .field("category", row.category)
      .field("action", row.action)
      .end_object();
  return out;
}

std::string key_of(Value metadata) {
  const std::string_view ns = metadata["namespace"].str();
  std::string out(ns);
  if (!ns.empty()) out += '/';
  return out.append(metadata["name"].str());
}

std::string cell_text(Value value) {
  return value.is(Type::string) ? std::string(value.str()) : value.to_json();
}

// The bytes that a text takes more as a JSON string.
std::size_t escapes(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == '"' || c == '\\'; }));
}
std::size_t escapes(const std::vector<std::string>& cells) {
  std::size_t bytes = 1;  // the line's end
  for (const std::string& cell : cells)
    bytes += escapes(cell);
  return bytes;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return base::to_lower(a) == base::to_lower(b);
}

// 1 list, keeping rows while they fit   2 count what is left in that page   3 answer
class ListRun final : public mcp::ToolRun, private cluster::ListHandler {
 public:
  ListRun(cluster::Context& context, const ListRow& row, ListArguments arguments,
          mcp::ToolReply& reply)
      : context_(context),
        row_(row),
        arguments_(std::move(arguments)),
        reply_(reply),
        table_(headers()),
        list_(context, *this) {}

  // False: it is answered.
  bool start() {
    owner_ = {row_.name,
              reply_.caller().identity,
              {{"namespace", arguments_.ns},
               {"labelSelector", arguments_.label_selector},
               {"provider", arguments_.provider},
               {"scope", arguments_.scope}}};
    cluster::ListQuery query{row_.kind, arguments_.ns, {}, base::limits::kListPage, {}};
    if (!arguments_.go_on.empty()) {
      auto cursor = open_cursor(context_.seal, arguments_.go_on, owner_, context_.loop.wall_now());
      if (!cursor) return fail(cursor.error().what());
      after_ = cursor->last_key;
      query.continue_token = page_token_ = cursor->token;
    }
    if (!arguments_.label_selector.empty()) {
      auto selector = cluster::canonical_label_selector(arguments_.label_selector);
      if (!selector) return fail(selector.error().what());
      query.label_selector = *std::move(selector);
    }
    if (arguments_.scope == "global" && query.ns.empty()) query.ns = context_.system_namespace;
    for (const std::string& field : arguments_.fields) {
      if (!known(field)) return fail(unknown_field(field));
    }
    // One more than is given, so that most lists are whole or known to be cut after one request.
    if (!chooses()) {
      query.page =
          static_cast<int>(std::min<std::int64_t>(base::limits::kListPage, arguments_.limit + 1));
    }
    if (auto ok = list_.start(reply_.caller(), std::move(query)); !ok)
      return fail(ok.error().what());
    return true;
  }

 private:
  bool fail(const std::string& what) {
    reply_.fail(mcp::ToolError{what});
    return false;
  }

  std::vector<std::string> headers() const {
    std::vector<std::string> out;
    if (row_.kind.namespaced) out.emplace_back("NAMESPACE");
    out.emplace_back("NAME");
    for (const RowColumn& column : row_.columns)
      out.emplace_back(column.header);
    if (row_.has_age) out.emplace_back("AGE");
    return out;
  }

  bool known(std::string_view field) const {
    return field == "name" || (field == "namespace" && row_.kind.namespaced) ||
           std::any_of(row_.members.begin(), row_.members.end(),
                       [&](const RowMember& each) { return each.name == field; });
  }
  std::string unknown_field(const std::string& field) const {
    std::string out =
        "'fields' names no member of a row: " + base::printable(field, 64) + " (members: name";
    if (row_.kind.namespaced) out += ", namespace";
    for (const RowMember& each : row_.members)
      out.append(", ").append(each.name);
    return out + ")";
  }
  bool wanted(std::string_view member) const {
    return arguments_.fields.empty() ||
           std::find(arguments_.fields.begin(), arguments_.fields.end(), member) !=
               arguments_.fields.end();
  }

  // Are there objects that are no rows?
  bool chooses() const {
    return !arguments_.provider.empty() || !arguments_.scope.empty() ||
           !context_.filter.pattern().empty();
  }
  bool passes(Value object) const {
    if (arguments_.scope == "local" &&
        object["metadata"]["namespace"].str() == context_.system_namespace) {
      return false;
    }
    return arguments_.provider.empty() ||
           equal_ignoring_case(row_.provider_of(object), arguments_.provider);
  }

  std::string row_json(Value object) const {
    std::string out;
    Writer w(out);
    const Value metadata = object["metadata"];
    w.begin_object().field("name", metadata["name"].str());
    if (row_.kind.namespaced && wanted("namespace"))
      w.field("namespace", metadata["namespace"].str());
    for (const RowMember& member : row_.members) {
      if (!wanted(member.name)) continue;
      std::string value;
      if (member.write) {
        member.write(object, now_, value);
      } else if (const Value found = value_at(object, member.path); fits(found, member.type)) {
        value = found.to_json();
      }
      if (value.empty() && member.required)
        value = member.type == MemberType::text ? "\"\"" : "false";
      if (!value.empty()) w.key(member.name).raw(value);
    }
    w.end_object();
    return out;
  }
  // An empty map or list is as good as none; a value of another type than the schema's is none.
  static bool fits(Value value, MemberType type) {
    switch (type) {
      case MemberType::text:
        return value.is(Type::string) && !value.str().empty();
      case MemberType::flag:
        return value.is(Type::boolean);
      case MemberType::number:
        return value.is(Type::integer);
      case MemberType::object:
        return value.is(Type::object) && value.size() > 0;
      case MemberType::list:
        return value.is(Type::array) && value.size() > 0;
    }
    return false;
  }

  std::vector<std::string> cells(Value object) const {
    std::vector<std::string> out;
    const Value metadata = object["metadata"];
    if (row_.kind.namespaced) out.emplace_back(metadata["namespace"].str());
    out.emplace_back(metadata["name"].str());
    for (const RowColumn& column : row_.columns) {
      out.push_back(column.cell ? column.cell(object, now_)
                                : cell_text(value_at(object, column.path)));
    }
    if (row_.has_age) out.push_back(age_of(metadata["creationTimestamp"].str(), now_));
    return out;
  }

  void on_object(Value object) override {
    std::string key = key_of(object["metadata"]);
    if (!after_.empty() && key <= after_) return;
    if (!passes(object)) return;
    if (cut_) {
      ++left_;
      return;
    }
    std::string json = row_json(object);
    std::vector<std::string> line = cells(object);
    const auto limit = static_cast<std::size_t>(arguments_.max_bytes);
    const bool as_json = arguments_.format == kJson;
    const std::size_t structured = rows_.size() + json.size() + 1;
    const std::size_t escaped = escaped_ + (as_json ? escapes(json) : escapes(line));
    const std::size_t text = escaped + (as_json ? structured : table_.size_with(line));
    const bool full = table_.rows() >= static_cast<std::size_t>(arguments_.limit);
    if (full || (table_.rows() > 0 && structured + text + kWordsBytes > limit)) {
      cut_ = true;
      left_ = 1;
      return;
    }
    if (!rows_.empty()) rows_ += ',';
    rows_ += json;
    escaped_ = escaped;
    table_.add(std::move(line));
    last_key_ = std::move(key);
  }

  // The rows so far stay: the list begins again, and what they gave is skipped.
  void on_restart() override {
    restarted_ = restarted_ || !page_token_.empty();
    page_token_.clear();
    if (!last_key_.empty()) after_ = last_key_;
    cut_ = false;
    left_ = 0;
    unreadable_ = 0;
  }

  void on_page(std::string_view next, std::optional<std::int64_t> remaining) override {
    if (cut_) {
      // The count is of all objects: with a filter of ours it is no count of rows.
      const bool exact = remaining && !chooses();
      left_ += exact ? *remaining : 0;
      at_least_ = !exact;
      list_.cancel();
      return answer();
    }
    page_token_ = next;
  }

  void on_unreadable() override { ++unreadable_; }

  void on_done(const kube::Failure* failure) override {
    if (failure) return (void)fail(failure_text(*failure));
    answer();
  }

  std::string failure_text(const kube::Failure& failure) const {
    std::string out = "list " + std::string(row_.what) + ": " + failure.message;
    if (failure.says(403) && arguments_.ns.empty() && row_.kind.namespaced)
      out += "; the caller may be allowed to list a single one: give 'namespace'";
    return out;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> out;
    if (list_.hidden() > 0) {
      out.push_back("objects left out because the server's namespace filter (" +
                    base::printable(context_.filter.pattern(), 64) + ") hides their namespace");
    }
    if (unreadable_ > 0)
      out.push_back(std::to_string(unreadable_) + " objects left out that could not be read");
    if (restarted_)
      out.push_back("the API server's list had expired: it went on from the last row's name");
    return out;
  }

  void answer() {
    const std::vector<std::string> all_notes = notes();
    std::string structured;
    Writer w(structured);
    w.begin_object().key(row_.key).raw("[" + rows_ + "]");
    std::string go_on;
    if (cut_) {
      go_on =
          seal_cursor(context_.seal, {page_token_, last_key_}, owner_, context_.loop.wall_now());
      w.field("truncated", true).field("remaining", left_);
      if (at_least_) w.field("atLeast", true);
      w.field("continue", go_on);
    }
    if (!all_notes.empty()) {
      w.key("notes").begin_array();
      for (const std::string& note : all_notes)
        w.string(note);
      w.end_array();
    }
    w.end_object();
    mcp::ToolResult result;
    if (arguments_.format == kTable)
      result.content.push_back(mcp::Content::of_text(table_text(all_notes, go_on)));
    result.structured_json = std::move(structured);
    reply_.succeed(std::move(result));
  }

  std::string table_text(const std::vector<std::string>& all_notes,
                         const std::string& go_on) const {
    std::string out;
    if (table_.rows() > 0) {
      out = table_.text();
    } else {
      out = "No " + std::string(row_.what) + " found";
      if (!arguments_.ns.empty()) out += " in namespace " + arguments_.ns;
      out += ".\n";
    }
    if (cut_) {
      out += "\n" + std::string(at_least_ ? "at least " : "") + std::to_string(left_) +
             " more; go on with continue=" + go_on + "\n";
    }
    for (const std::string& note : all_notes)
      out += "\nNote: " + note + "\n";
    return out;
  }

  cluster::Context& context_;
  const ListRow& row_;
  const ListArguments arguments_;
  mcp::ToolReply& reply_;
  const base::WallTime now_ = context_.loop.wall_now();
  CursorOwner owner_;
  Table table_;
  std::size_t escaped_ = 0;  // bytes that the text takes more inside JSON
  std::string rows_;         // of the structured answer, joined by commas
  std::string after_;        // rows up to this key were given before
  std::string page_token_;   // of the page that comes, and of the one that was cut
  std::string last_key_;
  bool cut_ = false, at_least_ = false, restarted_ = false;
  std::int64_t left_ = 0;
  std::size_t unreadable_ = 0;
  cluster::List list_;
};

class ListTool final : public mcp::Tool {
 public:
  ListTool(const ListRow& row, cluster::Context& context)
      : context_(context), row_(row), input_(list_input(row)), output_(list_output(row)) {
    info_.name = row.name;
    info_.title = row.title;
    info_.description = row.description;
    info_.meta_json = meta_of(row);
    info_.open_world = false;
  }

  const mcp::ToolInfo& info() const override { return info_; }
  const mcp::Schema& input() const override { return input_; }
  const mcp::Schema* output() const override { return &output_; }

  std::unique_ptr<mcp::ToolRun> begin(Value given, mcp::ToolReply& reply) override {
    auto arguments = input_.read_as<ListArguments>(given);
    if (!arguments) {
      reply.fail(mcp::ToolError{arguments.error().what()});
      return nullptr;
    }
    if (!arguments->selector.empty() && !arguments->label_selector.empty()) {
      reply.fail(mcp::ToolError{"give 'selector' or 'labelSelector', not both"});
      return nullptr;
    }
    if (!arguments->selector.empty()) arguments->label_selector = std::move(arguments->selector);
    auto run = std::make_unique<ListRun>(context_, row_, *std::move(arguments), reply);
    if (!run->start()) return nullptr;
    return run;
  }

 private:
  cluster::Context& context_;
  const ListRow& row_;
  mcp::ToolInfo info_;
  mcp::Schema input_, output_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_list_tool(const ListRow& row, cluster::Context& context) {
  return std::make_unique<ListTool>(row, context);
}

}  // namespace answer
