#include "base/json.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace base::json {
namespace {

// Parses what must parse.
Value parsed(Document& doc, std::string_view text) {
  auto value = doc.parse(text);
  EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().what());
  return value ? *value : Value();
}

std::string rewritten(std::string_view text) {
  Document doc;
  return parsed(doc, text).to_json();
}

TEST(JsonValue, EveryTypeIsKnownByName) {
  Document doc;
  const Value root = parsed(doc, R"([null,true,1,1.5,"s",[],{}])");
  const std::string_view names[] = {"null",   "boolean", "integer", "number",
                                    "string", "array",   "object"};
  std::size_t i = 0;
  for (const Value v : root.array())
    EXPECT_EQ(v.type_name(), names[i++]);
  EXPECT_EQ(i, 7U);
  EXPECT_EQ(root.at(7).type_name(), "absent");
}

TEST(JsonValue, AbsentChainsGiveFallbacks) {
  Document doc;
  const Value root = parsed(doc, R"({"metadata":{"name":"n"},"list":[1]})");
  EXPECT_EQ(root["metadata"]["name"].str(), "n");
  const Value none = root["metadata"]["labels"]["x"].at(3)["y"];
  EXPECT_FALSE(none);
  EXPECT_FALSE(none.present());
  EXPECT_EQ(none.str("fallback"), "fallback");
  EXPECT_EQ(none.int_or(7), 7);
  EXPECT_TRUE(none.bool_or(true));
  EXPECT_FALSE(none.as_double());
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.to_json(), "");
  for ([[maybe_unused]] const Value v : none.array())
    FAIL();
  for ([[maybe_unused]] const Member& m : none.object())
    FAIL();
  EXPECT_FALSE(root["list"]["metadata"]);  // an array has no members
  EXPECT_FALSE(root["metadata"].at(0));    // an object has no elements
  EXPECT_FALSE(Value()["a"]);
}

TEST(JsonValue, WrongTypesGiveFallbacks) {
  Document doc;
  const Value root = parsed(doc, R"({"s":"1","n":1,"b":true,"z":null})");
  EXPECT_FALSE(root["s"].as_int());
  EXPECT_EQ(root["n"].str("f"), "f");
  EXPECT_FALSE(root["n"].as_bool());
  EXPECT_FALSE(root["b"].as_double());
  EXPECT_TRUE(root["z"].present());
  EXPECT_FALSE(root["z"].as_int());
}

TEST(JsonValue, NumbersKeepTheirRange) {
  Document doc;
  const Value n = parsed(
      doc,
      R"([9223372036854775807,-9223372036854775808,9223372036854775808,18446744073709551615,2.0,2.5,
                                  1e300,-1e300,9223372036854775808.0,-9223372036854775808.0,-0,1e2])");
  EXPECT_EQ(n.at(0).as_int(), INT64_MAX);
  EXPECT_EQ(n.at(1).as_int(), INT64_MIN);
  EXPECT_EQ(n.at(2).type(), Type::integer);
  EXPECT_FALSE(n.at(2).as_int());
  EXPECT_EQ(n.at(2).as_double(), 9223372036854775808.0);
  EXPECT_EQ(n.at(3).to_json(), "18446744073709551615");
  EXPECT_EQ(n.at(4).as_int(), 2);
  EXPECT_EQ(n.at(4).type(), Type::number);
  EXPECT_FALSE(n.at(5).as_int());
  EXPECT_FALSE(n.at(6).as_int());
  EXPECT_FALSE(n.at(7).as_int());
  EXPECT_FALSE(n.at(8).as_int());
  EXPECT_EQ(n.at(9).as_int(), INT64_MIN);
  EXPECT_EQ(n.at(10).as_int(), 0);
  EXPECT_EQ(n.at(11).as_int(), 100);
  EXPECT_EQ(n.at(0).as_double(), 9223372036854775807.0);
}

