#include "events/field_selector.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace events {

using base::Errc;
using base::Error;

namespace {

struct Label {
  std::string_view core, v1;  // v1 "": not supported there
};
constexpr Label kLabels[] = {
    {"involvedObject.", "regarding."},
    {"reason", "reason"},
    {"type", "type"},
    {"metadata.name", "metadata.name"},
    {"metadata.namespace", "metadata.namespace"},
    {"reportingComponent", "reportingController"},
    {"source", ""},
};
constexpr std::size_t kSubject = 0, kType = 2;
constexpr std::string_view kLeaves[] = {"kind",       "namespace",       "name",     "uid",
                                        "apiVersion", "resourceVersion", "fieldPath"};

Error bad(std::string_view what) {
  return Error(Errc::invalid_argument, std::string("fieldSelector: ").append(what));
}

// The position of the first unescaped character of `wanted` from `from` on; npos: none.
std::size_t find_plain(std::string_view text, std::string_view wanted, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (wanted.find(text[i]) != wanted.npos) {
      return i;
    }
  }
  return text.npos;
}

bool escapes_are_good(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\') continue;
    if (++i == value.size() || std::string_view("\\,=").find(value[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

base::Result<FieldSelector::Term> FieldSelector::parse_term(std::string_view text) {
  const auto shown = [&] { return "'" + base::printable(text, 100) + "'"; };
  const std::size_t at = text.find_first_of("=!");
  const bool negated = at != text.npos && text[at] == '!';
  if (at == text.npos || (negated && text.substr(at, 2) != "!="))
    return bad(shown() + " is not a comparison; write label=value, label==value or label!=value");
  const std::size_t length = negated || text.substr(at, 2) == "==" ? 2 : 1;
  const std::string_view name = base::trim(text.substr(0, at)), value = text.substr(at + length);
  if (!escapes_are_good(value) || find_plain(value, "=", 0) != value.npos)
    return bad("in the value of " + shown() + " escape ',', '=' and '\\' with a backslash");
  Term term{0, {}, (negated ? "!=" : "=") + std::string(value)};
  for (const std::string_view subject : {kLabels[kSubject].core, kLabels[kSubject].v1}) {
    if (!name.starts_with(subject)) continue;
    term.leaf = name.substr(subject.size());
    if (std::find(std::begin(kLeaves), std::end(kLeaves), term.leaf) != std::end(kLeaves))
      return term;
  }
  for (term.label = 1; term.label < std::size(kLabels); ++term.label) {
    if (name == kLabels[term.label].core || name == kLabels[term.label].v1) return term;
  }
  return bad("events have no field label '" + base::printable(name, 64) +
             "' (known: involvedObject.kind, .namespace, .name, .uid, .apiVersion, "
             ".resourceVersion, .fieldPath, or the same with regarding; reason, type, "
             "metadata.name, metadata.namespace, reportingComponent, reportingController, source)");
}

base::Result<FieldSelector> FieldSelector::parse(std::string_view text) {
  FieldSelector out;
  if (base::trim(text).empty()) return out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(find_plain(text, ",", from), text.size());
    auto term = parse_term(text.substr(from, comma - from));
    if (!term) return std::move(term).error();
    out.terms_.push_back(*std::move(term));
    from = comma + 1;
  }
  return out;
}

std::string FieldSelector::text(Api api) const {
  std::vector<std::string> parts;
  for (const Term& term : terms_) {
    const Label& label = kLabels[term.label];
    parts.push_back(std::string(api == Api::core_v1 ? label.core : label.v1) + term.leaf +
                    term.op_and_value);
  }
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::string out;
  for (const std::string& part : parts)
    out.append(out.empty() ? "" : ",").append(part);
  return out;
}

bool FieldSelector::core_only() const {
  return std::any_of(terms_.begin(), terms_.end(),
                     [](const Term& term) { return kLabels[term.label].v1.empty(); });
}

void FieldSelector::add_type(std::string_view type) {
  terms_.push_back({kType, {}, "=" + std::string(type)});
}

}  // namespace events
