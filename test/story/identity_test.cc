// The whole server on the simulated cluster with AUTH_MODE=OIDC_REQUIRED: each caller's own token,
// and nothing shared.
#include "support/story_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::McpSession;
using test::StoryWorld;

struct StoryIdentity : StoryWorld {
  static constexpr const char* kInitialize =
      R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}})";
  static constexpr const char* kUri = "k0rdent://events/team-a";
  StoryIdentity() {
    api.users()["ann-1"] = {"ann", "a"};
    api.users()["ann-2"] = {"ann", "a"};
    api.users()["bob-1"] = {"bob", "b"};
    app::Settings settings;
    settings.auth_mode = app::AuthMode::oidc_required;
    start_app(settings);
    api.forget_seen();
  }
  void emit(const std::string& name) { cluster.emit({.ns = "team-a", .name = name}); }
  int open_watches() { return api.open_streams("/events"); }
};

TEST_F(StoryIdentity, WithoutATokenOrWithAWrongOneNothingBegins) {
  McpSession none(*this), wrong(*this, "no-such");
  EXPECT_FALSE(none.open());
  EXPECT_EQ(none.status(), 401);
  EXPECT_FALSE(wrong.open());
  EXPECT_EQ(wrong.status(), 401);
}

TEST_F(StoryIdentity, AHundredRequestsWithOneNewTokenAllPass) {
  std::vector<std::unique_ptr<McpSession>> sessions;
  std::vector<std::unique_ptr<test::SimCall>> calls;
  for (int i = 0; i < 100; ++i) {
    sessions.push_back(std::make_unique<McpSession>(*this, "ann-1"));
    calls.push_back(sessions.back()->send("initialize", kInitialize));
  }
  for (const auto& call : calls) {
    ASSERT_TRUE(run_until([&] { return call->done(); }));
    EXPECT_EQ(call->status, 200) << call->body;
  }
  EXPECT_EQ(api.count("", "selfsubjectreviews"), 1);
}

TEST_F(StoryIdentity, EightyConnectionsWithJunkKeepNoClientOut) {
  std::vector<std::unique_ptr<McpSession>> sessions;
  std::vector<std::unique_ptr<test::SimCall>> calls;
  for (int i = 0; i < 80; ++i) {
    sessions.push_back(std::make_unique<McpSession>(*this, "junk-" + std::to_string(i)));
    calls.push_back(sessions.back()->send("initialize", kInitialize));
  }
  McpSession ann(*this, "ann-1");
  EXPECT_TRUE(ann.open()) << ann.status();
  for (const auto& call : calls) {
    ASSERT_TRUE(run_until([&] { return call->done(); }));
    EXPECT_EQ(call->status, 401);
  }
}

TEST_F(StoryIdentity, ARevokedTokensStreamIsOverInAMinute) {
  auto ann = connect("ann-1");
  ASSERT_TRUE(ann->subscribe(kUri));
  pass(seconds(50));
  ann->ask("ping", "{}");
  pass(seconds(5));
  ann->drop_stream();
  ann->open_stream();  // by a verdict that is 55 s old
  ASSERT_TRUE(run_until([&] { return ann->stream_open(); }));
  const base::TimePoint revoked = loop.now();
  api.users().erase("ann-1");
  ASSERT_TRUE(run_until([&] { return ann->stream_over(); }));
  EXPECT_LE(loop.now() - revoked, seconds(61));
}

TEST_F(StoryIdentity, RequestsTravelWithTheCallersTokenAlone) {
  auto ann = connect("ann-1");
  ann->ask("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  EXPECT_TRUE(ann->result().present());
  ASSERT_TRUE(ann->subscribe(kUri));
  settle();
  ASSERT_FALSE(api.seen().empty());
  for (const auto& one : api.seen())
    EXPECT_EQ(one.user, "ann") << one.verb << " " << one.path;
}

TEST_F(StoryIdentity, TwoIdentitiesNeverShareAWatchOneDoes) {
  auto ann = connect("ann-1");
  auto ann_too = connect("ann-2");
  auto bob = connect("bob-1");
  for (auto* session : {ann.get(), ann_too.get(), bob.get()})
    ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return open_watches() == 2; }));
  emit("e");
  for (auto* session : {ann.get(), ann_too.get(), bob.get()})
    EXPECT_TRUE(told(*session, 1));
}

TEST_F(StoryIdentity, WhatOneMayNotSeeIsRefusedToThatOneOnly) {
  api.users()["bob-1"].denied = {{"", "events", "team-a", ""}};
  auto ann = connect("ann-1");
  auto bob = connect("bob-1");
  EXPECT_TRUE(ann->subscribe(kUri));
  EXPECT_FALSE(bob->subscribe(kUri));
  EXPECT_NE(std::string(bob->error()["message"].str()).find("forbidden"), std::string::npos)
      << bob->error().to_json();
  EXPECT_EQ(open_watches(), 1);
}

TEST_F(StoryIdentity, ATokenThatIsNoLongerTakenEndsItsStreamWithAReason) {
  auto ann = connect("ann-1");
  auto bob = connect("bob-1");
  ASSERT_TRUE(ann->subscribe(kUri));
  ASSERT_TRUE(bob->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return open_watches() == 2; }));
  api.users().erase("ann-1");
  ASSERT_TRUE(run_until([&] { return ann->stream_over(); }));
  ASSERT_FALSE(ann->told().empty()) << "no subscription ends silently";
  EXPECT_EQ(ann->told().back().substr(0, 5), "ERROR");
  EXPECT_TRUE(run_until([&] { return open_watches() == 1; }));
  EXPECT_TRUE(bob->stream_open());
  emit("e");
  EXPECT_TRUE(told(*bob, 1));
}

}  // namespace
