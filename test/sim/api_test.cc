// The simulated API server: what it answers to lists, watches, writes and strangers.
#include "support/sim_world.h"

namespace {

using base::seconds;
using sim::EventSpec;
using test::SimWorld;

struct SimApi : SimWorld {
  static constexpr const char* kEvents = "/api/v1/namespaces/team-a/events";
  std::string names(base::json::Value list) {
    std::string out;
    for (const base::json::Value item : list["items"].array())
      out += std::string(item["metadata"]["name"].str()) + " ";
    return out;
  }
};

TEST_F(SimApi, AListHasItsVersionAndItemsWithoutKind) {
  auto call = get("/api/v1/namespaces");
  EXPECT_EQ(call->status, 200);
  auto list = call->json();
  EXPECT_EQ(list["kind"].str(), "NamespaceList");
  EXPECT_EQ(list["metadata"]["resourceVersion"].str(), now_version());
  EXPECT_EQ(names(list), "default kcm-system team-a ");
  EXPECT_FALSE(list["items"].at(0)["kind"].present());
}

TEST_F(SimApi, PagesShowOneMomentWhateverChangesBetween) {
  auto first = get("/api/v1/namespaces?limit=2");
  const std::string version = now_version();
  EXPECT_EQ(names(first->json()), "default kcm-system ");
  EXPECT_EQ(first->json()["metadata"]["remainingItemCount"].int_or(0), 1);
  const std::string token(first->json()["metadata"]["continue"].str());
  cluster.add_namespace("zoo");
  api.store().remove({&api.store().of("Namespace"), 0}, "team-a");
  auto second = get("/api/v1/namespaces?limit=2&continue=" + token);
  EXPECT_EQ(names(second->json()), "team-a ");
  EXPECT_EQ(second->json()["metadata"]["resourceVersion"].str(), version);
  EXPECT_FALSE(second->json()["metadata"]["continue"].present());
}

TEST_F(SimApi, APageOfCompactedHistoryIsGoneAndOffersAnInconsistentRest) {
  const std::string token(get("/api/v1/namespaces?limit=2")->json()["metadata"]["continue"].str());
  cluster.add_namespace("zoo");
  api.store().compact();
  auto gone = get("/api/v1/namespaces?limit=2&continue=" + token);
  EXPECT_EQ(gone->status, 410);
  EXPECT_EQ(gone->json()["reason"].str(), "Expired");
  const std::string rest(gone->json()["metadata"]["continue"].str());
  EXPECT_EQ(names(get("/api/v1/namespaces?limit=2&continue=" + rest)->json()), "team-a zoo ");
}

TEST_F(SimApi, ListVersionsFollowTheTable) {
  const std::string then = now_version();
  cluster.add_namespace("new");
  const std::string old = "default kcm-system team-a ", now = "default kcm-system new team-a ";
  const auto listed = [&](const std::string& query) {
    return names(get("/api/v1/namespaces?" + query)->json());
  };
  EXPECT_EQ(listed("resourceVersion=0&limit=1"), now);
  EXPECT_EQ(listed("resourceVersion=" + then), now);
  EXPECT_EQ(listed("resourceVersion=" + then + "&resourceVersionMatch=NotOlderThan"), now);
  EXPECT_EQ(listed("resourceVersion=" + then + "&resourceVersionMatch=Exact"), old);
  EXPECT_EQ(listed("resourceVersion=" + then + "&limit=50"), old);
  const auto code = [&](const std::string& query) {
    return get("/api/v1/namespaces?" + query)->status;
  };
  EXPECT_EQ(code("resourceVersionMatch=Exact"), 422);
  EXPECT_EQ(code("resourceVersion=0&resourceVersionMatch=Exact"), 422);
  EXPECT_EQ(code("resourceVersion=x"), 400);
  EXPECT_EQ(code("continue=nonsense"), 400);
  EXPECT_EQ(code("limit=many"), 400);
}

TEST_F(SimApi, AListOfAFutureVersionTimesOutAfterThreeSeconds) {
  const base::TimePoint before = loop.now();
  auto call = get("/api/v1/namespaces?resourceVersion=99999");
  EXPECT_EQ(call->status, 504);
  EXPECT_EQ(call->json()["details"]["causes"].at(0)["reason"].str(), "ResourceVersionTooLarge");
  EXPECT_EQ(call->retry_after, "1");
  EXPECT_EQ(loop.now() - before, seconds(3));
}

TEST_F(SimApi, SelectorsChooseByFieldsAndLabels) {
  cluster.emit({.ns = "team-a", .name = "n", .type = "Normal", .object = "one"});
  cluster.emit({.ns = "team-a", .name = "w", .type = "Warning", .object = "two"});
  const std::string base = std::string(kEvents) + "?fieldSelector=";
  EXPECT_EQ(names(get(base + "type%3DWarning")->json()), "w ");
  EXPECT_EQ(names(get(base + "type!%3DWarning%2CinvolvedObject.name%3Done")->json()), "n ");
  EXPECT_EQ(get(base + "regarding.name%3Done")->status, 400);
  EXPECT_EQ(
      get("/apis/events.k8s.io/v1/namespaces/team-a/events?fieldSelector=regarding.name%3Done")
          ->status,
      200);
  const std::string labels = "/api/v1/namespaces?labelSelector=kubernetes.io%2Fmetadata.name";
  EXPECT_EQ(names(get(labels + "%20in%20(team-a,default)")->json()), "default team-a ");
  EXPECT_EQ(names(get(labels + "%20notin%20(team-a,default)")->json()), "kcm-system ");
  EXPECT_EQ(names(get(labels + "%3Dteam-a")->json()), "team-a ");
  EXPECT_EQ(names(get("/api/v1/namespaces?labelSelector=!none")->json()),
            "default kcm-system team-a ");
  EXPECT_EQ(get("/api/v1/namespaces?labelSelector=a%20b")->status, 400);
}

TEST_F(SimApi, AWatchTellsWhatComesAfterItsVersion) {
  cluster.emit({.ns = "team-a", .name = "before"});
  const std::string then = now_version();
  cluster.emit({.ns = "team-a", .name = "missed"});
  auto watch = open(std::string(kEvents) + "?watch=1&resourceVersion=" + then);
  run_until([&] { return watch->lines() == 1; });
  cluster.emit({.ns = "team-a", .name = "missed", .count = 2});
  cluster.emit({.ns = "kcm-system", .name = "elsewhere"});
  cluster.delete_event("team-a", "missed");
  ASSERT_TRUE(run_until([&] { return watch->lines() == 3; }));
  const char* types[] = {"ADDED", "MODIFIED", "DELETED"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(watch->frame(i)["type"].str(), types[i]);
    EXPECT_EQ(watch->frame(i)["object"]["metadata"]["name"].str(), "missed");
    EXPECT_EQ(watch->frame(i)["object"]["kind"].str(), "Event");
  }
  EXPECT_EQ(watch->frame(2)["object"]["metadata"]["resourceVersion"].str(), now_version());
  EXPECT_EQ(api.open_streams("/events"), 1);
  watch.reset();
  EXPECT_TRUE(run_until([&] { return api.open_streams() == 0; }));
}

TEST_F(SimApi, AWatchWithoutAVersionBeginsWithWhatIsThere) {
  cluster.emit({.ns = "team-a", .name = "old"});
  auto watch = open(std::string(kEvents) + "?watch=true");
  ASSERT_TRUE(run_until([&] { return watch->lines() == 1; }));
  cluster.emit({.ns = "team-a", .name = "new"});
  ASSERT_TRUE(run_until([&] { return watch->lines() == 2; }));
  EXPECT_EQ(watch->frame(0)["object"]["metadata"]["name"].str(), "old");
  EXPECT_EQ(watch->frame(1)["object"]["metadata"]["name"].str(), "new");
}

TEST_F(SimApi, AnObjectThatNoLongerMatchesIsDeletedAsItWas) {
  cluster.emit({.ns = "team-a", .name = "e", .type = "Warning"});
  auto watch = open(std::string(kEvents) +
                    "?watch=1&fieldSelector=type%3DWarning&resourceVersion=" + now_version());
  settle();
  cluster.emit({.ns = "team-a", .name = "e", .type = "Normal"});
  ASSERT_TRUE(run_until([&] { return watch->lines() == 1; }));
  EXPECT_EQ(watch->frame(0)["type"].str(), "DELETED");
  EXPECT_EQ(watch->frame(0)["object"]["type"].str(), "Warning");
  cluster.emit({.ns = "team-a", .name = "e", .type = "Warning"});
  ASSERT_TRUE(run_until([&] { return watch->lines() == 2; }));
  EXPECT_EQ(watch->frame(1)["type"].str(), "ADDED");
}

TEST_F(SimApi, AWatchEndsProperlyAtItsTimeAndSendsBookmarks) {
  const base::TimePoint before = loop.now();
  auto watch = open(
      "/api/v1/namespaces?watch=1&allowWatchBookmarks=true&timeoutSeconds=150&"
      "resourceVersion=" +
      now_version());
  ASSERT_TRUE(run_until([&] { return watch->done(); }));
  EXPECT_TRUE(watch->whole()) << watch->error();
  EXPECT_EQ(loop.now() - before, seconds(150));
  ASSERT_EQ(watch->lines(), 3);  // at 60 s, 120 s and 148 s
  EXPECT_EQ(watch->frame(2)["type"].str(), "BOOKMARK");
  EXPECT_EQ(watch->frame(2)["object"]["metadata"]["resourceVersion"].str(), now_version());
}

TEST_F(SimApi, EventsHaveNoBookmarks) {
  auto watch = open(std::string(kEvents) + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=150");
  ASSERT_TRUE(run_until([&] { return watch->done(); }));
  EXPECT_EQ(watch->body, "");
}

TEST_F(SimApi, AVersionThatLeftTheHistoryIsAnsweredInThreeWays) {
  const std::string then = now_version();
  cluster.add_namespace("x");
  api.store().compact();
  const std::string target = "/api/v1/namespaces?watch=1&resourceVersion=" + then;
  auto frame = get(target);
  EXPECT_EQ(frame->status, 200);
  EXPECT_EQ(frame->frame(0)["type"].str(), "ERROR");
  EXPECT_EQ(frame->frame(0)["object"]["code"].int_or(0), 410);
  api.set_stale_answer(sim::StaleAnswer::http_410);
  EXPECT_EQ(get(target)->status, 410);
  api.set_stale_answer(sim::StaleAnswer::empty_200);
  auto empty = get(target);
  EXPECT_EQ(empty->status, 200);
  EXPECT_TRUE(empty->whole());
  EXPECT_EQ(empty->body, "");
}

TEST_F(SimApi, AWatchOfAFutureVersionIsSilentUntilItComes) {
  auto watch = open("/api/v1/namespaces?watch=1&resourceVersion=" +
                    std::to_string(api.store().version() + 1));
  settle();
  cluster.add_namespace("x");
  cluster.add_namespace("y");
  ASSERT_TRUE(run_until([&] { return watch->lines() == 1; }));
  EXPECT_EQ(watch->frame(0)["object"]["metadata"]["name"].str(), "y");
}

TEST_F(SimApi, AStreamingInitialListIsRefused) {
  auto call = get("/api/v1/namespaces?watch=1&sendInitialEvents=true");
  EXPECT_EQ(call->status, 422);
  EXPECT_EQ(call->json()["details"]["kind"].str(), "ListOptions");
}

TEST_F(SimApi, StrangersAndForbiddenAreToldSo) {
  EXPECT_EQ(get("/api/v1/namespaces", "")->status, 401);
  EXPECT_EQ(get("/api/v1/namespaces", "wrong")->status, 401);
  EXPECT_EQ(get("/version", "")->status, 200);
  EXPECT_EQ(get("/version", "wrong")->status, 401);
  api.users()["eve"] = {"eve", "7", {"system:authenticated"}, {{"list", "events", "team-a", ""}}};
  auto call = get(kEvents, "eve");
  EXPECT_EQ(call->status, 403);
  EXPECT_EQ(call->json()["message"].str(),
            "events is forbidden: User \"eve\" cannot list resource \"events\" in API group \"\" "
            "in the namespace \"team-a\"");
  EXPECT_EQ(get("/api/v1/namespaces/kcm-system/events", "eve")->status, 200);
  auto review = ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", "eve");
  EXPECT_EQ(review->status, 201);
  EXPECT_EQ(review->json()["status"]["userInfo"]["username"].str(), "eve");
  api.set_reviews(false);
  EXPECT_EQ(ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", "eve")->status,
            404);
}

TEST_F(SimApi, WritesDoWhatTheySayAndRefuseWhatTheyMust) {
  const std::string events = kEvents;
  EXPECT_EQ(ask("POST", events, R"({"metadata":{"name":"e"},"message":"a","count":1})")->status,
            201);
  EXPECT_EQ(ask("POST", events, R"({"metadata":{"name":"e"}})")->status, 409);
  EXPECT_EQ(ask("POST", "/api/v1/namespaces/none/events", R"({"metadata":{"name":"e"}})")->status,
            404);
  auto patched = ask("PATCH", events + "/e", R"({"count":null,"message":"b"})",
                     sim::ApiServer::kAdminToken, "application/merge-patch+json");
  EXPECT_EQ(patched->status, 200);
  EXPECT_EQ(patched->json()["message"].str(), "b");
  EXPECT_FALSE(patched->json()["count"].present());
  EXPECT_EQ(ask("PUT", events + "/e", R"({"metadata":{"resourceVersion":"1"}})")->status, 409);
  EXPECT_EQ(ask("PATCH", events + "/e", "{}")->status, 415);
  EXPECT_EQ(ask("DELETE", events + "/e")->json()["status"].str(), "Success");
  EXPECT_EQ(ask("DELETE", events + "/e")->status, 404);
  EXPECT_EQ(get(events + "/e")->json()["message"].str(), "events \"e\" not found");
}

TEST_F(SimApi, DiscoveryNamesWhatIsServed) {
  EXPECT_EQ(get("/apis/events.k8s.io/v1")->json()["resources"].at(0)["name"].str(), "events");
  EXPECT_EQ(get("/apis/none.example/v1")->status, 404);
  auto core = get("/api/v1");
  EXPECT_NE(core->body.find("\"pods/log\""), std::string::npos);
  EXPECT_EQ(get("/nowhere")->body, "404 page not found\n");
}

TEST_F(SimApi, AfterARestartOnTheSamePortTheObjectsAreStillThere) {
  auto watch = open("/api/v1/namespaces?watch=1&resourceVersion=" + now_version());
  settle();
  const int port = api.port();
  api.stop();
  ASSERT_TRUE(run_until([&] { return watch->done(); }));
  EXPECT_FALSE(watch->whole());
  EXPECT_FALSE(get("/version")->whole());
  ASSERT_TRUE(api.start().has_value());
  EXPECT_EQ(api.port(), port);
  EXPECT_EQ(names(get("/api/v1/namespaces")->json()), "default kcm-system team-a ");
}

TEST_F(SimApi, RequestsAreCounted) {
  get("/api/v1/namespaces");
  get("/api/v1/namespaces/team-a/events");
  EXPECT_EQ(api.count("list"), 2);
  EXPECT_EQ(api.count("list", "/events"), 1);
  EXPECT_EQ(api.seen().back().user, "admin");
  EXPECT_EQ(api.connections(), 1u);
}

}  // namespace
