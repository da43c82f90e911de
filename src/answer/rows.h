// Rows: the rows of one answer, and the bytes that they take of it: in the structured answer, and
// as text inside a JSON string. A row that alone has no room is cut.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "answer/row_shape.h"
#include "answer/table.h"

namespace answer {

enum class Format : unsigned char { table, json, yaml };

class Rows {
 public:
  struct Limits {
    std::size_t rows, bytes;
  };
  Rows(Format format, std::vector<std::string> headers, Limits limits);

  // False: no room, and nothing changed. The first row always has room: one that is too large by
  // itself has its long texts, lists and maps cut (fitted_answer()), and its cells.
  bool add(Row row);
  // What was cut of the first row, in words; "": nothing.
  const std::string& cut() const { return cut_; }
  std::size_t count() const { return count_; }
  // "[…]"
  std::string json() const { return "[" + json_ + "]"; }
  std::string table() const { return table_.text(); }

 private:
  // What a row takes: `text` in all, with those before it; the others for itself.
  struct Sizes {
    std::size_t text = 0, escapes = 0, yaml = 0;
  };
  Sizes sizes_with(const Row& row) const;
  std::size_t bytes_with(const Row& row, const Sizes& sizes) const;
  void cut(Row& row);

  Format format_;
  Limits limits_;
  std::string cut_;
  Table table_;
  std::string json_;  // joined by commas
  std::size_t count_ = 0;
  std::size_t yaml_ = 0;     // bytes of the rows as YAML
  std::size_t escapes_ = 0;  // bytes that the text takes more inside a JSON string
};

}  // namespace answer
