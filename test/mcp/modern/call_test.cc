// Calls of the modern era: answers, progress and log lines, cancellation, mirrored parameters.
#include <gtest/gtest.h>

#include "mcp/header_annotation.h"
#include "mcp/modern/mirrored_params.h"
#include "mcp/result.h"
#include "mcp/shared/keep_alive.h"
#include "mcp/shared/progress_pace.h"
#include "support/modern_world.h"

namespace {

using test::Answer;
using test::contains;

struct ModernCall : test::ModernWorld {
  static std::string call(std::string_view tool, std::string_view more = {}) {
    return R"("name":")" + std::string(tool) + "\"" + std::string(more);
  }
  Answer call_tool(std::string_view tool, std::string_view more = {},
                   std::string_view header = {}) {
    return ask("tools/call", call(tool, more), tool, header);
  }
  // A call of test.slow under way, with `meta_more` in its _meta.
  std::unique_ptr<test::EventStream> slow_call(std::string_view meta_more = {},
                                               std::string_view more = {}, int send_buffer = 0) {
    auto stream = std::make_unique<test::EventStream>();
    stream->peer = connect(send_buffer);
    stream->peer->send(
        request("POST", headers("tools/call", "test.slow", more),
                body("tools/call", call("test.slow"), "\"s\"", meta("{}", meta_more))));
    settle();
    stream->read();
    return stream;
  }
};

TEST_F(ModernCall, AResultIsJsonWithItsTypeAndWhoAnswered) {
  const Answer a = call_tool("test.echo", R"(,"arguments":{"text":"hi"})");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.header("Content-Type"), "application/json");
  EXPECT_TRUE(a.body.starts_with(
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text",)"))
      << a.body;
  EXPECT_TRUE(a.has(R"("structuredContent":{"text":"hi"})")) << a.body;
  EXPECT_TRUE(a.has(R"("_meta":{"io.modelcontextprotocol/serverInfo":)")) << a.body;
  EXPECT_FALSE(a.has("ttlMs"));
}

TEST_F(ModernCall, AToolsOwnMetaIsKept) {
  echo->round = [](test::TestTool&, mcp::ToolReply& reply) {
    reply.succeed({.structured_json = R"({"_meta":{"x":1}})", .meta_json = R"({"mine":2})"});
    return nullptr;
  };
  const Answer a = call_tool("test.echo", R"(,"arguments":{"text":"hi"})");
  EXPECT_TRUE(a.has(R"("structuredContent":{"_meta":{"x":1}},"_meta":{)")) << a.body;
  EXPECT_TRUE(a.has(R"(,"mine":2}}})")) << a.body;
}

TEST_F(ModernCall, AToolsFailureAndWrongArgumentsAreToolErrors) {
  for (const char* arguments : {R"({"text":"fail"})", R"({"text":7})", "[]", R"({"txt":"a"})"}) {
    const Answer a = call_tool("test.echo", std::string(R"(,"arguments":)") + arguments);
    EXPECT_EQ(a.status, 200);
    EXPECT_TRUE(a.has(R"("isError":true)")) << a.body;
    EXPECT_TRUE(a.has(R"("resultType":"complete")")) << a.body;
  }
}

TEST_F(ModernCall, WhatIsNamedWrongIsInvalidParamsWith200) {
  const Answer unknown = call_tool("test.ecko");
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(code(unknown), -32602);
  EXPECT_TRUE(unknown.has("did you mean test.echo?")) << unknown.body;
  EXPECT_EQ(code(ask("tools/call", R"("name":7)")), -32602);
  EXPECT_EQ(code(ask("tools/call")), -32602);
  EXPECT_EQ(code(ask("resources/read")), -32602);
}

