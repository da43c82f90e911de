// What a write changes, and whose fields they are.
#include "change/diff.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"

namespace {

using change::Diff;
using Lines = std::vector<std::string>;

Lines lines(const std::string& before, const std::string& after, const std::string& managed = "[]",
            const std::string& ours = "us") {
  base::json::Document a, b, c;
  const base::json::Value was = before.empty() ? base::json::Value() : *a.parse(before);
  const base::json::Value is = after.empty() ? base::json::Value() : *b.parse(after);
  const Diff diff = change::diff({was, is}, *c.parse(managed), ours);
  Lines out;
  for (const change::Change& each : diff.changes)
    out.push_back(line_of(each));
  return out;
}

TEST(ChangeDiff, WhatIsRemovedComesFirst) {
  EXPECT_EQ(lines(R"({"spec":{"a":1,"z":2,"m":{"x":true}}})", R"({"spec":{"a":2,"n":[1]}})"),
            (Lines{"- .spec.m.x: true", "- .spec.z: 2", "~ .spec.a: 1 -> 2", "+ .spec.n: [1]"}));
}

TEST(ChangeDiff, WhatOnlyTheServerWritesDoesNotCount) {
  EXPECT_EQ(
      lines(
          R"({"metadata":{"resourceVersion":"1","generation":1,"managedFields":[]},"status":{"a":1}})",
          R"({"metadata":{"resourceVersion":"2","generation":2},"status":{"a":2},"kind":"X"})"),
      Lines{});
}

TEST(ChangeDiff, ElementsOfListsAreMatchedByTheirKeys) {
  EXPECT_EQ(
      lines(R"({"services":[{"name":"a","namespace":"x","v":1},{"name":"b","v":1}]})",
            R"({"services":[{"name":"a","namespace":"x","v":1},{"name":"c"},{"name":"b","v":2}]})"),
      (Lines{"~ .services[name=b].v: 1 -> 2", "+ .services[name=c].name: \"c\""}));
  EXPECT_EQ(lines(R"({"l":["a","b"]})", R"({"l":["a"]})"), (Lines{R"(~ .l: ["a","b"] -> ["a"])"}))
      << "a list without keys is one value";
}

TEST(ChangeDiff, OwnersAreFoundByTheFieldsThatTheyOwn) {
  const std::string managed = R"([
    {"manager":"kubectl","operation":"Update","fieldsV1":{"f:spec":{"f:a":{}}}},
    {"manager":"flux","operation":"Apply","fieldsV1":{"f:spec":{"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:v":{}}}}}},
    {"manager":"us","operation":"Apply","fieldsV1":{"f:spec":{"f:a":{}}}},
    {"manager":"kcm","operation":"Update","subresource":"status","fieldsV1":{"f:spec":{"f:a":{}}}},
    {"manager":"whole","operation":"Update","fieldsV1":{"f:spec":{"f:m":{}}}}])";
  EXPECT_EQ(
      lines(R"({"spec":{"a":1,"m":{"deep":{"x":1}},"l":[{"name":"x","v":1},{"name":"y","v":1}]}})",
            R"({"spec":{"a":2,"m":{"deep":{"x":2}},"l":[{"name":"x","v":2},{"name":"y","v":2}]}})",
            managed),
      (Lines{"~ .spec.a: 1 -> 2 (owner: kubectl)", "~ .spec.l[name=x].v: 1 -> 2 (owner: flux)",
             "~ .spec.l[name=y].v: 1 -> 2", "~ .spec.m.deep.x: 1 -> 2 (owner: whole)"}));
}

TEST(ChangeDiff, ADigestIsOfWholeValues) {
  const std::string longer(1000, 'x');
  base::json::Document a, b, c;
  const auto digest = [&](const std::string& value) {
    return change::diff({{}, *a.parse(R"({"v":")" + value + "\"}")}, {}, "us").digest;
  };
  EXPECT_NE(digest(longer + "a"), digest(longer + "b"));
  EXPECT_EQ(digest("a"), digest("a"));
}

