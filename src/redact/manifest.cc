#include "redact/manifest.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

#include "redact/fragment.h"
#include "redact/mask.h"

namespace redact {

namespace {

// One line: its indentation, where the dashes of lists count as blanks, and what follows.
struct Line {
  std::size_t begin = 0, end = 0;  // of what follows the indentation
  std::size_t indent = 0;
  bool item = false;   // it begins an item of a list
  bool front = false;  // other words are in front of it
};

// The first line of a manifest may have other words in front of it, as in a log: it begins with the
// last of these words then, and the others are indented as it is, or not at all.
void skip_front(std::string_view text, Line& line) {
  for (const std::string_view word : {"kind: Secret", "stringData:", "data:"}) {
    if (line.end - line.begin <= word.size()) continue;
    const std::size_t begin = line.end - word.size();
    if (text.substr(begin, word.size()) != word || is_alnum(text[begin - 1])) continue;
    line = {begin, line.end, line.indent, false, true};
    return;
  }
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> out;
  for (std::size_t next = 0; next < text.size();) {
    const std::size_t begin = next;
    const std::size_t end = line_end(text, begin, next);
    Line line{begin, end};
    const auto is_dash = [&](std::size_t i) {
      return text[i] == '-' && i + 1 < end && text[i + 1] == ' ';
    };
    while (line.begin < end && (text[line.begin] == ' ' || is_dash(line.begin))) {
      line.item = line.item || text[line.begin] == '-';
      ++line.begin;
    }
    line.indent = line.begin - begin;
    while (line.end > line.begin && static_cast<unsigned char>(text[line.end - 1]) <= ' ')
      --line.end;
    if (line.end == line.begin) continue;
    if (!out.empty() && out.back().front && line.indent <= out.back().indent) {
      const bool is_map = text[out.back().end - 1] == ':';
      if (is_map || line.indent < out.back().indent) out.back().indent = is_map ? 0 : line.indent;
    }
    skip_front(text, line);
    out.push_back(line);
  }
  return out;
}

// "data":{…} and "stringData":{…} of JSON in a text that has a Secret.
class JsonFinder {
 public:
  JsonFinder(std::string_view text, const Limit& limit, std::vector<SecretValue>& out)
      : text_(text), limit_(limit), out_(out) {}

  void find() {
    for (std::size_t i = text_.find("ata"); i != text_.npos; i = text_.find("ata", i + 1)) {
      const bool string_data = i >= 7 && text_.substr(i - 7, 7) == "stringD";
      const std::size_t begin = i - (string_data ? 7 : i > 0 ? 1 : 0);
      if (!string_data && at(text_, begin) != 'd') continue;
      if (begin == 0 || !is_quote(text_[begin - 1])) continue;
      std::size_t next = skip_quote(text_, i + 3);
      if (next == i + 3) continue;
      next = skip_blanks(text_, next);
      if (at(text_, next) != ':') continue;
      next = skip_blanks(text_, next + 1);
      if (at(text_, next) == '{') take_members(next + 1, !string_data);
    }
  }

 private:
  // The values of an object that begins at `i`, text_[i - 1] being its brace. One that has no end
  // goes on in the next one, from where all was read before.
  void take_members(std::size_t i, bool base64) {
    read_.resize(text_.size());
    while (i < text_.size() && text_[i] != '}' && !read_[i] && !limit_.exceeded()) {
      read_[i] = true;
      const Quote key = quote_at(text_, i);
      if (key.mark == 0) {
        i = std::max(i + 1, skip(text_, i, '\\'));
        continue;
      }
      i = skip_quote(text_, content_end(text_, key));
      i = skip_blanks(text_, i);
      if (at(text_, i) != ':') continue;
      i = skip_blanks(text_, i + 1);
      const Quote value = quote_at(text_, i);
      if (value.mark == 0) continue;
      const Found content{value.after, content_end(text_, value)};
      if (content && !is_mask(text_.substr(content.begin, content.end - content.begin)))
        out_.push_back({content, base64});
      i = skip_quote(text_, content.end);
    }
  }

  const std::string_view text_;
  const Limit& limit_;
  std::vector<SecretValue>& out_;
  std::vector<bool> read_;  // by position
};

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text), lines_(lines_of(text)) {}

