// The whole server with --caller-credentials=exchange: what the API server is sent for a caller is the
// token that the issuer gave for the caller's own, whatever happens to either. How single exchanges go:
// auth/exchanged_tokens_test.cc.
#include <sys/stat.h>

#include "auth/exchanged_tokens.h"
#include "mcp/shared/recheck.h"
#include "support/oauth_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::FakeAnswer;
using test::McpSession;
using test::Seen;

constexpr const char* kUri = "k0rdent://events/team-a";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

struct StoryExchange : test::OAuthWorld {
  StoryExchange() : OAuthWorld(false) {
    secret_file = dir.write("secret", "planted-client-secret\n");
    ::chmod(secret_file.c_str(), 0600);
    settings.oauth.exchange = true;
    settings.oauth.exchange_by = {
        .client_id = "k0rdent-mcp", .secret_file = secret_file, .audience = "kubernetes"};
    settings.oauth.service_accounts = false;
    exchange = [this](const Seen& seen) { return give(seen); };
    base::log::configure({.level = base::log::Level::debug});
    begin();
  }
  ~StoryExchange() override { base::log::configure({}); }

  // A token of the API server's for the user of the subject token.
  FakeAnswer give(const Seen& seen) {
    ++exchanges;
    const std::string user = contains(seen.body, "subject_token=" + bobs) ? "bob" : "ann";
    const std::string token = "exchanged-" + user + "-" + std::to_string(exchanges);
    api.users()[token] = {"oidc:" + user, "", {}};
    given.push_back(token);
    return {.body = R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
                    std::to_string(life) + "}"};
  }
  static FakeAnswer refusal(const std::string& error) {
    return {.status = 400,
            .body = R"({"error":")" + error + R"(","error_description":"room 7 knows"})"};
  }
  // Every Authorization header but the server's own.
  std::set<std::string> sent() {
    std::set<std::string> out;
    for (const auto& one : api.seen())
      if (one.authorization != "Bearer " + std::string(sim::ApiServer::kAdminToken))
        out.insert(one.authorization);
    return out;
  }

  int exchanges = 0, life = 300;
  std::string secret_file, bobs = "none";
  std::vector<std::string> given;
};

TEST_F(StoryExchange, TheApiServerSeesTheExchangedTokenAndNeverTheCallers) {
  const std::string held = token();
  auto ann = connect(held);
  EXPECT_TRUE(listed(*ann));
  ASSERT_TRUE(ann->subscribe(kUri));
  auto second = connect(held);
  ASSERT_TRUE(second->subscribe(kUri)) << "checked by a review with the exchanged token";
  pass(seconds(70));
  EXPECT_EQ(exchanges, 1) << "one for all of it";
  EXPECT_EQ(sent(), (std::set<std::string>{"Bearer exchanged-ann-1"}));
  EXPECT_EQ(users(), (std::set<std::string>{"oidc:ann"}));
  for (const std::string& secret :
       {held.substr(0, 40), std::string("exchanged-ann-1"), std::string("planted-client-secret")})
    EXPECT_FALSE(contains(log, secret)) << "no log has it";
  const std::string metrics = page("/metrics")->body;
  EXPECT_FALSE(contains(metrics, "exchanged-ann"));
  EXPECT_TRUE(contains(metrics, "k0rdent_mcp_token_exchanges_total{outcome=\"exchanged\"} 1\n"));
  EXPECT_TRUE(contains(metrics, "k0rdent_mcp_exchanged_tokens 1\n"));
}

TEST_F(StoryExchange, ManyRequestsAtOnceMakeOneExchange) {
  const std::string held = token();
  std::vector<std::unique_ptr<test::SimCall>> calls;
  for (int i = 0; i < 12; ++i) {
    calls.push_back(
        std::make_unique<test::SimCall>(*front, "POST", "/mcp", "{}", held, "application/json",
                                        std::vector<std::pair<std::string, std::string>>{
                                            {"Accept", "application/json, text/event-stream"}}));
  }
  ASSERT_TRUE(run_until([&] {
    return std::all_of(calls.begin(), calls.end(), [](const auto& c) { return c->done(); });
  }));
  for (const auto& call : calls)
    EXPECT_NE(call->status, 401);
  EXPECT_EQ(exchanges, 1);
}

