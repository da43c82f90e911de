// What the registry offers, as clients see it: prompts, completions, listed resources, content of
// every kind, pages, changes of lists, and what each revision must not get (tables A13, A14, A15).
#include <gtest/gtest.h>

#include "mcp/result.h"
#include "support/mcp_world.h"

namespace {

using mcp::List;
using mcp::Version;
using test::Answer;

struct Greeting {
  std::string name, tone;
  static mcp::Fields fields() {
    return {mcp::field<&Greeting::name>(
                {.name = "name", .title = "Name", .description = "whom", .required = true}),
            mcp::field<&Greeting::tone>({.name = "tone"})};
  }
};

class GreetPrompt final : public mcp::TypedPrompt<Greeting> {
 public:
  GreetPrompt()
      : TypedPrompt({.name = "greet",
                     .title = "Greet",
                     .description = "Greets.",
                     .icons = {{"https://x.example/i.png", "image/png", {"48x48"}, "dark"}},
                     .meta_json = R"({"a":1})"}) {}
  std::unique_ptr<mcp::ToolRun> start(Greeting g, mcp::PromptReply& reply) override {
    mcp::PromptResult result;
    result.description = "A greeting.";
    result.messages.push_back(mcp::PromptMessage::user("Greet " + g.name + " " + g.tone));
    result.messages.push_back(mcp::PromptMessage::user(mcp::Content::of_image("\x01\x02", "i/p")));
    reply.succeed(std::move(result));
    return nullptr;
  }
  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    std::vector<std::string> values;
    const std::size_t n = request.value == "many" ? 150 : 1;
    for (std::size_t i = 0; i < n; ++i) {
      values.push_back(std::string(request.argument) + std::string(request.value));
      for (const auto& [name, value] : request.context)
        values.back() += "," + std::string(name) + "=" + std::string(value);
    }
    reply.succeed(std::move(values));
    return nullptr;
  }
};

class FixedResource final : public mcp::ResourceFamily {
 public:
  FixedResource(std::string uri, std::string uri_template = {}) {
    info_ = {std::move(uri_template), "fixed", "Fixed", "Never changes.", "text/plain"};
    info_.uri = std::move(uri);
    info_.size = 4;
    info_.annotations.audience = {"user"};
    info_.annotations.priority = 0.5;
    info_.annotations.last_modified = "2026-01-01T00:00:00Z";
    info_.icons = {{"data:x", "", {}, ""}};
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return uri == info_.uri; }
  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller&, std::string_view,
                                     mcp::ReadReply& reply) override {
    mcp::ResourceContent content;
    content.mime_type = "application/octet-stream";
    content.blob = std::string("\x00\xff\x10", 3);
    content.meta_json = R"({"m":1})";
    reply.succeed(std::move(content));
    return nullptr;
  }

 private:
  mcp::ResourceInfo info_;
};

struct McpFace : test::McpWorld {
  McpFace() {
    registry.add(std::make_unique<GreetPrompt>());
    registry.add(std::make_unique<FixedResource>("fixed://one"));
    settle();  // what is added later is announced, to whoever is there
    session = open();
  }
  std::string result(std::string_view method, std::string_view params = "{}") {
    const Answer a = post(rpc(method, params, "1"), in(session));
    constexpr std::string_view kHead = R"({"jsonrpc":"2.0","id":1,"result":)";
    EXPECT_EQ(a.body.substr(0, kHead.size()), kHead) << a.body;
    return a.body.size() > kHead.size()
               ? a.body.substr(kHead.size(), a.body.size() - kHead.size() - 1)
               : "";
  }
  std::string error(std::string_view method, std::string_view params) {
    const Answer a = post(rpc(method, params, "1"), in(session));
    EXPECT_EQ(a.status, 200);
    EXPECT_TRUE(a.has("-32602")) << a.body;
    return a.body;
  }
  std::string session;
};

