// The simulated API server's pods/log.
#include "support/sim_world.h"

namespace {

using base::seconds;
using test::SimWorld;

struct SimLog : SimWorld {
  SimLog() { cluster.set_pod(pod); }
  void lines(int from, int to, base::Duration between = {}) {
    for (int i = from; i <= to; ++i) {
      cluster.log("team-a", "p", "app", "line " + std::to_string(i));
      if (between.count() > 0) pass(between);
    }
  }
  std::unique_ptr<test::SimCall> log(const std::string& query = "") {
    return get("/api/v1/namespaces/team-a/pods/p/log?" + query);
  }
  sim::PodSpec pod{.ns = "team-a", .name = "p"};
};

TEST_F(SimLog, WhatWasWrittenIsReadWhole) {
  lines(1, 3);
  EXPECT_EQ(log()->body, "line 1\nline 2\nline 3\n");
  EXPECT_EQ(log("tailLines=1")->body, "line 3\n");
  EXPECT_EQ(log("tailLines=0")->body, "");
  EXPECT_EQ(log("limitBytes=9")->body, "line 1\nli");
  EXPECT_EQ(log("timestamps=true&tailLines=1")->body, "2026-01-01T00:00:00.000000000Z line 3\n");
}

TEST_F(SimLog, SinceIsInclusiveByTheSecond) {
  lines(1, 4, base::milliseconds(600));  // at 0, 0.6, 1.2, 1.8 s; now 2.4 s
  EXPECT_EQ(log("sinceTime=2026-01-01T00:00:01.9Z")->body, "line 3\nline 4\n");
  EXPECT_EQ(log("sinceTime=2026-01-01T02:00:01%2B02:00")->body, "line 3\nline 4\n");
  EXPECT_EQ(log("sinceSeconds=1")->body, "line 4\n");
}

TEST_F(SimLog, AFollowerGetsWhatComesUntilTheContainerEnds) {
  lines(1, 2);
  auto call = open("/api/v1/namespaces/team-a/pods/p/log?follow=true&tailLines=1");
  ASSERT_TRUE(run_until([&] { return call->lines() == 1; }));
  lines(3, 4);
  ASSERT_TRUE(run_until([&] { return call->lines() == 3; }));
  EXPECT_EQ(api.open_streams("/log"), 1);
  cluster.finish_pod(pod);
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_TRUE(call->whole());
  EXPECT_EQ(call->body, "line 2\nline 3\nline 4\n");
  EXPECT_EQ(log("follow=true")->lines(), 4) << "a log that is over ends by itself";
}

TEST_F(SimLog, ARestartedContainerHasAPreviousLog) {
  lines(1, 1);
  EXPECT_EQ(log("previous=true")->status, 400);
  cluster.restart_pod(pod);
  lines(2, 2);
  EXPECT_EQ(log()->body, "line 2\n");
  EXPECT_EQ(log("previous=true")->body, "line 1\n");
}

TEST_F(SimLog, AContainerMustBeNamedWhenThereAreSeveral) {
  cluster.set_pod(
      {.ns = "team-a", .name = "two", .containers = {"a", "b"}, .init_containers = {"i"}});
  auto call = get("/api/v1/namespaces/team-a/pods/two/log");
  EXPECT_EQ(call->status, 400);
  EXPECT_EQ(call->json()["message"].str(),
            "a container name must be specified for pod two, choose one of: [a b] or one of the "
            "init containers: [i]");
  EXPECT_EQ(get("/api/v1/namespaces/team-a/pods/two/log?container=b")->status, 200);
  EXPECT_EQ(get("/api/v1/namespaces/team-a/pods/two/log?container=x")->json()["message"].str(),
            "container x is not valid for pod two");
}

TEST_F(SimLog, APodThatDoesNotRunYetHasItsOwnAnswers) {
  cluster.set_pod({.ns = "team-a", .name = "new", .node = ""});
  EXPECT_EQ(get("/api/v1/namespaces/team-a/pods/new/log")->status, 204);
  cluster.set_pod({.ns = "team-a", .name = "new", .running = false});
  auto waiting = get("/api/v1/namespaces/team-a/pods/new/log");
  EXPECT_EQ(waiting->status, 400);
  EXPECT_EQ(waiting->json()["message"].str(),
            "container \"app\" in pod \"new\" is waiting to start: ContainerCreating");
  EXPECT_EQ(get("/api/v1/namespaces/team-a/pods/none/log")->status, 404);
}

TEST_F(SimLog, WrongParametersAreInvalid) {
  EXPECT_EQ(log("tailLines=-1")->status, 422);
  EXPECT_EQ(log("limitBytes=0")->status, 422);
  EXPECT_EQ(log("sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z")->status, 422);
  EXPECT_EQ(log("sinceTime=yesterday")->status, 400);
}

TEST_F(SimLog, ADeletedPodEndsItsFollowers) {
  lines(1, 1);
  auto call = open("/api/v1/namespaces/team-a/pods/p/log?follow=true");
  ASSERT_TRUE(run_until([&] { return call->lines() == 1; }));
  cluster.delete_pod("team-a", "p");
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_TRUE(call->whole());
  EXPECT_EQ(log()->status, 404);
}

}  // namespace
