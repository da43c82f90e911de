// Which label an answer counts under: few, whatever a peer sends.
#include "http/status_counts.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace {

std::map<std::string, std::uint64_t> labels_of(const http::StatusCounts& counts) {
  std::map<std::string, std::uint64_t> out;
  counts.for_each([&](std::string_view label, std::uint64_t n) { out[std::string(label)] += n; });
  return out;
}

TEST(StatusCounts, StatusesInUseAreCountedByNameAndTheOthersByClass) {
  http::StatusCounts counts;
  for (int status : {200, 200, 410, 505, 102, 206, 302, 418, 499, 520, 0, 99, 600, -1, 999})
    counts.add(status);
  const std::map<std::string, std::uint64_t> expected = {
      {"200", 2}, {"410", 1}, {"505", 1}, {"1xx", 1},  {"2xx", 1},
      {"3xx", 1}, {"4xx", 2}, {"5xx", 1}, {"none", 1}, {"other", 4}};
  EXPECT_EQ(labels_of(counts), expected);
  EXPECT_EQ(counts.total(), 15u);
}

TEST(StatusCounts, APeerThatSendsEveryNumberMakesFewLabels) {
  http::StatusCounts counts;
  for (int status = -10; status < 2000; ++status)
    counts.add(status);
  EXPECT_EQ(labels_of(counts).size(), 34u);
  EXPECT_EQ(counts.total(), 2010u);
}

}  // namespace