TEST(ChangeDiff, ALongDiffIsCounted) {
  std::string before = "{", after = "{";
  for (int i = 0; i < 1000; ++i)
    after += "\"k" + std::to_string(i) + "\":1,";
  after.back() = '}';
  base::json::Document a;
  const Diff diff = change::diff({{}, *a.parse(after)}, {}, "us");
  EXPECT_EQ(diff.changes.size(), change::kChanges);
  EXPECT_EQ(diff.left_out, 1000 - change::kChanges);
}

TEST(ChangeDiff, ALongValueIsShownWhereItDiffers) {
  const std::string same(1000, 'x');
  const Lines all = lines(R"({"v":")" + same + R"(one"})", R"({"v":")" + same + R"(two"})");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_NE(all[0].find("one"), std::string::npos) << all[0];
  EXPECT_NE(all[0].find("two"), std::string::npos) << all[0];
  EXPECT_LT(all[0].size(), 2 * change::kShownValueBytes + 100);
}

TEST(ChangeDiff, AnElementThatIsGoneFromAListIsTakenAway) {
  base::json::Document a, b, c;
  EXPECT_EQ(
      change::diff({*a.parse(R"({"l":[1,2]})"), *b.parse(R"({"l":[2,3]})")}, {}, "us").removed, 1u);
  EXPECT_EQ(
      change::diff({*a.parse(R"({"l":[1,2]})"), *c.parse(R"({"l":[0,1,2]})")}, {}, "us").removed,
      0u);
}

TEST(ChangeDiff, AnotherOrderIsAChange) {
  EXPECT_EQ(
      lines(R"({"env":[{"name":"a"},{"name":"b"}]})", R"({"env":[{"name":"b"},{"name":"a"}]})"),
      (Lines{"~ .env: (order) -> (another order)"}));
  EXPECT_EQ(lines(R"({"env":[{"name":"a"},{"name":"b"}]})",
                  R"({"env":[{"name":"c"},{"name":"a"},{"name":"b"}]})"),
            (Lines{"+ .env[name=c].name: \"c\""}));
}

// ---- a default that comes back

Diff with_wish(const std::string& before, const std::string& after, const std::string& wish,
               const std::string& patch = {}) {
  static base::json::Document a, b, c, d;
  const auto part = [](base::json::Document& doc, const std::string& text) {
    return text.empty() ? base::json::Value() : *doc.parse(text);
  };
  return change::diff({part(a, before), part(b, after), part(c, wish), part(d, patch)}, {}, "us");
}

TEST(ChangeDiff, ADefaultThatComesBackIsTakenAwayFirstOfAll) {
  const std::string before = R"({"spec":{"a":1,"limit":3}})",
                    after = R"({"spec":{"a":2,"limit":10}})";
  for (const Diff& diff : {with_wish(before, after, R"({"spec":{"a":2}})"),
                           with_wish(before, after, "", R"({"spec":{"a":2,"limit":null}})")}) {
    ASSERT_EQ(diff.changes.size(), 2u);
    EXPECT_EQ(line_of(diff.changes[0]),
              "~ .spec.limit: 3 -> 10 (taken away by this write: its default comes back)");
    EXPECT_EQ(line_of(diff.changes[1]), "~ .spec.a: 1 -> 2");
    EXPECT_EQ(diff.removed, 1u);
  }
}

TEST(ChangeDiff, ADefaultThatIsThereIsNoChangeHoweverOftenItIsTakenAway) {
  const std::string is = R"({"spec":{"a":1,"limit":10}})";
  EXPECT_TRUE(with_wish(is, is, R"({"spec":{"a":1}})").empty());
  EXPECT_TRUE(with_wish(is, is, "", R"({"spec":{"limit":null}})").empty());
}

