#include "redact/nested.h"

#include <algorithm>

#include "redact/mask.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

namespace {

// Most names of members say nothing, which is seen soon.
constexpr std::size_t kWorkOfMember = 16;

class Walk {
 public:
  Walk(std::string_view text, const Fragment& fragment, std::size_t floor, bool quick,
       std::vector<Found>& out)
      : text_(text), nodes_(fragment.nodes()), floor_(floor), quick_(quick), out_(out) {}

  void node(std::size_t i, const Around& around) {
    switch (nodes_[i].kind) {
      case Kind::map:
        return map(i, around);
      case Kind::list:
        for (std::size_t each = i + 1; each < nodes_[i].next; each = nodes_[each].next)
          node(each, element_of(around, nodes_[each].kind));
        return;
      default:
        return scalar(nodes_[i], around);
    }
  }

 private:
  std::string_view part(const Found& found) const {
    return text_.substr(found.begin, found.end - found.begin);
  }

  void map(std::size_t i, const Around& around) {
    const Facts facts(around, [&](auto add) {
      for (std::size_t each = i + 1; each < nodes_[i].next; each = nodes_[each].next)
        add(part(nodes_[each].key), nodes_[each].kind, part(nodes_[each].at));
    });
    std::string_view before;
    for (std::size_t each = i + 1; each < nodes_[i].next; each = nodes_[each].next) {
      const std::string_view key = part(nodes_[each].key);
      if (key.empty()) continue;  // {SSHA}, {{ .Values.x }}
      worked(kWorkOfMember);
      node(each, member_of(around, facts, key, nodes_[each].kind, before));
      before = key;
    }
  }

  void scalar(const Node& node, const Around& around) {
    Found found = node.at;
    if (!found || found.begin < floor_) return;
    if (around.holds == Holds::header) found.begin = found.end - without_scheme(part(found)).size();
    const std::string_view value = part(found);
    const Place place = node.quoted ? Place::quoted : Place::bare;
    const bool escaped =
        quick_ && node.quoted && around.holds != Holds::nothing && value.find('\\') != value.npos;
    const bool secret = node.kind == Kind::number ? is_secret_number(around, value)
                                                  : is_secret(around.holds, value, place);
    if (!escaped && !secret) return;
    const std::string_view only = secret_part(around.holds, value);
    if (!only.empty()) found.begin += static_cast<std::size_t>(only.data() - value.data());
    if (!only.empty()) found.end = found.begin + only.size();
    out_.push_back(found);
  }

  const std::string_view text_;
  const std::vector<Node>& nodes_;
  const std::size_t floor_;
  const bool quick_;
  std::vector<Found>& out_;
};

}  // namespace

void secrets_of(const Fragment& fragment, const Around& around, std::size_t floor, bool quick,
                std::vector<Found>& out) {
  if (!fragment.nodes().empty()) Walk(fragment.text(), fragment, floor, quick, out).node(0, around);
}

Found parent_of(std::string_view text, const Found& name, std::size_t floor) {
  constexpr std::size_t kMostBefore = 512;
  const std::size_t least = std::max(floor, name.begin - std::min(name.begin, kMostBefore));
  std::size_t i = name.begin, line = line_begin(text, i, least);
  const auto content_of = [&](std::size_t begin, std::size_t end) {
    while (begin < end && (is_blank(text[begin]) || text[begin] == '-'))
      ++begin;
    return begin;
  };
  if (line > least && content_of(line, i) == i) {
    const std::size_t column = i - line;
    if (text.substr(line, column).find('-') != text.npos) return {};
    for (;;) {
      if (line <= least || column == 0) return {};
      i = end_before(text, line);
      line = line_begin(text, i, least);
      const std::size_t content = content_of(line, i);
      if (content != i && content - line < column) break;
    }
  } else {
    for (int inner = 0; i > least; --i) {
      const char c = text[i - 1];
      if (c == '}' || c == ']') ++inner;
      if ((c == '{' || c == '[') && inner-- == 0) break;
    }
    worked(name.begin - i);
    if (i == least || text[--i] == '[') return {};
  }
  const auto back = [&](auto is) {
    while (i > least && is(text[i - 1]))
      --i;
  };
  const auto is_around = [](char c) {
    return is_blank(c) || is_quote(c) || c == '\\' || is_line_end(c);
  };
  back(is_around);
  if (i == least || text[i - 1] != ':') return {};
  --i;
  back(is_around);
  const std::size_t end = i;
  back([](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; });
  return {i, end};
}

Around around_named(std::string_view name) {
  return {holds_within(name), name, false, holds_many(name), false};
}

}  // namespace redact
