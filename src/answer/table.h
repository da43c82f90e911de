// Table: rows as kubectl prints them: columns padded to their widest cell, three spaces between
// them, no padding after the last. size() is exact at any time, so that a budget can be kept while
// rows come.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace answer {

// Limit of one cell: a column is as wide as its widest cell in every row, so that one message of many
// KiB would leave room for no other row.
constexpr std::size_t kCellBytes = 512;

class Table {
 public:
  explicit Table(std::vector<std::string> headers);

  // Makes cells fit for a line: of several lines only the first stays, and "...", as kubectl does;
  // control characters become spaces. A longer cell is cut at kCellBytes, and "...".
  static void fit(std::vector<std::string>& cells);
  // Cuts a longer cell at `most` bytes, at a character's end, and "...".
  static void cut(std::string& cell, std::size_t most);
  // Requires of both: a cell for each header, fit().
  void add(std::vector<std::string> cells);
  // Bytes of the text with one row more, at most.
  std::size_t size_with(const std::vector<std::string>& cells) const;
  std::size_t rows() const { return rows_.size() - 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the headers first
  std::vector<std::size_t> widths_;             // code points, of all columns but the last
  std::size_t extra_ = 0;                       // bytes beyond one a code point, and last cells
};

}  // namespace answer