  std::vector<SecretValue> find() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (value_of(lines_[i], "kind") == 0) continue;
      const std::size_t secret = words(lines_[i]).find("Secret");
      if (secret == std::string_view::npos || !is_secret_kind(text_, lines_[i].begin + secret))
        continue;
      take_object(i, words(lines_[i]).substr(secret).starts_with("SecretList"));
    }
    return std::move(out_);
  }

 private:
  std::string_view words(const Line& line) const {
    return text_.substr(line.begin, line.end - line.begin);
  }

  // Where the value of the name begins, if the line has that name, in quotes or not; else 0.
  std::size_t value_of(const Line& line, std::string_view name) const {
    std::size_t i = skip_quote(text_, line.begin);
    if (text_.substr(i, name.size()) != name) return 0;
    i = skip_blanks(text_, skip_quote(text_, i + name.size()));
    return i < line.end && text_[i] == ':' ? skip_blanks(text_, i + 1) : 0;
  }

  // The lines of the mapping that has lines_[kind], once. `list`: those of its items, too.
  void take_object(std::size_t kind, bool list) {
    const std::size_t indent = lines_[kind].indent;
    std::size_t& taken = taken_[indent];
    if (kind < taken) return;
    std::size_t first = kind, end = kind + 1;
    while (first > 0 && !(lines_[first].item && lines_[first].indent == indent) &&
           lines_[first - 1].indent >= indent && words(lines_[first - 1]) != "---") {
      --first;
    }
    while (end < lines_.size() && lines_[end].indent >= indent &&
           !(lines_[end].item && lines_[end].indent == indent) && words(lines_[end]) != "---") {
      ++end;
    }
    taken = end;
    worked(end - first);
    for (std::size_t i = first; i < end; ++i) {
      if (lines_[i].indent != indent && !list) continue;
      const std::size_t data = value_of(lines_[i], "data");
      const std::size_t value = data != 0 ? data : value_of(lines_[i], "stringData");
      if (value == 0) continue;
      base64_ = data != 0;
      const char c = value < lines_[i].end ? text_[value] : '#';
      if (c == '{') take_flow(value);
      if (c == '#' || c == '&' || c == '!') take_values(i + 1, end, lines_[i].indent);
    }
  }

  void take_flow(std::size_t begin) {
    Fragment fragment(text_, text_.size());
    fragment.read_flow(begin);
    for (const Node& node : fragment.nodes()) {
      if (node.at && mask_size(text_.substr(node.at.begin)) == 0)
        out_.push_back({node.at, base64_});
    }
  }

  // The scalars of the lines that are indented more than `indent`.
  void take_values(std::size_t i, std::size_t end, std::size_t indent) {
    std::size_t key_indent = 0;
    for (; i < end && lines_[i].indent > indent; ++i) {
      const std::string_view line = words(lines_[i]);
      if (key_indent == 0) key_indent = lines_[i].indent;
      std::size_t begin = lines_[i].begin;
      if (lines_[i].indent == key_indent) {
        const std::size_t colon = line.find(": ");
        if (colon == line.npos) continue;  // its value is in the lines below
        begin += colon + 1;
        while (begin < lines_[i].end && is_blank(text_[begin]))
          ++begin;
        if (text_[begin] == '|' || text_[begin] == '>') continue;
      }
      add({begin, lines_[i].end});
    }
  }

  void add(Found value) {
    const Quote quote = quote_at(text_, value.begin);
    if (quote.mark != 0 && value.end - value.begin >= 2 && text_[value.end - 1] == quote.mark)
      value = {value.begin + 1, value.end - 1};
    if (value && !is_mask(text_.substr(value.begin, value.end - value.begin)))
      out_.push_back({value, base64_});
  }

  std::string_view text_;
  std::vector<Line> lines_;
  std::vector<SecretValue> out_;
  std::unordered_map<std::size_t, std::size_t> taken_;  // by indentation, the lines so far
  bool base64_ = false;
};

}  // namespace

bool is_secret_kind(std::string_view text, std::size_t begin) {
  const std::string_view word = text.substr(begin, 10);
  if (!word.starts_with("Secret")) return false;
  if (is_alnum(at(text, begin + (word == "SecretList" ? 10 : 6)))) return false;
  std::size_t i = begin;
  const auto back = [&] {
    while (i > 0 && (is_quote(text[i - 1]) || text[i - 1] == '\\' || is_blank(text[i - 1]) ||
                     (i > 1 && text[i - 1] == 't' && text[i - 2] == '\\'))) {
      --i;
    }
  };
  back();
  // kind: &k Secret, kind: !!str Secret
  constexpr std::size_t kLongestProperty = 32;
  std::size_t property = i;
  while (property > 0 && i - property < kLongestProperty &&
         (is_alnum(text[property - 1]) || text[property - 1] == '!')) {
    --property;
  }
  if (property > 0 && property < i && (text[property - 1] == '&' || text[property] == '!')) {
    i = text[property] == '!' ? property : property - 1;
    back();
  }
  if (i == 0 || text[i - 1] != ':') return false;
  --i;
  back();
  return i >= 4 && text.substr(i - 4, 4) == "kind";
}