TEST_F(McpFace, A12EverythingThatIsThereIsDeclared) {
  const Answer a = post(rpc("initialize", R"({"protocolVersion":"2025-06-18"})"));
  EXPECT_TRUE(a.has(R"("capabilities":{"completions":{},"logging":{},)"
                    R"("prompts":{"listChanged":true},)"
                    R"("resources":{"listChanged":true,"subscribe":true},)"
                    R"("tools":{"listChanged":true}})"))
      << a.body;
}

TEST_F(McpFace, A14PromptsAreListedAsEachRevisionKnowsThem) {
  EXPECT_EQ(result("prompts/list"),
            R"({"prompts":[{"name":"greet","title":"Greet","description":"Greets.","arguments":[)"
            R"({"name":"name","title":"Name","description":"whom","required":true},)"
            R"({"name":"tone","required":false}],"icons":[{"src":"https://x.example/i.png",)"
            R"("mimeType":"image/png","sizes":["48x48"],"theme":"dark"}],"_meta":{"a":1}}]})");
  session = open("2025-06-18");
  EXPECT_FALSE(test::contains(result("prompts/list"), "icons"));
  EXPECT_TRUE(test::contains(result("prompts/list"), "\"title\":\"Name\""));
  session = open("2025-03-26");
  EXPECT_EQ(result("prompts/list"),
            R"({"prompts":[{"name":"greet","description":"Greets.","arguments":[)"
            R"({"name":"name","description":"whom","required":true},)"
            R"({"name":"tone","required":false}]}]})");
}

TEST_F(McpFace, A14APromptIsMadeOfItsArguments) {
  EXPECT_EQ(result("prompts/get", R"({"name":"greet","arguments":{"name":"Ann","tone":"loudly"}})"),
            R"({"description":"A greeting.","messages":[{"role":"user","content":{"type":"text",)"
            R"("text":"Greet Ann loudly"}},{"role":"user","content":{"type":"image",)"
            R"("data":"AQI=","mimeType":"i/p"}}]})");
}

TEST_F(McpFace, A14AMissingOrUnknownPromptOrArgumentIsInvalidParams) {
  EXPECT_TRUE(test::contains(error("prompts/get", R"({"name":"greed"})"),
                             "Unknown prompt: greed; did you mean greet?"));
  EXPECT_TRUE(test::contains(error("prompts/get", "{}"), "params.name must be"));
  EXPECT_TRUE(test::contains(error("prompts/get", R"({"name":"greet"})"),
                             "missing required argument 'name'"));
  EXPECT_TRUE(
      test::contains(error("prompts/get", R"({"name":"greet","arguments":{"name":"a","x":"b"}})"),
                     "unknown argument 'x'"));
  error("prompts/get", R"({"name":"greet","arguments":{"name":1}})");
}

TEST_F(McpFace, A14CompletionAnswersAtMost100AndSaysWhenThereAreMore) {
  EXPECT_EQ(result("completion/complete",
                   R"({"ref":{"type":"ref/prompt","name":"greet"},)"
                   R"("argument":{"name":"tone","value":"lo"},"context":{"arguments":{"a":"b"}}})"),
            R"({"completion":{"values":["tonelo,a=b"],"total":1,"hasMore":false}})");
  const std::string many = result(
      "completion/complete",
      R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"","value":"many"}})");
  base::json::Document doc;
  const auto v = doc.parse(many);
  EXPECT_EQ((*v)["completion"]["values"].size(), 100u);
  EXPECT_EQ((*v)["completion"]["total"].int_or(0), 150);
  EXPECT_TRUE((*v)["completion"]["hasMore"].bool_or(false));
  EXPECT_EQ(result("completion/complete", R"({"ref":{"type":"ref/resource","uri":"test://{name}"},)"
                                          R"("argument":{"name":"name","value":""}})"),
            R"({"completion":{"values":[],"total":0,"hasMore":false}})");
}

TEST_F(McpFace, A14CompletionOfNothingIsInvalidParams) {
  for (const char* params :
       {"{}", R"({"ref":{"type":"ref/prompt","name":"greet"}})",
        R"({"ref":{"type":"ref/prompt","name":"nobody"},"argument":{"name":"a","value":""}})",
        R"({"ref":{"type":"ref/resource","uri":"x://"},"argument":{"name":"a","value":""}})",
        R"({"ref":{"type":"ref/x"},"argument":{"name":"a","value":""}})",
        R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"a","value":1}})"}) {
    error("completion/complete", params);
  }
}

