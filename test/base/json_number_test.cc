// Numbers go out as they came in, whatever a double makes of them; and parts of a text that no parser takes.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/json_numbers.h"
#include "base/json_scan.h"

namespace base::json {
namespace {

// An object with projectNumber: 18446744073709551616 made its whole list unreadable, and 1.50 came back as 1.5.
TEST(JsonNumber, IsKeptAsItWasWritten) {
  for (const std::string text :
       {"18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1.50",
        "1e400", "-1E+400", "1e-400", "0.10000000000000000000000000000001", "-0.0", "1e2", "100.0",
        "9007199254740993.0", "0e0"}) {
    Document doc;
    const auto root = doc.parse(R"({"a":"1.5 \\\"2.5","n":)" + text + R"(,"z":[1,)" + text + "]}");
    ASSERT_TRUE(root) << text << ": " << root.error().what();
    EXPECT_EQ((*root)["n"].to_json(), text);
    EXPECT_EQ((*root)["z"].to_json(), "[1," + text + "]");
    EXPECT_EQ((*root)["a"].str(), "1.5 \\\"2.5");
  }
}

TEST(JsonNumber, BeyondSixtyFourBitsIsAWholeNumberWithoutAnInt) {
  Document doc;
  const Value root =
      *doc.parse("[18446744073709551616,-9223372036854775809,1e400,-1e400,1e-400,2.0,1e2,3]");
  EXPECT_EQ(root.at(0).type(), Type::integer);
  EXPECT_FALSE(root.at(0).as_int());
  EXPECT_EQ(root.at(0).as_double(), 18446744073709551616.0);
  EXPECT_EQ(root.at(1).type(), Type::integer);
  EXPECT_FALSE(root.at(1).as_int()) << "the nearest double is -2^63, which would fit";
  EXPECT_EQ(root.at(2).type(), Type::number);
  EXPECT_FALSE(root.at(2).as_double()) << "no double is near";
  EXPECT_FALSE(root.at(3).as_double());
  EXPECT_EQ(root.at(4).as_double(), 0.0);
  EXPECT_EQ(root.at(5).as_int(), 2);
  EXPECT_EQ(root.at(6).as_int(), 100);
  EXPECT_EQ(root.at(7).as_int(), 3);
}

TEST(JsonNumber, ADocumentForgetsThoseOfTheTextBefore) {
  Document doc;
  EXPECT_EQ((*doc.parse("[1.50]")).to_json(), "[1.50]");
  EXPECT_EQ((*doc.parse("[\"a\",2]")).to_json(), "[\"a\",2]");
  EXPECT_EQ((*doc.parse("[2.50]")).to_json(), "[2.50]");
  EXPECT_FALSE(doc.parse("[18446744073709551616"));
  EXPECT_FALSE(doc.root());
}

TEST(JsonNumber, APartHasItsOwn) {
  Document doc;
  const auto root = doc.parse(R"({"a":[1.50,2,-0.0],"b":{"c":3.250,"d":18446744073709551616},)"
                              R"("e":1e400,"f":[],"g":4.0})");
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["a"].to_json(), "[1.50,2,-0.0]");
  EXPECT_EQ((*root)["b"].to_json(), R"({"c":3.250,"d":18446744073709551616})");
  EXPECT_EQ((*root)["b"]["d"].to_json(), "18446744073709551616");
  EXPECT_EQ((*root)["e"].to_json(), "1e400");
  EXPECT_EQ((*root)["g"].to_json(), "4.0");
  EXPECT_EQ((*root)["b"]["c"].as_double(), 3.25);
  EXPECT_EQ((*root)["g"].as_int(), 4);
}

TEST(JsonScan, FindsAMemberOfAnObjectThatNoParserTakes) {
  const std::string broken =
      R"({"kind" : "Pod", "x":{"metadata":1}, "n":[{"a":"]}"}], "metadata": {"name":"a\"b"}, "bad":tru})";
  EXPECT_FALSE(Document().parse(broken));
  EXPECT_EQ(raw_member(broken, "metadata"), R"({"name":"a\"b"})");
  EXPECT_EQ(raw_member(broken, "kind"), R"("Pod")");
  EXPECT_EQ(raw_member(broken, "bad"), "tru");
  EXPECT_EQ(raw_member(broken, "name"), "");
  for (const char* text :
       {"", "[]", "{", "{\"metadata\"", "{\"metadata\":{", "{\"metadata\":\"x", "{1:2}"})
    EXPECT_EQ(raw_member(text, "metadata"), "") << text;
}

}  // namespace
}  // namespace base::json
