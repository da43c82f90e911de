#include "kube/warnings.h"

#include <algorithm>

#include "base/text.h"

namespace kube {
namespace {

// Consumes a quoted string at the front of `rest` and unescapes it; false when there is none.
bool take_quoted(std::string_view& rest, std::string& text) {
  text.clear();
  if (!rest.starts_with('"')) return false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
    if (rest[i] == '\\' && ++i == rest.size()) return false;
    text += rest[i];
  }
  return false;
}

}  // namespace

void Warnings::add(std::string_view value) {
  std::string text, date;
  for (std::string_view rest = base::trim(value); !rest.empty();) {
    // warn-code SP warn-agent SP quoted text [SP quoted date]
    const std::size_t agent = rest.find(' ');
    const std::size_t quote = agent == std::string_view::npos ? agent : rest.find(' ', agent + 1);
    if (quote == std::string_view::npos || agent != 3) return;
    const bool miscellaneous = rest.starts_with("299");
    rest.remove_prefix(quote + 1);
    if (!take_quoted(rest, text)) return;
    rest = base::trim(rest);
    if (rest.starts_with('"') && !take_quoted(rest, date)) return;
    if (miscellaneous) keep(text);
    rest = base::trim(rest);
    if (!rest.starts_with(',')) return;
    rest = base::trim(rest.substr(1));
  }
}

void Warnings::keep(std::string_view text) {
  std::string shown = base::printable(text, kWarningBytes);
  if (shown.empty() || std::find(all_.begin(), all_.end(), shown) != all_.end()) return;
  if (all_.size() == kWarningsKept) {
    ++dropped_;
  } else {
    all_.push_back(std::move(shown));
  }
}

}  // namespace kube