// {kind: Secret, stringData: {a: x}}
static void find_in_braces(std::string_view text, std::size_t kind, std::size_t& read,
                           std::vector<SecretValue>& out) {
  // In JSON, JsonFinder finds it.
  std::size_t begin = text.rfind("kind", kind);
  while (begin > 0 && is_blank(text[begin - 1]))
    --begin;
  if (begin == 0 || (text[begin - 1] != '{' && text[begin - 1] != ',')) return;
  Fragment fragment(text, text.size());
  if (!fragment.read_flow_around(begin, read)) return;
  read = fragment.end();
  const std::vector<Node>& nodes = fragment.nodes();
  for (std::size_t i = 1; i < nodes.size(); i = nodes[i].next) {
    const std::string_view key =
        text.substr(nodes[i].key.begin, nodes[i].key.end - nodes[i].key.begin);
    if (key != "data" && key != "stringData") continue;
    for (std::size_t each = i + 1; each < nodes[i].next; ++each) {
      if (nodes[each].at && mask_size(text.substr(nodes[each].at.begin)) == 0)
        out.push_back({nodes[each].at, key == "data"});
    }
  }
}

std::vector<SecretValue> secret_values(std::string_view text, const Limit& limit) {
  std::size_t kind = text.find("Secret");
  while (kind != text.npos && !is_secret_kind(text, kind))
    kind = text.find("Secret", kind + 1);
  if (kind == text.npos) return {};
  std::vector<SecretValue> out = Finder(text).find();
  for (std::size_t read = 0; kind != text.npos && !limit.exceeded();
       kind = text.find("Secret", kind + 1)) {
    if (kind >= read && is_secret_kind(text, kind)) find_in_braces(text, kind, read, out);
  }
  JsonFinder(text, limit, out).find();
  std::sort(out.begin(), out.end(),
            [](const SecretValue& a, const SecretValue& b) { return a.at.begin < b.at.begin; });
  // What both found, counts once.
  std::size_t end = 0;
  const auto overlaps = [&](const SecretValue& value) {
    if (value.at.begin < end) return true;
    end = value.at.end;
    return false;
  };
  out.erase(std::remove_if(out.begin(), out.end(), overlaps), out.end());
  return out;
}

// Is it the value of `type`?
static bool is_named_type(std::string_view text, std::size_t i) {
  const auto back = [&] {
    while (i > 0 && (is_quote(text[i - 1]) || text[i - 1] == '\\' || is_blank(text[i - 1])))
      --i;
  };
  back();
  if (i == 0 || text[i - 1] != ':') return false;
  --i;
  back();
  return text.substr(0, i).ends_with("type");
}

static void take_scalars(const Fragment& fragment, std::size_t from, std::size_t floor,
                         std::vector<Found>& out) {
  const std::vector<Node>& nodes = fragment.nodes();
  for (std::size_t i = from; i < nodes[from].next; ++i) {
    if (nodes[i].at && nodes[i].at.begin >= floor) out.push_back(nodes[i].at);
  }
}

void secret_members(std::string_view text, std::size_t at_anchor, std::size_t floor,
                    std::vector<Found>& out) {
  std::size_t begin = at_anchor, end = at_anchor;
  const auto is_type = [](char c) { return is_alnum(c) || c == '.' || c == '/' || c == '-'; };
  constexpr std::size_t kLongest = 40, kMostBytes = 64 * 1024;
  while (begin > floor && at_anchor - begin < kLongest && is_type(text[begin - 1]))
    --begin;
  while (end < text.size() && end - at_anchor < kLongest && is_type(text[end]))
    ++end;
  if (begin > floor && text[begin - 1] == '\\' && begin < at_anchor) ++begin;  // "\nstringData"
  const std::string_view word = text.substr(begin, end - begin);
  Fragment fragment(text, kMostBytes);
  if (word == "stringData") {
    std::size_t i = skip_blanks(text, skip_quote(text, end)), next = 0;
    if (at(text, i) != ':') return;
    i = skip_blanks(text, i + 1);
    const std::size_t line = line_begin(text, begin, floor);
    const std::size_t column = std::min(text.find_first_not_of(" -", line), begin) - line;
    const bool read = at(text, i) == '{'         ? fragment.read_flow(i)
                      : ends_line(text, i, next) ? fragment.read_value(i, column)
                                                 : false;
    if (read) take_scalars(fragment, 0, floor, out);
    return;
  }
  if (!is_secret_type(word) || !is_named_type(text, begin)) return;
  if (!fragment.read_around(begin, floor)) return;
  const std::vector<Node>& nodes = fragment.nodes();
  for (std::size_t i = 1; i < nodes.size(); i = nodes[i].next) {
    const Found& key = nodes[i].key;
    if (text.substr(key.begin, key.end - key.begin) == "data")
      take_scalars(fragment, i, floor, out);
  }
}

}  // namespace redact
