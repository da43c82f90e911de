// A report about one object: what comes first has the first claim on its bytes.
#include "answer/report.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace {

using answer::Report;

struct Answer {
  mcp::ToolResult result;
  base::json::Document doc;
  base::json::Value root;
  explicit Answer(Report& report) : result(report.finish()) {
    const auto parsed = doc.parse(result.structured_json);
    EXPECT_TRUE(parsed.has_value()) << result.structured_json;
    if (parsed) root = *parsed;
  }
  const std::string& text() const { return result.content.front().text; }
};

TEST(Report, MembersAndLines) {
  Report report(8 * 1024);
  report.text("name", "Name", "prod");
  report.text("none", "None", "");
  report.line("Only", "in\nthe text");
  report.number("n", 3);
  report.begin("services", "Services", "1/1");
  report.row(R"({"name":"a"})", "  a  Deployed");
  report.end("services");
  report.note("something is missing");
  const Answer answer(report);
  EXPECT_EQ(answer.result.structured_json,
            R"({"name":"prod","n":3,"services":[{"name":"a"}],"notes":["something is missing"]})");
  EXPECT_EQ(answer.text(),
            "Name:          prod\nOnly:          in the text\nServices:      1/1\n  a  Deployed\n"
            "Note: something is missing\n");
}

TEST(Report, StaysWithinItsBytesAndSaysWhatWasLeftOut) {
  for (const std::size_t bytes : {4096u, 8192u, 32768u}) {
    Report report(bytes);
    report.text("name", "Name", "prod");
    for (const char* list : {"first", "second", "third"}) {
      report.begin(list, list);
      for (int i = 0; i < 1000; ++i) {
        const std::string n = std::to_string(i);
        report.row(R"({"name":"row-)" + n + R"(","why":"\"quoted\""})", "  \"row\" " + n);
      }
      report.end(list);
    }
    EXPECT_FALSE(report.member("config", "{\"a\":\"" + std::string(bytes, 'x') + "\"}"));
    Answer answer(report);
    std::string escaped;
    base::json::append_string(escaped, answer.text());
    EXPECT_LE(answer.result.structured_json.size() + escaped.size(), bytes);
    EXPECT_GT(answer.root["first"].size(), answer.root["third"].size());
    EXPECT_EQ(answer.root["notes"].size(), 4u) << answer.root["notes"].to_json();
    const std::size_t left = 1000 - answer.root["first"].size();
    EXPECT_EQ(answer.root["notes"].at(0).str(),
              std::to_string(left) + " of 1000 first were left out; give a larger maxBytes");
    EXPECT_FALSE(answer.root["config"].present());
  }
}

}  // namespace
