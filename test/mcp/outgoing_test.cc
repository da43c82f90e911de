// What leaves for a client: the exact messages, and that everything of both eras passes the filter
// first.
#include "mcp/outgoing.h"

#include <set>

#include <gtest/gtest.h>

#include "support/modern_world.h"

namespace {

using mcp::Body;
using mcp::Outgoing;
using mcp::Question;
using mcp::ToolReply;
using test::Answer;
using test::contains;

constexpr std::string_view kSecret = "hunter2";

// Replaces the secret, and remembers the kinds of bodies that held it.
class Filter final : public mcp::OutgoingFilter {
 public:
  Filter() : before_(mcp::install_outgoing_filter(this)) {}
  ~Filter() override { mcp::install_outgoing_filter(before_); }
  bool change(Body body, std::string_view json, std::string& out) override {
    seen.insert(body);
    ++calls;
    EXPECT_TRUE(json.starts_with('{') && json.ends_with('}')) << json;
    EXPECT_TRUE(out.empty());
    const std::size_t at = json.find(kSecret);
    if (at == std::string_view::npos) return false;
    held.insert(body);
    out.append(json.substr(0, at)).append("[hidden]").append(json.substr(at + kSecret.size()));
    return true;
  }
  std::set<Body> seen, held;
  int calls = 0;

 private:
  mcp::OutgoingFilter* before_;
};

TEST(McpOutgoing, MessagesAreExact) {
  EXPECT_EQ(Outgoing::result("\"a\"", "{}").text(), R"({"jsonrpc":"2.0","id":"a","result":{}})");
  EXPECT_EQ(Outgoing::error({}, {mcp::RpcCode::parse_error, "bad \"x\"", {}}).text(),
            R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"bad \"x\""}})");
  EXPECT_EQ(
      Outgoing::error("0", {mcp::RpcCode::resource_not_found, "no", R"({"uri":"u"})"}).text(),
      R"({"jsonrpc":"2.0","id":0,"error":{"code":-32002,"message":"no","data":{"uri":"u"}}})");
  EXPECT_EQ(Outgoing::notification("a/b", R"({"x":1})").text(),
            R"({"jsonrpc":"2.0","method":"a/b","params":{"x":1}})");
  EXPECT_EQ(Outgoing::notification("a/b", {}).text(), R"({"jsonrpc":"2.0","method":"a/b"})");
  EXPECT_EQ(Outgoing::request("srv-1", "roots/list", "{}").text(),
            R"({"jsonrpc":"2.0","id":"srv-1","method":"roots/list"})");
  EXPECT_EQ(Outgoing::log(mcp::LogLevel::info, "s", "[1]").text(),
            R"({"jsonrpc":"2.0","method":"notifications/message",)"
            R"("params":{"level":"info","logger":"s","data":[1]}})");
}

