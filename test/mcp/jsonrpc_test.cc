// Table A1: the JSON-RPC envelope.
#include "mcp/jsonrpc.h"

#include <gtest/gtest.h>

namespace {

using base::json::Document;
using mcp::Message;
using Kind = Message::Kind;

struct McpJsonRpc : testing::Test {
  Message read(std::string_view text) {
    auto value = doc.parse(text);
    EXPECT_TRUE(value) << text;
    return mcp::read_message(*value);
  }
  Document doc;
};

TEST_F(McpJsonRpc, ARequestKeepsItsIdsType) {
  for (const char* id : {"1", "\"1\"", "0", "\"\"", "-7", "9007199254740993", "1732179284123",
                         "18446744073709551615"}) {
    const Message m = read(std::string(R"({"jsonrpc":"2.0","id":)") + id + R"(,"method":"x"})");
    EXPECT_EQ(m.kind, Kind::request) << id;
    EXPECT_EQ(m.id_json, id);
  }
}

TEST_F(McpJsonRpc, AnIdThatIsNoStringOrIntegerIsRefused) {
  for (const char* id : {"null", "true", "1.5", "1e30", "{}", "[]"}) {
    const Message m = read(std::string(R"({"jsonrpc":"2.0","id":)") + id + R"(,"method":"x"})");
    EXPECT_EQ(m.kind, Kind::invalid) << id;
    EXPECT_EQ(m.id_json, "") << id;
  }
}

TEST_F(McpJsonRpc, KindsFollowFromTheMembers) {
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","method":"n"})").kind, Kind::notification);
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":1,"result":{}})").kind, Kind::response);
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":1,"error":{"code":1}})").kind, Kind::response);
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","error":{"code":1}})").kind, Kind::response);
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":1,"method":"n","extra":[1]})").kind, Kind::request);
}

TEST_F(McpJsonRpc, WhatIsNoMessageSaysWhyAndKeepsAReadableId) {
  for (const char* text : {R"({"id":3,"method":"x"})", R"({"jsonrpc":"1.0","id":3,"method":"x"})",
                           R"({"jsonrpc":"2.0","id":3})", R"({"jsonrpc":"2.0","id":3,"method":4})",
                           R"({"jsonrpc":"2.0","id":3,"result":{},"error":{}})",
                           R"({"jsonrpc":2,"id":3,"method":"x"})"}) {
    const Message m = read(text);
    EXPECT_EQ(m.kind, Kind::invalid) << text;
    EXPECT_EQ(m.id_json, "3") << text;
    EXPECT_FALSE(m.problem.empty()) << text;
  }
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","result":{}})").kind, Kind::invalid) << "of which request?";
  EXPECT_EQ(read("7").kind, Kind::invalid);
  EXPECT_EQ(read("null").kind, Kind::invalid);
}

// Those that look a member up by its name find the first, too.
TEST_F(McpJsonRpc, OfAMemberThatComesTwiceTheFirstCounts) {
  constexpr std::string_view kText =
      R"({"jsonrpc":"2.0","id":1,"id":2,"method":"a","method":"b","params":{"x":1},)"
      R"("params":{"x":2}})";
  const Message m = read(kText);
  EXPECT_EQ(m.id_json, "1");
  EXPECT_EQ(m.method, "a");
  EXPECT_EQ(m.params["x"].int_or(0), 1);
}

}  // namespace
