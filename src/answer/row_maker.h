// RowMaker: makes the rows of a list's answer, with the secrets masked that its objects have. A part
// of an object does not show what it is, nor does a text that is cut: both are hidden before. What a
// list is sorted by leaves in the cursor, which is not encrypted: it is masked, too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "answer/list_arguments.h"
#include "answer/list_row.h"
#include "answer/row_shape.h"
#include "base/json.h"
#include "base/time.h"
#include "cluster/cluster.h"

namespace answer {

class RowMaker {
 public:
  // All must outlive it.
  RowMaker(const cluster::Cluster& context, const ListRow& row, const ListArguments& arguments)
      : context_(context), row_(row), arguments_(arguments) {}
  // Before the first row. `shape` must outlive the use.
  void use(const RowShape& shape);
  // `given`: an object, or a row of a Table; `sent`: as it was sent, "": that is not known.
  Row make(base::json::Value given, std::string_view sent, base::WallTime now);
  // As much of it as its row is made of, as JSON; secrets are in it.
  std::string text_of(base::json::Value given) const;

 private:
  bool reaches() const;
  bool is_clean(base::json::Value given, std::string_view sent) const;

  const cluster::Cluster& context_;
  const ListRow& row_;
  const ListArguments& arguments_;
  const RowShape* shape_ = nullptr;
  std::vector<bool> hidden_;    // of the table's columns: by its name it holds secrets
  base::json::Document shown_;  // the object without secrets, while its row is made
};

}  // namespace answer
