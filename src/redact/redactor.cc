#include "redact/redactor.h"

#include <limits>

#include "redact/masking.h"
#include "redact/scan.h"

namespace redact {

constexpr std::size_t kAtOnce = std::numeric_limits<std::size_t>::max();

// The quick pass looks at the text, where an escape (\u0070assword) could hide a name or a token.
static bool is_written_as_here(std::string_view json) {
  if (json.find('\n') != json.npos || json.find('\r') != json.npos) return false;
  for (std::size_t at = 0; (at = json.find('\\', at)) != json.npos; at += 2) {
    const char c = at + 1 < json.size() ? json[at + 1] : 'u';
    if (c == 'u' || c == '/') return false;
  }
  return true;
}

bool Redactor::is_clean(std::string_view json) const {
  if (!is_written_as_here(json)) return false;
  Scan scan(text_, json);
  scan.step(kAtOnce);
  return !scan.may_have_secret();
}

bool Redactor::body(std::string_view json, std::string& out) const {
  Masking masking(*this);
  masking.start(json);
  while (!masking.step(kAtOnce)) {
  }
  if (masking.found()) out = masking.take();
  return masking.found();
}

}  // namespace redact
