// Is this group and version served, and with what?
#include "kube/discovery.h"

#include <gtest/gtest.h>

#include "support/fake_api.h"

namespace {

using kube::config::Credentials;
using test::FakeAnswer;
using test::Seen;

constexpr const char* kEvents =
    R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"events.k8s.io/v1",
  "resources":[{"name":"events","singularName":"event","namespaced":true,"kind":"Event","verbs":["get","list","watch"]},
               {"name":"events/status","namespaced":true,"kind":"Event","verbs":["get"]},
               {"name":"nodes","kind":"Node"}]})";

struct Query {
  explicit Query(kube::Discovery& discovery)
      : query(std::make_unique<kube::DiscoveryQuery>(
            discovery, kube::DiscoveryQuery::Fn::bind<&Query::on_done>(this))) {}
  void on_done(kube::DiscoveryQuery::Outcome outcome) {
    out = std::move(outcome);
    if (free_inside) query.reset();
  }
  void start(std::string group = "events.k8s.io", Credentials who = Credentials::configured()) {
    out.reset();
    query->start(std::move(group), "v1", std::move(who));
  }
  bool free_inside = false;
  std::optional<kube::DiscoveryQuery::Outcome> out;
  std::unique_ptr<kube::DiscoveryQuery> query;
};

class KubeDiscovery : public ::testing::Test {
 protected:
  void SetUp() override {
    api.answer = [](const Seen&) { return FakeAnswer{.body = kEvents}; };
    client = *kube::Client::create(loop, resolver, api.config(), "test");
    discovery = std::make_unique<kube::Discovery>(loop, *client);
  }
  bool finish(Query& q) {
    return test::turn_until(loop, clock, [&] { return q.out.has_value(); });
  }
  bool ask(Query& q, std::string group = "events.k8s.io",
           Credentials who = Credentials::configured()) {
    q.start(std::move(group), std::move(who));
    EXPECT_FALSE(q.out) << "never inside start()";
    return finish(q);
  }
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  test::FakeApi api{loop};
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<kube::Discovery> discovery;
};

TEST_F(KubeDiscovery, TellsWhatIsServed) {
  Query q(*discovery);
  ASSERT_TRUE(ask(q));
  EXPECT_EQ(api.seen[0].target, "/apis/events.k8s.io/v1");
  ASSERT_FALSE(q.out->failure);
  EXPECT_TRUE(q.out->group.served);
  const kube::ServedResource* events = q.out->group.find("events");
  ASSERT_TRUE(events);
  EXPECT_EQ(events->kind, "Event");
  EXPECT_TRUE(events->namespaced);
  EXPECT_TRUE(events->can("watch"));
  EXPECT_FALSE(events->can("delete"));
  EXPECT_FALSE(q.out->group.find("events/status")) << "subresources are no resources";
  EXPECT_FALSE(q.out->group.find("nodes")->namespaced);
  ASSERT_TRUE(ask(q, ""));
  EXPECT_EQ(api.seen[1].target, "/api/v1");
}

TEST_F(KubeDiscovery, KeepsAnswersForTheirTime) {
  Query q(*discovery);
  ASSERT_TRUE(ask(q));
  test::pass(loop, clock, kube::kDiscoveryTtl - base::seconds(1));
  ASSERT_TRUE(ask(q));
  EXPECT_TRUE(q.out->group.find("events"));
  EXPECT_EQ(api.seen.size(), 1u);
  test::pass(loop, clock, base::seconds(2));
  ASSERT_TRUE(ask(q));
  EXPECT_EQ(api.seen.size(), 2u);
  discovery->forget("events.k8s.io", "v1");
  ASSERT_TRUE(ask(q));
  EXPECT_EQ(api.seen.size(), 3u);
}

TEST_F(KubeDiscovery, NotServedIsNoFailureAndIsAskedAgainSoon) {
  Query q(*discovery);
  for (const int status : {404, 403}) {
    api.seen.clear();
    api.answer = [status](const Seen&) {
      return FakeAnswer{.status = status, .body = test::status_json(status, "", "no")};
    };
    discovery->forget("events.k8s.io", "v1");
    ASSERT_TRUE(ask(q));
    EXPECT_FALSE(q.out->failure);
    EXPECT_FALSE(q.out->group.served);
    EXPECT_EQ(q.out->group.hidden, status == 403);
    ASSERT_TRUE(ask(q));
    EXPECT_EQ(api.seen.size(), 1u) << "kept";
    test::pass(loop, clock, kube::kDiscoveryMissTtl + base::seconds(1));
    ASSERT_TRUE(ask(q));
    EXPECT_EQ(api.seen.size(), 2u);
  }
}

