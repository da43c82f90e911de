#include "cluster/label_selector.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/text.h"

namespace cluster {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kNameMax = 63, kPrefixMax = 253;  // of label keys and values

Error bad(std::string_view what) {
  return Error(Errc::invalid_argument, std::string("labelSelector: ").append(what));
}

bool alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_name(std::string_view s) {
  if (s.empty() || s.size() > kNameMax || !alnum(s.front()) || !alnum(s.back())) return false;
  return std::all_of(s.begin(), s.end(),
                     [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_key(std::string_view s) {
  const std::size_t slash = s.find('/');
  if (slash == s.npos) return is_name(s);
  const std::string_view prefix = s.substr(0, slash);
  const bool dns = !prefix.empty() && prefix.size() <= kPrefixMax && alnum(prefix.front()) &&
                   alnum(prefix.back()) && std::all_of(prefix.begin(), prefix.end(), [](char c) {
                     return alnum(c) || c == '-' || c == '.';
                   });
  return dns && is_name(s.substr(slash + 1));
}

Error bad_key(std::string_view key) {
  return bad("'" + base::printable(key, 100) +
             "' is not a label key: [prefix/]name, the name of letters, digits, '-', '_', '.', at "
             "most 63 characters");
}

Result<std::string> checked_value(std::string_view value) {
  value = base::trim(value);
  if (value.empty() || is_name(value)) return std::string(value);
  return bad(
      "'" + base::printable(value, 100) +
      "' is not a label value: empty, or letters, digits, '-', '_', '.', at most 63 characters");
}

// key in (v,w), key notin (v,w)
Result<std::string> set_term(std::string_view text, std::size_t open) {
  const auto wrong = [&] {
    return bad("'" + base::printable(text, 100) + "' must be KEY in (V,W) or KEY notin (V,W)");
  };
  if (!text.ends_with(')')) return wrong();
  const std::string_view head = base::trim(text.substr(0, open));
  const std::size_t space = head.find_last_of(" \t");
  if (space == head.npos) return wrong();
  const std::string_view key = base::trim(head.substr(0, space)), op = head.substr(space + 1);
  if (op != "in" && op != "notin") return wrong();
  if (!is_key(key)) return bad_key(key);
  std::vector<std::string> values;
  for (std::string_view each : base::split(text.substr(open + 1, text.size() - open - 2), ',')) {
    auto value = checked_value(each);
    if (!value) return value;
    values.push_back(*std::move(value));
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::string out = std::string(key).append(" ").append(op).append(" (");
  for (std::size_t i = 0; i < values.size(); ++i)
    out.append(i == 0 ? "" : ",").append(values[i]);
  return out + ")";
}

Result<std::string> number_term(std::string_view text, std::size_t at) {
  const std::string_view key = base::trim(text.substr(0, at));
  const std::string_view value = base::trim(text.substr(at + 1));
  if (!is_key(key)) return bad_key(key);
  if (!base::parse_int(value))
    return bad("'" + base::printable(text, 100) + "' must compare with a whole number");
  return std::string(key) + text[at] + std::string(value);
}

Result<std::string> canonical_term(std::string_view text) {
  text = base::trim(text);
  if (const std::size_t open = text.find('('); open != text.npos) return set_term(text, open);
  if (text.starts_with('!')) {
    const std::string_view key = base::trim(text.substr(1));
    if (!is_key(key)) return bad_key(key);
    return "!" + std::string(key);
  }
  if (const std::size_t at = text.find_first_of("<>"); at != text.npos)
    return number_term(text, at);
  const std::size_t at = text.find_first_of("=!");
  const std::string_view key = base::trim(text.substr(0, at));
  if (!is_key(key)) return bad_key(key);
  if (at == text.npos) return std::string(key);
  const bool negated = text[at] == '!';
  if (negated && text.substr(at, 2) != "!=") return bad_key(text);
  const std::size_t length = negated || text.substr(at, 2) == "==" ? 2 : 1;
  auto value = checked_value(text.substr(at + length));
  if (!value) return value;
  return std::string(key) + (negated ? "!=" : "=") + *value;
}

}  // namespace

Result<std::string> canonical_label_selector(std::string_view text) {
  if (base::trim(text).empty()) return std::string();
  std::vector<std::string> terms;
  for (std::size_t from = 0; from <= text.size();) {
    std::size_t at = from;
    for (int depth = 0; at < text.size() && (text[at] != ',' || depth > 0); ++at)
      depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    auto term = canonical_term(text.substr(from, at - from));
    if (!term) return term;
    terms.push_back(*std::move(term));
    from = at + 1;
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  std::string out;
  for (const std::string& term : terms)
    out.append(out.empty() ? "" : ",").append(term);
  return out;
}

}  // namespace cluster
