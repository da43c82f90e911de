#include "redact/fragment.h"

#include <algorithm>

#include "redact/work.h"

namespace redact {

namespace {

constexpr std::size_t kLeastBytesOfNode = 4;  // but for a few
constexpr std::size_t kFewNodes = 256;
constexpr std::size_t kLongestKey = 128;
constexpr std::size_t kNodeWork = 8;

}  // namespace

bool Fragment::goes_on() {
  const bool few = nodes_.size() < kFewNodes + most_ / kLeastBytesOfNode;
  if (at_ - begin_ < most_ && few) return at_ < text_.size();
  cut_ = true;
  return false;
}

std::size_t Fragment::open(Kind kind) {
  nodes_.push_back({kind, false, key_, {}, 0});
  key_ = {};
  worked(kNodeWork);
  return nodes_.size() - 1;
}

void Fragment::scalar(Found found, bool quoted) {
  const std::size_t node = open(Kind::text);
  const std::string_view value = text_.substr(found.begin, found.end - found.begin);
  const bool number = !quoted && !value.empty() &&
                      std::all_of(value.begin(), value.end(),
                                  [](char c) { return is_digit(c) || c == '.' || c == '-'; });
  if (number) nodes_[node].kind = Kind::number;
  nodes_[node].quoted = quoted;
  nodes_[node].at = found;
  close(node);
}

void Fragment::end_line(std::size_t i) {
  std::size_t next = 0;
  line_end(text_, i, next);
  at_ = next;
}

// The line at at_, without those that are empty or a comment.
bool Fragment::next_line(Line& line) {
  while (goes_on()) {
    line = {at_, skip_blanks(text_, at_), false, 0};
    std::size_t next = 0;
    const std::size_t i = line.content;
    if (ends_line(text_, i, next) || at(text_, i) == '#') {
      const std::size_t before = at_;
      end_line(i);
      if (at_ == before) return false;
      continue;
    }
    if (text_[i] == '-' && (is_blank(at(text_, i + 1)) || ends_line(text_, i + 1, next))) {
      line.item = true;
      line.dash = i;
      line.content = skip_blanks(text_, i + 1);
    }
    return text_.substr(i, 3) != "---" ||
           !(is_blank(at(text_, i + 3)) || ends_line(text_, i + 3, next));
  }
  return false;
}

// A name and its colon: bare, or between quotes.
bool Fragment::key_at(std::size_t i, Found& key, std::size_t& after) const {
  const Quote quote = quote_at(text_, i);
  std::size_t end = i;
  if (quote.mark != 0) {
    key = {quote.after, content_end(text_, quote)};
    end = skip_quote(text_, key.end);
    if (end == key.end || end - i > kLongestKey) return false;
  } else {
    std::size_t next = 0;
    while (end < text_.size() && end - i < kLongestKey && text_[end] != ':' &&
           !is_quote(text_[end]) && text_[end] != '{' && text_[end] != '[' && text_[end] != ',' &&
           text_[end] != '}' && !ends_line(text_, end, next)) {
      ++end;
    }
    worked(end - i);
    key = {i, end};
    while (key.end > key.begin && is_blank(text_[key.end - 1]))
      --key.end;
  }
  end = skip_blanks(text_, end);
  if (!key || at(text_, end) != ':') return false;
  after = end + 1;
  std::size_t next = 0;
  return is_blank(at(text_, after)) || ends_line(text_, after, next) ||
         is_escaped_blank(text_, after) || quote.mark != 0;
}

std::size_t Fragment::skip_properties(std::size_t i) const {
  i = skip_blanks(text_, i);
  while (at(text_, i) == '!' || at(text_, i) == '&') {
    const std::size_t from = i;
    std::size_t next = 0;
    while (i < text_.size() && !is_blank(text_[i]) && !ends_line(text_, i, next))
      ++i;
    worked(i - from);
    i = skip_blanks(text_, i);
  }
  return i;
}

bool Fragment::value(std::size_t i, std::size_t column, int depth) {
  i = skip_properties(i);
  std::size_t next = 0;
  const char c = at(text_, i);
  if (ends_line(text_, i, next) || c == '#') {
    end_line(i);
    return below(column, depth);
  }
  if (c == '{' || c == '[') {
    const bool read = flow(i, depth);
    end_line(at_);
    return read;
  }
  if (const Quote quote = quote_at(text_, i); quote.mark != 0) {
    const Found content{quote.after, content_end(text_, quote)};
    scalar(content, true);
    end_line(skip_quote(text_, content.end));
    return true;
  }
  if (c == '*') {
    close(open(Kind::other));
    end_line(i);
    return true;
  }
  if (c == '|' || c == '>') {
    end_line(i);
    block(column);
    return true;
  }
  plain(i, column);
  return true;
}

// The lines below that are indented more.
void Fragment::block(std::size_t column) {
  Found out;
  Line line;
  while (next_line(line) && line.column() > column) {
    const std::size_t begin = line.item ? line.dash : line.content;
    if (out.begin == 0) out.begin = begin;
    std::size_t next = 0;
    out.end = line_end(text_, begin, next);
    at_ = next;
  }
  scalar(out, true);
}

// A scalar without quotes, and the lines below on which it goes on.
void Fragment::plain(std::size_t begin, std::size_t column) {
  Found out{begin, begin};
  std::size_t from = begin;
  for (;;) {
    std::size_t next = 0, end = line_end(text_, from, next);
    const std::size_t comment = text_.substr(from, end - from).find(" #");
    if (comment != text_.npos) end = from + comment;
    while (end > from && (is_blank(text_[end - 1]) || is_line_end(text_[end - 1])))
      --end;
    out.end = end;
    at_ = next;
    Line line;
    const std::size_t here = at_;
    Found key;
    std::size_t after = 0;
    if (!next_line(line) || line.column() <= column || line.item || line.begin != here ||
        key_at(line.content, key, after)) {
      at_ = here;
      break;
    }
    from = line.content;
  }
  scalar(out, false);
}

bool Fragment::below(std::size_t column, int depth) {
  Line line;
  const std::size_t from = at_;
  if (depth >= kMostDepth) return cut_ = true, false;
  const bool is_below =
      next_line(line) && (line.column() > column || (line.item && line.column() == column));
  if (!is_below) {
    at_ = from;
    return false;
  }
  if (line.item) {
    at_ = line.begin;
    list(line.column(), depth);
    return true;
  }
  Found key;
  std::size_t after = 0;
  if (key_at(line.content, key, after)) {
    map(line.content, line.column(), depth);
    return true;
  }
  if (const Quote quote = quote_at(text_, line.content);
      quote.mark != 0 || at(text_, line.content) == '{' || at(text_, line.content) == '[' ||
      at(text_, line.content) == '&' || at(text_, line.content) == '!') {
    return value(line.content, column, depth + 1);
  }
  plain(line.content, column);
  return true;
}

void Fragment::list(std::size_t column, int depth) {
  const std::size_t node = open(Kind::list);
  Line line;
  std::size_t from = at_;
  while (next_line(line) && line.item && line.column() == column) {
    Found key;
    std::size_t after = 0;
    const std::size_t inner = line.content - line.begin;
    if (depth >= kMostDepth) {
      cut_ = true;
      break;
    }
    if (key_at(line.content, key, after)) {
      map(line.content, inner, depth + 1);
    } else {
      value(line.content, column, depth + 1);
    }
    if (at_ <= from) break;
    from = at_;
  }
  at_ = from;
  close(node);
}

// `first`: the first of its names.
void Fragment::map(std::size_t first, std::size_t column, int depth) {
  const std::size_t node = open(Kind::map);
  std::size_t i = first;
  Found key;
  std::size_t after = 0;
  while (depth < kMostDepth && key_at(i, key, after)) {
    key_ = key;
    const std::size_t nodes = nodes_.size();
    value(after, column, depth + 1);
    key_ = {};
    if (nodes == nodes_.size() && at_ <= i) break;
    Line line;
    const std::size_t from = at_;
    if (!next_line(line) || line.item || line.column() != column) {
      at_ = from;
      break;
    }
    i = line.content;
  }
  close(node);
}

bool Fragment::read_value(std::size_t after_colon, std::size_t column) {
  at_ = begin_ = after_colon;
  const bool read = value(after_colon, column, 0);
  worked(at_ - begin_);
  return read && !nodes_.empty();
}

bool Fragment::read_around(std::size_t i, std::size_t floor) {
  const std::size_t line = line_begin(text_, i, floor);
  std::size_t content = line;
  while (content < i && (is_blank(text_[content]) || text_[content] == '-'))
    ++content;
  const char c = at(text_, content);
  const bool quoted = is_quote(c) || c == '\\' || c == '{' || c == '[';
  const std::size_t word = member_of_value(i, line);
  const bool begins_string = word > floor && is_quote(text_[word - 1]) && is_alnum(at(text_, word));
  const bool block = begins_string || (!quoted && (line > floor || floor == 0));
  if (block && read_block_around(i, line, floor)) return true;
  return read_flow_around(i, floor) || (!block && read_block_around(i, line, floor));
}

// Where the name in front of the value at `i` begins.
std::size_t Fragment::member_of_value(std::size_t i, std::size_t floor) const {
  while (i > floor && (text_[i - 1] == ':' || is_blank(text_[i - 1])))
    --i;
  while (i > floor && is_alnum(text_[i - 1]))
    --i;
  return i;
}

// The map begins with the item of a list, or with the first line that is indented as the name's is.
bool Fragment::read_block_around(std::size_t i, std::size_t line, std::size_t floor) {
  const auto column_of = [&](std::size_t begin, bool& item) {
    std::size_t content = begin;
    while (content < i && (is_blank(text_[content]) || text_[content] == '-')) {
      item = item || text_[content] == '-';
      ++content;
    }
    return content - begin;
  };
  bool item = false;
  std::size_t column = column_of(line, item), first = line + column;
  // Behind other words, as in a message: the lines below say how it is indented.
  const std::size_t word = member_of_value(i, line);
  if (word > first) {
    Line below;
    end_line(i);
    begin_ = at_;
    if (!next_line(below) || below.item) return false;
    item = true;
    first = word;
    column = below.column();
  }
  while (!item && line > floor && i - line < kMostBefore) {
    const std::size_t end = end_before(text_, line);
    const std::size_t before = line_begin(text_, end, floor);
    bool is_item = false;
    const std::size_t blanks = column_of(before, is_item);
    if (before == line || (blanks < column && before + blanks < end)) break;
    if (blanks == column) item = is_item;
    first = before + column;
    line = before;
  }
  // The first line is often the beginning of a string.
  Found key;
  std::size_t after = 0;
  if (!key_at(first, key, after)) {
    std::size_t next = 0;
    const std::size_t quote = text_.substr(0, line_end(text_, first, next)).rfind('"');
    if (quote != text_.npos && quote > first) first = quote + 1;
  }
  nodes_.clear();
  at_ = begin_ = line;
  map(first, column, 0);
  worked(at_ - begin_);
  for (std::size_t each = 1; each < nodes_.size(); each = nodes_[each].next) {
    const Node& node = nodes_[each];
    if (node.key.begin == i || (node.at.begin <= i && i < node.at.end)) return nodes_.size() > 2;
  }
  return false;
}

}  // namespace redact
