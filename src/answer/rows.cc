#include "answer/rows.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/byte_words.h"
#include "base/json.h"
#include "base/yaml_write.h"

namespace answer {

namespace {

std::size_t escapes(std::string_view text) {
  return base::count_bytes(
      text,
      [](std::uint64_t word) {
        return base::has_byte(word, '"') || base::has_byte(word, '\\') ||
               base::has_byte(word, '\n');
      },
      [](char c) { return c == '"' || c == '\\' || c == '\n'; });
}
std::size_t escapes(const std::vector<std::string>& cells) {
  std::size_t bytes = 1;  // the line's end
  for (const std::string& cell : cells)
    bytes += escapes(cell);
  return bytes;
}

std::string as_yaml(const std::string& json) {
  std::string out;
  base::json::Document doc;
  if (const auto row = doc.parse("[" + json + "]")) base::yaml::append_yaml(out, *row);
  return out;
}

}  // namespace

Rows::Rows(Format format, std::vector<std::string> headers, Limits limits)
    : format_(format), limits_(limits), table_(std::move(headers)) {}

bool Rows::add(Row row) {
  if (count_ >= limits_.rows) return false;
  const std::size_t structured = json_.size() + row.json.size() + 1;
  std::size_t text = 0, more = 0, yaml = 0;
  if (format_ == Format::table) {
    Table::fit(row.cells);
    text = table_.size_with(row.cells);
    more = escapes(row.cells);
  } else if (format_ == Format::json) {
    text = structured;
    more = escapes(row.json);
  } else {
    const std::string lines = as_yaml(row.json);
    yaml = lines.size();
    text = yaml_ + yaml;
    more = escapes(lines);
  }
  if (count_ > 0 && structured + text + escapes_ + more > limits_.bytes) return false;
  if (format_ == Format::table) table_.add(std::move(row.cells));
  escapes_ += more;
  yaml_ += yaml;
  if (count_++ > 0) json_ += ',';
  json_ += row.json;
  return true;
}

}  // namespace answer
