#include "support/prometheus.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/text.h"

namespace test {

namespace {

bool is_metric_name(std::string_view s, bool colons) {
  const auto fits = [&](char c, bool first) {
    const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
    return letter || (colons && c == ':') ||
           (!first && std::isdigit(static_cast<unsigned char>(c)) != 0);
  };
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (!fits(s[i], i == 0)) return false;
  }
  return !s.empty();
}

bool parse_value(const std::string& text, double& value) {
  if (text == "+Inf" || text == "-Inf" || text == "NaN") {
    value = text == "NaN" ? std::numeric_limits<double>::quiet_NaN()
                          : std::copysign(HUGE_VAL, text == "-Inf" ? -1.0 : 1.0);
    return true;
  }
  // strtod takes more than the format does: blanks, hexadecimal numbers, "inf".
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos || text.empty()) return false;
  char* end = nullptr;
  value = std::strtod(text.c_str(), &end);
  return *end == '\0';
}

std::string base_of(const std::string& name, const std::map<std::string, std::string>& types) {
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const std::string stem = name.substr(0, name.size() - std::string_view(suffix).size());
    const auto found = types.find(stem);
    if (found != types.end() && found->second == "histogram") return stem;
  }
  return name;
}

}  // namespace

// The labels of one sample: {a="b",c="d"}.
struct Scrape::Labels {
  std::map<std::string, std::string> all;
  bool bad = false;

  // Reads from `at`, which is behind '{'; leaves it behind '}'.
  void read(std::string_view line, std::size_t& at) {
    while (at < line.size() && line[at] != '}') {
      const std::size_t equals = line.find("=\"", at);
      if (equals == std::string_view::npos) return void(bad = true);
      const std::string name(line.substr(at, equals - at));
      std::string value;
      for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\') {
          if (++at == line.size()) return void(bad = true);
          if (line[at] != 'n' && line[at] != '\\' && line[at] != '"') return void(bad = true);
          value += line[at] == 'n' ? '\n' : line[at];
        } else {
          value += line[at];
        }
      }
      bad = bad || at == line.size() || !is_metric_name(name, false) || all.count(name) > 0 ||
            name.starts_with("__") || !base::valid_utf8(value);
      if (bad) return;
      all[name] = value;
      if (++at < line.size() && line[at] == ',') ++at;
    }
    if (at++ >= line.size()) bad = true;
  }
  std::string text() const {
    std::string out;
    for (const auto& [name, value] : all)
      out += (out.empty() ? "" : ",") + name + "=\"" + value + "\"";
    return out.empty() ? out : "{" + out + "}";
  }
};

Scrape::Scrape(std::string_view text) {
  if (!text.ends_with('\n')) complain("the last line has no end", "");
  for (std::string_view line : base::split(text, '\n')) {
    if (!line.empty()) read_line(line);
  }
  for (const auto& [name, type] : types)
    lint_family(name, type);
}

void Scrape::complain(std::string_view what, std::string_view where) {
  problems.push_back(std::string(what) + ": " + std::string(where));
}

std::string Scrape::problem_text() const {
  std::string out;
  for (const std::string& problem : problems)
    out += problem + "\n";
  return out;
}

void Scrape::read_line(std::string_view line) {
  if (line[0] == '#') return read_comment(line);
  read_sample(line);
}

void Scrape::read_comment(std::string_view line) {
  const bool help = line.starts_with("# HELP ");
  if (!help && !line.starts_with("# TYPE ")) return complain("a comment of no use", line);
  line.remove_prefix(7);
  const std::size_t blank = line.find(' ');
  const std::string name(line.substr(0, blank));
  const std::string rest(blank == std::string_view::npos ? "" : line.substr(blank + 1));
  auto& known = help ? helps_ : types;
  if (known.count(name) > 0) complain("said twice", name);
  known[name] = rest;
  if (help) return;
  family_ = name;
  if (rest != "counter" && rest != "gauge" && rest != "histogram") complain("type", line);
}

void Scrape::read_sample(std::string_view line) {
  std::size_t at = line.find_first_of("{ ");
  if (at == std::string_view::npos) return complain("no value", line);
  const std::string name(line.substr(0, at));
  if (!is_metric_name(name, true)) return complain("name", line);
  Labels labels;
  if (line[at] == '{') labels.read(line, ++at);
  double value = 0;
  if (labels.bad) return complain("labels", line);
  if (at >= line.size() || line[at] != ' ' || !parse_value(std::string(line.substr(at + 1)), value))
    return complain("value", line);
  const std::string family = base_of(name, types);
  if (family != family_) complain("outside of its family", line);
  const std::string key = name + labels.text();
  if (!series.emplace(key, value).second) complain("twice", key);
  for (const auto& [label, text] : labels.all) {
    if (std::any_of(label.begin(), label.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
      complain("label not in snake_case", line);
    if (label == "quantile" || (label == "le" && name != family + "_bucket"))
      complain("reserved label", line);
  }
  if (types[family] != "histogram" || name != family + "_bucket") return;
  double bound = 0;
  const auto le = labels.all.find("le");
  if (le == labels.all.end() || !parse_value(le->second, bound)) return complain("le", line);
  labels.all.erase(le);
  buckets_[family + labels.text()].emplace_back(bound, value);
}

void Scrape::lint_family(const std::string& name, const std::string& type) {
  const auto help = helps_.find(name);
  if (help == helps_.end() || help->second.empty()) complain("no help text", name);
  if (name.ends_with("_total") != (type == "counter")) complain("_total is for counters", name);
  if (name.find(':') != std::string::npos) complain("colon", name);
  for (const char* suffix : {"_bucket", "_count", "_sum"}) {
    if (name.ends_with(suffix)) complain("reserved suffix", name);
  }
  static const std::vector<std::string_view> kBad = {
      "s",       "ms",        "us",           "ns",           "sec",       "b",
      "kb",      "mb",        "gb",           "tb",           "pb",        "m",
      "h",       "d",         "milliseconds", "microseconds", "minutes",   "hours",
      "days",    "kilobytes", "kibibytes",    "megabytes",    "mebibytes", "percent",
      "counter", "gauge",     "histogram",    "summary",      "untyped",   "bits"};
  for (std::string_view part : base::split(name, '_')) {
    if (std::find(kBad.begin(), kBad.end(), part) != kBad.end()) complain("unit or type", name);
    if (base::to_lower(part) != part) complain("not in snake_case", name);
  }
  if (type == "histogram") lint_histogram(name);
}

void Scrape::lint_histogram(const std::string& name) {
  for (const auto& [key, buckets] : buckets_) {
    if (key != name && !key.starts_with(name + "{")) continue;
    const std::string labels = key.substr(name.size());
    if (!std::is_sorted(buckets.begin(), buckets.end())) complain("buckets out of order", key);
    for (std::size_t i = 1; i < buckets.size(); ++i) {
      if (buckets[i].second < buckets[i - 1].second) complain("buckets not cumulative", key);
    }
    if (!std::isinf(buckets.back().first)) complain("no +Inf bucket", key);
    if (buckets.back().second != value(name + "_count" + labels)) complain("count", key);
    if (!has(name + "_sum" + labels)) complain("no sum", key);
  }
}

double Scrape::value(const std::string& name) const {
  const auto found = series.find(name);
  return found == series.end() ? -1 : found->second;
}

double Scrape::sum(const std::string& name) const {
  double total = 0;
  for (const auto& [key, value] : series) {
    if (key == name || key.starts_with(name + "{")) total += value;
  }
  return total;
}

}  // namespace test
