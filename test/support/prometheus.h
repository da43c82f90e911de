// Reads what a scrape gives, as strictly as the text exposition format 0.0.4 is defined, and checks
// what `promtool check metrics` checks: help texts, units, suffixes, names, duplicates, buckets.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct Scrape {
  explicit Scrape(std::string_view text);

  // What is wrong, by line or family; empty: nothing.
  std::vector<std::string> problems;
  std::string problem_text() const;
  // name{a="b",…} with the labels sorted by name, and its value.
  std::map<std::string, double> series;
  std::map<std::string, std::string> types;  // of the families

  // -1 when there is no such series.
  double value(const std::string& name) const;
  bool has(const std::string& name) const { return series.count(name) == 1; }
  // Over all label sets of the name.
  double sum(const std::string& name) const;

 private:
  struct Labels;
  void read_line(std::string_view line);
  void read_comment(std::string_view line);
  void read_sample(std::string_view line);
  void lint_family(const std::string& name, const std::string& type);
  void lint_histogram(const std::string& name);
  void complain(std::string_view what, std::string_view where);
  std::string family_;  // the one being read
  std::map<std::string, std::string> helps_;
  // Histograms: labels without le, and their buckets as they came.
  std::map<std::string, std::vector<std::pair<double, double>>> buckets_;
};

}  // namespace test
