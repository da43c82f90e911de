// Verifier: checks the chain of an audit log's lines (log.h), file after file in the order in which they
// were written. It stops at the first line that is missing, changed or torn.
//
// Accepted, and counted: a torn piece that the next line names (the server was restarted after it);
// a first line that is not the first of its chain (older files were removed).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace audit {

class Verifier {
 public:
  explicit Verifier(std::string key) : key_(std::move(key)) {}
  // Reads a whole file; blocks. An error: it cannot be read. What is wrong with its lines is in problem().
  base::Result<void> file(const std::string& path);
  // The next line of a file, without its newline. `whole`: it had one.
  void line(std::string_view text, bool whole);
  void begin(std::string name);  // another file
  void end();                    // nothing follows

  // "audit.log:7: the line was changed"; "": none so far
  const std::string& problem() const { return problem_; }
  std::uint64_t lines() const { return lines_; }  // good ones
  std::uint64_t torn() const { return torn_; }    // pieces that the next line names
  std::uint64_t first() const { return first_; }  // sequence numbers
  std::uint64_t last() const { return last_; }

 private:
  void wrong(std::uint64_t at, std::string_view what);
  const std::string key_;
  std::string name_, problem_, prev_, piece_;
  std::string piece_name_;
  bool piece_whole_ = false;
  std::uint64_t number_ = 0, piece_at_ = 0;
  std::uint64_t lines_ = 0, torn_ = 0, first_ = 0, last_ = 0;
};

}  // namespace audit