TEST(JsonValue, RangesKeepTheTextsOrder) {
  Document doc;
  const Value root = parsed(doc, R"({"b":1,"a":[10,[11,12],{"x":13},14],"c":{"d":{}}})");
  std::string keys;
  for (const Member& m : root.object())
    keys += m.key;
  EXPECT_EQ(keys, "bac");
  EXPECT_EQ(root.size(), 3U);
  EXPECT_EQ(root["a"].size(), 4U);
  EXPECT_EQ(root["a"].at(3).as_int(), 14);
  EXPECT_EQ(root["c"]["d"].type(), Type::object);
  EXPECT_EQ(root["c"]["d"].size(), 0U);
}

TEST(JsonValue, FirstOfDuplicateKeysCounts) {
  Document doc;
  EXPECT_EQ(parsed(doc, R"({"a":1,"a":2})")["a"].as_int(), 1);
}

TEST(JsonValue, EscapesInKeysAndStringsAreDecoded) {
  Document doc;
  const Value root = parsed(doc, R"({"a\"\u00e4":"\ud83d\ude00\u0000\n\/"})");
  EXPECT_EQ(root["a\"\u00e4"].str(), std::string("\U0001F600\0\n/", 7));
}

TEST(JsonValue, ScalarsAreDocumentsToo) {
  Document doc;
  EXPECT_EQ(parsed(doc, "7").as_int(), 7);
  EXPECT_EQ(parsed(doc, " \"s\"\n").str(), "s");
  EXPECT_EQ(parsed(doc, "null").type(), Type::null);
}

TEST(JsonValue, SerialisesCompactly) {
  EXPECT_EQ(
      rewritten(
          R"( { "a" : [ 1 , -2, 3.5, 1e2, 2.0, true, false, null, "x\u0001\n\"\\/" ] , "" : { } , "e" : [ ] } )"),
      R"({"a":[1,-2,3.5,1e2,2.0,true,false,null,"x\u0001\n\"\\/"],"":{},"e":[]})");
  EXPECT_EQ(rewritten("1e22"), "1e22");
  EXPECT_EQ(rewritten("0.1"), "0.1");
  EXPECT_EQ(rewritten("-0.0"), "-0.0");
  EXPECT_EQ(rewritten("1.7976931348623157e308"), "1.7976931348623157e308");
  EXPECT_EQ(rewritten("\"\\ud83d\\ude00\""), "\"\U0001F600\"");
}

TEST(JsonValue, WhatIsSerialisedParsesToTheSame) {
  const char* text =
      R"({"kind":"Event","items":[{"n":18446744073709551615,"d":1.25e-7,"s":"a\tb","deep":[[[[{}]]]]}],"t":true})";
  const std::string once = rewritten(text);
  EXPECT_EQ(rewritten(once), once);
}

TEST(JsonValue, SubtreesSerialiseAlone) {
  Document doc;
  const Value root = parsed(doc, R"({"a":{"b":[1,{"c":2}]},"z":3})");
  std::string out = "x";
  root["a"]["b"].append_to(out);
  EXPECT_EQ(out, R"(x[1,{"c":2}])");
}

TEST(JsonValue, CountsBeyondTheTapesTwentyFourBits) {
  const std::size_t n = 0xFFFFFF + 5;
  std::string text = "[0";
  text.reserve(n * 2 + 2);
  for (std::size_t i = 1; i < n; ++i)
    text += ",0";
  text += ']';
  Document doc;
  EXPECT_EQ(parsed(doc, text).size(), n);
}

TEST(JsonDocument, WhatIsNotJsonIsRefusedShortly) {
  Document doc;
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "{\"a\":}",
                                      "{\"a\" 1}",
                                      "{a:1}",
                                      "'a'",
                                      "\"a",
                                      "\"\\x\"",
                                      "\"\t\"",
                                      "tru",
                                      "nul",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "--1",
                                      "NaN",
                                      "Infinity",
                                      "1 2",
                                      "{}{}",
                                      "[1}",
                                      "\"\\ud800\"",
                                      "\xEF\xBB\xBF{}",
                                      "\"\xff\"",
                                      "18446744073709551616x",
                                      "018446744073709551616",
                                      "[18446744073709551616 1.5]",
                                      "1e400.5",
                                      "1.5.5",
                                      "// c\n1",
                                      "{\"a\":1,}",
                                      "\"\xED\xA0\x80\"",
                                      "]",
                                      ","}) {
    const auto value = doc.parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code(), Errc::invalid_argument) << text;
    EXPECT_TRUE(value.error().what().starts_with("not valid JSON: ")) << value.error().what();
    EXPECT_LT(value.error().what().size(), 100U);
    EXPECT_FALSE(doc.root());
  }
  EXPECT_FALSE(doc.parse(std::string_view("\0", 1)));
}

