// How a token comes to the server with AUTH_MODE=OAUTH, and what is said before one is checked.
#include <string>

#include "auth/bearer.h"
#include "support/oauth_world.h"

namespace {

using StoryOAuthWire = test::OAuthWorld;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST_F(StoryOAuthWire, Rule02WhateverIsAskedTheTokenComesFirst) {
  for (const char* method : {"POST", "GET", "DELETE"}) {
    for (const char* session : {"", "made-up"}) {
      for (const char* era : {"2025-06-18", "2026-07-28", "no such thing"}) {
        const auto call = page("/mcp", method,
                               {{"Accept", "application/json, text/event-stream"},
                                {"Mcp-Session-Id", session},
                                {"MCP-Protocol-Version", era}});
        EXPECT_EQ(call->status, 401) << method << session << era;
        EXPECT_TRUE(contains(call->challenge, "resource_metadata=")) << method << session << era;
      }
    }
  }
  EXPECT_EQ(post("", "{", {{"Origin", "https://evil.example"}})->status, 403) << "but for the page";
}

TEST_F(StoryOAuthWire, Rule05OfflineAccessIsTheClientsAffair) {
  EXPECT_FALSE(contains(post("")->challenge, "offline_access"));
  EXPECT_FALSE(contains(page("/.well-known/oauth-protected-resource")->body, "offline_access"));
}

TEST_F(StoryOAuthWire, Rule14ATokenInTheUrlOrTheBodyIsNone) {
  const std::string good = token();
  const auto in_url = page("/mcp?access_token=" + good, "POST");
  EXPECT_EQ(in_url->status, 401);
  EXPECT_FALSE(contains(in_url->challenge, "error=")) << "as without one";
  EXPECT_EQ(post("", "access_token=" + good)->status, 401);
  EXPECT_FALSE(contains(log, good.substr(0, 40)));
}

TEST_F(StoryOAuthWire, Rule15TwoHeadersAreOneTooMany) {
  const std::string good = token();
  EXPECT_EQ(post(good, "{}", {{"Authorization", "Bearer " + good}})->status, 400);
  EXPECT_EQ(post(good, "{}", {{"Authorization", "Basic eDp5"}})->status, 400);
}

TEST_F(StoryOAuthWire, Rule16TheSchemeIsTakenInAnyCaseAndTheTokenUpToItsLimit) {
  const auto with = [this](const std::string& value) {
    return post("", "{}", {{"Authorization", value}})->status;
  };
  const std::string good = token();
  for (const char* scheme : {"bearer ", "BEARER ", "BeArEr "})
    EXPECT_NE(with(scheme + good), 401) << scheme;
  EXPECT_EQ(with("Bearer " + std::string(auth::kTokenBytes, 'x')), 401);
  EXPECT_FALSE(contains(log, "longer than"));
  pass(base::minutes(1));
  EXPECT_EQ(with("Bearer " + std::string(auth::kTokenBytes + 1, 'x')), 431)
      << "no new one would do";
  EXPECT_TRUE(contains(log, "the token is longer than 14336 bytes")) << log;
  EXPECT_EQ(with("Bearer \xc3\xa4.b.c"), 401);
  EXPECT_EQ(with("Bearer a b"), 401);
  EXPECT_EQ(with("Bearer"), 401);
}

TEST_F(StoryOAuthWire, Rule39WhatTheClusterForbidsIsAnErrorOfTheTool) {
  api.users()["held-by-ann"] = {"oidc:ann", "", {}, {{"", "namespaces", "", ""}}};
  auto ann = connect(token());
  EXPECT_FALSE(listed(*ann));
  EXPECT_EQ(ann->status(), 200) << "no other scope would help";
  EXPECT_TRUE(ann->result()["isError"].bool_or(false));
}

}  // namespace