TEST(ChangeDiff, AnObjectThatIsTakenAwayTakesItsFieldsWithIt) {
  const Diff diff = with_wish(R"({"strategy":{"type":"Recreate"}})",
                              R"({"strategy":{"type":"RollingUpdate","surge":"25%"}})", "",
                              R"({"strategy":null})");
  ASSERT_EQ(diff.changes.size(), 2u);
  EXPECT_TRUE(diff.changes[0].defaulted);
  EXPECT_EQ(diff.changes[0].path, ".strategy.type");
  EXPECT_FALSE(diff.changes[1].defaulted) << "what is new was not taken away";
}

TEST(ChangeDiff, WhatAWriteSetsIsNoDefault) {
  EXPECT_FALSE(with_wish(R"({"a":1})", R"({"a":2})", R"({"a":2})").changes[0].defaulted);
  EXPECT_FALSE(with_wish(R"({"a":1})", R"({"a":2})", "", R"({"a":2})").changes[0].defaulted);
  EXPECT_FALSE(with_wish(R"({"a":1})", R"({"a":2})", "", "{}").changes[0].defaulted)
      << "another field that a webhook changes";
}

TEST(ChangeDiff, ANameForgesNoLine) {
  const Lines all = lines("{}", R"({"a\nThis is approved.":1})");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].find('\n'), std::string::npos) << all[0];
  EXPECT_LT(lines("{}", "{\"" + std::string(100000, 'k') + "\":1}")[0].size(), 1000u);
}

TEST(ChangeDiff, ContestedFieldsAreFoundBeyondWhatIsShown) {
  std::string before = "{", after = "{";
  for (int i = 0; i < 2000; ++i) {
    before += "\"k" + std::to_string(i) + "\":1,";
    after += "\"k" + std::to_string(i) + "\":2,";
  }
  base::json::Document a, b, c;
  const Diff diff = change::diff(
      {*a.parse(before + "\"z\":1}"), *b.parse(after + "\"z\":2}")},
      *c.parse(R"([{"manager":"flux","operation":"Apply","fieldsV1":{"f:z":{}}}])"), "us");
  ASSERT_EQ(diff.contested.size(), 1u);
  EXPECT_EQ(diff.contested[0].path, ".z");
}

TEST(ChangeDiff, AFinalizerThatGoesIsSeenBehindAnyNumberOfChanges) {
  std::string annotations;
  for (int i = 0; i < 9000; ++i)
    annotations += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\":\"\"";
  base::json::Document a, b;
  const Diff diff = change::diff(
      {*a.parse(R"({"metadata":{"annotations":{)" + annotations + R"(},"finalizers":["x/y"]}})"),
       *b.parse(R"({"metadata":{}})")},
      {}, "us");
  EXPECT_GT(diff.left_out, 0u);
  EXPECT_TRUE(diff.takes_finalizer);
}