TEST_F(McpFace, A14ResourcesAreListedAsEachRevisionKnowsThem) {
  EXPECT_EQ(result("resources/list"),
            R"({"resources":[{"uri":"fixed://one","name":"fixed","title":"Fixed",)"
            R"("description":"Never changes.","mimeType":"text/plain","annotations":{)"
            R"("audience":["user"],"priority":0.5,"lastModified":"2026-01-01T00:00:00Z"},)"
            R"("icons":[{"src":"data:x"}],"size":4}]})");
  session = open("2025-03-26");
  EXPECT_EQ(result("resources/list"),
            R"({"resources":[{"uri":"fixed://one","name":"fixed",)"
            R"("description":"Never changes.","mimeType":"text/plain","annotations":{)"
            R"("audience":["user"],"priority":0.5},"size":4}]})");
}

TEST_F(McpFace, AResourceMayBeListedAndHaveATemplate) {
  registry.add(std::make_unique<FixedResource>("both://", "both://{?x}"));
  EXPECT_TRUE(test::contains(result("resources/list"), "\"uri\":\"both://\""));
  EXPECT_TRUE(
      test::contains(result("resources/templates/list"), "\"uriTemplate\":\"both://{?x}\""));
  EXPECT_FALSE(test::contains(result("resources/templates/list"), "fixed://one"));
}

