#include "base/metrics.h"

#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/text.h"

namespace base::metrics {

namespace {

// [a-zA-Z_:][a-zA-Z0-9_:]* without the colons: Prometheus reserves them for recording rules.
bool is_name(std::string_view s) {
  if (s.empty() || (s[0] >= '0' && s[0] <= '9')) return false;
  for (char c : s) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && c != '_') return false;
  }
  return true;
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
  } else {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
}

// A label's value is quoted, a help text is not.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quoted && c == '"')) {
      (out += '\\') += c;
    } else {
      out += c;
    }
  }
}

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "counter";
    case Kind::gauge:
      return "gauge";
    case Kind::histogram:
      break;
  }
  return "histogram";
}

}  // namespace

void Histogram::observe(Duration d) {
  std::size_t i = 0;
  while (i < bounds_.size() && d > bounds_[i])
    ++i;
  ++buckets_[i];
  ++count_;
  sum_ += d;
}

Writer& Writer::family(std::string_view name, Kind kind, std::string_view help) {
  CHECK(is_name(name) && !help.empty());
  CHECK(name.ends_with("_total") == (kind == Kind::counter));
  name_ = name;
  kind_ = kind;
  out_.append("# HELP ").append(name).append(" ");
  append_escaped(out_, help, false);
  out_.append("\n# TYPE ").append(name).append(" ").append(to_string(kind)).append("\n");
  return *this;
}

Writer& Writer::sample(Labels labels, double value) {
  CHECK(kind_ != Kind::histogram);
  line({}, labels, {}, value);
  return *this;
}

Writer& Writer::sample(Labels labels, const Histogram& histogram) {
  CHECK(kind_ == Kind::histogram);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    std::string le;
    append_number(le, to_seconds(histogram.bounds()[i]));
    below += histogram.bucket(i);
    line("_bucket", labels, le, static_cast<double>(below));
  }
  line("_bucket", labels, "+Inf", static_cast<double>(histogram.count()));
  line("_sum", labels, {}, to_seconds(histogram.sum()));
  line("_count", labels, {}, static_cast<double>(histogram.count()));
  return *this;
}

// An empty `le` omits the bucket label.
void Writer::line(std::string_view suffix, Labels labels, std::string_view le, double value) {
  out_.append(name_).append(suffix);
  char before = '{';
  const auto label = [&](std::string_view name, std::string_view text) {
    CHECK(is_name(name));
    (out_ += before).append(name).append("=\"");
    append_escaped(out_, repair_utf8(text), true);
    out_ += '"';
    before = ',';
  };
  for (const Label& each : labels)
    label(each.name, each.value);
  if (!le.empty()) label("le", le);
  if (before == ',') out_ += '}';
  out_ += ' ';
  append_number(out_, value);
  out_ += '\n';
}

}  // namespace base::metrics
