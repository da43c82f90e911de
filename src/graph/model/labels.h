// Labels and label selectors as the graph keeps them: labels packed into one string; selectors with
// the semantics of Kubernetes' LabelSelector (matchLabels and matchExpressions, all must hold), or
// of its text form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace graph::model {

class Labels {
 public:
  Labels() = default;
  explicit Labels(base::json::Value labels);  // metadata.labels; absent: none

  void add(std::string_view key, std::string_view value);
  bool has(std::string_view key) const;
  std::string_view get(std::string_view key) const;  // "" when absent
  bool operator==(const Labels&) const = default;

 private:
  const char* find(std::string_view key) const;
  std::string packed_;  // "key\0value\0key\0value\0"
};

class LabelSelector {
 public:
  LabelSelector() = default;
  explicit LabelSelector(base::json::Value selector);
  // "env in (dev,test),tier!=db"; a malformed selector matches nothing.
  static LabelSelector parse(std::string_view text);

  // Requires the label, whatever its value.
  void require(std::string_view key);
  // No requirement at all: the caller decides what that selects.
  bool empty() const { return terms_.empty(); }
  bool matches(const Labels& labels) const;
  bool operator==(const LabelSelector&) const = default;

 private:
  enum class Op : unsigned char { in, not_in, exists, absent, more, less, never };
  struct Term {
    std::string key;
    Op op = Op::in;
    std::vector<std::string> values;
    bool operator==(const Term&) const = default;
  };
  static Term parse_term(std::string_view text);
  std::vector<Term> terms_;
};

}  // namespace graph::model
