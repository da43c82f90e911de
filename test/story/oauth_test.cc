// The whole server with AUTH_MODE=OAUTH: an issuer and the simulated API server in one loop. Numbers:
// test/FAULTS.md.
#include "auth/checked_tokens.h"
#include "auth/resource_metadata.h"
#include "base/file.h"
#include "base/text.h"
#include "mcp/shared/recheck.h"
#include "support/oauth_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::McpSession;
using test::SimCall;

constexpr const char* kUrl = test::kPublicUrl;
constexpr const char* kMetadataUrl = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
constexpr const char* kUri = "k0rdent://events/team-a";
constexpr const char* kLogs =
    R"({"name":"k0rdent.mgmt.podLogs.get","arguments":{"namespace":"team-a","pod":"p"}})";

using Members = test::JsonMembers;
using test::quote;
bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

using StoryOAuth = test::OAuthWorld;

// ---- discovery

TEST_F(StoryOAuth, Rule01And03And04ARequestWithoutATokenIsToldWhereToLogIn) {
  const auto call = post("");
  EXPECT_EQ(call->status, 401);
  EXPECT_EQ(call->challenge, std::string("Bearer resource_metadata=\"") + kMetadataUrl +
                                 "\", scope=\"k0rdent:read\"");
}

TEST_F(StoryOAuth, Rule06And07And09And10And11And12TheMetadataAreOnBothPathsAndSayAll) {
  for (const char* path :
       {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"}) {
    const auto call = page(path);
    EXPECT_EQ(call->status, 200) << path;
    EXPECT_EQ(call->content_type, "application/json");
    EXPECT_EQ(call->body,
              R"({"resource":"https://mcp.example/mcp","resource_name":"k0rdent MCP server",)"
              R"("authorization_servers":[")" +
                  issuer() +
                  R"("],"scopes_supported":["k0rdent:read","k0rdent:logs"],)"
                  R"("bearer_methods_supported":["header"]})");
    EXPECT_TRUE(contains(call->headers, "Cache-Control: max-age=300")) << call->headers;
  }
  EXPECT_EQ(page("/.well-known/oauth-protected-resource/other")->status, 404);
  EXPECT_EQ(page("/.well-known/oauth-authorization-server")->status, 404)
      << "the issuer's own metadata are not repeated here";
}

TEST_F(StoryOAuth, Rule08And13TheMetadataAreForEverySitesPage) {
  const char* path = "/.well-known/oauth-protected-resource/mcp";
  const auto from_site = page(path, "GET", {{"Origin", "https://client.example"}});
  EXPECT_EQ(from_site->status, 200);
  EXPECT_TRUE(contains(from_site->headers, "Access-Control-Allow-Origin: *"));
  const auto preflight = page(path, "OPTIONS",
                              {{"Origin", "https://client.example"},
                               {"Access-Control-Request-Method", "GET"},
                               {"Access-Control-Request-Headers", "mcp-protocol-version"}});
  EXPECT_EQ(preflight->status, 204);
  EXPECT_TRUE(contains(preflight->headers, "Access-Control-Allow-Headers: *"));
  const auto posted = page(path, "DELETE");
  EXPECT_EQ(posted->status, 405);
  EXPECT_TRUE(contains(posted->headers, "Allow: GET, HEAD, OPTIONS"));
  const auto head = page(path, "HEAD");
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  http::ClientPool elsewhere(loop, resolver, "127.0.0.1", app->address().port(), "evil.example",
                             nullptr);
  test::SimCall rebound(elsewhere, "GET", path, "", "", "");
  ASSERT_TRUE(run_until([&] { return rebound.done(); }));
  EXPECT_EQ(rebound.status, 403) << "a page that rebinds its own name reads nothing here";
}

TEST_F(StoryOAuth, TheMetadataCostAStrangersFloodNothingElse) {
  const std::size_t fetched = idp.seen.size();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(page("/.well-known/oauth-protected-resource/mcp")->status, 200);
  EXPECT_EQ(idp.seen.size(), fetched) << "no issuer is asked";
  EXPECT_TRUE(api.seen().empty()) << "nor the API server";
  EXPECT_EQ(app->budgets().bodies.used(), 0u);
  const std::string large(2 * base::limits::kUnverifiedBodyBytes, 'x');
  auto call = std::make_unique<SimCall>(*front, "POST", "/.well-known/oauth-protected-resource/mcp",
                                        large, "", "application/json");
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_EQ(call->status, 413) << "and no large body is held for it";
}

