// Mutated bodies, with fixed seeds: every POST gets one well-formed answer, nothing leaks, and a
// session that is not touched by them goes on.
#include <gtest/gtest.h>

#include "base/random.h"
#include "support/mcp_world.h"

namespace {

struct McpFuzz : test::McpWorld {
  std::string mutated(base::Random& random) {
    static const std::vector<std::string> kSeeds = {
        rpc("initialize",
            R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x"}})"),
        rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"a","limit":3}})"),
        rpc("tools/call", R"({"name":"test.slow"})", "\"s\""),
        rpc("resources/subscribe", R"({"uri":"test://a"})"),
        rpc("resources/unsubscribe", R"({"uri":"test://a"})"),
        rpc("resources/read", R"({"uri":"test://a"})"),
        rpc("logging/setLevel", R"({"level":"error"})"),
        notification("notifications/cancelled", R"({"requestId":1})"),
        R"({"jsonrpc":"2.0","id":1,"result":{}})",
        "[" + rpc("ping") + "," + rpc("resources/subscribe", R"({"uri":"test://b"})", "2") + "]",
    };
    static const std::vector<std::string> kPieces = {
        "null",
        "{}",
        "[]",
        "1.5",
        "\"\"",
        "\"params\":",
        "\"id\":",
        "-1",
        "\"_meta\":{}",
        "\\u0000",
        ",",
        "}",
        "]",
        "\"io.modelcontextprotocol/protocolVersion\":1",
        "\xc3",
        "true",
        "1e999",
        "\"uri\":\"test://c\""};
    std::string body = kSeeds[random.below(kSeeds.size())];
    for (std::uint64_t n = random.below(5); n > 0; --n) {
      const std::size_t at = random.below(body.size() + 1);
      switch (random.below(4)) {
        case 0:
          body.insert(at, kPieces[random.below(kPieces.size())]);
          break;
        case 1:
          body.erase(at, 1 + random.below(6));
          break;
        case 2:
          body.insert(at, body.substr(random.below(body.size() + 1), random.below(30)));
          break;
        default:
          if (at < body.size()) body[at] = static_cast<char>(random.below(256));
      }
    }
    return body;
  }
};

TEST_F(McpFuzz, EveryBodyGetsOneAnswer) {
  be_quiet();
  base::json::Document doc;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    base::Random random(seed);
    const std::string old = open("2025-03-26"), now = open(), spared = open();
    auto stream = listen(now);
    for (int i = 0; i < 3000; ++i) {
      const std::string body = mutated(random);
      auto peer = post_later(body, in(random.below(2) ? old : now));
      for (test::TestTool::Run* run : std::vector(slow->runs)) {
        if (random.below(2)) run->reply.succeed("{}");
      }
      for (test::TestFamily::Feed* feed : std::vector(family->feeds)) {
        if (random.below(4) == 0) feed->say("1");
        if (random.below(8) == 0) feed->subscriber.ended();
      }
      settle(3);
      for (test::TestTool::Run* run : std::vector(slow->runs))
        run->reply.fail("over");
      settle(3);
      const test::Answer a = answer_of(*peer);
      ASSERT_TRUE(a.status == 200 || a.status == 202 || a.status == 400) << a.status << " " << body;
      EXPECT_EQ(a.body.empty(), a.status == 202) << body;
      EXPECT_TRUE(a.body.empty() || doc.parse(a.body)) << a.body;
    }
    EXPECT_EQ(post(rpc("ping"), in(spared)).status, 200);
  }
}

}  // namespace
