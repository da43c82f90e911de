// The gate: everything that is decided before a session is looked at (tables A1, A2, A5, A7, A9,
// B2, B3), with HTTP bytes.
#include <cstring>

#include <gtest/gtest.h>

#include "mcp/endpoint/origin.h"
#include "support/mcp_world.h"

namespace {

using test::Answer;
using McpGate = test::McpWorld;

constexpr std::string_view kInit =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})";

// ---- A9: Host and Origin

int gate(std::string_view name, std::string_view value,
         const mcp::endpoint::OriginRules& rules = {}) {
  http::Headers headers;
  headers.add(name, value);
  return mcp::endpoint::origin_problem(headers, rules, rules.check_host).text.empty() ? 200 : 403;
}

TEST_F(McpGate, A9LoopbackNamesAreServedOnAnyPort) {
  for (const char* host :
       {"localhost", "LOCALHOST:6767", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:6767",
        "127.8.9.1:80", "localhost:", "localhost.", "localhost.:6767"}) {
    EXPECT_EQ(gate("Host", host), 200) << host;
  }
}

// Any program on this machine may serve a page; a page is let in by its name.
TEST_F(McpGate, A9OfLoopbackPagesOnlyTheNamedAreLetIn) {
  for (const char* origin :
       {"http://localhost:6274", "http://127.0.0.1:6274", "HTTP://LOCALHOST:6274"})
    EXPECT_EQ(gate("Origin", origin), 200) << origin << ": the MCP Inspector";
  for (const char* origin : {"http://localhost", "http://localhost:5173", "https://127.0.0.1:1",
                             "http://[::1]:80", "https://localhost:6274", "http://localhost:62740"})
    EXPECT_EQ(gate("Origin", origin), 403) << origin;
  const mcp::endpoint::OriginRules named{true, {}, {"http://localhost:5173"}};
  EXPECT_EQ(gate("Origin", "http://localhost:5173", named), 200);
  EXPECT_EQ(gate("Origin", "http://localhost:6274", named), 403) << "the list is the whole list";
}

TEST_F(McpGate, A9TheServersOwnOriginIsNoOtherSite) {
  const auto both = [](std::string_view host, std::string_view origin) {
    http::Headers headers;
    headers.add("Host", host);
    headers.add("Origin", origin);
    return mcp::endpoint::origin_problem(headers, {}, false).text.empty() ? 200 : 403;
  };
  EXPECT_EQ(both("localhost:6767", "http://localhost:6767"), 200);
  EXPECT_EQ(both("[::1]:6767", "https://[::1]:6767"), 200);
  EXPECT_EQ(both("localhost:6767", "http://localhost:6768"), 403);
  EXPECT_EQ(both("evil.example:6767", "http://evil.example:6767"), 403) << "a rebound name";
}

TEST_F(McpGate, A9ForeignHostsAndOriginsAreForbidden) {
  for (const char* host :
       {"evil.example", "evil.example:6767", "127.0.0.1.evil.example", "localhost.evil.example",
        "localhost@evil.example", "127.0.0.1:80x", "[::1]evil", "[::1", "", "127.1", "2130706433",
        ".", "..", "localhost..", "evil.example."}) {
    EXPECT_EQ(gate("Host", host), 403) << host;
  }
  for (const char* origin :
       {"http://evil.example", "http://127.0.0.1.evil.example", "null", "file://", "localhost", "",
        "chrome-extension://abc", "http://", "http://localhost:80/path", "http://user@localhost"}) {
    EXPECT_EQ(gate("Origin", origin), 403) << origin;
  }
}

TEST_F(McpGate, A9ListsLetMoreIn) {
  mcp::endpoint::OriginRules rules{true, {"mcp.example"}, {"https://app.example:8443"}};
  EXPECT_EQ(gate("Host", "mcp.example:6767", rules), 200);
  EXPECT_EQ(gate("Host", "mcp.example.", rules), 200) << "the same name";
  EXPECT_EQ(gate("Host", "app.example", rules), 403);
  EXPECT_EQ(gate("Origin", "https://mcp.example", rules), 200);
  EXPECT_EQ(gate("Origin", "https://app.example:8443", rules), 200);
  EXPECT_EQ(gate("Origin", "https://app.example", rules), 403);
  rules.check_host = false;
  EXPECT_EQ(gate("Host", "whatever", rules), 200);
  EXPECT_EQ(gate("Origin", "http://whatever", rules), 403) << "always checked";
}

