#include "redact/manifest.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

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
      if (content && mask_size(text_.substr(content.begin)) == 0) out_.push_back({content, base64});
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
      if (!words(lines_[i]).starts_with("kind:")) continue;
      const std::size_t secret = words(lines_[i]).find("Secret");
      if (secret != std::string_view::npos && is_secret_kind(text_, lines_[i].begin + secret))
        take_object(i);
    }
    return std::move(out_);
  }

 private:
  std::string_view words(const Line& line) const {
    return text_.substr(line.begin, line.end - line.begin);
  }

  // The lines of the mapping that has lines_[kind], once.
  void take_object(std::size_t kind) {
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
      const std::string_view line = words(lines_[i]);
      if (lines_[i].indent != indent) continue;
      if (line != "data:" && line != "stringData:") continue;
      base64_ = line == "data:";
      take_values(i + 1, end, indent);
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
    if (value && mask_size(text_.substr(value.begin)) == 0) out_.push_back({value, base64_});
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
    while (i > 0 && (is_quote(text[i - 1]) || text[i - 1] == '\\' || is_blank(text[i - 1])))
      --i;
  };
  back();
  if (i == 0 || text[i - 1] != ':') return false;
  --i;
  back();
  return i >= 4 && text.substr(i - 4, 4) == "kind";
}

std::vector<SecretValue> secret_values(std::string_view text, const Limit& limit) {
  std::size_t kind = text.find("Secret");
  while (kind != text.npos && !is_secret_kind(text, kind))
    kind = text.find("Secret", kind + 1);
  if (kind == text.npos) return {};
  std::vector<SecretValue> out = Finder(text).find();
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

}  // namespace redact
