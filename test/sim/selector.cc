#include "sim/selector.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace sim {
namespace {

using base::Errc;
using base::Error;

bool one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Where a field label is found in the JSON of the type; empty: not supported.
std::vector<std::string> field_path(const Type& type, std::string_view label) {
  std::vector<std::string> path;
  for (const std::string_view part : base::split(label, '.'))
    path.emplace_back(part);
  if (one_of(label, {"metadata.name", "metadata.namespace"})) return path;
  const bool core = type.group.empty();
  if (type.plural == "events") {
    const std::string subject = core ? "involvedObject" : "regarding";
    const bool leaf =
        path.size() == 2 && one_of(path[1], {"kind", "namespace", "name", "uid", "apiVersion",
                                             "resourceVersion", "fieldPath"});
    if (leaf && path[0] == subject) return path;
    if (one_of(label, {"reason", "type"})) return path;
    if (label == (core ? "reportingComponent" : "reportingController")) return path;
    if (core && label == "source") return {"source", "component"};
  }
  if (core && type.plural == "pods" &&
      one_of(label, {"spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName",
                     "status.phase", "status.podIP"})) {
    return path;
  }
  if (core && type.plural == "namespaces" && one_of(label, {"status.phase", "name"})) return path;
  return {};
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

// Splits at commas that stand neither in parentheses nor behind a backslash.
std::vector<std::string_view> terms_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    } else if (text[i] == ',' && depth == 0) {
      out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  if (start < text.size()) out.push_back(text.substr(start));
  return out;
}

struct Comparison {
  std::string_view left, right;
  bool negated;
};

bool split_comparison(std::string_view text, Comparison& out) {
  const std::size_t at = text.find_first_of("=!");
  if (at == text.npos || at == 0) return false;
  out.left = base::trim(text.substr(0, at));
  out.negated = text[at] == '!';
  std::size_t after = at + 1;
  if (out.negated && (after >= text.size() || text[after] != '=')) return false;
  if (out.negated || (after < text.size() && text[after] == '=')) ++after;
  out.right = base::trim(text.substr(after));
  return true;
}

}  // namespace

base::Result<Selector::Term> Selector::field_term(const Type& type, std::string_view text) {
  Comparison c{};
  if (!split_comparison(text, c)) {
    return Error(Errc::invalid_argument,
                 "invalid field selector: can't understand '" + std::string(text) + "'");
  }
  Term term{false, field_path(type, c.left), c.negated, false, {unescaped(c.right)}};
  if (!term.path.empty()) return term;
  if (type.plural == "events" || type.plural == "pods") {
    return Error(Errc::invalid_argument, "field label not supported: " + std::string(c.left));
  }
  return Error(
      Errc::invalid_argument,
      "\"" + std::string(c.left) +
          "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
}

base::Result<Selector::Term> Selector::label_term(std::string_view text) {
  text = base::trim(text);
  Comparison c{};
  if (text.starts_with('!')) {
    return Term{true, {std::string(base::trim(text.substr(1)))}, true, true, {}};
  }
  const std::size_t open = text.find('(');
  if (open != text.npos && text.ends_with(')')) {
    const std::vector<std::string_view> words = base::split(base::trim(text.substr(0, open)), ' ');
    if (words.size() != 2 || !one_of(words[1], {"in", "notin"})) {
      return Error(Errc::invalid_argument, "unable to parse requirement: " + std::string(text));
    }
    Term term{true, {std::string(words[0])}, words[1] == "notin", false, {}};
    for (const std::string_view value :
         base::split(text.substr(open + 1, text.size() - open - 2), ',')) {
      term.values.emplace_back(base::trim(value));
    }
    return term;
  }
  if (split_comparison(text, c)) {
    return Term{true, {std::string(c.left)}, c.negated, false, {std::string(c.right)}};
  }
  if (text.find_first_of("=!() ") != text.npos || text.empty()) {
    return Error(Errc::invalid_argument, "unable to parse requirement: " + std::string(text));
  }
  return Term{true, {std::string(text)}, false, true, {}};
}

base::Result<Selector> Selector::parse(const Type& type, std::string_view fields,
                                       std::string_view labels) {
  Selector selector;
  for (const std::string_view text : terms_of(fields)) {
    auto term = field_term(type, text);
    if (!term) return std::move(term).error();
    selector.terms_.push_back(*std::move(term));
  }
  for (const std::string_view text : terms_of(labels)) {
    auto term = label_term(text);
    if (!term) return std::move(term).error();
    selector.terms_.push_back(*std::move(term));
  }
  return selector;
}

bool Selector::matches(base::json::Value object) const {
  return std::all_of(terms_.begin(), terms_.end(), [object](const Term& term) {
    base::json::Value value = term.label ? object["metadata"]["labels"] : object;
    for (const std::string& part : term.path)
      value = value[part];
    if (term.exists) return value.present() != term.negated;
    if (term.label && !value.present()) return term.negated;
    const bool equal =
        std::find(term.values.begin(), term.values.end(), value.str()) != term.values.end();
    return equal != term.negated;
  });
}

bool Selector::matches_text(std::string_view members) const {
  if (terms_.empty()) return true;
  base::json::Document doc;
  const auto root = doc.parse("{" + std::string(members));
  return root && matches(*root);
}

}  // namespace sim
