// Which era a request belongs to, one test for each input that could be taken for either, and the
// order in which a modern request is checked.
#include <gtest/gtest.h>

#include "support/modern_world.h"

namespace {

using test::Answer;

constexpr std::string_view kAll =
    R"("supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"])";

struct ModernEra : test::ModernWorld {
  static std::string claim(std::string_view json) {
    std::string out = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":)";
    return out.append(json).append(R"(,"io.modelcontextprotocol/clientCapabilities":{}}})");
  }
  static std::string hv(std::string_view version) {
    return "MCP-Protocol-Version: " + std::string(version) + "\r\nMcp-Method: tools/list\r\n";
  }
  void is(const Answer& answer, int status, int error) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(code(answer), error) << answer.body;
    EXPECT_EQ(answer.header("Mcp-Session-Id"), "");
  }
};

TEST_F(ModernEra, EraRow01ClaimAndHeaderAgreeAndItIsServed) {
  const Answer a = ask("tools/list");
  is(a, 200, 0);
  EXPECT_TRUE(a.has(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete",)")) << a.body;
}

TEST_F(ModernEra, EraRow02ASessionIdIsIgnoredAndNoneIsEchoed) {
  is(ask("tools/list", {}, {}, "Mcp-Session-Id: anything\r\n"), 200, 0);
  is(ask("tools/list", {}, {}, in(open())), 200, 0);
}

TEST_F(ModernEra, EraRow03ClaimWithoutHeader) {
  is(post(body("tools/list"), "Mcp-Method: tools/list\r\n"), 400, -32020);
}

TEST_F(ModernEra, EraRow04ModernClaimLegacyHeader) {
  is(post(body("tools/list"), hv("2025-11-25")), 400, -32020);
}

TEST_F(ModernEra, EraRow05LegacyClaimLegacyHeaderIsToldTheModernOnesAlone) {
  const Answer a = post(rpc("tools/list", claim(R"("2025-11-25")")), hv("2025-11-25"));
  is(a, 400, -32022);
  EXPECT_TRUE(a.has(R"("data":{"supported":["2026-07-28"],"requested":"2025-11-25"})")) << a.body;
}

TEST_F(ModernEra, EraRow06UnknownVersionIsToldAll) {
  const Answer a = post(rpc("tools/list", claim(R"("v999.0.0")")), hv("v999.0.0"));
  is(a, 400, -32022);
  EXPECT_TRUE(a.has(std::string(kAll) + R"(,"requested":"v999.0.0"})")) << a.body;
}

TEST_F(ModernEra, EraRow07UnknownClaimModernHeader) {
  is(post(rpc("tools/list", claim(R"("v999.0.0")")), hv("2026-07-28")), 400, -32020);
}

TEST_F(ModernEra, EraRow08ClaimThatIsNoString) {
  for (const char* value : {"null", "7", "true", "{}", "[]"}) {
    is(post(rpc("tools/list", claim(value)), hv("2026-07-28")), 400, -32602);
    is(post(rpc("tools/list", claim(value))), 400, -32602);
  }
}

TEST_F(ModernEra, EraRow09ModernHeaderWithoutClaim) {
  is(post(rpc("tools/list"), hv("2026-07-28")), 400, -32602);
  is(post(rpc("tools/list", ""), hv("2026-07-28")), 400, -32602);
  is(post(rpc("tools/list", "[]"), hv("2026-07-28")), 400, -32602);
  is(post(rpc("tools/list", R"({"_meta":7})"), hv("2026-07-28")), 400, -32602);
  is(post(rpc("tools/list"), hv("2031-01-01")), 400, -32602);
}

TEST_F(ModernEra, EraRow10DiscoverWithNothingElse) {
  is(post(rpc("server/discover")), 400, -32602);
  is(post(rpc("subscriptions/listen", "")), 400, -32602);
}

TEST_F(ModernEra, EraRow11InitializeWithClaim) {
  is(ask("initialize", R"("protocolVersion":"2025-11-25")"), 404, -32601);
}

