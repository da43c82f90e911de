// Compares resourceVersions of one collection: decimal numbers without leading zeros, by length,
// then by digits (k8s.io/apimachinery, util/resourceversion). For diagnostics only: an aggregated
// API server may use any text, which is not comparable.
#pragma once

#include <algorithm>
#include <string_view>

namespace kube {

inline bool is_numeric_version(std::string_view v) {
  return !v.empty() && v.front() != '0' &&
         std::all_of(v.begin(), v.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Also false when they are not comparable.
inline bool is_older_version(std::string_view a, std::string_view b) {
  if (!is_numeric_version(a) || !is_numeric_version(b)) return false;
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace kube