TEST_F(ModernCall, TheNameHeaderIsCompared) {
  const std::string echo_call = body("tools/call", call("test.echo"));
  const auto with = [&](std::string_view name_lines) {
    const Answer a = post(echo_call, headers("tools/call", {}, name_lines));
    return a.status == 200 ? 0 : code(a);
  };
  EXPECT_EQ(with(""), -32020);
  EXPECT_EQ(with("Mcp-Name: test.slow\r\n"), -32020);
  EXPECT_EQ(with("Mcp-Name: TEST.ECHO\r\n"), -32020);
  EXPECT_EQ(with("Mcp-Name:   test.echo  \r\n"), 0);
  EXPECT_EQ(with("mcp-name: test.echo\r\n"), 0);
  EXPECT_EQ(with("Mcp-Name: =?base64?dGVzdC5lY2hv?=\r\n"), 0);
  EXPECT_EQ(with("Mcp-Name: =?base64?dGVzdC5lY2hv\r\n"), -32020) << "a literal";
  EXPECT_EQ(with("Mcp-Name: =?base64?dGVzdC5lY2h!?=\r\n"), -32020);
  EXPECT_EQ(with("Mcp-Name: =?base64?dGVzdC5lY2hvMQ?=\r\n"), -32020) << "padding is needed";
  EXPECT_EQ(with("Mcp-Name: =?BASE64?dGVzdC5lY2hv?=\r\n"), -32020);
  EXPECT_EQ(with("Mcp-Name: test.echo\r\nMcp-Name: test.echo\r\n"), -32020);
  EXPECT_EQ(code(ask("tools/call", {}, "test.echo")), -32020) << "nothing in the body to repeat";
  EXPECT_EQ(ask("tools/list", {}, "whatever").status, 200) << "the method has no name";
}

// ---- resources

