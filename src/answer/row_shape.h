// RowShape: how the objects of one answer become rows: the ListRow as the caller's `fields` and
// `sortBy` change it.
//
//   fields   names of members, or dotted paths into the object or a member (path.h); the row has its name, its
//            namespace if its kind has any, and these; the table shows the same as columns
//   sortBy   a column, a member or a dotted path; '-' before it: descending. Numbers within text
//            count as numbers (c9 before c10); rows without a value come last; rows of one value
//            come by namespace and name. AGE: the youngest first.
//
// With columns that the API server serves (Columns::served) an object is a row of its Table, and
// its columns are also the members of the structured row, by their name; one whose name another
// member has is called "column NAME".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "answer/list_row.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

namespace answer {

// Limit of a value that rows are sorted by: the rest does not count. It travels in the cursor.
constexpr std::size_t kSortBytes = 256;

// Limit on what is made of a row's fields: no answer has room for more, and many paths may lead to one
// large text.
constexpr std::size_t kRowBytes = base::limits::kMiB;

struct Row {
  std::string key;   // "namespace/name", or "name"
  std::string sort;  // the value it is sorted by; "": none
  std::string json;
  std::vector<std::string> cells;
  bool unjoined = false;  // what it also depends on (ListRow::join) is not known
};

class RowShape {
 public:
  // `row` must outlive it. `definitions`: of the served columns. Errors name what `fields` or
  // `sort_by` may be.
  static base::Result<RowShape> of(const ListRow& row, const std::vector<std::string>& fields,
                                   std::string_view sort_by, base::json::Value definitions = {});
  // Are the objects needed whole, beyond what a row of a Table has?
  static bool reaches_into(const std::vector<std::string>& fields, std::string_view sort_by);

  // The text says of which namespace each row is, also of a kind whose rows have no name.
  void show_namespaces() { all_namespaces_ = true; }

  std::vector<std::string> headers() const;
  std::string key_of(base::json::Value object) const;
  Row make(base::json::Value object, base::WallTime now) const;
  // Only what before() compares.
  Row place_of(base::json::Value object, base::WallTime now) const;

  bool sorted() const { return sort_.kind != Field::Kind::none; }
  // In the order of the answer. Requires: sorted().
  bool before(const Row& a, const Row& b) const;

 private:
  // A member, a column, or a path of the object.
  struct Field {
    enum class Kind : unsigned char { none, name, ns, age, member, column, cell, path };
    Kind kind = Kind::none;
    std::string text;                   // as given; a path without its leading dot
    std::string key;                    // in the row
    const RowMember* member = nullptr;  // of a path: the one that it begins with
    const RowColumn* column = nullptr;
    std::size_t cell = 0;  // of the served columns: its place in a row's cells
  };

  explicit RowShape(const ListRow& row) : row_(&row) {}
  bool has_namespace() const {
    return row_->kind.namespaced && (row_->has_name || !fields_.empty() || all_namespaces_);
  }
  void take_columns(base::json::Value definitions);
  bool has_key(std::string_view key) const;
  const Field* find_cell(std::string_view name) const;
  base::json::Value object_of(base::json::Value given) const;
  Field find_member(std::string_view name) const;
  Field find_path(std::string_view name) const;
  std::string json_at(const Field& field, base::json::Value object, base::WallTime now) const;
  Field find(std::string_view name) const;
  std::string known(bool columns) const;
  // `given`: an object, or a row of a Table.
  std::string json_of(const Field& field, base::json::Value given, base::WallTime now) const;
  std::string row_json(base::json::Value given, base::WallTime now) const;
  std::vector<std::string> cells(base::json::Value given, base::WallTime now) const;
  std::string sort_value(base::json::Value object, base::WallTime now) const;

  const ListRow* row_;
  std::vector<Field> served_;  // the served columns that are shown; of events the name is not
  bool is_table_ = false;      // the objects are rows of a Table
  std::vector<Field> fields_;  // empty: all members and kubectl's columns
  Field sort_;
  bool descending_ = false;
  bool all_namespaces_ = false;
};

}  // namespace answer