// Any page of 404 was taken for "not served": a balancer's too.
TEST_F(KubeDiscovery, APageAloneSaysNothingTheListOfGroupsDoes) {
  FakeAnswer groups{.body = R"({"kind":"APIGroupList","groups":[{"name":"events.k8s.io",
      "versions":[{"groupVersion":"events.k8s.io/v1"}]}]})"};
  api.answer = [&](const Seen& seen) {
    if (seen.target == "/apis") return groups;
    return FakeAnswer{.status = 404, .body = "404 page not found\n", .type = "text/plain"};
  };
  Query q(*discovery);
  ASSERT_TRUE(ask(q));
  ASSERT_TRUE(q.out->failure) << "it is served, says the list";
  EXPECT_EQ(q.out->failure->status, 404);
  EXPECT_TRUE(q.out->failure->foreign);
  ASSERT_TRUE(ask(q, "apps.example.com"));
  EXPECT_FALSE(q.out->failure);
  EXPECT_FALSE(q.out->group.served);
  EXPECT_EQ(api.seen.size(), 3u) << "the list was read a moment ago";
  test::pass(loop, clock, kube::kDiscoveryMissTtl);
  for (const FakeAnswer& no_list : {FakeAnswer{.status = 404, .body = "404 page not found\n"},
                                    FakeAnswer{.body = "<html>"}, FakeAnswer{.body = "{}"}}) {
    groups = no_list;
    ASSERT_TRUE(ask(q, "apps.example.com"));
    ASSERT_TRUE(q.out->failure) << no_list.body;
    EXPECT_TRUE(q.out->failure->foreign);
  }
  groups = FakeAnswer{.status = 403, .body = test::status_json(403, "Forbidden", "no")};
  ASSERT_TRUE(ask(q, "apps.example.com"));
  EXPECT_FALSE(q.out->failure);
  EXPECT_TRUE(q.out->group.hidden);
  // The core group has a list of its own.
  api.answer = [&](const Seen& seen) {
    if (seen.target == "/api")
      return FakeAnswer{.body = R"({"kind":"APIVersions","versions":["v1"]})"};
    return FakeAnswer{.status = 404, .body = "404 page not found\n", .type = "text/plain"};
  };
  ASSERT_TRUE(ask(q, ""));
  EXPECT_TRUE(q.out->failure);
}

TEST_F(KubeDiscovery, WhatOneCallerMayNotSeeIsKeptForNobodyElse) {
  api.answer = [](const Seen& seen) {
    if (seen.header("authorization") == "Bearer poor")
      return FakeAnswer{.status = 403, .body = test::status_json(403, "Forbidden", "no")};
    return FakeAnswer{.body = kEvents};
  };
  Query q(*discovery);
  ASSERT_TRUE(ask(q, "events.k8s.io", Credentials::bearer("poor")));
  EXPECT_FALSE(q.out->group.served);
  ASSERT_TRUE(ask(q, "events.k8s.io", Credentials::bearer("rich")));
  EXPECT_TRUE(q.out->group.served);
  ASSERT_TRUE(ask(q));
  EXPECT_TRUE(q.out->group.served);
  EXPECT_EQ(api.seen.size(), 3u);
}

TEST_F(KubeDiscovery, OtherFailuresAreToldAndNotKept) {
  Query q(*discovery);
  api.answer = [](const Seen&) { return FakeAnswer{.status = 503}; };
  ASSERT_TRUE(ask(q));
  ASSERT_TRUE(q.out->failure);
  EXPECT_EQ(q.out->failure->status, 503);
  for (const char* body : {"no json", R"({"kind":"Pod"})", "[]"}) {
    api.answer = [body](const Seen&) { return FakeAnswer{.body = body}; };
    ASSERT_TRUE(ask(q));
    ASSERT_TRUE(q.out->failure) << body;
    EXPECT_EQ(q.out->failure->code, base::Errc::protocol);
  }
  api.answer = [](const Seen&) { return FakeAnswer{.body = kEvents}; };
  ASSERT_TRUE(ask(q));
  EXPECT_TRUE(q.out->group.served);
}

TEST_F(KubeDiscovery, ABadGroupNeverBecomesARequest) {
  Query q(*discovery);
  for (const char* group : {"../x", "a/b", "A", "x?y"}) {
    ASSERT_TRUE(ask(q, group));
    ASSERT_TRUE(q.out->failure);
    EXPECT_EQ(q.out->failure->code, base::Errc::invalid_argument);
    EXPECT_FALSE(q.out->failure->transport());
  }
  EXPECT_TRUE(api.seen.empty());
}

TEST_F(KubeDiscovery, AQueryMayBeCancelledAndFreedInItsCallback) {
  Query q(*discovery);
  q.start();
  EXPECT_TRUE(q.query->active());
  q.query->cancel();
  EXPECT_FALSE(q.query->active());
  for (int i = 0; i < 10; ++i)
    loop.run_once();
  EXPECT_FALSE(q.out);
  q.free_inside = true;
  ASSERT_TRUE(ask(q));
  EXPECT_FALSE(q.query);
  Query known(*discovery);
  known.free_inside = true;
  ASSERT_TRUE(ask(known));
  EXPECT_FALSE(known.query);
}

}  // namespace