TEST_F(StoryExchange, EachUserHasItsOwn) {
  bobs = token("bob");
  auto ann = connect(token());
  auto bob = connect(bobs);
  ASSERT_TRUE(ann->subscribe(kUri));
  ASSERT_TRUE(bob->subscribe(kUri));
  EXPECT_EQ(users(), (std::set<std::string>{"oidc:ann", "oidc:bob"}));
  EXPECT_EQ(open_watches(), 2) << "nothing is shared between users";
}

TEST_F(StoryExchange, AnExpiredUpstreamTokenIsRenewedBeforeUseAndTheWatchGoesOn) {
  life = 60;
  auto ann = connect(token("ann", "k0rdent:read", 7200));
  ASSERT_TRUE(ann->subscribe(kUri));
  const int watches = api.count("watch", "/events");
  for (int i = 0; i < 3; ++i) {
    pass(seconds(60));
    if (given.size() > 1) api.users().erase(given[given.size() - 2]);  // expired there
    emit("e-" + std::to_string(i));
    ASSERT_TRUE(told(*ann, static_cast<std::size_t>(i) + 1)) << i;
  }
  EXPECT_GE(exchanges, 3);
  EXPECT_EQ(api.count("watch", "/events"), watches) << "a renewal is no reason to dial again";
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return api.count("watch", "/events") > watches; }));
  emit("after");
  EXPECT_TRUE(told(*ann, 4)) << "its next request has the token of then";
  EXPECT_TRUE(ann->stream_open());
  EXPECT_EQ(sent().count("Bearer " + given.back()), 1u);
}

TEST_F(StoryExchange, ANewerTokenOfTheCallerIsExchangedAndTheStreamGoesOnWithoutAGap) {
  auto ann = connect(token("ann", "k0rdent:read", 120));
  ASSERT_TRUE(ann->subscribe(kUri));
  const int watches = api.count("watch", "/events");
  pass(seconds(100));
  ann->use(token("ann", "k0rdent:read", 600));
  EXPECT_TRUE(listed(*ann));
  EXPECT_EQ(exchanges, 2);
  pass(seconds(60));  // the first one has ended
  EXPECT_TRUE(ann->stream_open());
  api.users().erase(given[0]);
  emit("e");
  EXPECT_TRUE(told(*ann, 1));
  EXPECT_EQ(api.count("watch", "/events"), watches);
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return api.count("watch", "/events") > watches; }));
  emit("f");
  EXPECT_TRUE(told(*ann, 2)) << "on the newer credential";
}

TEST_F(StoryExchange, AStreamEndsWithTheCallersTokenHoweverLongTheExchangedOneLasts) {
  life = 7200;
  auto ann = connect(token("ann", "k0rdent:read", 120));
  ASSERT_TRUE(ann->subscribe(kUri));
  pass(seconds(120 + 31));
  EXPECT_TRUE(ann->stream_over());
  EXPECT_TRUE(run_until([&] { return open_watches() == 0; }));
}

TEST_F(StoryExchange, WhileTheIssuerIsAwayCallersAreToldToComeAgain) {
  exchange = [](const Seen&) { return FakeAnswer{.status = 502}; };
  const std::string held = token();
  const auto call = post(held);
  EXPECT_EQ(call->status, 503);
  EXPECT_EQ(call->retry_after, "5");
  EXPECT_EQ(call->challenge, "") << "logging in again would not help";
  EXPECT_TRUE(contains(log, "tokens cannot be exchanged"));
  EXPECT_TRUE(contains(log, "HTTP 502"));
  exchange = [this](const Seen& seen) { return give(seen); };
  pass(seconds(5));
  EXPECT_EQ(connect(held)->status(), 200);
}

