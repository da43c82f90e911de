#include "answer/list_run.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/cursor.h"
#include "answer/list_answer.h"
#include "answer/list_source.h"
#include "answer/row_join.h"
#include "answer/row_maker.h"
#include "answer/row_shape.h"
#include "answer/rows.h"
#include "base/counted.h"
#include "base/text.h"
#include "cluster/gather.h"
#include "cluster/label_selector.h"
#include "cluster/list.h"
#include "cluster/refusal.h"
#include "cluster/template_name.h"
#include "kinds/table.h"

namespace answer {

using base::json::Value;

namespace {

// What the cut and the notes may take of maxBytes: the cursor, twice, is most of it.
constexpr std::size_t kWordsBytes = 3 * 1024;

// In the API server's order:
//   1 list, keeping rows while they fit   2 count what is left in that page   3 answer
// Sorted, the whole list is read: of the rows after the cursor's the first ones are kept, as many
// as may be given, and added when the list is over. Rows that depend on other objects (ListRow::join)
// get their places when these are read, too: a row that says more takes more room.
class ListRun final : public mcp::ToolRun, private cluster::ListHandler {
 public:
  ListRun(cluster::Cluster& context, const ListRow& row, ListArguments arguments,
          mcp::ToolReply& reply)
      : context_(context),
        row_(row),
        arguments_(std::move(arguments)),
        reply_(reply),
        list_(context, *this) {}