TEST_F(ModernEra, EraRow12InitializeWithoutClaimWithModernHeader) {
  const Answer a = post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"), kVersionLine);
  is(a, 400, -32020);
  EXPECT_TRUE(a.has(std::string(R"("data":{)").append(kAll).append("}"))) << a.body;
}

TEST_F(ModernEra, EraRow13InitializeThatAsksForTheModernRevision) {
  const Answer a = post(rpc("initialize", R"({"protocolVersion":"2026-07-28"})"));
  EXPECT_EQ(a.status, 200);
  EXPECT_TRUE(a.has(R"("protocolVersion":"2025-11-25")")) << a.body;
  EXPECT_NE(a.header("Mcp-Session-Id"), "");
}

TEST_F(ModernEra, EraRow14InitializeWithAnOlderVersionOrJunk) {
  for (const char* version : {"2024-10-07", "junk", ""}) {
    const Answer a =
        post(rpc("initialize", R"({"protocolVersion":")" + std::string(version) + R"("})"));
    EXPECT_EQ(a.status, 200);
    EXPECT_TRUE(a.has(R"("protocolVersion":"2025-11-25")")) << a.body;
  }
}

TEST_F(ModernEra, EraRow15InitializeWithoutProtocolVersion) {
  const Answer a = post(rpc("initialize"));
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(code(a), -32602);
}

TEST_F(ModernEra, EraRow16NoClaimNoHeaderNoSession) {
  is(post(rpc("tools/list")), 400, -32600);
}

TEST_F(ModernEra, EraRow17LegacyRequestOfAnUnknownSession) {
  const Answer a = post(rpc("tools/list"), in("nobody"));
  EXPECT_EQ(a.status, 404);
  EXPECT_TRUE(a.has("-32001")) << a.body;
}

TEST_F(ModernEra, EraRow18LegacyRequestWithAVersionThatNeverWas) {
  is(post(rpc("tools/list"), in(open()) + "MCP-Protocol-Version: 1999-01-01\r\n"), 400, -32600);
}

TEST_F(ModernEra, EraRow19And20RequestsBeforeInitializedAreServed) {
  const std::string session = in(open());
  EXPECT_TRUE(post(rpc("ping"), session).has(R"("result":{}})"));
  EXPECT_TRUE(post(rpc("tools/list"), session).has(R"("result":{"tools")"));
}

TEST_F(ModernEra, EraRow21ModernNotificationsAre202WithoutEffect) {
  const std::string session = open();
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "5"), in(session));
  ASSERT_EQ(slow->runs.size(), 1u);
  const std::string cancelled =
      notification("notifications/cancelled", R"({"requestId":5,"_meta":)" + meta() + "}");
  for (const std::string& more : {std::string(), std::string(kVersionLine), in(session)}) {
    const Answer a = post(cancelled, more);
    EXPECT_EQ(a.status, 202);
    EXPECT_EQ(a.body, "");
  }
  EXPECT_EQ(
      post(notification("notifications/cancelled", R"({"requestId":5})"), kVersionLine).status,
      202);
  EXPECT_EQ(slow->runs.size(), 1u);
  EXPECT_EQ(post(notification("notifications/cancelled", R"({"requestId":5})"), in(session)).status,
            202);
  EXPECT_TRUE(slow->runs.empty()) << "EraRow22: in its session it is cancelled";
}

TEST_F(ModernEra, EraRow23Batches) {
  const std::string one = rpc("ping");
  is(post("[" + one + "]", in(open())), 400, -32600);
  is(post("[" + body("tools/list") + "]"), 400, -32600);
  is(post("[" + one + "," + body("tools/list") + "]", in(open("2025-03-26"))), 400, -32600);
  is(post("[" + one + "]", in(open("2025-03-26")) + std::string(kVersionLine)), 400, -32600);
  EXPECT_EQ(post("[" + one + "]", in(open("2025-03-26"))).status, 200);
}

