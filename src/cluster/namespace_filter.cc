#include "cluster/namespace_filter.h"

#include <cctype>
#include <utility>

#include <regex.h>

#include "base/names.h"
#include "base/text.h"

namespace cluster {

using base::Errc;
using base::Error;

constexpr std::size_t kShown = 64;  // bytes of a name repeated in an error

struct NamespaceFilter::Compiled {
  regex_t regex{};
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { regfree(&regex); }
};

NamespaceFilter::NamespaceFilter() = default;
NamespaceFilter::NamespaceFilter(NamespaceFilter&&) noexcept = default;
NamespaceFilter& NamespaceFilter::operator=(NamespaceFilter&&) noexcept = default;
NamespaceFilter::~NamespaceFilter() = default;

// Finds constructs of other dialects that POSIX would silently read as something else: in [a\-z]
// POSIX sees a range that starts at the backslash.
static bool foreign(std::string_view pattern) {
  if (pattern.find("(?") != std::string_view::npos) return true;
  bool in_brackets = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (in_brackets) {
      if (c == '\\') return true;
      in_brackets = c != ']';
    } else if (c == '[') {
      in_brackets = true;
      if (pattern.substr(i + 1, 1) == "^") ++i;
      if (pattern.substr(i + 1, 1) == "]") ++i;  // stands for itself when it comes first
    } else if (c == '\\' && ++i < pattern.size()) {
      if (std::isalnum(static_cast<unsigned char>(pattern[i]))) return true;
    }
  }
  return false;
}

base::Result<NamespaceFilter> NamespaceFilter::parse(std::string_view pattern) {
  NamespaceFilter filter;
  filter.pattern_ = std::string(pattern);
  if (pattern.empty()) return filter;
  const auto bad = [&](const std::string& why) {
    return Error(Errc::invalid_argument, "namespace filter '" + filter.pattern_ + "': " + why);
  };
  if (foreign(pattern)) {
    return bad(
        "escapes like \\d and groups like (?:…) are not supported; use POSIX extended syntax, e.g. "
        "team-[a-z0-9]+|kcm-system");
  }
  auto compiled = std::make_unique<Compiled>();
  if (int err = regcomp(&compiled->regex, filter.pattern_.c_str(), REG_EXTENDED); err != 0) {
    char text[128];
    regerror(err, &compiled->regex, text, sizeof text);
    return bad(text);
  }
  filter.compiled_ = std::move(compiled);
  return filter;
}

bool NamespaceFilter::allows(std::string_view ns) const {
  if (!compiled_) return true;
  // The cost of matching grows with the square of the text, which callers choose: text that cannot
  // be a namespace's name never reaches the expression.
  if (!base::is_dns_label(ns)) return false;
  // POSIX returns the leftmost match and of those the longest: if the whole name matches, this is
  // it. (Anchors around the pattern would not hold for one like "a)|(b".)
  regmatch_t match{};
  const std::string name(ns);
  return regexec(&compiled_->regex, name.c_str(), 1, &match, 0) == 0 && match.rm_so == 0 &&
         static_cast<std::size_t>(match.rm_eo) == name.size();
}

base::Result<void> NamespaceFilter::check(std::string_view ns) const {
  if (allows(ns)) return {};
  return Error(Errc::forbidden, "namespace '" + base::printable(ns, kShown) +
                                    "' is not allowed by this server's namespace filter (" +
                                    pattern_ + ")");
}

}  // namespace cluster
