// Several lists and gets for one answer: each bounded, each failing alone.
#include "cluster/gather.h"

#include <optional>

#include <gtest/gtest.h>

#include "cluster/nearest_names.h"
#include "redact/redactor.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;
using cluster::ListedKind;
using cluster::Part;
using Names = std::vector<std::string>;

constexpr ListedKind kPods = {"pods", "", "v1"};
constexpr ListedKind kUnserved = {"widgets", "example.com", "v1"};

struct Counting final : Part::Reader {
  void on_object(Value) override { ++objects; }
  void on_restart() override { objects = 0; }
  int objects = 0;
};

struct GatherTest : test::ToolsWorld {
  GatherTest() {
    for (const char* name : {"web-1", "web-2", "web-3"})
      cluster.set_pod({.ns = "team-a", .name = name});
    settle();
    gather.emplace(*context, self(), cluster::Gather::Fn::bind<&GatherTest::on_done>(this));
  }
  void on_done() { ++done; }
  bool finish(int times = 1) {
    return run_until([&] { return done == times; });
  }
  cluster::GetQuery pod(const char* name) { return {kPods, "team-a", name}; }
  int done = 0;
  std::optional<cluster::Gather> gather;
};

TEST_F(GatherTest, PartsEndTogetherAndMoreMayFollow) {
  Part& one = gather->get("pod", pod("web-1"));
  Part& all = gather->list("pods", {kPods, "team-a"});
  EXPECT_EQ(done, 0) << "never inside a call";
  ASSERT_TRUE(finish());
  EXPECT_EQ(one.object()["metadata"]["name"].str(), "web-1");
  EXPECT_EQ(all.objects().size(), 3u);
  Part& later = gather->get("pod", pod("web-2"));
  ASSERT_TRUE(finish(2));
  EXPECT_EQ(later.object()["metadata"]["name"].str(), "web-2");
  EXPECT_EQ(one.object()["metadata"]["name"].str(), "web-1") << "stays valid";
  EXPECT_EQ(gather->notes(), Names());
}

TEST_F(GatherTest, AFailureIsANoteAndTheRestIsThere) {
  deny("list", "pods");
  Part& one = gather->get("pod", pod("web-1"));
  Part& none = gather->get("gone", pod("web-9"));
  gather->list("pods", {kPods, "team-a"});
  gather->list("widgets", {kUnserved, {}});
  gather->list("quiet", {kUnserved, {}}, Part::Need::optional);
  ASSERT_TRUE(finish());
  EXPECT_TRUE(one.known());
  EXPECT_TRUE(none.absent());
  const Names notes = gather->notes();
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0], "gone: get pods team-a/web-9: pods \"web-9\" not found");
  EXPECT_TRUE(
      notes[1].ends_with("; the RBAC rule that would allow it, in a Role of namespace "
                         "team-a: {apiGroups: [\"\"], resources: [pods], verbs: [list]}"))
      << notes[1];
  EXPECT_EQ(notes[2],
            "widgets: list widgets.example.com: this cluster does not serve widgets.example.com "
            "(no such CRD is installed)");
}

// Bug: a caller of few rights had ten notes of 300 bytes, and those without room went unsaid.
TEST_F(GatherTest, WhatIsForbiddenOfManyPartsIsOneNoteAndARuleAVerb) {
  for (const char* verb : {"get", "list"}) {
    deny(verb, "pods");
    deny(verb, "events");
  }
  constexpr ListedKind kEvents = {"events", "", "v1"};
  gather->get("pod", pod("web-1"));
  gather->list("pods", {kPods, "team-a"});
  ASSERT_TRUE(finish());
  EXPECT_EQ(gather->notes().size(), 2u);
  gather->list("events", {kEvents, "team-a"});
  gather->get("quiet", pod("web-1"), Part::Need::silent);
  gather->get("widget", {kUnserved, "team-a", "w"});
  ASSERT_TRUE(finish(2));
  const Names notes = gather->notes();
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_TRUE(notes[0].starts_with("not read, forbidden: pod, pods, events; the first: "))
      << notes[0];
  const std::string rule =
      "the RBAC rule that would allow it, in a Role of namespace team-a: {apiGroups: [\"\"], ";
  EXPECT_EQ(notes[1], rule + "resources: [pods], verbs: [get]}");
  EXPECT_EQ(notes[2], rule + "resources: [pods, events], verbs: [list]}");
  EXPECT_TRUE(notes[3].starts_with("widget: ")) << notes[3];
}