TEST(ChangeDiff, AnObjectOfManyMembersTakesNoSquareOfTime) {
  std::string object = "{";
  for (int i = 0; i < 30000; ++i)
    object += "\"k" + std::to_string(i) + "\":1,";
  object.back() = '}';
  base::json::Document a, b;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(change::diff({*a.parse(object), *b.parse(object)}, {}, "us").empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

// Found by reading: each element parsed the keys of each held element anew.
TEST(ChangeDiff, AListOfManyHeldElementsTakesNoSquareOfTime) {
  std::string before, after, held;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "e" + std::to_string(i), comma = i == 0 ? "" : ",";
    before += comma + R"({"name":")" + name + R"(","v":1})";
    after += comma + R"({"name":")" + name + R"(","v":2})";
    held += comma + R"("k:{\"name\":\")" + name + R"(\"}":{".":{},"f:v":{}})";
  }
  base::json::Document a, b, c;
  const auto begin = std::chrono::steady_clock::now();
  const Diff diff = change::diff(
      {*a.parse(R"({"l":[)" + before + "]}"), *b.parse(R"({"l":[)" + after + "]}")},
      *c.parse(R"([{"manager":"flux","operation":"Apply","fieldsV1":{"f:l":{)" + held + "}}}]"),
      "us");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_EQ(diff.changes.size() + diff.left_out, 5000u);
  EXPECT_EQ(diff.contested.size(), change::kChanges);
  EXPECT_EQ(line_of(diff.changes[0]), "~ .l[name=e0].v: 1 -> 2 (owner: flux)");
}

// Found by reading: each element of the one list was written anew for each of the other.
TEST(ChangeDiff, AListOfManyPlainElementsTakesNoSquareOfTime) {
  std::string before, after;
  for (int i = 0; i < 20000; ++i) {
    before += (i == 0 ? "\"x" : ",\"x") + std::to_string(i) + "\"";
    after += (i == 0 ? "\"x" : ",\"x") + std::to_string(19999 - i) + "\"";
  }
  base::json::Document a, b;
  const auto begin = std::chrono::steady_clock::now();
  const Diff diff = change::diff(
      {*a.parse(R"({"l":[)" + before + "]}"), *b.parse(R"({"l":[)" + after + "]}")}, {}, "us");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  ASSERT_EQ(diff.changes.size(), 1u);
  EXPECT_FALSE(diff.changes[0].takes) << "only the order is another";
}

TEST(ChangeDiff, ElementsMayBeHeldByTwoKeys) {
  const std::string managed = R"([{"manager":"helm","operation":"Apply","fieldsV1":{"f:ports":{
      "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}}}}])";
  EXPECT_EQ(
      lines(R"({"ports":[{"name":"a","containerPort":80,"protocol":"TCP","hostPort":1}]})",
            R"({"ports":[{"name":"b","containerPort":80,"protocol":"TCP","hostPort":1}]})",
            managed),
      (Lines{"- .ports[name=a].containerPort: 80", "- .ports[name=a].hostPort: 1",
             "- .ports[name=a].name: \"a\" (owner: helm)", "- .ports[name=a].protocol: \"TCP\"",
             "+ .ports[name=b].containerPort: 80", "+ .ports[name=b].hostPort: 1",
             "+ .ports[name=b].name: \"b\"", "+ .ports[name=b].protocol: \"TCP\""}));
}

TEST(ChangeDiff, InPiecesItIsTheSame) {
  std::string before = "{\"m\":{", after = "{\"m\":{";
  for (int i = 0; i < 3000; ++i) {
    before +=
        (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":{\"a\":[{\"name\":\"x\",\"v\":1}]}";
    if (i % 3 == 0) continue;
    after +=
        (i == 1 ? "\"k" : ",\"k") + std::to_string(i) + "\":{\"a\":[{\"name\":\"x\",\"v\":2}]}";
  }
  base::json::Document a, b, c;
  const change::States states{*a.parse(before + "}}"), *b.parse(after + "}}")};
  const auto managed = *c.parse(
      R"([{"manager":"flux","operation":"Apply","fieldsV1":{"f:m":{"f:k1":{"f:a":{"k:{\"name\":\"x\"}":{"f:v":{}}}}}}}])");
  const Diff whole = change::diff(states, managed, "us");
  change::Differ differ(states, managed, "us");
  int turns = 1;
  while (!differ.advance(10000))
    ++turns;
  const Diff pieces = differ.take();
  EXPECT_GT(turns, 50);
  EXPECT_EQ(pieces.digest, whole.digest);
  EXPECT_EQ(pieces.contested.size(), 1u);
  ASSERT_EQ(pieces.changes.size(), whole.changes.size());
  EXPECT_EQ(pieces.left_out, whole.left_out);
  for (std::size_t i = 0; i < whole.changes.size(); ++i)
    EXPECT_EQ(line_of(pieces.changes[i]), line_of(whole.changes[i]));
}

}  // namespace
