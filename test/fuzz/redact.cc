// Redaction: what is valid JSON stays it, and what was cleaned is clean.
#include <algorithm>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "redact/anchors.h"
#include "redact/line_mask.h"
#include "redact/masking.h"
#include "redact/redactor.h"

namespace fuzz {

namespace {

using base::json::Document;

// Every anchor is found, wherever it begins: at a text's front, behind one more character, at its
// end. Runs are only looked for here and there.
void anchors(std::string_view input) {
  std::size_t last = 0, count = 0, shifted = 0;
  redact::Anchors::all().each(input, [&](std::size_t at, redact::Hint hint) {
    HOLDS(at >= last && at + 4 <= input.size());
    last = at;
    return count += hint != redact::Hint::run ? 1 : 0, true;
  });
  redact::Anchors::all().each("~" + std::string(input), [&](std::size_t at, redact::Hint hint) {
    return shifted += at > 0 && hint != redact::Hint::run ? 1 : 0, true;
  });
  HOLDS(shifted == count);
}

// Line by line, as a log comes.
void lines(const redact::Redactor& redactor, std::string_view input) {
  redact::LineMask mask(redactor);
  std::string shown;
  for (const std::string_view line : base::split(input, '\n')) {
    if (!mask.clean(line, shown)) continue;
    HOLDS(shown != line && shown.find("<redacted:") != shown.npos);
    HOLDS(!base::valid_utf8(line) || base::valid_utf8(shown));
  }
}

// No escapes, and nothing that JSON escapes but quotes and ends of lines: where a value in such a text
// ends is read otherwise in JSON, where a backslash more stands before it.
bool is_plain(std::string_view text) {
  return base::valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return c == '\\' || c == 0x7f ||
                  (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t');
         });
}

// In steps as at once.
void steps(const redact::Redactor& redactor, std::string_view json) {
  std::string body;
  const bool found = redactor.body(json, body);
  redact::Masking masking(redactor);
  masking.start(json);
  while (!masking.step(1)) {
  }
  HOLDS(masking.found() == found);
  HOLDS(!found || masking.take() == body);
}

}  // namespace

void redaction(std::string_view input) {
  static const redact::Redactor redactor(redact::Mask(std::string(32, 'k')));
  anchors(input);
  lines(redactor, input);
  steps(redactor, input);
  std::string clean, again;
  if (redactor.text(input, clean)) {
    HOLDS(clean != input);
    HOLDS(!redactor.text(clean, again));
    HOLDS(!base::valid_utf8(input) || base::valid_utf8(clean));
  }
  // As the text of a message.
  std::string json = R"({"text":)";
  base::json::append_string(json, input);
  json += "}";
  Document document;
  std::string body, whole;
  if (redactor.body(json, body)) {
    HOLDS(document.parse(body).has_value());
    HOLDS(!redactor.body(body, again));
  } else if (is_plain(input)) {
    // The quick pass missed nothing that the slow one finds.
    redactor.object(*document.parse(json), whole);
    HOLDS(whole == document.root().to_json());
  }
  steps(redactor, json);
  // As a message.
  const auto value = document.parse(input);
  if (!value) return;
  const bool changed = redactor.body(input, body);
  whole.clear();
  redactor.object(*value, whole);
  HOLDS(!changed ? whole == value->to_json() : whole == body);
  HOLDS(!redactor.is_clean(input) || !redactor.body(value->to_json(), again));
  HOLDS(document.parse(whole).has_value());
  HOLDS(!redactor.body(whole, again));
}

}  // namespace fuzz