TEST(McpOutgoing, TheFilterSeesTheBodyAndNotTheEnvelope) {
  Filter filter;
  EXPECT_EQ(Outgoing::result("\"hunter2\"", R"({"x":"hunter2"})").text(),
            R"({"jsonrpc":"2.0","id":"hunter2","result":{"x":"[hidden]"}})");
  EXPECT_EQ(Outgoing::error("1", {mcp::RpcCode::internal_error, "a hunter2", "{}"}).text(),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"a [hidden]","data":{}}})");
  const base::Payload frame = mcp::update_frame("test://hunter2", R"({"x":"hunter2"})");
  EXPECT_TRUE(contains(frame.view(), R"({"_meta":{"delta":{"x":"[hidden]"}},)")) << frame.view();
  EXPECT_TRUE(contains(frame.view(), R"("uri":"test://hunter2")"));
  EXPECT_EQ(filter.held, (std::set{Body::result, Body::error, Body::update}));
}

// Both eras: each way in which a tool, a prompt or a resource can put text before a client.
struct McpOutgoingWorld : test::ModernWorld {
  McpOutgoingWorld() {
    slow->round = [this](test::TestTool&, ToolReply& reply) {
      const auto steps = step;
      steps(reply);
      return nullptr;
    };
  }
  static void notify_and_succeed(ToolReply& reply) {
    reply.progress({1, 2, "hunter2 in progress"});
    reply.log(mcp::LogLevel::error, R"("hunter2 in the log")");
    mcp::ToolResult result;
    result.content.push_back(mcp::Content::of_text("hunter2 in the text"));
    reply.succeed(std::move(result));
  }
  std::string session_call(std::string_view session, std::string_view meta = "{}") {
    return post(rpc("tools/call", R"({"name":"test.slow","_meta":)" + std::string(meta) + "}"),
                in(session))
        .body;
  }
  std::function<void(ToolReply&)> step;
  Filter filter;
};

TEST_F(McpOutgoingWorld, AllThatASessionIsSentPasses) {
  const std::string session = post(rpc("initialize", R"({"protocolVersion":"2025-11-25",)"
                                                     R"("capabilities":{"elicitation":{}}})"))
                                  .header("Mcp-Session-Id");
  step = notify_and_succeed;
  std::string all = session_call(session, R"({"progressToken":1})");
  step = [](ToolReply& reply) { reply.fail(mcp::ToolError{"hunter2"}); };
  all += session_call(session);
  step = [](ToolReply& reply) { reply.fail(mcp::RpcError{{}, "hunter2", {}}); };
  all += session_call(session);
  step = [](ToolReply& reply) { reply.ask({Question::form("a", "hunter2?", "{}")}); };
  test::EventStream asked;
  asked.peer = post_later(rpc("tools/call", R"({"name":"test.slow"})"), in(session));
  asked.read();
  all += asked.raw;
  const auto stream = listen(session);
  subscribe(session, "test://a");
  family->feeds.at(0)->say(R"({"x":"hunter2"})");
  for (const std::string& data : stream->data())
    all += data;
  EXPECT_FALSE(contains(all, kSecret)) << all;
  EXPECT_EQ(filter.held, (std::set{Body::result, Body::error, Body::notification, Body::log,
                                   Body::update, Body::question}));
  EXPECT_TRUE(contains(all, "[hidden] in progress"));
  EXPECT_TRUE(contains(all, "[hidden] in the text"));
  post(rpc("tools/list"), in(session));
  EXPECT_TRUE(filter.seen.contains(Body::offer));
}

TEST_F(McpOutgoingWorld, ABatchsAnswersPass) {
  step = notify_and_succeed;
  const std::string one = rpc("tools/call", R"({"name":"test.slow"})");
  const Answer a = post("[" + one + "," + one + "]", in(open("2025-03-26")));
  EXPECT_TRUE(a.has("[hidden] in the text"));
  EXPECT_FALSE(a.has(kSecret)) << a.body;
}

TEST_F(McpOutgoingWorld, AllThatAModernClientIsSentPasses) {
  const auto call = [&](std::string_view capabilities = "{}") {
    return post(body("tools/call", R"("name":"test.slow")", "1",
                     meta(capabilities,
                          R"(,"progressToken":1,"io.modelcontextprotocol/logLevel":"debug")")),
                headers("tools/call", "test.slow"))
        .body;
  };
  step = notify_and_succeed;
  std::string all = call();
  step = [](ToolReply& reply) { reply.fail(mcp::ToolError{"hunter2"}); };
  all += call();
  step = [](ToolReply& reply) { reply.fail(mcp::RpcError{{}, "hunter2", {}}); };
  all += call();
  step = [](ToolReply& reply) { reply.ask({Question::form("a", "hunter2?", "{}")}); };
  all += call(R"({"elicitation":{"form":{}}})");
  auto stream = listen_to(R"({"resourceSubscriptions":["test://a"]})");
  family->feeds.at(0)->say(R"({"x":"hunter2"})");
  drain(*stream);
  all += stream->raw;
  EXPECT_FALSE(contains(all, kSecret)) << all;
  EXPECT_TRUE(contains(all, "[hidden]?"));
  EXPECT_TRUE(contains(all, R"("delta":{"x":"[hidden]"})")) << all;
  EXPECT_EQ(filter.held,
            (std::set{Body::result, Body::error, Body::notification, Body::log, Body::update}));
}

TEST_F(McpOutgoingWorld, AFrameThatManyShareIsFilteredOnce) {
  auto a = listen_to(R"({"resourceSubscriptions":["test://a"]})");
  auto b = listen_to(R"({"resourceSubscriptions":["test://a"]})");
  const base::Payload frame = mcp::update_frame("test://a", R"({"x":"hunter2"})");
  const int before = filter.calls;
  for (auto* feed : family->feeds)
    feed->subscriber.publish(frame);
  drain(*a);
  drain(*b);
  EXPECT_EQ(filter.calls, before);
  EXPECT_TRUE(contains(a->raw, "[hidden]"));
  EXPECT_TRUE(contains(b->raw, "[hidden]"));
}

// A tool's own JSON may be indented; an event is one line.
TEST_F(McpOutgoingWorld, AnIndentedResultIsOneEvent) {
  step = [](ToolReply& reply) {
    reply.progress({1, 2, "m"});
    reply.succeed({.structured_json = "{\n  \"x\": 1\r\n}"});
  };
  const Answer a =
      post(body("tools/call", R"("name":"test.slow")", "1", meta("{}", R"(,"progressToken":1)")),
           headers("tools/call", "test.slow"));
  EXPECT_TRUE(a.has(R"("structuredContent":{   "x": 1  })")) << a.body;
}

}  // namespace
