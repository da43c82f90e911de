#include "cli/pages.h"

#include <algorithm>
#include <array>

namespace cli {

using base::json::Document;
using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

// Limits on a whole list: more than an API server has of one kind.
constexpr std::size_t kAllBytes = std::size_t{1} << 30, kAllRows = 1000000;
// What a page says of those after it.
constexpr std::array<std::string_view, 5> kOfACut = {"truncated", "remaining", "atLeast", "leftOut",
                                                     "continue"};

bool has_objects(Value list) {
  return list.is(Type::array) && list.size() > 0 && list.at(0).is(Type::object);
}

// NAMESPACE   NAME   AGE
bool begins_with_head(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return std::any_of(line.begin(), line.end(), is_upper) &&
         std::none_of(line.begin(), line.end(), is_lower);
}

}  // namespace

Pages::Rows& Pages::rows(std::string_view key) {
  for (Rows& each : rows_)
    if (each.key == key) return each;
  return rows_.emplace_back(Rows{std::string(key), {}});
}

bool Pages::add_json(Value structured, bool more) {
  ++pages_;
  if (pages_ > 1 || more) {
    for (const Member& member : structured.object()) {
      if (!has_objects(member.value)) continue;
      std::string& out = rows(member.key).json;
      bytes_ -= out.size();
      for (const Value row : member.value.array())
        out.append(out.empty() ? "" : ",").append(row.to_json());
      bytes_ += out.size();
    }
  }
  last_ = structured.to_json();
  return bytes_ <= kAllBytes;
}

std::string Pages::json() const {
  if (pages_ < 2) return last_;
  Document doc;
  std::string out;
  const auto last = doc.parse(last_);
  base::json::Writer w(out);
  w.begin_object();
  for (const Rows& each : rows_)
    w.key(each.key).raw("[" + each.json + "]");
  for (const Member& member : last ? last->object() : Value().object()) {
    const bool is_cut = std::find(kOfACut.begin(), kOfACut.end(), member.key) != kOfACut.end();
    const bool known = std::any_of(rows_.begin(), rows_.end(),
                                   [&](const Rows& each) { return each.key == member.key; });
    if (!is_cut && !known) w.key(member.key).raw(member.value.to_json());
  }
  w.end_object();
  return out;
}

bool Pages::add_text(std::string_view text, bool more) {
  is_table_ = is_table_ && begins_with_head(text);
  if (is_table_) {
    const Table cells = cells_of(text, rest_);
    const bool has_head = !table_.empty() && !cells.empty();
    table_.insert(table_.end(), cells.begin() + (has_head ? 1 : 0), cells.end());
  }
  const std::size_t foot = more ? text.rfind("\n\n") : text.npos;
  texts_.append(text.substr(0, foot));
  if (!texts_.empty() && texts_.back() != '\n') texts_ += '\n';
  return table_.size() <= kAllRows && texts_.size() <= kAllBytes;
}

std::string Pages::text() const {
  return is_table_ ? columns(table_) + rest_ : texts_;
}

}  // namespace cli
