// The places in which a text or an object reaches a client, for tests of what is masked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "redact/redactor.h"

namespace test {

// `text` as the content of a JSON string.
inline std::string as_json(std::string_view text) {
  std::string out;
  base::json::append_string(out, text);
  return out;
}

constexpr std::string_view kPlant = "Zq7Plant";

class RedactPlaces : public ::testing::Test {
 protected:
  std::string text(const std::string& text) {
    std::string out, again;
    if (!redactor.text(text, out)) return text;
    EXPECT_FALSE(redactor.text(out, again)) << out << "\n-> " << again;
    return out;
  }
  std::string body(const std::string& json) {
    std::string out;
    if (!redactor.body(json, out)) out = json;
    base::json::Document doc;
    std::string whole;
    EXPECT_TRUE(doc.parse(json)) << json;
    redactor.object(*doc.parse(json), whole);
    EXPECT_EQ(whole, out) << "the quick pass sees whatever there is to change";
    return out;
  }
  // In all places in which a text reaches a client.
  void expect_masked(const std::string& yaml) {
    const std::string message = R"({"data":{"t":)" + as_json(yaml) + "}}";
    for (const std::string& out : {text(yaml), body(message), text("I1130 got obj=" + message),
                                   body(R"({"line":)" + as_json("got obj=" + message) + "}")}) {
      EXPECT_EQ(out.find(kPlant), out.npos) << out;
      EXPECT_NE(out.find("<redacted:"), out.npos) << out;
    }
  }
  void expect_masked_object(const std::string& json) {
    for (const std::string& out :
         {body(json), text(json), text("I1130 got " + json + " from it")}) {
      EXPECT_EQ(out.find(kPlant), out.npos) << out;
      EXPECT_NE(out.find("<redacted:"), out.npos) << out;
    }
  }
  // A text, an object or a message stays as it is.
  void expect_same(const std::string& yaml) {
    EXPECT_EQ(text(yaml), yaml);
    const std::string message = R"({"t":)" + as_json(yaml) + "}";
    EXPECT_EQ(body(message), message);
  }
  void expect_same_object(const std::string& json) {
    EXPECT_EQ(body(json), json);
    EXPECT_EQ(text("got " + json), "got " + json);
  }
  redact::Redactor redactor;
};

}  // namespace test
