// Masking: what Redactor::body() does, in steps: the body of a large object is masked in turns of the
// loop, each of which takes some milliseconds.
//
//   Masking masking(redactor);
//   masking.start(json);
//   while (!masking.step(kWorkOfTurn)) …;    in a turn of the loop each
//   if (masking.found()) json = masking.take();
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "redact/object_writer.h"
#include "redact/scan.h"

namespace redact {

class Redactor;

// Work of a turn: 2 to 6 ms.
constexpr std::size_t kWorkOfTurn = std::size_t{192} * 1024;

class Masking {
 public:
  explicit Masking(const Redactor& redactor);  // it must outlive this
  Masking(const Masking&) = delete;
  Masking& operator=(const Masking&) = delete;

  // Requires: `json` stays as it is until the last step.
  void start(std::string_view json);
  // Goes on until about `most` of work (work.h) is done; parsing is a step of its own. True: it has
  // ended.
  bool step(std::size_t most);
  // Has it found a secret? Then take() is what may be shown.
  bool found() const { return found_; }
  std::string take() { return std::move(out_); }

 private:
  bool parse();
  const Redactor& redactor_;
  std::string_view json_;
  std::string out_;
  base::json::Document doc_;
  std::optional<Scan> scan_;
  std::optional<ObjectWriter> writer_;
  bool parses_ = false, found_ = false;
};

}  // namespace redact