TEST(JsonDocument, ErrorsSayWhatIsWrong) {
  Document doc;
  EXPECT_EQ(doc.parse("").error().what(), "not valid JSON: nothing there");
  EXPECT_EQ(doc.parse("\"\xff\"").error().what(),
            "not valid JSON: a byte sequence that is not UTF-8");
  EXPECT_EQ(doc.parse("\xEF\xBB\xBF{}").error().what(),
            "not valid JSON: begins with a byte order mark");
  EXPECT_EQ(doc.parse("\"a").error().what(), "not valid JSON: a string without its closing quote");
}

TEST(JsonDocument, DepthIsLimited) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  Document doc;
  EXPECT_TRUE(doc.parse(nested(kMaxDepth - 1)));
  const auto deep = doc.parse(nested(kMaxDepth + 1));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().what().find("nested deeper"), std::string::npos);
  EXPECT_FALSE(doc.parse(nested(100'000)));
  // A big text before does not lift the limit.
  EXPECT_TRUE(doc.parse("\"" + std::string(2 * kKeepBytes, 'x') + "\""));
  EXPECT_FALSE(doc.parse(nested(kMaxDepth + 1)));
  EXPECT_FALSE(doc.parse(std::string(4096, ' ') + nested(kMaxDepth + 1)));
}

TEST(JsonDocument, IsFreshAfterEachParseAndAfterAnError) {
  Document doc;
  EXPECT_FALSE(doc.root());
  for (int i = 0; i < 2000; ++i) {
    std::string text =
        "{\"n\":" + std::to_string(i) + ",\"pad\":\"" + std::string(i * 7 % 3000, 'p') + "\"}";
    EXPECT_EQ(parsed(doc, text)["n"].as_int(), i);
    EXPECT_EQ(doc.root()["pad"].str().size(), static_cast<std::size_t>(i * 7 % 3000));
    if (i % 3 == 0) {
      text.pop_back();
      EXPECT_FALSE(doc.parse(text));
      EXPECT_FALSE(doc.root());
    }
  }
}

TEST(JsonDocument, BigTextsComeAndGo) {
  Document doc;
  for (const std::size_t size :
       {10UL, kKeepBytes - 2, kKeepBytes, 3 * kKeepBytes, 2 * kKeepBytes, 10UL, 3 * kKeepBytes}) {
    const std::string content(size, 'x');
    EXPECT_EQ(parsed(doc, "\"" + content + "\"").str(), content);
  }
}

TEST(JsonDocument, DocumentsDoNotDisturbEachOther) {
  Document a;
  Document b;
  const Value va = parsed(a, R"({"a":"one"})");
  const Value vb = parsed(b, R"({"a":"two","big":")" + std::string(5000, 'x') + "\"}");
  EXPECT_FALSE(b.parse("{"));
  EXPECT_EQ(va["a"].str(), "one");
  static_cast<void>(vb);
  Document c = std::move(a);
  EXPECT_EQ(va["a"].str(), "one");  // values follow the memory, which did not move
  EXPECT_EQ(c.root()["a"].str(), "one");
  EXPECT_FALSE(a.root());  // NOLINT(bugprone-use-after-move): a moved-from Document is empty
  EXPECT_EQ(parsed(a, "1").as_int(), 1);
  c.release();
  EXPECT_FALSE(c.root());
  EXPECT_EQ(parsed(c, "2").as_int(), 2);
}

TEST(JsonDocument, TheTextMayGoAfterTheParse) {
  Document doc;
  auto text =
      std::make_unique<std::string>(R"({"a":"a string that is long enough to live on the heap"})");
  const Value v = parsed(doc, *text);
  text.reset();
  EXPECT_EQ(v["a"].str(), "a string that is long enough to live on the heap");
}

std::string as_string(std::string_view s) {
  std::string out;
  append_string(out, s);
  return out;
}

TEST(JsonWriter, PlacesCommas) {
  std::string out;
  Writer w(out);
  w.begin_object()
      .key("a")
      .begin_array()
      .integer(1)
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .null()
      .end_array();
  w.field("s", "x")
      .field("t", std::string("y"))
      .field("v", std::string_view("z"))
      .field("b", true)
      .field("i", -5);
  w.field("u", std::numeric_limits<std::uint64_t>::max()).field("c", std::size_t{3});
  w.field_if("gone", "")
      .field_if("there", "1")
      .key("r")
      .raw("[1]")
      .key("n")
      .number(0.5)
      .end_object();
  EXPECT_EQ(
      out,
      R"({"a":[1,{},[],null],"s":"x","t":"y","v":"z","b":true,"i":-5,"u":18446744073709551615,"c":3,)"
      R"("there":"1","r":[1],"n":0.5})");
}

TEST(JsonWriter, ScalarsAtTheTop) {
  std::string out;
  Writer(out).string("x");
  EXPECT_EQ(out, "\"x\"");
}

TEST(JsonWriter, NumbersAreShortestAndNeverInvalid) {
  std::string out;
  Writer(out)
      .begin_array()
      .number(2)
      .number(0.1)
      .number(1e300)
      .number(NAN)
      .number(-INFINITY)
      .number(-0.0)
      .integer(INT64_MIN)
      .unsigned_integer(UINT64_MAX)
      .end_array();
  EXPECT_EQ(out, "[2,0.1,1e+300,null,null,-0.0,-9223372036854775808,18446744073709551615]");
}

// A negative zero was written as -0, which reads as the whole number 0.
TEST(JsonWriter, NegativeZeroReadsBackAsItself) {
  std::string out;
  Writer(out).number(-0.0);
  Document doc;
  const auto root = doc.parse(out);
  ASSERT_TRUE(root);
  EXPECT_TRUE(std::signbit(*root->as_double())) << out;
}

TEST(JsonWriter, EscapesAtEveryOffset) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; after += 3) {
      const std::string a(before, ' ');
      const std::string z(after, '~');
      EXPECT_EQ(as_string(a + "\"" + z), "\"" + a + "\\\"" + z + "\"");
      EXPECT_EQ(as_string(a + "\\" + z), "\"" + a + "\\\\" + z + "\"");
      EXPECT_EQ(as_string(a + "\x1f" + z), "\"" + a + "\\u001f" + z + "\"");
      EXPECT_EQ(as_string(a + std::string(1, '\0') + z), "\"" + a + "\\u0000" + z + "\"");
      EXPECT_EQ(as_string(a + "\x7f" + z), "\"" + a + "\x7f" + z + "\"");
      EXPECT_EQ(as_string(a + "\xC3\xA4" + z), "\"" + a + "\xC3\xA4" + z + "\"");
      EXPECT_EQ(as_string(a + "\xE2\x82" + z), "\"" + a + "\xEF\xBF\xBD" + z + "\"");
    }
  }
  EXPECT_EQ(as_string("\b\f\n\r\t/"), R"("\b\f\n\r\t/")");
}

// More than are written at once follow each other, and each kind of them is the last of a portion.
TEST(JsonWriter, EscapesInARowAreAllWritten) {
  for (const std::string& each :
       {std::string("\"\\\n"), std::string("\x01"), std::string("\x1f\"")}) {
    std::string text;
    while (text.size() < 300)
      text += each;
    text += "\xC3\xA4z";
    std::string json;
    append_string(json, text);
    Document doc;
    EXPECT_EQ(parsed(doc, json).str(), text) << json;
  }
}

TEST(JsonWriter, EveryTwoBytesGiveValidJsonThatReadsBackRepaired) {
  Document doc;
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      const std::string s = {'a', 'b', static_cast<char>(i), static_cast<char>(j), 'c', 'd', 'e',
                             'f', 'g'};
      const auto v = doc.parse(as_string(s));
      ASSERT_TRUE(v) << i << ' ' << j;
      const std::string_view back = (*v).str();
      ASSERT_EQ(rewritten(as_string(s)), as_string(back));
      if (i < 0x80 && j < 0x80) {
        ASSERT_EQ(back, s);
      }
    }
  }
}

}  // namespace
}  // namespace base::json
