// Fragment: reads one value out of a text of YAML or JSON, of any layout (lines that are indented,
// braces, quotes), as the tree that it is. It takes what it can: a text is often cut, is the content
// of a JSON string (its line ends are escapes), or is the output of a program that only resembles
// these languages.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/chars.h"
#include "redact/structure.h"

namespace redact {

struct Node {
  Kind kind = Kind::other;  // Kind::number: a scalar without quotes that begins as one
  bool quoted = false;
  Found key;             // the name, of a member
  Found at;              // a scalar, without quotes
  std::size_t next = 0;  // the node behind it and all that is in it
};

class Fragment {
 public:
  // A value is read no further than `most` bytes. A longer one is rare, and what its members are
  // called says it of them.
  explicit Fragment(std::string_view text, std::size_t most = 16 * 1024)
      : text_(text), most_(most) {}

  // The value behind the colon of a name whose line has it at `column`: nodes()[0]. False: there is
  // none, as after a name at the end of a text.
  bool read_value(std::size_t after_colon, std::size_t column);
  // The map or list that begins with the brace or bracket at `begin`.
  bool read_flow(std::size_t begin);
  // The map in braces around text[i].
  bool read_flow_around(std::size_t i, std::size_t floor);
  // The map around the name at `i`, whichever of its members that is.
  bool read_around(std::size_t i, std::size_t floor);

  // In the order of the text, each followed by what is in it.
  const std::vector<Node>& nodes() const { return nodes_; }
  std::string_view text() const { return text_; }
  // It goes on beyond what was read.
  bool is_cut() const { return cut_; }
  std::size_t end() const { return at_; }

 private:
  static constexpr int kMostDepth = 16;
  static constexpr std::size_t kMostBefore = 512;  // of a map before one of its names

  // A line that is not empty.
  struct Line {
    std::size_t begin = 0, content = 0;
    bool item = false;  // its content is behind a dash, which counts as a blank
    std::size_t dash = 0;
    std::size_t column() const { return (item ? dash : content) - begin; }
  };

  bool read_block_around(std::size_t i, std::size_t line, std::size_t floor);
  std::size_t member_of_value(std::size_t i, std::size_t floor) const;
  bool next_line(Line& line);
  bool value(std::size_t i, std::size_t column, int depth);
  bool below(std::size_t column, int depth);
  void list(std::size_t column, int depth);
  void map(std::size_t first, std::size_t column, int depth);
  bool key_at(std::size_t i, Found& key, std::size_t& after) const;
  void block(std::size_t column);
  void plain(std::size_t begin, std::size_t column);
  bool flow(std::size_t i, int depth);
  void flow_scalar(std::size_t i);
  std::size_t skip_space(std::size_t i) const;
  std::size_t skip_properties(std::size_t i) const;
  std::size_t open(Kind kind);
  void close(std::size_t node) { nodes_[node].next = nodes_.size(); }
  void scalar(Found found, bool quoted);
  bool goes_on();
  // Moves on to the line after `i`.
  void end_line(std::size_t i);

  const std::string_view text_;
  const std::size_t most_;
  std::vector<Node> nodes_;
  std::size_t at_ = 0, begin_ = 0;
  bool cut_ = false;
  Found key_;  // of the node that comes next
};

}  // namespace redact
