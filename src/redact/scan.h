// Scan: whether a JSON text may have a secret, in one pass over its anchors (anchors.h), before it is
// parsed. It says yes wherever an ObjectWriter (object_writer.h) finds something in the value that
// the text is parsed to; a no is sure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "redact/anchors.h"
#include "redact/text.h"

namespace redact {

class Scan {
 public:
  // Both must outlive this.
  Scan(const Text& texts, std::string_view json);
  // Looks on until about `most` of work (work.h) is done. True: it has ended.
  bool step(std::size_t most);
  // Requires: it has ended.
  bool may_have_secret() const { return may_; }

 private:
  bool may_at(std::size_t at, Hint hint);
  bool encodes_secret(std::size_t at);
  const Text& texts_;
  const std::string_view json_;
  std::size_t left_;  // of what the text may cost
  std::size_t from_ = 0, named_ = 0, run_end_ = 0, end_ = 0;
  std::string decoded_;
  bool may_ = false;
};

}  // namespace redact