TEST_F(ModernEra, EraRow24OtherVerbs) {
  for (const char* verb : {"PUT", "PATCH"}) {
    const Answer a = ask_http(verb, kVersionLine);
    EXPECT_EQ(a.status, 405);
    EXPECT_NE(a.header("Allow"), "");
  }
}

TEST_F(ModernEra, EraRow25GetAndDeleteAreLegacysWhateverTheHeader) {
  const std::string session = in(open()) + std::string(kVersionLine);
  EXPECT_EQ(ask_http("GET", session).status, 200);
  EXPECT_EQ(ask_http("DELETE", session).status, 204);
}

TEST_F(ModernEra, EraRow26GetWithoutSession) {
  EXPECT_EQ(ask_http("GET", "").status, 400);
  EXPECT_EQ(ask_http("GET", kVersionLine).status, 400);
}

TEST_F(ModernEra, EraRow27BadJsonHasNoId) {
  const Answer a = post("{", headers("tools/list"));
  is(a, 400, -32700);
  EXPECT_FALSE(a.has("\"id\"")) << a.body;
}

TEST_F(ModernEra, EraResponsesAreNotPartOfIt) {
  const Answer a = post(R"({"jsonrpc":"2.0","id":1,"result":{}})", kVersionLine);
  is(a, 400, -32600);
  EXPECT_FALSE(a.has("\"id\"")) << a.body;
}

TEST_F(ModernEra, EraLegacyResultsStayAsTheyWere) {
  const std::string session = in(open());
  for (const char* method : {"tools/list", "resources/list", "resources/templates/list", "ping"}) {
    const Answer a = post(rpc(method), session);
    for (const char* word : {"resultType", "ttlMs", "cacheScope", "serverInfo"}) {
      EXPECT_FALSE(a.has(word)) << a.body;
    }
  }
}

// ---- the ladder

TEST_F(ModernEra, WhatIsMissingInMetaIsSaidBeforeTheHeaders) {
  const auto with = [&](const std::string& m) {
    return post(body("tools/list", {}, "3", m), headers("tools/list"));
  };
  const Answer a = with(R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"})");
  is(a, 400, -32602);
  EXPECT_TRUE(a.has("clientCapabilities")) << a.body;
  EXPECT_TRUE(a.has("\"id\":3")) << a.body;
  is(with(R"({"io.modelcontextprotocol/clientCapabilities":{}})"), 400, -32602);
  is(with(R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
          R"("io.modelcontextprotocol/clientCapabilities":[]})"),
     400, -32602);
  is(post(rpc("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":7}})")), 400,
     -32602);
}

TEST_F(ModernEra, ClientInfoIsNotDemandedAndAnyIsTaken) {
  is(post(body("tools/list", {}, "1", meta("{}", R"(,"io.modelcontextprotocol/clientInfo":7)")),
          headers("tools/list")),
     200, 0);
}

TEST_F(ModernEra, TheMethodHeaderIsComparedWithItsCase) {
  const std::string list = body("tools/list");
  is(post(list, kVersionLine), 400, -32020);
  is(post(list, headers("prompts/list")), 400, -32020);
  is(post(list, headers("TOOLS/LIST")), 400, -32020);
  is(post(list, headers("=?base64?dG9vbHMvbGlzdA==?=")), 400, -32020);
  is(post(list, std::string(kVersionLine) + "mcp-method: tools/list\r\n"), 200, 0);
  is(post(list, std::string(kVersionLine) + "MCP-METHOD:   tools/list  \r\n"), 200, 0);
  is(post(list, headers("tools/list", {}, "Mcp-Method: tools/list\r\n")), 400, -32020);
  is(post(list, headers("tools/list", {}, kVersionLine)), 400, -32020);
}

TEST_F(ModernEra, RemovedAndUnknownMethodsAre404WhateverTheirParams) {
  for (const char* method :
       {"ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "tasks/list",
        "tasks/result", "unknown/method", "", "roots/list"}) {
    const std::string name = *method ? method : "";
    const Answer a = post(body(method, R"("odd":[1],"name":7)", "\"q\""), headers(name));
    if (*method) {
      is(a, 404, -32601);
      EXPECT_TRUE(a.has(R"("id":"q")")) << a.body;
    } else {
      EXPECT_GE(a.status, 400);
    }
  }
}

