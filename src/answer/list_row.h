// A list tool as a row of a table: what it lists, the members of each row in the structured answer,
// kubectl's columns in the text, and which arguments it takes. list_tool.h makes the tool of it.
// All texts are literals.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "cluster/list.h"
#include "mcp/need.h"
#include "mcp/schema.h"

namespace answer {

class ListSource;

enum class MemberType : unsigned char { text, flag, number, object, list };

// A member of a row in the structured answer; left out when the object has no value for it, unless
// it is required ("", false).
struct RowMember {
  std::string_view name;
  MemberType type = MemberType::text;
  bool required = false;
  std::string_view path = {};  // value_at(); "": `write`
  // Appends the value as JSON, or nothing.
  void (*write)(base::json::Value object, base::WallTime now, std::string& out) = nullptr;
};

// A column of the text. A cell without a value is empty, as kubectl prints a printer column's.
struct RowColumn {
  std::string_view header;
  std::string_view path = {};  // value_at(); "": `cell`
  std::string (*cell)(base::json::Value object, base::WallTime now) = nullptr;
  // The time, RFC 3339 in one precision, that the cell is the age of: sorted, the latest comes first.
  std::string (*time)(base::json::Value object) = nullptr;
};

// Where the columns of the table come from.
enum class Columns : unsigned char {
  row,          // ListRow::columns
  served,       // the API server's Table, its columns of priority 0
  served_wide,  // all of them
};

// The member that Join adds to an object. No path can name it (check_paths()).
constexpr std::string_view kJoinedMember = "*joined";

// Objects of another kind that the rows of some objects also depend on, those of the same namespace
// and name. They are listed if there is such a row, after the list; the row is then made of its object
// with theirs, {"kind", "metadata", "status"}, as the member kJoinedMember; null: there is none. What
// may not be listed, or is too large (kAsideBytes), changes no row; a note says what is not known then.
struct Join {
  cluster::ListedKind kind;
  bool (*wanted)(base::json::Value object);
  std::string_view tells;  // "whether adopted clusters can be reached"
};

struct ListRow {
  std::string_view name, title, description;
  std::string_view category, action;  // of _meta
  std::string_view what;              // "cluster deployments": in messages
  std::string_view key;               // the member of the answer that holds the rows
  cluster::ListedKind kind = {};
  std::span<const RowMember> members = {};
  // A row with all members at once, where that is cheaper than one by one.
  std::string (*whole)(base::json::Value object) = nullptr;
  std::span<const RowColumn> columns = {};  // without NAMESPACE, NAME and AGE
  bool has_age = true, has_name = true;     // whether kubectl shows them (NAMESPACE, too)
  bool elsewhere = false;  // rows may be of other namespaces than the argument `namespace`
  Columns served = Columns::row;
  // Arguments beyond those of all lists.
  bool selector = false;  // the original's name of labelSelector
  bool provider = false;
  bool scope = false;
  bool omitted = false;  // the original's name of `remaining`, in the answer
  // The value that the argument `provider` is compared with; needed if `provider`.
  std::string_view (*provider_of)(base::json::Value object) = nullptr;
  std::string_view sort_by = {};  // unless the caller says; "": the API server's order
  // A column that rows may be sorted by and that is not shown, because the API server's says the
  // same. Sorting by it takes whole objects.
  const RowColumn* hidden = nullptr;
  // A path of the object, whose text tells rows of one namespace and name apart; "": none are alike.
  std::string_view also_key = {};
  // A source of its own (list_source.h) and its arguments, members of ListArguments; `limit` then
  // means the first N, 0 or less all that fit. Needs `sort_by`. nullptr: a list of `kind`.
  void (*add_arguments)(mcp::Fields& fields) = nullptr;
  std::unique_ptr<ListSource> (*source)(cluster::Cluster& cluster,
                                        cluster::ListHandler& handler) = nullptr;
  const Join* join = nullptr;
  // What it asks for besides a list of `kind`, and of the join's.
  mcp::Needs (*needs)() = nullptr;
};

}  // namespace answer