  // False: it is answered.
  bool start() {
    if (!is_table() && !take_shape({})) return false;
    owner_ = {row_.name, reply_.caller().identity, selecting(arguments_)};
    owner_.arguments["kind"] = is_table() ? kind_text() : std::string();
    cluster::ListQuery query{
        row_.kind, arguments_.ns, {}, arguments_.field_selector, base::limits::kListPage, {}};
    if (!arguments_.go_on.empty()) {
      auto cursor = open_cursor(context_.seal, arguments_.go_on, owner_, context_.loop.wall_now());
      if (!cursor) return fail(cursor.error().what());
      after_.key = cursor->last_key;
      after_.sort = cursor->last_sort;
      query.continue_token = page_token_ = cursor->token;
    }
    if (!arguments_.label_selector.empty()) {
      auto selector = cluster::canonical_label_selector(arguments_.label_selector);
      if (!selector) return fail(selector.error().what());
      query.label_selector = *std::move(selector);
    }
    if (arguments_.scope == "global" && query.ns.empty()) query.ns = context_.system_namespace;
    if (row_.source) {
      source_ = row_.source(context_, *this);
      if (auto ok = source_->start(reply_.caller(), arguments_); !ok)
        return fail(ok.error().what());
      return true;
    }
    if (is_table()) {
      query.form = RowShape::reaches_into(arguments_.fields, arguments_.sort_by) || by_hidden()
                       ? cluster::ListForm::table_whole
                       : cluster::ListForm::table;
    }
    // One more than is given, so that most lists are whole or known to be cut after one request.
    if (!chooses() && arguments_.sort_by.empty()) {
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

  bool is_table() const { return row_.served != Columns::row; }
  bool by_hidden() const {
    std::string_view name = arguments_.sort_by;
    if (name.starts_with('-')) name.remove_prefix(1);
    return row_.hidden && base::iequals(row_.hidden->header, name);
  }
  std::string kind_text() const {
    return std::string(row_.kind.plural) + "." + std::string(row_.kind.versions) + "." +
           std::string(row_.kind.group);
  }

  // False: it is answered.
  bool take_shape(Value definitions) {
    auto shape = RowShape::of(row_, arguments_.fields, arguments_.sort_by, definitions);
    if (!shape) return fail(shape.error().what());
    shape_ = *std::move(shape);
    if (arguments_.ns.empty() || row_.elsewhere) shape_->show_namespaces();
    maker_.use(*shape_);
    rows_.emplace(new_rows());
    return true;
  }

  Rows new_rows() const {
    return Rows(format_of(arguments_.format), shape_->headers(),
                {static_cast<std::size_t>(arguments_.limit), bytes_for_rows()});
  }
  std::size_t bytes_for_rows() const {
    return static_cast<std::size_t>(arguments_.max_bytes) - kWordsBytes;
  }

  // Are there objects that are no rows?
  bool chooses() const {
    return !arguments_.provider.empty() || !arguments_.scope.empty() ||
           !context_.filter.pattern().empty();
  }
  bool passes(Value given) {
    const Value object = is_table() && given["object"] ? given["object"] : given;
    // As in the original, a namespace that is named counts for more than the scope.
    if (arguments_.scope == "local" && arguments_.ns.empty() &&
        object["metadata"]["namespace"].str() == context_.system_namespace) {
      return false;
    }
    if (arguments_.provider.empty()) return true;
    const std::string_view is = row_.provider_of(object);
    unknown_ += is.empty() ? 1 : 0;
    return base::iequals(is, cluster::provider_name(base::to_lower(arguments_.provider)));
  }

  void on_columns(Value definitions) override {
    if (!take_shape(definitions)) list_.cancel();
  }

  void on_object(Value object) override {
    if (!passes(object)) return;
    const std::string_view sent = source_ ? std::string_view() : list_.object_text();
    if (shape_->sorted()) return set_aside(object) ? void() : keep(object, sent);
    if (!after_.key.empty() && shape_->key_of(object) <= after_.key) return;
    if (cut_) {
      ++left_;
      return;
    }
    Row row = maker_.make(object, sent, now_);
    if (row_.join) kept_.push_back(row);
    take(std::move(row));
    if (cut_ && row_.join) return kept_.pop_back();
    set_aside(object);
  }

  // False: its row depends on nothing else, or there is no room.
  bool set_aside(Value object) {
    return row_.join && row_.join->wanted(object) &&
           aside_.set_aside(shape_->key_of(object), maker_.text_of(object));
  }

  void take(Row row) {
    std::string key = row.key, sort = row.sort;
    const bool unjoined = row.unjoined;
    if (cut_ || !rows_->add(std::move(row))) {
      cut_ = true;
      ++left_;
      return;
    }
    last_.key = std::move(key);
    last_.sort = std::move(sort);
    unjoined_ += unjoined ? 1 : 0;
  }

  void keep(Value object, std::string_view sent) {
    // Times are never masked: most rows are left out before they are made.
    const bool by_time = !row_.sort_by.empty() && arguments_.sort_by == row_.sort_by;
    Row row = by_time ? shape_->place_of(object, now_) : maker_.make(object, sent, now_);
    if (!after_.key.empty() && !shape_->before(after_, row)) return;
    // What comes after a row that had no room has none, however small it is.
    if (!beyond_.key.empty() && shape_->before(beyond_, row)) return (void)++left_;
    if (by_time) row = maker_.make(object, sent, now_);
    const auto before = [this](const Row& a, const Row& b) { return shape_->before(a, b); };
    kept_bytes_ += row.json.size();
    kept_.push_back(std::move(row));
    std::push_heap(kept_.begin(), kept_.end(), before);
    const auto limit = static_cast<std::size_t>(arguments_.limit);
    while (kept_.size() > 1 && (kept_.size() > limit || kept_bytes_ > bytes_for_rows())) {
      std::pop_heap(kept_.begin(), kept_.end(), before);
      beyond_ = std::move(kept_.back());
      kept_bytes_ -= beyond_.json.size();
      kept_.pop_back();
      ++left_;
    }
  }

  // The rows so far stay: the list begins again, and what they gave is skipped. Sorted rows are
  // chosen anew.
  void on_restart() override {
    if (!arguments_.sort_by.empty()) {
      kept_.clear();
      aside_.forget();
    }
    kept_bytes_ = 0;
    beyond_ = {};
    restarted_ = restarted_ || !page_token_.empty();
    page_token_.clear();
    if (!last_.key.empty()) after_ = last_;
    cut_ = false;
    left_ = 0;
    unreadable_ = unknown_ = 0;
  }

  void on_page(std::string_view next, std::optional<std::int64_t> remaining) override {
    if (shape_->sorted()) return;
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

  void on_unreadable(const std::string& which) override {
    if (unreadable_++ == 0) unreadable_first_ = which;
  }

  void on_done(const kube::Failure* failure) override {
    if (failure) return (void)fail(failure_text(*failure));
    answer();
  }

  std::string failure_text(const kube::Failure& failure) const {
    std::string out = "list " + std::string(row_.what) + ": " + failure.message;
    out += cluster::rule_text({"list", row_.kind, arguments_.ns}, failure);
    out += cluster::wait_text(failure);
    if (cluster::is_refused(failure) && arguments_.ns.empty() && row_.kind.namespaced)
      out += "; the caller may be allowed to list a single one: give 'namespace'";
    return out;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> out;
    if ((source_ ? source_->hidden() : list_.hidden()) > 0) {
      out.push_back("objects left out because the server's namespace filter (" +
                    base::printable(context_.filter.pattern(), 64) + ") hides their namespace");
    }
    if (unknown_ > 0) {
      out.push_back(std::string(row_.what) + " left out whose provider is not known: " +
                    (at_least_ ? "at least " : "") + std::to_string(unknown_) +
                    "; the label k0rdent.mirantis.com/provider would say it");
    }
    if (unreadable_ > 0) {
      out.push_back(base::counted(unreadable_, "object") + " left out that could not be read (" +
                    unreadable_first_ + (unreadable_ > 1 ? ", and more)" : ")"));
    }
    if (restarted_)
      out.push_back("the API server's list had expired: it went on from the last row's name");
    if (joined_part_ && joined_part_->failure()) {
      out.push_back(std::string(row_.join->tells) +
                    " is not known: " + joined_part_->failure_text());
    } else if (unjoined_ > 0) {
      out.push_back(std::string(row_.join->tells) + " is not known of " +
                    base::counted(unjoined_, "row") + ", for which one call has no room; a " +
                    "namespace or a labelSelector chooses fewer");
    }
    return out;
  }

  // What the list does not say: the objects that rows depend on, and whether its namespace is there.
  void answer() {
    const bool is_nothing = rows_->count() == 0 && kept_.empty() && aside_.empty() &&
                            after_.key.empty() && row_.kind.namespaced && !arguments_.ns.empty();
    if (aside_.empty() && !is_nothing) return give();
    gather_.emplace(context_, reply_.caller(), cluster::Gather::Fn::bind<&ListRun::give>(this));
    if (is_nothing) {
      namespace_ = &gather_->get(
          "namespace", {kinds::get("Namespace"), {}, arguments_.ns, cluster::Form::metadata},
          cluster::Part::Need::silent);
    } else {
      joined_part_ = &gather_->list("joined", {row_.join->kind, arguments_.ns},
                                    cluster::Part::Need::silent, &aside_);
    }
  }

  // Rows that were set aside are made, with what they depend on where that is known.
  void join() {
    base::json::Document doc;
    std::map<std::string, Row> made;
    for (const std::string& json : aside_.joined(joined_part_->known())) {
      const auto object = doc.parse(json);
      if (!object) continue;
      if (shape_->sorted()) {
        keep(*object, {});
      } else {
        Row row = maker_.make(*object, {}, now_);
        made[row.key] = std::move(row);
      }
    }
    for (Row& row : kept_) {
      if (const auto at = made.find(row.key); at != made.end()) row = std::move(at->second);
    }
  }

  // Rows that were kept get their places: as many as fit.
  void place() {
    if (joined_part_) join();
    if (shape_->sorted()) {
      std::sort_heap(kept_.begin(), kept_.end(),
                     [this](const Row& a, const Row& b) { return shape_->before(a, b); });
    } else if (!joined_part_) {
      return;
    }
    const std::int64_t left = std::exchange(left_, 0);
    cut_ = false;
    unjoined_ = 0;
    rows_.emplace(new_rows());
    for (Row& row : kept_)
      take(std::move(row));
    // The token may be of a later page than the last row, which is found without one, too.
    if (cut_) page_token_.clear();
    left_ += left;
    cut_ = left_ > 0;
  }

  void give() {
    place();
    ListAnswer out{row_.key, "No " + std::string(row_.what) + " found",
                   format_of(arguments_.format)};
    if (!arguments_.ns.empty()) out.nothing += " in namespace " + arguments_.ns;
    if (cut_) {
      out.go_on = seal_cursor(context_.seal, {page_token_, last_.key, last_.sort}, owner_,
                              context_.loop.wall_now());
      out.left = left_;
      out.at_least = at_least_;
    }
    out.omitted = row_.omitted;
    out.notes = notes();
    if (namespace_ && namespace_->absent())
      out.notes.push_back("there is no namespace " + arguments_.ns);
    reply_.succeed(list_result(out, *rows_));
  }

  cluster::Cluster& context_;
  const ListRow& row_;
  const ListArguments arguments_;
  mcp::ToolReply& reply_;
  const base::WallTime now_ = context_.loop.wall_now();
  CursorOwner owner_;
  std::optional<RowShape> shape_;  // both as soon as the columns are known
  std::optional<Rows> rows_;
  RowMaker maker_{context_, row_, arguments_};
  Row after_;  // rows up to this one were given before; only key and sort
  Row last_;   // of those given now
  // Sorted: the first ones, a heap whose front comes last. Else, with row_.join, those of rows_.
  std::vector<Row> kept_;
  std::size_t kept_bytes_ = 0;
  Row beyond_;              // sorted: the first row without room
  std::string page_token_;  // of the page that comes, and of the one that was cut
  bool cut_ = false, at_least_ = false, restarted_ = false;
  std::int64_t left_ = 0;
  std::size_t unreadable_ = 0, unknown_ = 0, unjoined_ = 0;
  std::string unreadable_first_;
  cluster::List list_;
  std::unique_ptr<ListSource> source_;  // instead of list_
  RowJoin aside_{context_};             // with row_.join; unsorted, their rows are in kept_, too
  cluster::Part *namespace_ = nullptr, *joined_part_ = nullptr;
  std::optional<cluster::Gather> gather_;
};

}  // namespace

std::unique_ptr<mcp::ToolRun> start_list(cluster::Cluster& context, const ListRow& row,
                                         ListArguments arguments, mcp::ToolReply& reply) {
  if (!arguments.selector.empty() && !arguments.label_selector.empty()) {
    reply.fail(mcp::ToolError{"give 'selector' or 'labelSelector', not both"});
    return nullptr;
  }
  if (!arguments.selector.empty()) arguments.label_selector = std::move(arguments.selector);
  if (arguments.sort_by.empty()) arguments.sort_by = row.sort_by;
  if (row.source)
    arguments.limit = arguments.first > 0 ? std::min(arguments.first, kMostRows) : kMostRows;
  auto run = std::make_unique<ListRun>(context, row, std::move(arguments), reply);
  if (!run->start()) return nullptr;
  return run;
}

}  // namespace answer