TEST_F(ModernEra, ABadLogLevelOrProgressTokenIsRefused) {
  const auto with = [&](std::string_view more) {
    return post(body("tools/list", {}, "1", meta("{}", more)), headers("tools/list"));
  };
  is(with(R"(,"io.modelcontextprotocol/logLevel":"loud")"), 400, -32602);
  is(with(R"(,"io.modelcontextprotocol/logLevel":3)"), 400, -32602);
  is(with(R"(,"io.modelcontextprotocol/logLevel":"debug")"), 200, 0);
  is(with(R"(,"progressToken":{})"), 400, -32602);
  is(with(R"(,"progressToken":0)"), 200, 0);
}

TEST_F(ModernEra, IdsComeBackAsTheyWere) {
  for (const char* id : {"0", "\"\"", "-1", "9007199254740993", "\"a\\u0041\"", "1753000000000"}) {
    const Answer a = post(body("tools/list", {}, id), headers("tools/list"));
    EXPECT_EQ(a.status, 200);
    const std::string shown = std::string_view(id) == "\"a\\u0041\"" ? "\"aA\"" : id;
    EXPECT_TRUE(a.has("\"id\":" + shown + ",")) << a.body;
  }
  for (const char* id : {"null", "1.5", "true", "{}"}) {
    const Answer a = post(body("tools/list", {}, id), headers("tools/list"));
    is(a, 400, -32600);
    EXPECT_FALSE(a.has("\"id\"")) << a.body;
  }
}

TEST_F(ModernEra, ACallerWhoIsAskedAboutFirstIsServedTheSame) {
  auth.later = true;
  auto peer = post_later(body("tools/list"), headers("tools/list") + bearer("alice-1"));
  auto wrong = post_later(body("tools/list"),
                          headers("tools/list", {}, "Mcp-Method: x\r\n") + bearer("alice-1"));
  auth.answer();
  auth.answer();
  settle();
  is(answer_of(*peer), 200, 0);
  is(answer_of(*wrong), 400, -32020);
}

TEST_F(ModernEra, AClientThatTakesOnlyStreamsGetsOneEvent) {
  const Answer a = ask("tools/list", {}, {}, "Accept: text/event-stream\r\n");
  EXPECT_EQ(a.header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(a.body.starts_with("event: message\ndata: {")) << a.body;
}

// ---- discovery, lists

TEST_F(ModernEra, DiscoverSaysWhatIsSpokenAndOffered) {
  const Answer a = ask("server/discover");
  is(a, 200, 0);
  EXPECT_EQ(a.header("Content-Type"), "application/json");
  EXPECT_TRUE(a.has(
      R"("supportedVersions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"])"));
  EXPECT_TRUE(a.has(R"("instructions":"Be kind.")")) << a.body;
  EXPECT_TRUE(a.has(R"("ttlMs":300000,"cacheScope":"public")")) << a.body;
  EXPECT_TRUE(
      a.has(R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"k0rdent-mcp-server")"))
      << a.body;
  EXPECT_TRUE(a.has(R"("version":"1.2.3")")) << a.body;
}

TEST_F(ModernEra, ListsSayHowLongTheyHold) {
  for (const char* method : {"tools/list", "resources/list", "resources/templates/list"}) {
    const Answer a = ask(method);
    is(a, 200, 0);
    EXPECT_TRUE(a.has(R"("ttlMs":300000,"cacheScope":"public")")) << a.body;
  }
}

TEST_F(ModernEra, ACursorThatWasNotGivenHereIsRefused) {
  for (const char* method : {"tools/list", "resources/list", "resources/templates/list"}) {
    is(ask(method, R"("cursor":"junk")"), 200, -32602);
    is(ask(method, R"("cursor":7)"), 200, -32602);
    is(ask(method, R"("cursor":"")"), 200, 0);
    is(ask(method, R"("cursor":null)"), 200, 0);
  }
}

}  // namespace