TEST_F(StoryExchange, ARefusalSaysWhetherLoggingInAgainHelps) {
  exchange = [](const Seen&) { return refusal("invalid_grant"); };
  auto call = post(token());
  EXPECT_EQ(call->status, 401);
  EXPECT_TRUE(contains(call->challenge, "error=\"invalid_token\""));
  EXPECT_TRUE(contains(call->challenge, "the issuer does not exchange the access token"));
  EXPECT_TRUE(contains(call->challenge, "resource_metadata="));
  EXPECT_FALSE(contains(call->challenge + call->body, "room 7"));
  EXPECT_TRUE(contains(log, "room 7 knows"));
  exchange = [](const Seen&) { return refusal("access_denied"); };
  const std::string held = token();
  for (int i = 0; i < 2; ++i) {
    call = post(held);
    EXPECT_EQ(call->status, 403);
    EXPECT_EQ(call->challenge, "");
    EXPECT_TRUE(contains(call->body, "gives its user none for the cluster"));
  }
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(StoryExchange, AnAnswerThatIsNoneIsTheIssuersTrouble) {
  for (const char* body : {"<html>", "{}", R"({"access_token":"x","token_type":"N_A"})"}) {
    exchange = [body](const Seen&) { return FakeAnswer{.body = body}; };
    EXPECT_EQ(post(token())->status, 503) << body;
  }
  exchange = [](const Seen& seen) {
    const std::string own = seen.body.substr(seen.body.find("subject_token=") + 14);
    return FakeAnswer{.body = R"({"token_type":"Bearer","access_token":")" +
                              own.substr(0, own.find('&')) + "\"}"};
  };
  EXPECT_EQ(post(token())->status, 503) << "the caller's own token is not sent on";
  EXPECT_TRUE(api.seen().empty());
}

// A 403 kept the stream open for kUncheckedTime, as if the issuer had not been reached.
TEST_F(StoryExchange, ARefusedRenewalEndsTheStreamInAMinute) {
  life = 150;
  for (const char* error : {"invalid_grant", "access_denied"}) {
    exchange = [this](const Seen& seen) { return give(seen); };
    auto ann = connect(token("ann", "k0rdent:read", 7200));
    ASSERT_TRUE(ann->subscribe(kUri));
    exchange = [error](const Seen&) { return refusal(error); };
    const base::TimePoint late = loop.now() + seconds(life) + minutes(2);
    ASSERT_TRUE(run_until([&] { return ann->stream_over() || loop.now() > late; }));
    ASSERT_TRUE(ann->stream_over()) << error;
    ASSERT_FALSE(ann->told().empty());
    EXPECT_TRUE(contains(ann->told().back(), "token is no longer accepted")) << ann->told().back();
  }
}

// The issuer's words were given for the API server's, with a rule of RBAC that would not have helped.
TEST_F(StoryExchange, WhatTheIssuerRefusesIsNotBlamedOnTheApiServer) {
  life = 40;
  auto ann = connect(token());
  EXPECT_TRUE(listed(*ann));
  exchange = [](const Seen&) { return refusal("access_denied"); };
  pass(seconds(35));
  EXPECT_FALSE(listed(*ann));
  const std::string text = ann->result()["content"].to_json();
  EXPECT_TRUE(contains(text,
                       "no token for the API server: the issuer gives the caller none for the "
                       "cluster: access_denied"))
      << text;
  EXPECT_FALSE(contains(text, "room 7")) << "the issuer's own words are for the log";
  EXPECT_FALSE(contains(text, "rule")) << text;
}

TEST_F(StoryExchange, AnUpstreamTokenThatTheApiServerDoesNotTakeIsGotAnewOnce) {
  auto ann = connect(token());
  EXPECT_TRUE(listed(*ann));
  api.users().erase(given.back());
  EXPECT_TRUE(listed(*ann)) << "renewed inside the call";
  EXPECT_EQ(exchanges, 2);
  api.users().erase(given.back());
  EXPECT_FALSE(listed(*ann));
  EXPECT_FALSE(listed(*ann));
  EXPECT_EQ(exchanges, 2) << "an API server that takes none makes no flood at the issuer";
}

}  // namespace
