// Bug: what one caller sends cost more than it is long: a namespace of 128 kB half a minute in the
// namespace filter, a batch of two million values a tree of 40 MB.
#include <gtest/gtest.h>

#include "base/json_shape.h"
#include "base/limits.h"
#include "cluster/namespace_filter.h"
#include "mcp/completion.h"
#include "mcp/schema.h"
#include "support/mcp_world.h"

namespace {

using base::json::count_values;
using test::Answer;

TEST(CallerSize, OnlyWhatANamespaceCanBeCalledReachesTheFilter) {
  const auto filter = cluster::NamespaceFilter::parse("(.|..)*");
  EXPECT_TRUE(filter->allows("team-a"));
  EXPECT_TRUE(filter->allows(std::string(63, 'a')));
  EXPECT_FALSE(filter->allows(std::string(64, 'a')));
  EXPECT_FALSE(filter->allows("Team"));
  EXPECT_FALSE(filter->allows("a.b"));
  EXPECT_FALSE(filter->allows(""));
  const auto refused = filter->check(std::string(100'000, 'a'));
  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().what().size(), 300u);
}

TEST(CallerSize, ValuesAreCountedAsTheTextSays) {
  EXPECT_EQ(count_values(R"({"a":[1,2,{}],"b":"x,y"})", 3), 4u) << "it stops there";
  // The object, two members of a name and a value, an array of three.
  EXPECT_EQ(count_values(R"({"a":[1,2,{"c":1}],"b":"x,[{\"\\"})", 20), 10u);
  EXPECT_EQ(count_values("1,2,3", 5), 5u) << "no more than it has bytes";
  std::string many = "[";
  for (int i = 0; i < 1000; ++i)
    many += "\"\\\\\\\",\",";
  EXPECT_EQ(count_values(many + "1]", 5000), 1002u) << "what strings hold is none";
  EXPECT_EQ(count_values(many + "\"not closed, , , ,", 5000), 1002u);
}

TEST(CallerSize, ArgumentsThatComeTwiceAreNotWalkedForEver) {
  struct Two {
    std::string a, b;
    static mcp::Fields fields() {
      return {mcp::field<&Two::a>({.name = "a"}), mcp::field<&Two::b>({.name = "b"})};
    }
  };
  base::json::Document doc;
  const auto twice = mcp::Schema::read<Two>(*doc.parse(R"({"a":"1","b":"2","a":"3"})"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().what(), "argument 'a' is given twice");
  EXPECT_TRUE(mcp::Schema::read<Two>(*doc.parse(R"({"a":"1","b":"2"})")));
}

struct CallerSizeWorld : test::McpWorld {
  static std::string values(std::size_t n) {  // an array of so many
    std::string out = "[1";
    for (std::size_t i = 1; i < n; ++i)
      out += ",1";
    return out + "]";
  }
  std::string session = open("2025-03-26");
};

TEST_F(CallerSizeWorld, ABodyOfTooManyValuesIsRefusedBeforeItIsParsed) {
  for (const std::string& body :
       {values(base::limits::kBodyValues), rpc("ping", "{\"x\":" + values(5000) + "}"),
        // Not even JSON: nothing parsed it.
        values(6000) + "]"}) {
    const Answer refused = post(body, in(session));
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(refused.has("-32600") && refused.has("at most 5000 JSON values")) << refused.body;
  }
  EXPECT_EQ(post(rpc("ping", "{\"x\":" + values(4900) + "}"), in(session)).status, 200);
  EXPECT_TRUE(post(rpc("ping", "{\"x\":\"" + std::string(20'000, ',') + "\"}"), in(session))
                  .has("\"result\":{}"));
}

TEST_F(CallerSizeWorld, AnIdIsNoLongerThanOneThatIsKept) {
  const auto ping = [&](std::size_t size) {
    return post(rpc("ping", "{}", "\"" + std::string(size, 'i') + "\""), in(session));
  };
  EXPECT_TRUE(ping(mcp::kRequestIdBytes).has("\"result\":{}"));
  const Answer refused = ping(mcp::kRequestIdBytes + 1);
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(refused.has("-32600") && !refused.has("iiii")) << refused.body;
}

struct Completions : CallerSizeWorld {
  struct Completing final : mcp::ResourceFamily {
    Completing() {
      info_.uri_template = "size://{x}";
      info_.name = "size";
      info_.description = "For these tests.";
    }
    const mcp::ResourceInfo& info() const override { return info_; }
    bool owns(std::string_view uri) const override { return uri.starts_with("size://"); }
    std::unique_ptr<mcp::ToolRun> read(const mcp::Caller&, std::string_view,
                                       mcp::ReadReply& reply) override {
      reply.fail({mcp::RpcCode::internal_error, "no", {}});
      return nullptr;
    }
    std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
      subscriber.refused({mcp::RpcCode::internal_error, "no", {}});
      return nullptr;
    }
    bool completes() const override { return true; }
    std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest&,
                                           mcp::CompletionReply& reply) override {
      ++asked;
      reply.succeed({}, 0);
      return nullptr;
    }
    int asked = 0;
    mcp::ResourceInfo info_;
  };
  Completions() {
    auto made = std::make_unique<Completing>();
    family = made.get();
    registry.add(std::move(made));
  }
  Answer complete(const std::string& name, const std::string& value, const std::string& context) {
    return post(
        rpc("completion/complete",
            R"({"ref":{"type":"ref/resource","uri":"size://{x}"},"argument":{"name":")" + name +
                R"(","value":")" + value + R"("},"context":{"arguments":)" + context + "}}"),
        in(session));
  }
  Completing* family;
};

TEST_F(Completions, ArgumentsAreNoLongerThanAUri) {
  const std::string most(mcp::kCompletionBytes, 'a'), more = most + "a";
  EXPECT_TRUE(complete("x", most, "{\"y\":\"" + most + "\"}").has("\"result\""));
  EXPECT_EQ(family->asked, 1);
  std::string many = "{\"k\":\"v\"";
  for (std::size_t i = 0; i < mcp::kCompletionArguments; ++i)
    many += ",\"k" + std::to_string(i) + "\":\"v\"";
  for (const Answer& refused :
       {complete("x", more, "{}"), complete(more, "", "{}"),
        complete("x", "", "{\"y\":\"" + more + "\"}"), complete("x", "", "{\"" + more + "\":\"\"}"),
        complete("x", "", many + "}")}) {
    EXPECT_TRUE(refused.has("-32602") && refused.has("at most")) << refused.body.substr(0, 300);
  }
  EXPECT_EQ(family->asked, 1) << "none of these was asked";
}

}  // namespace
