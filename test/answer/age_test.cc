// Ages as kubectl prints them, and the table that they stand in.
#include "answer/age.h"

#include <utility>

#include <gtest/gtest.h>

#include "answer/table.h"

namespace {

using base::seconds;

constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour, kYear = 365 * kDay;

TEST(Age, IsWrittenAsKubectlWritesIt) {
  const std::pair<std::int64_t, const char*> cases[] = {
      {-5, "<invalid>"},
      {0, "0s"},
      {119, "119s"},
      {120, "2m"},
      {9 * kMinute + 59, "9m59s"},
      {10 * kMinute + 59, "10m"},
      {3 * kHour - 1, "179m"},
      {3 * kHour, "3h"},
      {8 * kHour - 1, "7h59m"},
      {8 * kHour, "8h"},
      {48 * kHour - 1, "47h"},
      {2 * kDay, "2d"},
      {8 * kDay - 1, "7d23h"},
      {8 * kDay, "8d"},
      {2 * kYear - 1, "729d"},
      {2 * kYear, "2y"},
      {2 * kYear + 3 * kDay, "2y3d"},
      {8 * kYear - 1, "7y364d"},
      {8 * kYear, "8y"},
  };
  for (const auto& [age, text] : cases)
    EXPECT_EQ(answer::age_text(seconds(age)), text) << age;
}

TEST(Age, OfATimeThatCannotBeReadIsUnknown) {
  EXPECT_EQ(answer::age_of("", {0}), "<unknown>");
  EXPECT_EQ(answer::age_of("1970-01-01T00:00:00Z", {90'000'000'000}), "90s");
}

TEST(AnswerTable, ColumnsAreAsWideAsTheirWidestCell) {
  answer::Table table({"NAME", "READY", "AGE"});
  table.add({"a", "True", "5m"});
  table.add({"a-long-name", "", "1h"});
  EXPECT_EQ(table.text(),
            "NAME          READY   AGE\n"
            "a             True    5m\n"
            "a-long-name           1h\n");
}

TEST(AnswerTable, ItsSizeIsKnownBeforeARowIsAdded) {
  answer::Table table({"NAME", "MESSAGE"});
  const std::vector<std::vector<std::string>> rows = {
      {"x", "m"}, {"a-long-name", ""}, {"grün", "größer"}, {"", "last"}};
  for (const auto& row : rows) {
    const std::size_t size = table.size_with(row);
    table.add(row);
    EXPECT_EQ(table.text().size(), size);
  }
  EXPECT_EQ(table.rows(), rows.size());
}

TEST(AnswerTable, ACellIsOneLine) {
  answer::Table table({"MESSAGE"});
  std::vector<std::string> cells = {"one\tand\x1b[31m colour\ntwo"};
  answer::Table::fit(cells);
  table.add(std::move(cells));
  EXPECT_EQ(table.text(), "MESSAGE\none and [31m colour...\n");
}

}  // namespace
