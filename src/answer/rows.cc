#include "answer/rows.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "answer/fitted.h"
#include "base/byte_words.h"
#include "base/json.h"
#include "base/yaml_write.h"

namespace answer {

namespace {

// A row that is cut keeps as much: its name, and what it is.
constexpr std::size_t kLeastRowBytes = 128, kLeastCellBytes = 16;

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

Rows::Sizes Rows::sizes_with(const Row& row) const {
  Sizes out;
  if (format_ == Format::table) {
    out.text = table_.size_with(row.cells);
    out.escapes = escapes(row.cells);
  } else if (format_ == Format::json) {
    out.text = json_.size() + row.json.size() + 1;
    out.escapes = escapes(row.json);
  } else {
    const std::string lines = as_yaml(row.json);
    out.yaml = lines.size();
    out.text = yaml_ + out.yaml;
    out.escapes = escapes(lines);
  }
  return out;
}

std::size_t Rows::bytes_with(const Row& row, const Sizes& sizes) const {
  return json_.size() + row.json.size() + 1 + sizes.text + escapes_ + sizes.escapes;
}

void Rows::cut(Row& row) {
  // The table gets its half first: its cells are short already, and the header has to stay.
  for (std::size_t most = kCellBytes / 2; format_ == Format::table && most >= kLeastCellBytes;
       most /= 2) {
    if (table_.size_with(row.cells) + escapes(row.cells) <= limits_.bytes / 2) break;
    for (std::string& cell : row.cells)
      Table::cut(cell, most);
  }
  base::json::Document doc;
  const std::string whole = std::move(row.json);
  const auto object = doc.parse(whole);
  // As text the row is as large again.
  const std::size_t text = format_ == Format::table
                               ? table_.size_with(row.cells) + escapes(row.cells)
                               : limits_.bytes / 2;
  std::size_t room = std::max(limits_.bytes - std::min(limits_.bytes, text), kLeastRowBytes);
  for (;; room -= room / 4) {
    Fitted fitted = object ? fitted_answer(*object, room) : Fitted{"{}", {}};
    row.json = std::move(fitted.json);
    cut_ = fitted.cut.empty() ? "cells are cut" : std::move(fitted.cut);
    if (room <= kLeastRowBytes || bytes_with(row, sizes_with(row)) <= limits_.bytes) return;
  }
}

bool Rows::add(Row row) {
  if (count_ >= limits_.rows) return false;
  if (format_ == Format::table) Table::fit(row.cells);
  Sizes more = sizes_with(row);
  if (bytes_with(row, more) > limits_.bytes) {
    if (count_ > 0) return false;
    cut(row);
    more = sizes_with(row);
  }
  if (format_ == Format::table) table_.add(std::move(row.cells));
  escapes_ += more.escapes;
  yaml_ += more.yaml;
  if (count_++ > 0) json_ += ',';
  json_ += row.json;
  return true;
}

}  // namespace answer
