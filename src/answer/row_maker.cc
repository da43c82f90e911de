#include "answer/row_maker.h"

#include <utility>

#include "cluster/without_copies.h"
#include "redact/key_words.h"
#include "redact/redactor.h"

namespace answer {

using base::json::Value;

void RowMaker::use(const RowShape& shape) {
  shape_ = &shape;
  hidden_.clear();
  for (const std::string& header : shape.headers())
    hidden_.push_back(context_.redactor &&
                      redact::is_strong(redact::holds(redact::column_name(header))));
}

// Only a path or a whole object reaches what repeats an object, which the redactor then leaves out.
bool RowMaker::reaches() const {
  return row_.whole != nullptr || !arguments_.fields.empty() ||
         arguments_.sort_by.find('.') != std::string::npos;
}

std::string RowMaker::text_of(Value given) const {
  if (reaches()) return given.to_json();
  if (row_.served == Columns::row) return cluster::without_copies(given);
  std::string out;
  base::json::Writer w(out);
  w.begin_object();
  for (const base::json::Member each : given.object()) {
    const bool is_object = each.key == "object" && each.value.is(base::json::Type::object);
    w.key(each.key).raw(is_object ? cluster::without_copies(each.value) : each.value.to_json());
  }
  w.end_object();
  return out;
}

// Most objects have no secret: their text as it was sent says so, and need not be written again.
bool RowMaker::is_clean(Value given, std::string_view sent) const {
  if (sent.empty() || reaches()) return false;
  const Value object = row_.served != Columns::row && given["object"] ? given["object"] : given;
  const auto [before, after] = cluster::around_copies(sent, object);
  return context_.redactor->is_clean(before) && context_.redactor->is_clean(after);
}

Row RowMaker::make(Value given, std::string_view sent, base::WallTime now) {
  const redact::Redactor* redactor = context_.redactor;
  Value object = given;
  if (redactor) {
    const bool secrets = row_.kind.plural == "secrets" && row_.kind.group.empty();
    std::string shown;
    if (secrets) redactor->object(object, shown, true);
    if (secrets || (!is_clean(object, sent) && redactor->body(text_of(object), shown))) {
      const auto parsed = shown_.parse(shown);
      object = parsed ? *parsed : Value();
    }
  }
  Row row = shape_->make(object, now);
  row.unjoined = row_.join && row_.join->wanted(given) && !given[kJoinedMember];
  if (!redactor) return row;
  std::string out;
  for (std::size_t i = 0; i < row.cells.size() && i < hidden_.size(); ++i) {
    // The table shows the first line only, by which the rest may not be told from other text.
    const bool cut = row.cells[i].find('\n') != std::string::npos;
    if ((hidden_[i] || cut) &&
        redactor->member(redact::column_name(shape_->headers()[i]), row.cells[i], out))
      row.cells[i] = std::exchange(out, {});
  }
  if (redactor->member(arguments_.sort_by, row.sort, out)) row.sort = std::move(out);
  return row;
}

}  // namespace answer
