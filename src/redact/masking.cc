#include "redact/masking.h"

#include <utility>

#include "redact/redactor.h"

namespace redact {

Masking::Masking(const Redactor& redactor) : redactor_(redactor) {}

void Masking::start(std::string_view json) {
  json_ = json;
  out_.clear();
  writer_.reset();
  parses_ = found_ = false;
  scan_.emplace(redactor_.text_, json_);
}

bool Masking::step(std::size_t most) {
  if (parses_) return parse();
  if (!writer_) {
    if (!scan_->step(most)) return false;
    parses_ = scan_->may_have_secret();
    return !parses_;
  }
  if (!writer_->step(most)) return false;
  found_ = out_ != json_;
  doc_.release();
  return true;
}

// True: it has ended. No JSON, or deeper than the parser goes: it is never sent as it is.
bool Masking::parse() {
  parses_ = false;
  const auto value = doc_.parse(json_);
  if (!value) return found_ = redactor_.text_.clean(json_, out_), true;
  writer_.emplace(redactor_.mask_, redactor_.text_, out_);
  writer_->begin(*value);
  return false;
}

}  // namespace redact
