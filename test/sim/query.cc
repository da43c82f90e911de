#include "sim/query.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace sim {
namespace {

std::string decode(std::string_view in) {
  std::string text(in);
  std::replace(text.begin(), text.end(), '+', ' ');
  return base::percent_decode(text).value_or(text);
}

}  // namespace

Query::Query(std::string_view text) {
  if (text.empty()) return;
  for (const std::string_view pair : base::split(text, '&')) {
    const std::size_t at = pair.find('=');
    const std::string_view value = at == pair.npos ? std::string_view() : pair.substr(at + 1);
    list_.emplace_back(decode(pair.substr(0, at)), decode(value));
  }
}

const std::string* Query::find(std::string_view name) const {
  for (const auto& [key, value] : list_) {
    if (key == name) return &value;
  }
  return nullptr;
}

const std::string& Query::get(std::string_view name) const {
  static const std::string none;
  const std::string* value = find(name);
  return value ? *value : none;
}

bool Query::flag(std::string_view name) const {
  const std::string* value = find(name);
  return value && !base::iequals(*value, "false") && *value != "0";
}

std::optional<std::int64_t> Query::number(std::string_view name) const {
  const std::string* value = find(name);
  return value ? base::parse_int(*value) : std::nullopt;
}

}  // namespace sim