TEST_F(ModernCall, AReadIsPrivateAndNotToBeKept) {
  const Answer a = ask("resources/read", R"("uri":"test://a")", "test://a");
  EXPECT_EQ(a.status, 200);
  EXPECT_TRUE(a.has(R"("resultType":"complete","contents":[{"uri":"test://a")")) << a.body;
  EXPECT_TRUE(a.has(R"("ttlMs":0,"cacheScope":"private")")) << a.body;
}

TEST_F(ModernCall, AResourceThatIsNotThereIsInvalidParams) {
  for (const char* uri : {"test://none", "other://x"}) {
    const Answer a = ask("resources/read", R"("uri":")" + std::string(uri) + "\"", uri);
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(code(a), -32602) << a.body;
    EXPECT_TRUE(a.has(R"("data":{"uri":")" + std::string(uri) + "\"}")) << a.body;
  }
}

// ---- before the end

TEST_F(ModernCall, ProgressMakesTheAnswerAStream) {
  auto stream = slow_call(R"(,"progressToken":"p1")");
  ASSERT_EQ(slow->runs.size(), 1u);
  mcp::ToolReply& reply = slow->runs[0]->reply.call;
  EXPECT_TRUE(reply.wants_progress());
  reply.progress({1, 3, "one"});
  drain(*stream);
  EXPECT_EQ(stream->head().header("Content-Type"), "text/event-stream");
  EXPECT_EQ(stream->head().header("X-Accel-Buffering"), "no");
  ASSERT_EQ(stream->data().size(), 1u);
  EXPECT_EQ(stream->data()[0], R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                               R"({"progressToken":"p1","progress":1,"total":3,"message":"one"}})");
  reply.progress({1, 3});
  reply.progress({3, 3});
  slow->runs[0]->reply.succeed("{}");
  drain(*stream);
  const auto data = stream->data();
  ASSERT_EQ(data.size(), 3u) << "what does not grow is not sent";
  EXPECT_TRUE(contains(data[1], R"("progress":3)"));
  EXPECT_TRUE(
      data[2].starts_with(R"({"jsonrpc":"2.0","id":"s","result":{"resultType":"complete")"));
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(ModernCall, WithoutATokenThereIsNoProgress) {
  auto stream = slow_call();
  EXPECT_FALSE(slow->runs[0]->reply.call.wants_progress());
  slow->runs[0]->reply.call.progress({1, 3});
  slow->runs[0]->reply.succeed("{}");
  settle();
  stream->read();
  EXPECT_EQ(stream->head().header("Content-Type"), "application/json");
}

TEST_F(ModernCall, LogLinesComeOnlyWhenTheRequestAskedForTheirLevel) {
  auto silent = slow_call();
  slow->runs[0]->reply.call.log(mcp::LogLevel::emergency, "\"x\"");
  slow->runs[0]->reply.succeed("{}");
  settle();
  silent->read();
  EXPECT_EQ(silent->head().header("Content-Type"), "application/json");
  auto stream = slow_call(R"(,"io.modelcontextprotocol/logLevel":"warning")");
  slow->runs[0]->reply.call.log(mcp::LogLevel::notice, "1");
  slow->runs[0]->reply.call.log(mcp::LogLevel::warning, R"({"a":1})");
  slow->runs[0]->reply.succeed("{}");
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_EQ(stream->data()[0],
            R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning",)"
            R"("logger":"k0rdent-mcp-server","data":{"a":1}}})");
}

TEST_F(ModernCall, AClientThatTakesNoStreamsGetsTheAnswerAlone) {
  auto stream = slow_call(R"(,"progressToken":1)", "Accept: application/json\r\n");
  slow->runs[0]->reply.call.progress({1, 2});
  slow->runs[0]->reply.succeed("{}");
  settle();
  stream->read();
  EXPECT_EQ(stream->head().header("Content-Type"), "application/json");
  EXPECT_TRUE(contains(stream->raw, R"("resultType":"complete")"));
}

TEST_F(ModernCall, AQuietStreamedCallIsKeptAlive) {
  auto stream = slow_call(R"(,"progressToken":1)");
  slow->runs[0]->reply.call.progress({1, 2});
  pass(mcp::shared::kKeepAlive);
  drain(*stream);
  EXPECT_EQ(stream->comments(), "keep-alive");
}

TEST_F(ModernCall, AnAnswerWaitsForASlowReader) {
  be_quiet();
  auto stream = slow_call(R"(,"progressToken":1)", {}, 8192);
  for (int i = 1; i < 40; ++i) {
    slow->runs[0]->reply.call.progress({static_cast<double>(i), 40, std::string(100'000, 'x')});
    pass(mcp::shared::kProgressPace);
  }
  slow->runs[0]->reply.succeed(R"({"x":")" + std::string(200'000, 'y') + "\"}");
  settle();
  EXPECT_EQ(endpoint->stats().calls, 1u) << "not all is handed over";
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_GT(endpoint->stats().dropped, 0u);
  for (int i = 0; i < 200 && !stream->ended(); ++i)
    drain(*stream);
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(contains(stream->data().back(), R"("id":"s","result")"));
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

// ---- cancellation

TEST_F(ModernCall, ClosingTheStreamCancels) {
  auto stream = slow_call(R"(,"progressToken":1)");
  slow->runs[0]->reply.call.progress({1, 2});
  drain(*stream);
  stream.reset();
  settle();
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(ModernCall, ClosingTheConnectionBeforeAnythingWasSaidCancels) {
  auto stream = slow_call();
  ASSERT_EQ(slow->runs.size(), 1u);
  stream.reset();
  settle();
  pass(2 * http::kProbeTime);
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(ModernCall, AClientThatOnlyEndedItsSideGetsItsAnswer) {
  auto stream = slow_call();
  stream->peer->half_close();
  settle();
  pass(2 * http::kProbeTime);
  ASSERT_EQ(slow->runs.size(), 1u);
  slow->runs[0]->reply.succeed("{}");
  settle();
  stream->read();
  EXPECT_TRUE(stream->raw.starts_with("HTTP/1.1 100 Continue\r\n\r\n")) << stream->raw;
  EXPECT_TRUE(contains(stream->raw, "HTTP/1.1 200 OK\r\n")) << stream->raw;
  EXPECT_TRUE(contains(stream->raw, R"("id":"s","result")")) << stream->raw;
}

// ---- shutdown

TEST_F(ModernCall, WhileDrainingNothingNewIsBegunAndWhatIsUnderWayGoesOn) {
  auto stream = slow_call();
  endpoint->begin_drain();
  EXPECT_EQ(call_tool("test.echo", R"(,"arguments":{"text":"hi"})").status, 200) << "on its way";
  endpoint->refuse_calls();
  const Answer refused = call_tool("test.echo", R"(,"arguments":{"text":"hi"})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.header("Retry-After"), "");
  EXPECT_TRUE(refused.has("\"id\":1"));
  EXPECT_EQ(ask("resources/read", R"("uri":"test://a")", "test://a").status, 503);
  EXPECT_EQ(ask("tools/list").status, 200);
  slow->runs[0]->reply.succeed("{}");
  settle();
  stream->read();
  EXPECT_EQ(stream->head().status, 200);
}

TEST_F(ModernCall, WhatDoesNotEndInTimeIsAnsweredWithAnError) {
  auto fresh = slow_call();
  auto streaming = slow_call(R"(,"progressToken":1)");
  slow->runs[1]->reply.call.progress({1, 2});
  endpoint->abandon_calls("the server is shutting down");
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_EQ(endpoint->stats().calls, 0u);
  settle();
  fresh->read();
  EXPECT_TRUE(contains(fresh->raw, "-32603")) << fresh->raw;
  drain(*streaming);
  EXPECT_TRUE(contains(streaming->data().back(), "-32603"));
  EXPECT_TRUE(streaming->ended());
}

// ---- mirrored parameters

struct MirroredParams : testing::Test {
  static std::string check(std::string_view arguments, std::vector<http::Header> headers) {
    base::json::Document schema, args;
    const auto s = schema.parse(
        R"({"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},)"
        R"("n":{"type":"integer","x-mcp-header":"N"},"deep":{"type":"object","properties":{)"
        R"("flag":{"type":"boolean","x-mcp-header":"Flag"}}},)"
        R"("items":{"type":"array","items":{"properties":{"x":{"x-mcp-header":"X"}}}}}})");
    mcp::shared::Mirror mirror;
    for (const http::Header& header : headers)
      mirror.add(header);
    return mcp::modern::check_params(mcp::modern::mirrored_params(*s), *args.parse(arguments),
                                     mirror);
  }
};

TEST_F(MirroredParams, WhatIsThereMustBeRepeatedAndNothingElse) {
  EXPECT_EQ(check(R"({"region":"eu"})", {{"Mcp-Param-Region", "eu"}}), "");
  EXPECT_EQ(check(R"({"region":"eu"})", {{"mcp-param-REGION", "eu"}}), "");
  EXPECT_NE(check(R"({"region":"eu"})", {{"Mcp-Param-Region", "EU"}}), "");
  EXPECT_NE(check(R"({"region":"eu"})", {}), "");
  EXPECT_EQ(check(R"({})", {}), "");
  EXPECT_EQ(check(R"({"region":null})", {}), "");
  EXPECT_NE(check(R"({"region":null})", {{"Mcp-Param-Region", ""}}), "");
  EXPECT_NE(check(R"({})", {{"Mcp-Param-Region", "eu"}}), "");
  EXPECT_EQ(check(R"({})", {{"Mcp-Param-Unknown", "x"}}), "");
  EXPECT_EQ(check(R"({"items":[{"x":"1"}]})", {}), "") << "not through items";
}

// Only a tool's own fields were looked at when it was added: an annotation below them, or in a
// schema made elsewhere, took the tool away from its clients.
TEST_F(MirroredParams, AnAnnotationThatClientsWouldNotTakeIsFoundWhereverItIs) {
  const auto problem = [](const std::string& properties, const std::string& more = "") {
    base::json::Document doc;
    return mcp::annotation_problem(
        *doc.parse(R"({"type":"object","properties":{)" + properties + "}" + more + "}"));
  };
  const std::string good = R"("a":{"type":"string","x-mcp-header":"A"})";
  const std::string deep = R"("b":{"type":"object","properties":{)" + good + "}}";
  for (const std::string& properties :
       {std::string(), good, deep, good + R"(,"b":{"type":["integer","null"],"x-mcp-header":"B"})",
        std::string(R"("x-mcp-header":{"type":"string"})"),
        std::string(R"("a":{"type":"object","default":{"x-mcp-header":"?"}})")}) {
    EXPECT_EQ(problem(properties), "") << properties;
  }
  for (const char* header :
       {"\"\"", "\"a b\"", "\"a:\"", "\"\u00e9\"", "\"a\\r\\n\"", "7", "null"}) {
    const std::string bad = R"("a":{"type":"string","x-mcp-header":)" + std::string(header) + "}";
    EXPECT_TRUE(contains(problem(bad), "is not a token")) << bad;
  }
  for (const char* type : {R"("number")", R"("object")", R"("array")", R"(["string","number"])"}) {
    const std::string bad = R"("a":{"x-mcp-header":"A","type":)" + std::string(type) + "}";
    EXPECT_TRUE(contains(problem(bad), "is on no string")) << bad;
  }
  EXPECT_TRUE(contains(problem(good + R"(,"c":{"type":"string","x-mcp-header":"a"})"), "twice"));
  EXPECT_TRUE(contains(problem(good + "," + deep), "twice"));
  for (const std::string& more :
       {R"(,"x-mcp-header":"A")" + std::string(), R"(,"allOf":[{"properties":{)" + good + "}}]",
        R"(,"if":{"properties":{)" + good + "}}", R"(,"$defs":{"d":{"properties":{)" + good + "}}}",
        R"(,"items":{"properties":{)" + good + "}}",
        R"(,"patternProperties":{"^x":)" + good.substr(4) + "}"}) {
    EXPECT_TRUE(contains(problem("", more), "not on a parameter")) << more;
  }
  EXPECT_TRUE(contains(
      problem(R"("l":{"type":"array","items":{"type":"object","properties":{)" + good + "}}}"),
      "not on a parameter"));
}

TEST_F(MirroredParams, ValuesAreDecodedStrictly) {
  const auto hello = [](std::string_view value) {
    return check(R"({"region":"Hello"})", {{"Mcp-Param-Region", value}});
  };
  EXPECT_EQ(hello("=?base64?SGVsbG8=?="), "");
  EXPECT_NE(hello("=?base64?SGVsbG8?="), "");
  EXPECT_NE(hello("=?base64?SGVs!!!bG8=?="), "");
  EXPECT_NE(hello("SGVsbG8="), "");
  EXPECT_EQ(check(R"({"region":"SGVsbG8="})", {{"Mcp-Param-Region", "SGVsbG8="}}), "");
  EXPECT_EQ(check(R"({"region":"=?base64?SGVsbG8="})", {{"Mcp-Param-Region", "=?base64?SGVsbG8="}}),
            "");
  EXPECT_EQ(check(R"({"region":"é"})", {{"Mcp-Param-Region", "=?base64?w6k=?="}}), "");
  EXPECT_NE(check(R"({"region":"é"})", {{"Mcp-Param-Region", "é"}}), "") << "no header's character";
}

TEST_F(MirroredParams, NumbersAreComparedAsNumbers) {
  EXPECT_EQ(check(R"({"n":42})", {{"Mcp-Param-N", "42"}}), "");
  EXPECT_EQ(check(R"({"n":42})", {{"Mcp-Param-N", "42.0"}}), "");
  EXPECT_EQ(check(R"({"n":42.0})", {{"Mcp-Param-N", "42"}}), "");
  EXPECT_NE(check(R"({"n":42})", {{"Mcp-Param-N", "43"}}), "");
  EXPECT_NE(check(R"({"n":42})", {{"Mcp-Param-N", "x"}}), "");
  EXPECT_NE(check(R"({"n":9007199254740993})", {{"Mcp-Param-N", "9007199254740992"}}), "");
  EXPECT_EQ(check(R"({"deep":{"flag":true}})", {{"Mcp-Param-Flag", "true"}}), "");
  EXPECT_NE(check(R"({"deep":{"flag":true}})", {{"Mcp-Param-Flag", "True"}}), "");
  EXPECT_NE(check(R"({"deep":{"flag":false}})", {}), "");
}

}  // namespace