TEST_F(GatherTest, AListKeepsWhatItMayAndSaysWhatItLeft) {
  Part& part = gather->list("pods", {kPods, "team-a"}, Part::Need::noted, nullptr, {.objects = 2});
  ASSERT_TRUE(finish());
  EXPECT_EQ(part.objects().size(), 2u);
  EXPECT_FALSE(part.known());
  EXPECT_EQ(gather->notes(), Names{"pods: 1 more were not read"});
}

TEST_F(GatherTest, AReaderSeesEachObject) {
  Counting counting;
  gather->list("pods", {kPods, "team-a"}, Part::Need::noted, &counting);
  ASSERT_TRUE(finish());
  EXPECT_EQ(counting.objects, 3);
  gather.reset();
}

// One frozen collection does not hold the others' answer for a minute.
TEST_F(GatherTest, APartWithoutAnAnswerIsGivenUp) {
  sim::AnswerFault fault;
  fault.match = {.verb = "list", .path = "/pods"};
  fault.never = true;
  api.faults().add(std::move(fault));
  Part& one = gather->get("pod", pod("web-1"));
  gather->list("pods", {kPods, "team-a"});
  const base::TimePoint begun = loop.now();
  ASSERT_TRUE(finish());
  EXPECT_EQ(loop.now() - begun, cluster::kPartTime);
  EXPECT_TRUE(one.known());
  EXPECT_EQ(gather->notes(), Names{"pods: list pods of namespace team-a: no answer within 20s; it "
                                   "was given up"});
}

TEST_F(GatherTest, TheFilterRefusesAPartWithoutARequest) {
  filter = *cluster::NamespaceFilter::parse("other");
  api.forget_seen();
  Part& one = gather->get("pod", pod("web-1"));
  ASSERT_TRUE(finish());
  EXPECT_FALSE(one.known());
  EXPECT_EQ(api.count("get", "/pods"), 0);
  EXPECT_NE(gather->notes().at(0).find("not allowed"), std::string::npos);
}

// What is refused at once must not end what is added after it.
TEST_F(GatherTest, ARefusedPartDoesNotEndTheOthers) {
  filter = *cluster::NamespaceFilter::parse("team-a");
  gather->get("hidden", {kPods, "other", "web-1"});
  Part& all = gather->list("pods", {kPods, "team-a"});
  ASSERT_TRUE(finish());
  settle();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(all.objects().size(), 3u);
}

TEST_F(GatherTest, KeptObjectsLackWhatNoAnswerShows) {
  const sim::View view = api.store().find("", "v1", "pods");
  api.store().put(view, R"({"metadata":{"name":"noisy","namespace":"team-a","managedFields":[{)"
                        R"("manager":"x"}],"annotations":{"a":"b",)"
                        R"("kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{}})");
  Part& one = gather->get("pod", pod("noisy"));
  ASSERT_TRUE(finish());
  EXPECT_EQ(one.object()["metadata"]["annotations"].to_json(), R"({"a":"b"})");
  EXPECT_FALSE(one.object()["metadata"]["managedFields"].present());
}

// Bug: it was masked, written and parsed twice in one turn of the loop, 50 ms for 1.8 MB.
TEST_F(GatherTest, ALargeObjectIsMaskedAndParsedInATurnEach) {
  const redact::Redactor redactor;
  context->redactor = &redactor;
  std::string text;
  while (text.size() < 1'600'000)
    text += R"(\"\\\n)";
  const sim::View view = api.store().find("", "v1", "pods");
  api.store().put(view, R"({"metadata":{"name":"noisy","namespace":"team-a","managedFields":[{)"
                        R"("manager":"x"}],"annotations":{"a":"b",)"
                        R"("kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{)"
                        R"("password":"hunter2-hunter2","text":")" +
                            text + R"("}})");
  Part& one = gather->get("pod", pod("noisy"));
  ASSERT_TRUE(finish());
  EXPECT_EQ(one.object()["metadata"]["annotations"].to_json(), R"({"a":"b"})");
  EXPECT_FALSE(one.object()["metadata"]["managedFields"].present());
  EXPECT_EQ(one.object()["spec"]["text"].str().size(), text.size() / 2);
  EXPECT_TRUE(one.object()["spec"]["password"].str().starts_with("<redacted:"))
      << one.object()["spec"]["password"].str();
  gather.reset();
  context->redactor = nullptr;
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(cluster::edit_distance("", ""), 0u);
  EXPECT_EQ(cluster::edit_distance("", "abc"), 3u);
  EXPECT_EQ(cluster::edit_distance("prod", "prd"), 1u);
  EXPECT_EQ(cluster::edit_distance("kitten", "sitting"), 3u);
}

}  // namespace