TEST_F(McpGate, A9IsAnsweredBeforeAnythingElse) {
  EXPECT_EQ(post(kInit, "Host: evil.example\r\n").status, 403);
  EXPECT_EQ(post(kInit, "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(post("{", "Content-Type: x/y\r\nOrigin: null\r\n").status, 403);
  const std::string allowed = "Origin: http://localhost:6274\r\n";
  EXPECT_EQ(post(kInit, allowed + allowed).status, 403) << "two";
  EXPECT_EQ(post(kInit, allowed).status, 200);
  EXPECT_EQ(sessions(), 1u);
}

// Fetch Standard, "CORS protocol": without these headers a browser keeps the page from us that may
// come.
TEST_F(McpGate, ABrowserLetsAPageInWhoseOriginIsAllowed) {
  const std::string origin = "Origin: http://localhost:6274\r\n";
  const Answer asked =
      ask_http("OPTIONS", origin +
                              "Access-Control-Request-Method: POST\r\n"
                              "Access-Control-Request-Headers: content-type,mcp-param-region\r\n");
  EXPECT_EQ(asked.status, 204);
  EXPECT_EQ(asked.header("Access-Control-Allow-Origin"), "http://localhost:6274");
  EXPECT_EQ(asked.header("Access-Control-Allow-Methods"), "GET, POST, DELETE");
  EXPECT_EQ(asked.header("Access-Control-Allow-Headers"), "content-type,mcp-param-region");
  EXPECT_EQ(asked.header("Access-Control-Max-Age"), "7200");
  EXPECT_EQ(asked.header("Vary"), "Origin");
  EXPECT_FALSE(test::contains(asked.head, "Private-Network"));
  EXPECT_EQ(ask_http("OPTIONS", origin + "Access-Control-Request-Method: POST\r\n"
                                         "Access-Control-Request-Private-Network: true\r\n")
                .header("Access-Control-Allow-Private-Network"),
            "true");

  const Answer begun = post(kInit, origin);
  EXPECT_EQ(begun.status, 200);
  EXPECT_EQ(begun.header("Access-Control-Allow-Origin"), "http://localhost:6274");
  EXPECT_TRUE(test::contains(begun.header("Access-Control-Expose-Headers"), "Mcp-Session-Id"));
  EXPECT_FALSE(begun.header("Mcp-Session-Id").empty());
  const Answer bad = post("{", origin);
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.header("Access-Control-Allow-Origin"), "http://localhost:6274") << "errors too";
  const auto stream = listen(begun.header("Mcp-Session-Id"), origin);
  EXPECT_EQ(stream->head().status, 200);
  EXPECT_EQ(stream->head().header("Access-Control-Allow-Origin"), "http://localhost:6274");
}

TEST_F(McpGate, WhereNoBrowserAsksOrMayComeNothingIsSaidOfOrigins) {
  EXPECT_FALSE(test::contains(post(kInit).head, "Access-Control"));
  EXPECT_FALSE(test::contains(post(kInit).head, "Vary"));
  const Answer foreign =
      ask_http("OPTIONS", "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_FALSE(test::contains(foreign.head, "Access-Control"));
}

// ---- A3, A5: verbs and types

TEST_F(McpGate, A3OtherVerbsAre405WithAllow) {
  for (const char* verb : {"PUT", "PATCH", "HEAD"}) {
    const Answer a = ask_http(verb, {});
    EXPECT_EQ(a.status, 405) << verb;
    EXPECT_EQ(a.header("Allow"), "GET, POST, DELETE") << verb;
    EXPECT_EQ(a.body, "") << verb;
  }
  const Answer options = ask_http("OPTIONS", "Origin: http://localhost:6274\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("Allow"), "GET, POST, DELETE");
  EXPECT_FALSE(test::contains(options.head, "Access-Control-Allow-Methods")) << "no preflight";
}

TEST_F(McpGate, A5ContentTypeMustBeJson) {
  for (const char* type : {"application/json", "Application/JSON",
                           "application/json; charset=utf-8", "application/json;x=y"}) {
    EXPECT_EQ(post(kInit, std::string("Content-Type: ") + type + "\r\n").status, 200) << type;
  }
  for (const char* type :
       {"text/plain", "application/jsonp", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(post(kInit, std::string("Content-Type: ") + type + "\r\n").status, 415) << type;
  }
  EXPECT_EQ(post(kInit, "Content-Type:\r\n").status, 415) << "absent";
}

// A compressed body was taken for bad JSON.
TEST_F(McpGate, A5ACodedBodyIs415AndSaysWhatIsTaken) {
  for (const char* coding : {"gzip", "br, gzip", "GZIP"}) {
    const Answer a = post(kInit, std::string("Content-Encoding: ") + coding + "\r\n");
    EXPECT_EQ(a.status, 415) << coding;
    EXPECT_EQ(a.header("Accept-Encoding"), "identity");
    EXPECT_TRUE(a.has("Content-Encoding")) << a.body;
  }
  for (const char* coding : {"", "identity", "Identity"}) {
    EXPECT_EQ(post(kInit, std::string("Content-Encoding: ") + coding + "\r\n").status, 200);
  }
}

// The first or the last of them was taken, by chance.
TEST_F(McpGate, AHeaderThatMayComeOnceIsRefusedWhenItComesTwice) {
  const std::string session = in(open()), accept = "Accept: text/event-stream\r\n";
  const auto refused = [](const Answer& a, std::string_view name) {
    EXPECT_EQ(a.status, 400) << name;
    EXPECT_TRUE(a.has("\"code\":-32600")) << a.body;
    EXPECT_FALSE(a.has("\"id\":")) << a.body;
    EXPECT_TRUE(a.has(std::string(name) + " occurs more than once")) << a.body;
  };
  refused(post(rpc("ping"), session + in("other")), "Mcp-Session-Id");
  refused(post("[" + rpc("ping") + "]", session + in("other")), "Mcp-Session-Id");
  refused(ask_http("GET", session + in("other") + accept), "Mcp-Session-Id");
  refused(ask_http("DELETE", session + in("other")), "Mcp-Session-Id");
  refused(ask_http("GET", session + accept + "Last-Event-ID: 0_0\r\nLast-Event-ID: 0_1\r\n"),
          "Last-Event-ID");
  refused(post(rpc("ping"), session + "MCP-Protocol-Version: 1999-01-01\r\n"
                                      "MCP-Protocol-Version: 2025-11-25\r\n"),
          "MCP-Protocol-Version");
  refused(post(kInit, bearer("a") + bearer("b")), "Authorization");
  refused(post(kInit, "Content-Type: text/plain\r\nContent-Type: application/json\r\n"),
          "Content-Type");
  EXPECT_EQ(post(rpc("ping"), session).status, 200);
}

TEST_F(McpGate, E2AcceptIsReadLeniently) {
  for (const char* accept :
       {"application/json, text/event-stream", "application/json", "*/*", "application/*", "",
        "text/event-stream;q=0.9, application/json;q=0.1", "text/html, */*;q=0.1"}) {
    const Answer a = post(kInit, std::string("Accept: ") + accept + "\r\n");
    EXPECT_EQ(a.status, 200) << accept;
    EXPECT_EQ(a.header("Content-Type"), "application/json") << accept;
  }
  for (const char* accept :
       {"text/event-stream", "text/*", "application/json;q=0, text/event-stream"}) {
    const Answer a = post(kInit, std::string("Accept: ") + accept + "\r\n");
    EXPECT_EQ(a.status, 200) << accept;
    EXPECT_EQ(a.header("Content-Type"), "text/event-stream") << accept;
    EXPECT_EQ(a.body.substr(0, 21), "event: message\ndata: ");
    EXPECT_EQ(a.body.substr(a.body.size() - 2), "\n\n");
    EXPECT_EQ(a.header("Mcp-Session-Id").size(), 32u);
    EXPECT_EQ(a.header("X-Accel-Buffering"), "no");
  }
  for (const char* accept : {"text/html", "image/*", "application/xml;q=1", "*/*;q=0"}) {
    EXPECT_EQ(post(kInit, std::string("Accept: ") + accept + "\r\n").status, 406) << accept;
  }
}

TEST_F(McpGate, GetNeedsAStreamInAccept) {
  const std::string session = in(open());
  EXPECT_EQ(ask_http("GET", session + "Accept: application/json\r\n").status, 406);
  EXPECT_EQ(ask_http("GET", session + "Accept: text/html\r\n").status, 406);
  EXPECT_EQ(ask_http("GET", session + "Accept: */*\r\n").status, 200);
  EXPECT_EQ(ask_http("GET", session).status, 200);
}

// ---- A1, A19: bodies

TEST_F(McpGate, A19BadJsonIs400WithoutId) {
  for (const char* body :
       {"{", "", "nonsense", "{\"jsonrpc\":\"2.0\",\"id\":1,}", "\xff\xfe", "[1,"}) {
    const Answer a =
        ask_http("POST", "Content-Length: " + std::to_string(std::strlen(body)) + "\r\n", body);
    EXPECT_EQ(a.status, 400) << body;
    EXPECT_TRUE(a.has("\"code\":-32700")) << a.body;
    EXPECT_FALSE(a.has("\"id\"")) << a.body;
    EXPECT_EQ(a.header("Content-Type"), "application/json");
  }
}

TEST_F(McpGate, A1BadShapesAre400InvalidRequest) {
  const std::string session = in(open());
  for (const char* body :
       {"7", "null", "\"x\"", "{}", R"({"jsonrpc":"2.0"})",
        R"({"jsonrpc":"2.0","id":null,"method":"ping"})",
        R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})",
        R"({"jsonrpc":"2.0","id":{},"method":"ping"})", R"({"jsonrpc":"1.0","method":"ping"})",
        R"({"jsonrpc":"2.0","result":{}})"}) {
    const Answer a = post(body, session);
    EXPECT_EQ(a.status, 400) << body;
    EXPECT_TRUE(a.has("\"code\":-32600")) << a.body;
    EXPECT_FALSE(a.has("\"id\"")) << a.body;
  }
  EXPECT_TRUE(post(R"({"jsonrpc":"2.0","id":5})", session).has("\"id\":5")) << "readable";
}

// ---- versions (which era a request belongs to: era_test.cc)

TEST_F(McpGate, A7AnUnsupportedVersionHeaderIs400ADifferentLegalOneIsTolerated) {
  const std::string session = in(open("2025-11-25"));
  for (const char* version : {"1999-01-01", "2024-10-07", "1"}) {
    const Answer a = post(rpc("ping"), session + "MCP-Protocol-Version: " + version + "\r\n");
    EXPECT_EQ(a.status, 400) << version;
    EXPECT_TRUE(a.has("-32600"));
    EXPECT_TRUE(a.has("2025-06-18")) << "says which would be right";
  }
  for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    EXPECT_EQ(post(rpc("ping"), session + "MCP-Protocol-Version: " + version + "\r\n").status, 200);
  }
  EXPECT_EQ(ask_http("GET", session + "MCP-Protocol-Version: 1999-01-01\r\n").status, 400);
  EXPECT_EQ(ask_http("DELETE", session + "MCP-Protocol-Version: 1999-01-01\r\n").status, 400);
  EXPECT_EQ(ask_http("DELETE", session + "MCP-Protocol-Version: 2026-07-28\r\n").status, 204)
      << "served as legacy";
}

TEST_F(McpGate, B3InitializeIsTakenWithAStaleSessionAndAnyLegacyHeader) {
  EXPECT_EQ(post(kInit, in(std::string(32, 'f'))).status, 200);
  EXPECT_EQ(post(kInit, "MCP-Protocol-Version: 2025-03-26\r\n").status, 200);
  EXPECT_EQ(post(kInit, "MCP-Protocol-Version: 2024-11-05\r\n").status, 200);
  const std::string session = open();
  const Answer again = post(kInit, in(session));
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.header("Mcp-Session-Id"), session);
  EXPECT_EQ(post(rpc("ping"), in(session)).status, 200) << "the old one lives";
}

TEST_F(McpGate, ABatchWithAModernHeaderIs400AndNothingOfItIsDone) {
  const std::string session = open("2025-03-26");
  const std::string call = rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"x"}})");
  const std::string modern = "MCP-Protocol-Version: 2026-07-28\r\n";
  for (const std::string& more : {std::string(), in(session)}) {
    const Answer a = post("[" + call + "," + rpc("ping", "{}", "2") + "]", more + modern);
    EXPECT_EQ(a.status, 400);
    EXPECT_TRUE(a.has(R"("code":-32600)")) << a.body;
    EXPECT_TRUE(a.has("this revision does not allow batches")) << a.body;
  }
  EXPECT_TRUE(echo->texts.empty());
  EXPECT_EQ(post("[" + call + "]", in(session)).status, 200) << "without the header it is served";
}

}  // namespace
