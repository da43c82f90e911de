#include "redact/open_secret.h"

#include <algorithm>

#include "base/text.h"
#include "redact/chars.h"
#include "redact/key_words.h"
#include "redact/manifest.h"
#include "redact/pair_parts.h"

namespace redact {

namespace {

constexpr std::string_view kTriple = "\"\"\"";

struct Margin {
  std::size_t column = 0;  // of what a line has behind blanks and the dashes of lists
  bool item = false;       // it begins an item
};

Margin margin_of(std::string_view line) {
  Margin out;
  for (; out.column < line.size(); ++out.column) {
    const bool dash = line[out.column] == '-' && is_blank(at(line, out.column + 1));
    if (!dash && !is_blank(line[out.column])) break;
    out.item = out.item || dash;
  }
  return out;
}

std::size_t trimmed_end(std::string_view line, std::size_t end) {
  while (end > 0 && (is_blank(line[end - 1]) || is_line_end(line[end - 1])))
    --end;
  return end;
}

// Before the property of YAML that ends at `end`: password: !!str |
std::size_t before_properties(std::string_view line, std::size_t end) {
  for (;;) {
    std::size_t begin = end;
    while (begin > 0 && end - begin < kLongestName && !is_blank(line[begin - 1]))
      --begin;
    if (begin == end || (line[begin] != '!' && line[begin] != '&')) return end;
    end = trimmed_end(line, begin);
  }
}

// Does a line of a manifest look like this: a name and a colon, an item, a bracket that closes?
bool is_member_line(std::string_view text) {
  const char c = at(text, 0);
  if (c == '#' || c == '-' || c == '}' || c == ']') return true;
  std::size_t end = skip_quote(text, 0);
  const bool quoted = end > 0;
  const std::size_t begin = end;
  while (is_name(at(text, end)) || at(text, end) == '/')
    ++end;
  if (end == begin) return false;
  if (quoted) end = skip_quote(text, end);
  end = skip_blanks(text, end);
  return at(text, end) == ':' && (end + 1 == text.size() || is_blank(text[end + 1]));
}

bool is_block_option(char c) {
  return c == '+' || c == '-' || is_digit(c);
}

// A short line of YAML or JSON without what differs between the two: "apiVersion:v1", "data:".
std::string bare(std::string_view line) {
  constexpr std::size_t kLongest = 80;
  std::string text;
  if (line.size() > kLongest) return text;
  for (const char c : line.substr(margin_of(line).column))
    if (!is_blank(c) && !is_line_end(c) && !is_quote(c) && c != ',' && c != '{') text += c;
  return text;
}

// Is it what a Secret's data hold, rather than a ConfigMap's?
bool is_data_value(std::string_view text) {
  constexpr std::size_t kGroup = 4, kLeast = 8;
  if (text.empty() || text.size() % kGroup != 0) return false;
  if (text.back() == '=') return true;
  return text.size() >= kLeast && std::any_of(text.begin(), text.end(), is_upper) &&
         std::any_of(text.begin(), text.end(), is_lower);
}

// Whatever a text of several lines looks like, it is a secret.
bool hides_all(Holds holds) {
  return is_strong(holds) || holds == Holds::name;
}

}  // namespace

// `end`: behind the word Secret.
OpenSecret::Opener OpenSecret::kind_of(std::string_view line, std::size_t end) {
  constexpr std::string_view kSecret = "Secret", kKind = "kind";
  if (!line.substr(0, end).ends_with(kSecret) || !is_secret_kind(line, end - kSecret.size()))
    return {};
  std::size_t begin = line.rfind(kKind, end - kSecret.size());
  if (begin == line.npos) return {};
  if (begin > 0 && is_quote(line[begin - 1])) --begin;
  return {Open::object, begin, false};
}

// The line of the name in {name: DB_PASSWORD, value: x}.
OpenSecret::Opener OpenSecret::pair_of(std::string_view line, std::size_t end) {
  if (line[end - 1] == ',') --end;
  if (end > 0 && is_quote(line[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kLongestName && is_name(line[begin - 1]))
    --begin;
  const std::string_view name = line.substr(begin, end - begin);
  if (name.empty() || !is_named(line, {begin, end}) || holds(name) == Holds::nothing) return {};
  return {Open::object, margin_of(line).column, false};
}

OpenSecret::Opener OpenSecret::opener_of(std::string_view line) {
  std::size_t end = trimmed_end(line, line.size());
  if (end == 0) return {};
  if (const Opener pair = pair_of(line, end); pair.open != Open::none) return pair;
  switch (line[end - 1]) {
    case ':':
      return name_of(line, end, Open::value);
    case '{':
    case '[':
      return name_of(line, end - 1, Open::value);
    case '\\':
      return name_of(line, end - 1, Open::next_line);
    case ',':
      return end < 2 || !is_quote(line[end - 2]) ? Opener{} : kind_of(line, end - 2);
    case 't':
      return kind_of(line, end);
    case '\'':
      return kind_of(line, end - 1);
    case '"':
      if (!line.substr(0, end).ends_with(kTriple)) return kind_of(line, end - 1);
      return name_of(line, end - kTriple.size(), Open::quotes);
    default:
      break;
  }
  // |  >-  |2+
  --end;
  for (int i = 0; i < 2 && end > 0 && is_block_option(line[end]); ++i)
    --end;
  if (end == 0 || (line[end] != '|' && line[end] != '>') || !is_blank(line[end - 1])) return {};
  return name_of(line, before_properties(line, trimmed_end(line, end)), Open::block);
}

// `end`: behind the mark that follows the name.
OpenSecret::Opener OpenSecret::name_of(std::string_view line, std::size_t end, Open open) {
  end = trimmed_end(line, end);
  const char mark = end > 0 ? line[end - 1] : '\0';
  const bool colon = mark == ':' && open != Open::quotes;
  if (!colon && (mark != '=' || open == Open::block)) return {};
  end = trimmed_end(line, end - 1);
  std::size_t name_end = end;
  if (name_end > 0 && is_quote(line[name_end - 1])) --name_end;
  std::size_t begin = name_end;
  while (begin > 0 && name_end - begin < kLongestName && is_name(line[begin - 1]))
    --begin;
  const std::string_view name = line.substr(begin, name_end - begin);
  if (name.empty()) return {};
  const Holds one = holds(name);
  const bool all = hides_all(one);
  const bool is_map = holds_within(name) != Holds::nothing || name == "stringData";
  switch (open) {
    case Open::value:
      if (one == Holds::nothing && !is_map) return {};
      break;
    case Open::block:
      if (one == Holds::nothing) return {};
      break;
    default:
      if (!all) return {};
  }
  return {open, begin > 0 && name_end < end ? begin - 1 : begin, all && open != Open::value};
}

void OpenSecret::begin(std::string_view line) {
  const Margin margin = margin_of(line);
  const std::string text = bare(line);
  if (core_ && margin.column == column_ && text == "data:") {
    open_ = Open::data;
    lines_ = 0;
    return;
  }
  core_ = text == "apiVersion:v1";
  column_ = margin.column;
  const Opener opener = opener_of(line);
  if (opener.open == Open::none) return;
  open_ = opener.open;
  masks_ = opener.masks;
  first_ = true;
  quoted_ = is_quote(line[opener.begin]);
  lines_ = 0;
  // Other words in front of the name, as a logger writes them, count only in that they are there.
  const bool front = margin.column < opener.begin;
  column_ = front ? 0 : margin.column;
  before_.clear();
  if (front) {
    before_ = "x ";
  } else {
    before_.append(std::min(margin.column, kLongestOpenLine), ' ');
  }
  before_.append(line.substr(opener.begin, kLongestOpenLine + kLongestName)).append("\n");
}

bool OpenSecret::clean(std::string_view line, std::string& out) {
  if (open_ != Open::none) {
    const bool ends = ++lines_ > kMostOpenLines;
    if (!ends && trimmed_end(line, line.size()) == 0) return false;
    if (!ends && is_inside(line)) return clean_inside(line, out);
    open_ = Open::none;
  }
  begin(line);
  return false;
}

bool OpenSecret::is_inside(std::string_view line) const {
  if (open_ == Open::quotes || open_ == Open::next_line) return true;
  const Margin margin = margin_of(line);
  const std::string_view text = line.substr(margin.column);
  if (open_ == Open::object) {
    if (line.starts_with("---") || margin.column < column_) return false;
    if (margin.column > column_) return true;
    return !margin.item && is_member_line(text);
  }
  if (margin.column > column_) {
    // Not the next item of the list that the name is in an item of.
    return !margin.item || line.find_first_not_of(" \t") >= column_;
  }
  // "password":
  // "x"
  return open_ == Open::value && first_ && quoted_ && at(text, 0) == '"';
}

// The kind of the object comes below, as kubectl shows objects: what looks like the base64 of a Secret's
// value is taken for that.
bool OpenSecret::clean_data(std::string_view line, std::string& out) const {
  std::size_t end = trimmed_end(line, line.size());
  if (line[end - 1] == ',') --end;
  if (end > 0 && is_quote(line[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && line[begin - 1] == '=')
    --begin;
  while (begin > 0 && is_base64(line[begin - 1]))
    --begin;
  if (begin == 0 || !(is_blank(line[begin - 1]) || is_quote(line[begin - 1])) ||
      !is_data_value(line.substr(begin, end - begin)))
    return false;
  const std::string margin = "\n" + std::string(std::min(column_, kLongestOpenLine), ' ');
  const bool json = is_quote(line[margin_of(line).column]);
  const std::string before = margin + (json ? "\"kind\": \"Secret\"," : "kind: Secret") + margin +
                             (json ? "\"data\": {\n" : "data:\n");
  std::string cleaned;
  if (!redactor_.text(before + std::string(line), cleaned) || !cleaned.starts_with(before))
    return false;
  out = cleaned.substr(before.size());
  return true;
}

bool OpenSecret::clean_inside(std::string_view line, std::string& out) {
  if (open_ == Open::data) return clean_data(line, out);
  first_ = false;
  const std::size_t end = trimmed_end(line, line.size());
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), end);
  std::size_t stop = end;
  if (open_ == Open::quotes) {
    stop = std::min(line.find(kTriple), end);
    if (stop < end) open_ = Open::none;
  } else if (open_ == Open::next_line) {
    if (line[end - 1] == '\\') {
      stop = end - 1;
    } else {
      open_ = Open::none;
    }
  }
  if (!masks_) return clean_below(line, out);
  const std::string_view secret = line.substr(begin, stop - std::min(begin, stop));
  if (secret.empty() || is_mask(secret)) return false;
  out.assign(line.substr(0, begin)).append(redactor_.mask(secret)).append(line.substr(stop));
  return true;
}

bool OpenSecret::clean_below(std::string_view line, std::string& out) {
  const std::size_t begin = before_.size();
  std::string both = before_ + std::string(line), cleaned;
  if (!redactor_.text(both, cleaned) ||
      std::string_view(cleaned).ends_with(std::string_view(both).substr(begin - 1))) {
    keep(line);
    return false;
  }
  if (cleaned.starts_with(before_)) {
    out = cleaned.substr(begin);
  } else {
    // The mask begins on a line before: it is of a text of several lines.
    const std::size_t text = std::min(line.find_first_not_of(" \t"), line.size());
    const std::string_view secret = line.substr(text, trimmed_end(line, line.size()) - text);
    if (is_mask(secret)) return false;
    out.assign(line.substr(0, text)).append(redactor_.mask(secret));
  }
  keep(out);
  return true;
}

// Where it is too much, the first line is kept, and the lines that the last one is in.
void OpenSecret::keep(std::string_view line) {
  if (open_ == Open::block || line.size() > kLongestOpenLine) return;
  before_.append(line).append("\n");
  if (before_.size() <= kMostOpenBytes) return;
  const std::size_t first = before_.find('\n') + 1;
  std::string around;
  std::size_t least = std::string::npos;
  for (std::size_t end = before_.size(); end > first;) {
    const std::size_t at = before_.rfind('\n', end - 2) + 1;
    const std::string_view each = std::string_view(before_).substr(at, end - at);
    const std::size_t column = margin_of(each).column;
    if (column < least) {
      around.insert(0, each);
      least = column;
    }
    end = at;
  }
  before_.replace(first, std::string::npos, around);
  if (before_.size() > kMostOpenBytes) open_ = Open::none;
}

}  // namespace redact
