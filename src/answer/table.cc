#include "answer/table.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/byte_words.h"
#include "base/check.h"

namespace answer {

namespace {

constexpr std::size_t kGap = 3;

// Terminals and models count characters: continuation bytes of UTF-8 take no place.
std::size_t characters(std::string_view text) {
  const std::size_t continued = base::count_bytes(
      text, [](std::uint64_t word) { return (word & base::kByteHighs) != 0; },
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
  return text.size() - continued;
}

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

bool has_control(std::string_view text) {
  const auto maybe = [](std::uint64_t word) {
    return base::has_below(word, 0x20) || base::has_byte(word, 0x7f);
  };
  return base::count_bytes(text, maybe, is_control) > 0;
}

void make_one_line(std::string& cell) {
  if (cell.size() <= kCellBytes && !has_control(cell)) return;
  Table::cut(cell, kCellBytes);
  if (const std::size_t end = cell.find_first_of("\f\n\r"); end != cell.npos)
    cell.replace(end, cell.npos, "...");
  std::replace_if(cell.begin(), cell.end(), is_control, ' ');
}

std::size_t extra(const std::vector<std::string>& cells) {
  std::size_t bytes = cells.back().size() + 1;
  for (std::size_t i = 0; i + 1 < cells.size(); ++i)
    bytes += cells[i].size() - characters(cells[i]);
  return bytes;
}

}  // namespace

Table::Table(std::vector<std::string> headers) {
  CHECK(!headers.empty());
  widths_.resize(headers.size() - 1);
  fit(headers);
  add(std::move(headers));
}

void Table::fit(std::vector<std::string>& cells) {
  std::for_each(cells.begin(), cells.end(), make_one_line);
}

void Table::cut(std::string& cell, std::size_t most) {
  if (cell.size() <= most) return;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(cell[end]) & 0xC0) == 0x80)
    --end;
  cell.replace(end, cell.npos, "...");
}

void Table::add(std::vector<std::string> cells) {
  CHECK(cells.size() == widths_.size() + 1);
  for (std::size_t i = 0; i < widths_.size(); ++i)
    widths_[i] = std::max(widths_[i], characters(cells[i]));
  extra_ += extra(cells);
  rows_.push_back(std::move(cells));
}

std::size_t Table::size_with(const std::vector<std::string>& cells) const {
  std::size_t line = 0;
  for (std::size_t i = 0; i < widths_.size(); ++i)
    line += std::max(widths_[i], characters(cells[i])) + kGap;
  return line * (rows_.size() + 1) + extra_ + extra(cells);
}

std::string Table::text() const {
  std::string out;
  std::size_t line = 0;
  for (const std::size_t width : widths_)
    line += width + kGap;
  out.reserve(line * rows_.size() + extra_);
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t i = 0; i < widths_.size(); ++i)
      out.append(row[i]).append(widths_[i] - characters(row[i]) + kGap, ' ');
    out.append(row.back()).append("\n");
  }
  return out;
}

}  // namespace answer