TEST_F(StoryOAuth, Attack27HeadersOfAClientChangeNeitherTheMetadataNorTheUser) {
  const std::vector<std::pair<std::string, std::string>> forged = {
      {"X-Forwarded-Host", "evil.example"},    {"X-Forwarded-Proto", "http"},
      {"Forwarded", "host=evil.example"},      {"Impersonate-User", "system:admin"},
      {"Impersonate-Group", "system:masters"}, {"X-Remote-User", "root"},
      {"Kubernetes-Authorization", "Bearer x"}};
  EXPECT_TRUE(contains(page("/.well-known/oauth-protected-resource", "GET", forged)->body,
                       R"("resource":"https://mcp.example/mcp")"));
  EXPECT_TRUE(contains(post("", "{}", forged)->challenge, kMetadataUrl));
  const std::string call =
      std::string(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)") +
      R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{},"_meta":)"
      R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
  auto headers = forged;
  headers.emplace_back("MCP-Protocol-Version", "2026-07-28");
  headers.emplace_back("Mcp-Method", "tools/call");
  headers.emplace_back("Mcp-Name", "k0rdent.mgmt.namespaces.list");
  EXPECT_EQ(post(token(), call, headers)->status, 200);
  EXPECT_EQ(users(), (std::set<std::string>{"oidc:ann"}));
}

// ---- tokens

TEST_F(StoryOAuth, Rule31And32WhateverIsWrongWithATokenTheAnswerIsTheSame) {
  Members expired = claims(), other = claims();
  expired["exp"] = std::to_string(now() - 60);
  other["aud"] = quote("https://other.example/mcp");
  Members foreign = claims();
  foreign["iss"] = quote("https://evil.example");
  const std::string good = token();
  const std::string cut = good.substr(0, good.size() - 4);
  const std::string want = std::string(
                               "Bearer error=\"invalid_token\", error_description=\"the access "
                               "token is not accepted\", resource_metadata=\"") +
                           kMetadataUrl + "\", scope=\"k0rdent:read\"";
  for (const std::string& bad :
       {sign(expired), sign(other), sign(foreign), cut, std::string("junk"), std::string("a.b.c"),
        std::string(9000, 'x')}) {
    for (int again = 0; again < 2; ++again) {
      const auto call = post(bad);
      EXPECT_EQ(call->status, 401) << bad;
      EXPECT_EQ(call->challenge, want) << bad;
      EXPECT_EQ(call->body, "the access token is not accepted\n");
    }
  }
  EXPECT_TRUE(api.seen().empty()) << "nothing of it concerns the API server";
  EXPECT_FALSE(contains(log, good.substr(0, 20)));
}

TEST_F(StoryOAuth, Rule17AnotherSchemeBringsNoToken) {
  auto call = std::make_unique<SimCall>(
      *front, "POST", "/mcp", "{}", "", "application/json",
      std::vector<std::pair<std::string, std::string>>{{"Authorization", "Basic YTpi"}});
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_EQ(call->status, 401);
  EXPECT_FALSE(contains(call->challenge, "error="));
}

TEST_F(StoryOAuth, Rule40And42TheTokenStaysHereAndTheApiServerIsToldTheUser) {
  auto ann = connect(token());
  EXPECT_TRUE(listed(*ann));
  ASSERT_TRUE(ann->subscribe(kUri));
  auto second = connect(token());
  ASSERT_TRUE(second->subscribe(kUri));  // checked by a review
  pass(minutes(2));                      // and again
  ASSERT_FALSE(api.seen().empty());
  const std::string ours = "Bearer " + std::string(sim::ApiServer::kAdminToken);
  for (const auto& one : api.seen())
    EXPECT_EQ(one.authorization, ours) << one.verb << " " << one.path;
  EXPECT_EQ(users(), (std::set<std::string>{"oidc:ann"}));
  EXPECT_GT(api.count("create", "selfsubjectaccessreviews"), 0);
}

TEST_F(StoryOAuth, TheRightsOfTheUserAreThoseThatCount) {
  api.users()["nobody-has-this"] = {"oidc:bob", "", {}, {{"", "events", "team-a", ""}}};
  auto ann = connect(token("ann"));
  auto bob = connect(token("bob"));
  EXPECT_TRUE(ann->subscribe(kUri));
  EXPECT_FALSE(bob->subscribe(kUri));
  EXPECT_EQ(open_watches(), 1) << "nothing is shared between users";
}

TEST_F(StoryOAuth, Rule51ANewcomerIsAskedAboutBeforeItIsShownAnything) {
  auto ann = connect(token());
  ASSERT_TRUE(ann->subscribe(kUri));
  pass(seconds(20));
  api.users()["nobody-has-this"] = {"oidc:ann", "", {}, {{"", "events", "", ""}}};
  auto late = connect(token());
  EXPECT_FALSE(late->subscribe(kUri));
  EXPECT_TRUE(run_until([&] { return open_watches() == 0; })) << "of the same user, too";
}

// ---- service accounts

TEST_F(StoryOAuth, AServiceAccountsTokenForUsIsReviewedAndItsAccountImpersonated) {
  const std::string bot = account_token("bot");
  auto session = connect(bot);
  EXPECT_TRUE(listed(*session));
  EXPECT_EQ(api.count("create", "tokenreviews"), 1) << "the verdict is kept";
  EXPECT_EQ(users(), (std::set<std::string>{"system:serviceaccount:team-a:bot"}));
}

TEST_F(StoryOAuth, TwoTokensOfOneAccountAreOneIdentity) {
  auto session = connect(account_token("bot"));
  ASSERT_TRUE(session->subscribe(kUri));
  session->use(account_token("bot"));
  EXPECT_TRUE(listed(*session));
  EXPECT_EQ(session->status(), 200) << "the credential-id differs, the session goes on";
  EXPECT_EQ(open_watches(), 1);
}

TEST_F(StoryOAuth, Rule26AServiceAccountsTokenForAnotherAudienceIsRefusedUnasked) {
  Members claims = {{"iss", quote("https://kubernetes.default.svc")},
                    {"aud", R"(["https://kubernetes.default.svc"])"},
                    {"sub", quote("system:serviceaccount:team-a:bot")},
                    {"exp", std::to_string(now() + 600)}};
  EXPECT_EQ(post(sign(claims))->status, 401);
  claims["aud"] = quote(kUrl);
  claims["sub"] = quote("ann");
  EXPECT_EQ(post(sign(claims))->status, 401) << "TokenReview would not check whose it is";
  EXPECT_EQ(api.count("create", "tokenreviews"), 0);
  claims["sub"] = quote("system:serviceaccount:team-a:bot");
  EXPECT_EQ(post(sign(claims))->status, 401) << "the API server does not know it";
  EXPECT_EQ(api.count("create", "tokenreviews"), 1);
}

TEST_F(StoryOAuth, AReviewThatNamesAnotherUserIsNotBelieved) {
  const std::string bot = account_token("bot");
  for (const char* user : {"system:admin", "system:serviceaccount:team-a:other", "ann", ""}) {
    api.reviewed()[bot].user.name = user;
    EXPECT_EQ(post(bot)->status, 401) << user;
    pass(auth::kRefusalTime);
  }
  api.reviewed()[bot].audiences = {"https://other.example"};
  EXPECT_EQ(post(bot)->status, 401);
}

TEST_F(StoryOAuth, Rule47ADeletedServiceAccountIsOutInAMinute) {
  const std::string bot = account_token("bot");
  auto session = connect(bot);
  ASSERT_TRUE(session->subscribe(kUri));
  pass(seconds(30));
  const base::TimePoint deleted = loop.now();
  api.reviewed().clear();
  ASSERT_TRUE(run_until([&] { return session->stream_over(); }));
  EXPECT_LE(loop.now() - deleted, seconds(61));
  EXPECT_EQ(post(bot)->status, 401);
}

// A pod's token ends with the pod: that another one of the account is used says nothing about it.
TEST_F(StoryOAuth, Rule47ADeletedPodIsOutInAMinuteThoughItsAccountIsNot) {
  const auto token_of = [this](const char* pod) {
    const std::string out = account_token("bot");
    auto& extra = api.reviewed()[out].user.extra;
    extra["authentication.kubernetes.io/pod-name"] = {pod};
    extra["authentication.kubernetes.io/pod-uid"] = {std::string("uid-of-") + pod};
    return out;
  };
  const std::string first = token_of("one"), second = token_of("two");
  auto one = connect(first);
  auto two = connect(second);
  ASSERT_TRUE(one->subscribe(kUri));
  ASSERT_TRUE(two->subscribe(kUri));
  api.reviewed().erase(first);
  for (int i = 0; i < 13; ++i) {
    pass(seconds(5));
    EXPECT_TRUE(listed(*two));
  }
  EXPECT_TRUE(one->stream_over());
  EXPECT_FALSE(two->stream_over());
}

TEST_F(StoryOAuth, Rule33WhatCannotBeReviewedIsOurTroubleNotTheTokens) {
  const std::string bot = account_token("bot");
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {
      {"create", "tokenreviews", "", ""}};
  const auto call = post(bot);
  EXPECT_EQ(call->status, 503);
  EXPECT_EQ(call->retry_after, "5");
  EXPECT_EQ(call->challenge, "");
}

struct StoryOAuthOff : StoryOAuth {
  StoryOAuthOff() : OAuthWorld(false) {}
};

// Bug: on a loopback listener the proxy's own name, the operator's word, was refused.
TEST_F(StoryOAuthOff, TheHostAndTheOriginOfThePublicUrlAreServed) {
  struct Case {
    const char *url, *host, *origin;
    int status;
  };
  for (const Case& each :
       {Case{kUrl, "mcp.example", "", 401},
        {kUrl, "mcp.example:443", "https://mcp.example", 401},
        {kUrl, "localhost", "https://mcp.example", 401},
        {kUrl, "evil.example", "", 403},
        {kUrl, "mcp.example", "https://mcp.example.evil.example", 403},
        {"http://localhost:4000/mcp", "localhost", "http://localhost:4000", 401},
        {"http://localhost:4000/mcp", "localhost", "http://localhost:4001", 403}}) {
    settings.oauth.public_url = each.url;
    begin();
    http::ClientPool as(loop, resolver, "127.0.0.1", app->address().port(), each.host, nullptr);
    std::vector<std::pair<std::string, std::string>> headers;
    if (*each.origin != '\0') headers = {{"Origin", each.origin}};
    test::SimCall call(as, "POST", "/mcp", "", "{}", "", headers);
    ASSERT_TRUE(run_until([&] { return call.done(); }));
    EXPECT_EQ(call.status, each.status) << each.url << " " << each.host << " " << each.origin;
    stop_app();
  }
}

// Bug: a read-only server sent users to log in for a scope with which they could do no more.
TEST_F(StoryOAuthOff, TheScopeForWritesIsNamedWhileTheyAreOn) {
  const char* path = "/.well-known/oauth-protected-resource";
  settings.allow_writes = true;
  begin();
  EXPECT_TRUE(contains(page(path)->body, R"("k0rdent:logs","k0rdent:write"])"));
  auto ann = connect(token("ann", "k0rdent:read"));
  ann->ask("tools/call", R"({"name":"k0rdent.mgmt.objects.delete","arguments":{}})");
  EXPECT_EQ(ann->status(), 403);
  EXPECT_TRUE(contains(ann->challenge(), "scope=\"k0rdent:read k0rdent:write\""));
  settings.read_only = true;
  app->adopt(settings);
  EXPECT_FALSE(contains(page(path)->body, "k0rdent:write"));
  ann->ask("tools/call", R"({"name":"k0rdent.mgmt.objects.delete","arguments":{}})");
  EXPECT_EQ(ann->status(), 403);
  EXPECT_EQ(ann->challenge(), "") << "no other scope would help";
}

TEST_F(StoryOAuthOff, WithoutTheFlagsNothingIsReviewed) {
  settings.oauth.service_accounts = false;
  begin();
  EXPECT_EQ(post(account_token("bot"))->status, 401);
  api.reviewed()["sha256~abc"] = {{"ann", ""}, {}};
  EXPECT_EQ(post("sha256~abc")->status, 401);
  EXPECT_EQ(api.count("create", "tokenreviews"), 0);
}

TEST_F(StoryOAuthOff, OpaqueTokensAreReviewedWithTheirFlag) {
  settings.oauth.opaque_tokens = true;
  begin();
  EXPECT_TRUE(contains(log, "opaque tokens are accepted"));
  api.reviewed()["sha256~abc"] = {{"ann", "7", {"dev", "system:authenticated"}}, {}};
  auto ann = connect("sha256~abc");
  EXPECT_TRUE(listed(*ann));
  EXPECT_EQ(users(), (std::set<std::string>{"ann"}));
  api.reviewed()["sha256~root"] = {{"root", "0", {"system:masters"}}, {}};
  EXPECT_EQ(post("sha256~root")->status, 403) << "attack 26";
}

// Bug: the API server was asked for an audience of ours, which its own tokens have not.
TEST_F(StoryOAuthOff, WithoutAnAudienceOnlyTokensThatAreNoJwtAreReviewed) {
  settings.oauth.opaque_tokens = true;
  begin();
  const std::string bot = account_token("bot");
  api.reviewed()[bot].audiences = {sim::kApiAudience};
  EXPECT_EQ(post(bot)->status, 401)
      << "it says that it is for us, and the API server that it is not";
  const std::string own = sign({{"iss", quote("https://kubernetes.default.svc")},
                                {"aud", "[" + quote(sim::kApiAudience) + "]"},
                                {"sub", quote("system:serviceaccount:team-a:bot")},
                                {"exp", std::to_string(now() + 600)}});
  const int asked = api.count("create", "tokenreviews");
  for (const std::string& token :
       {own, own + ".", own + ".a.b", std::string("a.b.c"), std::string("..")}) {
    api.reviewed()[token] = {{"system:serviceaccount:team-a:bot", "7"}, {}};
    EXPECT_EQ(post(token)->status, 401) << token;
  }
  EXPECT_EQ(api.count("create", "tokenreviews"), asked) << "none of these is asked about";
}

TEST_F(StoryOAuthOff, Rule44TheAuditLogHasTheUserTheClientAndTheToken) {
  settings.allow_writes = true;
  settings.confirm = change::Confirm::never;
  settings.audit_file = dir.path("audit.log");
  cluster.set_pod({.ns = "team-a", .name = "p"});
  begin();
  auto ann = connect(token("ann", "k0rdent:write"));
  ann->ask("tools/call", R"({"name":"k0rdent.mgmt.objects.annotate","arguments":{"kind":"pods",)"
                         R"("namespace":"team-a","name":"p","annotations":{"a":"b"}}})");
  EXPECT_FALSE(ann->result()["isError"].bool_or(false)) << ann->result().to_json();
  const auto text = base::read_file(dir.path("audit.log"), 1 << 20);
  ASSERT_TRUE(text.has_value());
  for (const char* part : {R"("caller":"oidc:ann/)", R"("client_id":"inspector")",
                           R"("token_id":"t-1")", R"("tool":"k0rdent.mgmt.objects.annotate")"})
    EXPECT_TRUE(contains(*text, part)) << part << " in " << *text;
}

// ---- outages

TEST_F(StoryOAuthOff, Rule33KeysThatCannotBeFetchedAreOurTroubleNotTheTokens) {
  down = true;
  begin();
  const auto call = post(token());
  EXPECT_EQ(call->status, 503);
  EXPECT_GE(base::parse_int(call->retry_after).value_or(0), 1) << "when they are fetched again";
  EXPECT_LE(base::parse_int(call->retry_after).value_or(99), 2);
  EXPECT_EQ(call->challenge, "");
  EXPECT_TRUE(contains(page("/readyz")->body, R"("issuers":[{"keys":)"));
  down = false;
  pass(minutes(2));
  EXPECT_EQ(connect(token())->status(), 200);
  EXPECT_FALSE(contains(page("/readyz")->body, "issuers"));
}

TEST_F(StoryOAuth, Attack25AKeyThatIsGoneIsRevoked) {
  const std::string held = token("ann", "k0rdent:read", 7200);
  auto ann = connect(held);
  ASSERT_TRUE(ann->subscribe(kUri));
  keys = test::jwks({test::rsa_signer().jwk(R"("kid":"rsa","use":"sig")")});
  base::TimePoint gone{};
  ASSERT_TRUE(run_until([&] {
    // The check of the token may have fetched them once more by now.
    if (gone == base::TimePoint{} &&
        !contains(page("/metrics")->body, "issuer_fetches_total{issuer=\"0\"} 1\n"))
      gone = loop.now();
    pass(seconds(10));
    return ann->stream_over() || loop.now() > base::TimePoint{} + base::hours(3);
  }));
  ASSERT_TRUE(ann->stream_over());
  if (gone == base::TimePoint{}) gone = loop.now();  // all in the last step
  EXPECT_LE(loop.now() - gone, seconds(75));
  EXPECT_NE(post(held)->status, 200);
  pass(seconds(10));  // an issuer's replicas may waver: 503 until the next fetch may begin
  EXPECT_EQ(post(held)->status, 401);
}

// ---- the life of a verdict

TEST_F(StoryOAuth, Rule46AndAttack30AStreamEndsWithItsTokenAndSaysWhy) {
  auto ann = connect(token("ann", "k0rdent:read", 120));
  ASSERT_TRUE(ann->subscribe(kUri));
  pass(seconds(120 + 29));
  EXPECT_FALSE(ann->stream_over()) << "the clock skew";
  pass(seconds(2));
  EXPECT_TRUE(ann->stream_over());
  ASSERT_FALSE(ann->messages().empty());
  EXPECT_TRUE(contains(ann->messages().back(), "the caller's token has expired"));
  EXPECT_EQ(open_watches(), 1) << "for the next token, in the resume window";
  EXPECT_TRUE(run_until([&] { return open_watches() == 0; }));
}

TEST_F(StoryOAuth, Rule46ANewerTokenGoesOnWithoutAGapAndWithTheSameWatch) {
  auto ann = connect(token("ann", "k0rdent:read", 120));
  ASSERT_TRUE(ann->subscribe(kUri));
  const int watches = api.count("watch", "/events");
  pass(seconds(100));
  ann->use(token("ann", "k0rdent:read", 600));
  EXPECT_TRUE(listed(*ann));
  pass(seconds(60));
  EXPECT_TRUE(ann->stream_open());
  emit("e");
  EXPECT_TRUE(told(*ann, 1));
  EXPECT_EQ(api.count("watch", "/events"), watches) << "nothing was dialled again";
}

TEST_F(StoryOAuth, Rule45AVerdictEndsWithItsToken) {
  const std::string short_lived = token("ann", "k0rdent:read", 10);
  EXPECT_EQ(connect(short_lived)->status(), 200);
  pass(seconds(10 + 31));
  EXPECT_EQ(post(short_lived)->status, 401);
}

TEST_F(StoryOAuth, Rule48StreamsEndWhenNothingCanBeCheckedForFiveMinutes) {
  auto session = connect(account_token("bot", 7200));
  ASSERT_TRUE(session->subscribe(kUri));
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {
      {"create", "tokenreviews", "", ""}};
  pass(minutes(4));
  EXPECT_TRUE(session->stream_open());
  pass(minutes(3));
  EXPECT_TRUE(session->stream_over());
}

// ---- scopes

TEST_F(StoryOAuth, Rule34And35And36AHigherScopeIsAskedForByName) {
  const std::string read = token("ann", "openid k0rdent:read"), none = token("ann", "openid");
  auto ann = connect(read);
  EXPECT_TRUE(listed(*ann));
  ann->ask("tools/call", kLogs);
  EXPECT_EQ(ann->status(), 403);
  EXPECT_EQ(ann->challenge(),
            std::string("Bearer error=\"insufficient_scope\", error_description=\"the access token "
                        "lacks a scope for this request\", resource_metadata=\"") +
                kMetadataUrl + "\", scope=\"k0rdent:read k0rdent:logs\"");
  EXPECT_EQ(post(none)->status, 403);
  EXPECT_TRUE(contains(post(none)->challenge, "scope=\"k0rdent:read\""));
  ann->use(token("ann", "k0rdent:write"));
  ann->ask("tools/call", kLogs);
  EXPECT_EQ(ann->status(), 200) << "the session goes on, and the highest scope includes all";
}

TEST_F(StoryOAuth, Rule50AndAttack29ASessionIsOfItsUserAndScope) {
  auto ann = connect(token("ann", "k0rdent:logs"));
  ASSERT_TRUE(ann->subscribe(kUri));
  for (const std::string& other : {token("bob", "k0rdent:write"), token("ann", "k0rdent:read")}) {
    ann->use(other);
    ann->ask("ping", "{}");
    EXPECT_EQ(ann->status(), 404);
    ann->drop_stream();
    ann->open_stream();
    settle();
    emit("e");
    pass(seconds(1));
    EXPECT_TRUE(ann->updates().empty()) << "nothing of it is delivered";
  }
  Members other_groups = claims("ann", "k0rdent:logs");
  other_groups["groups"] = R"(["dev","ops"])";
  ann->use(sign(other_groups));
  ann->ask("ping", "{}");
  EXPECT_EQ(ann->status(), 404) << "other groups are other rights";
}

}  // namespace