TEST_F(McpFace, A14BytesAreReadAsABlobAndNeverWithText) {
  EXPECT_EQ(result("resources/read", R"({"uri":"fixed://one"})"),
            R"({"contents":[{"uri":"fixed://one","mimeType":"application/octet-stream",)"
            R"("blob":"AP8Q","_meta":{"m":1}}]})");
  session = open("2025-03-26");
  EXPECT_FALSE(test::contains(result("resources/read", R"({"uri":"fixed://one"})"), "_meta"));
}

TEST_F(McpFace, SubscribingToWhatNeverChangesIsRefused) {
  const Answer a = subscribe(session, "fixed://one");
  EXPECT_TRUE(a.has("-32602"));
  EXPECT_TRUE(a.has(R"("data":{"uri":"fixed://one"})")) << a.body;
}

TEST_F(McpFace, A13ContentOfEveryKindIsShownAsTheRevisionKnowsIt) {
  mcp::ToolResult result;
  result.content = {mcp::Content::of_text("t"), mcp::Content::of_audio("\x01", "audio/wav"),
                    mcp::Content::link_to("u://x", "X", "a/b"),
                    mcp::Content::embed("u://y", {"text/plain", "y"})};
  result.content[0].annotations.priority = 1;
  result.structured_json = R"({"n":1})";
  const std::string rest =
      R"({"type":"resource","resource":{"uri":"u://y","mimeType":"text/plain","text":"y"}}])";
  const std::string first = R"({"content":[{"type":"text","text":"t","annotations":{)"
                            R"("priority":1}},{"type":"audio","data":"AQ==",)"
                            R"("mimeType":"audio/wav"},)";
  EXPECT_EQ(mcp::tool_result_json(result, Version::v2025_11_25),
            first + R"({"type":"resource_link","uri":"u://x","name":"X","mimeType":"a/b"},)" +
                rest + R"(,"structuredContent":{"n":1}})");
  EXPECT_EQ(mcp::tool_result_json(result, Version::v2025_03_26),
            first + R"({"type":"text","text":"X: u://x"},)" + rest + "}");
}

// ---- pages

struct Numbered final : mcp::TypedTool<mcp::NoArguments> {
  explicit Numbered(int n)
      : TypedTool({.name = "t" + std::to_string(100 + n), .description = "d"}) {}
  std::unique_ptr<mcp::ToolRun> start(mcp::NoArguments,
                                      mcp::TypedCall<mcp::ToolResult> c) override {
    c.succeed(std::string("x"));
    return nullptr;
  }
};

std::vector<std::string> walk(const mcp::Registry& registry, List list, std::string_view member) {
  std::vector<std::string> names;
  std::string cursor;
  do {
    const std::string* page = registry.page(list, Version::v2025_11_25, cursor);
    EXPECT_NE(page, nullptr);
    base::json::Document doc;
    const auto v = doc.parse(*page);
    for (base::json::Value each : (*v)[member].array())
      names.emplace_back(each["name"].str());
    cursor = (*v)["nextCursor"].str();
  } while (!cursor.empty());
  return names;
}

TEST(McpPages, TogetherAreTheWholeListInOrder) {
  for (std::size_t size : {1u, 2u, 3u, 7u, 100u}) {
    mcp::Registry registry(size);
    for (int i = 6; i >= 0; --i)
      registry.add(std::make_unique<Numbered>(i));
    EXPECT_EQ(walk(registry, List::tools, "tools"),
              (std::vector<std::string>{"t100", "t101", "t102", "t103", "t104", "t105", "t106"}))
        << size;
  }
}

TEST(McpPages, ACursorStaysGoodInAnotherProcessAndWhenTheListChanges) {
  mcp::Registry one(2), other(2);
  for (int i = 0; i < 5; ++i)
    one.add(std::make_unique<Numbered>(i));
  for (int i = 2; i < 7; ++i)
    other.add(std::make_unique<Numbered>(i));
  base::json::Document doc;
  const auto first = doc.parse(*one.page(List::tools, Version::v2025_11_25, ""));
  const std::string cursor((*first)["nextCursor"].str());
  ASSERT_FALSE(cursor.empty());
  const std::string* page = other.page(List::tools, Version::v2025_11_25, cursor);
  ASSERT_NE(page, nullptr);
  EXPECT_TRUE(test::contains(*page, "t102")) << "what comes after t101, which is not here";
}

TEST(McpPages, WhatIsNoCursorOfThatListIsRefused) {
  mcp::Registry registry(1);
  registry.add(std::make_unique<Numbered>(0));
  registry.add(std::make_unique<Numbered>(1));
  base::json::Document doc;
  const auto first = doc.parse(*registry.page(List::tools, Version::v2025_11_25, ""));
  const std::string cursor((*first)["nextCursor"].str());
  EXPECT_EQ(registry.page(List::prompts, Version::v2025_11_25, cursor), nullptr);
  for (const std::string& bad : {cursor + "=", cursor + " ", cursor.substr(1), "!" + cursor,
                                 std::string("MA=="), std::string("eA=="), std::string("0t100")}) {
    EXPECT_EQ(registry.page(List::tools, Version::v2025_11_25, bad), nullptr) << bad;
  }
}

TEST_F(McpFace, A15ABadCursorIsInvalidParams) {
  for (const char* method :
       {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}) {
    for (const char* cursor : {"\"x\"", "1", "true", "{}"})
      error(method, std::string(R"({"cursor":)") + cursor + "}");
  }
}

// ---- changes of lists

TEST_F(McpFace, A11AChangedListIsToldOnceOnEverySessionsOwnStream) {
  const std::string other = open();
  auto one = listen(session), two = listen(other);
  registry.announce(List::tools);
  registry.announce(List::tools);
  registry.announce(List::templates);
  settle();
  const std::vector<std::string> told = {
      R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})",
      R"({"jsonrpc":"2.0","method":"notifications/resources/list_changed"})"};
  EXPECT_EQ(one->data(), told);
  EXPECT_EQ(two->data(), told);
  registry.add(std::make_unique<Numbered>(1));
  settle();
  EXPECT_EQ(one->data().size(), 3u) << "what is added later is announced";
  EXPECT_TRUE(test::contains(result("tools/list"), "t101"));
}

TEST_F(McpFace, B5WithoutAStreamAChangeWaitsForOne) {
  registry.announce(List::prompts);
  settle();
  registry.announce(List::prompts);
  settle();
  auto stream = listen(session);
  EXPECT_EQ(stream->data(),
            (std::vector<std::string>{
                R"({"jsonrpc":"2.0","method":"notifications/prompts/list_changed"})"}));
}

}  // namespace
