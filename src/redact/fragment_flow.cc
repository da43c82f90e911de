// Fragment: maps and lists in braces and brackets.
#include <algorithm>

#include "redact/fragment.h"
#include "redact/work.h"

namespace redact {

namespace {

bool is_plain_end(char c) {
  return c == ',' || c == '}' || c == ']' || is_quote(c);
}

}  // namespace

std::size_t Fragment::skip_space(std::size_t i) const {
  for (;;) {
    const std::size_t from = i;
    i = skip_blanks(text_, i);
    if (is_escaped_blank(text_, i)) {
      i = skip(text_, i, '\\') + 1;
    } else if (i < text_.size() && is_line_end(text_[i])) {
      ++i;
    }
    if (i == from) return i;
  }
}

void Fragment::flow_scalar(std::size_t i) {
  i = skip_properties(i);
  if (const Quote quote = quote_at(text_, i); quote.mark != 0) {
    const Found content{quote.after, content_end(text_, quote)};
    scalar(content, true);
    at_ = skip_quote(text_, content.end);
    return;
  }
  std::size_t end = i, next = 0;
  while (end < text_.size() && !is_plain_end(text_[end]) && !ends_line(text_, end, next) &&
         !is_escaped_blank(text_, end) && quote_at(text_, end).mark == 0) {
    ++end;
  }
  worked(end - i);
  at_ = end;
  while (end > i && is_blank(text_[end - 1]))
    --end;
  scalar({i, end}, false);
}

bool Fragment::flow(std::size_t i, int depth) {
  if (depth >= kMostDepth) return cut_ = true, false;
  const bool is_map = at(text_, i) == '{';
  const std::size_t node = open(is_map ? Kind::map : Kind::list);
  at_ = i + 1;
  while (goes_on()) {
    const std::size_t from = at_;
    i = skip_space(at_);
    const char c = at(text_, i);
    if (c == '}' || c == ']') {
      at_ = i + 1;
      close(node);
      return true;
    }
    Found key;
    std::size_t after = 0;
    if (c == ',') {
      at_ = i + 1;
      continue;
    }
    if (key_at(i, key, after)) {
      key_ = key;
      i = skip_space(after);
    }
    const char v = at(text_, i);
    if (v == '{' || v == '[') {
      if (!flow(i, depth + 1)) break;
    } else if (v != ',' && v != '}' && v != ']') {
      flow_scalar(i);
    }
    key_ = {};
    at_ = std::max(at_, i);
    if (at_ == from) ++at_;  // a quote that closes a string around the text
  }
  close(node);
  cut_ = cut_ || at_ >= text_.size();
  return false;
}

bool Fragment::read_flow(std::size_t begin) {
  nodes_.clear();
  at_ = begin_ = begin;
  flow(begin, 0);
  worked(at_ - begin_);
  return true;
}

bool Fragment::read_flow_around(std::size_t i, std::size_t floor) {
  std::size_t from = i;
  for (int inner = 0; from > floor && i - from < kMostBefore; --from) {
    const char c = text_[from - 1];
    if (c == '}') ++inner;
    if (c == '{' && inner-- == 0) break;
  }
  worked(i - from);
  return from > floor && text_[from - 1] == '{' && read_flow(from - 1);
}

}  // namespace redact
