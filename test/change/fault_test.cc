// What a caller is told when a write goes wrong: before, during and after it.
#include <string>

#include <gtest/gtest.h>

#include "audit/log.h"
#include "base/file.h"
#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

const std::string kApply = "k0rdent.mgmt.objects.apply";
const std::string kPatch = "k0rdent.mgmt.objects.patch";

struct WriteFaults : ChangeWorld {
  WriteFaults() {
    add(objects::make_write_tools(change));
    put("", "v1", "namespaces", R"({"metadata":{"name":"team-a"}})");
    SimWorld::ask(
        "POST", "/api/v1/namespaces/team-a/configmaps?fieldManager=mcp.clusters",
        R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1"}})");
  }
  std::string map(const std::string& name) {
    return stored(view("", "v1", "configmaps"), "team-a/" + name);
  }
  static std::string patch(const std::string& value) {
    return R"({"kind":"configmap","name":"m","namespace":"team-a","patch":{"data":{"a":")" + value +
           R"("}}})";
  }
  static std::string two() {
    return R"({"manifest":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one",)"
           R"("namespace":"team-a"},"data":{"k":"v"}},{"apiVersion":"v1","kind":"ConfigMap",)"
           R"("metadata":{"name":"two","namespace":"team-a"},"data":{"k":"v"}}]})";
  }
  // Refuses the real writes of one object, not their dry runs.
  void refuse_real(const std::string& name) {
    api.admissions().add(
        {.decide = [name](const sim::AdmissionReview& what) -> std::optional<sim::Status> {
          if (what.dry_run || what.after["metadata"]["name"].str() != name) return std::nullopt;
          return sim::webhook_denied("late", "not today");
        }});
  }
};

TEST_F(WriteFaults, AnAnswerThatIsLostIsLookedFor) {
  // The first PATCH is the dry run.
  sim::AnswerFault lost = sim::answer_lost("patch", "configmaps/m");
  lost.match.skip = 1;
  api.faults().add(std::move(lost));
  const Answer made = ask(kPatch, patch("2"));
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_NE(map("m").find(R"("a":"2")"), std::string::npos);
}

TEST_F(WriteFaults, AWriteThatNeverArrivedIsNotRepeatedAndSaidToBeNotMade) {
  sim::AnswerFault lost = sim::request_lost("patch", "configmaps/m");
  lost.match.skip = 1;
  api.faults().add(std::move(lost));
  const Answer answer = ask(kPatch, patch("2"));
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("not made") || answer.says("cannot know whether")) << answer.text();
  EXPECT_NE(map("m").find(R"("a":"1")"), std::string::npos);
  int real = 0;
  for (const auto& seen : api.seen())
    real += seen.verb == "patch" && seen.query.find("dryRun") == std::string::npos ? 1 : 0;
  EXPECT_EQ(real, 1);
}

TEST_F(WriteFaults, AnApiServerThatFailsBeforeTheWriteCostsNothing) {
  answer("patch", "configmaps/m", sim::internal_error("etcd is ill"), -1);
  const Answer answer = ask(kPatch, patch("2"));
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("etcd is ill")) << answer.text();
  EXPECT_NE(map("m").find(R"("a":"1")"), std::string::npos);
}

TEST_F(WriteFaults, WhatIsHalfDoneIsSaidWithTheWayBack) {
  refuse_real("two");
  const Answer answer = ask(kApply, two());
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("not made: patch configmaps team-a/two")) << answer.text();
  EXPECT_TRUE(answer.says("not today")) << answer.text();
  EXPECT_TRUE(answer.says("created configmaps team-a/one")) << answer.text();
  EXPECT_TRUE(answer.says(
      R"(The way back: k0rdent.mgmt.objects.delete with {"kind":"configmaps","namespace":"team-a","name":"one"})"))
      << answer.text();
  EXPECT_NE(map("one"), "");
  EXPECT_EQ(map("two"), "");
}

TEST_F(WriteFaults, Row16WarningsAreInEveryAnswer) {
  api.admissions().add({.resource = "configmaps", .warnings = {"299 - \"mind the gap\""}});
  const Answer made = ask(kPatch, patch("2"));
  EXPECT_TRUE(made.says("warning of the API server: ")) << made.text();
  EXPECT_TRUE(made.says("mind the gap")) << made.text();
  api.admissions().add({.resource = "configmaps",
                        .decide = [](const sim::AdmissionReview&) -> std::optional<sim::Status> {
                          return sim::webhook_denied("w", "no");
                        }});
  const Answer refused = ask(kPatch, patch("3"));
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("mind the gap")) << refused.text();
}

TEST_F(WriteFaults, Row18AFieldThatCannotChangeIsNeverDeletedAndMadeAnew) {
  api.admissions().add(sim::immutable_field("configmaps", "data.a"));
  const Answer refused = ask(kPatch, patch("2"));
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("make a new object under another name")) << refused.text();
}

TEST_F(WriteFaults, ACallThatIsCancelledWritesNothingMore) {
  base::json::Document doc;
  test::TestReply reply(self());
  auto run = tools.at(kApply)->begin(*doc.parse(two()), reply);
  ASSERT_TRUE(run_until([&] {
    for (const auto& seen : api.seen())
      if (seen.verb == "patch") return true;
    return false;
  }));
  run.reset();
  pass(base::seconds(60));
  EXPECT_EQ(map("two"), "");
  EXPECT_EQ(reply.text, "");
}

// Its client has gone; the write may still be executed.
TEST_F(WriteFaults, AWriteThatIsCancelledUnderWayHasItsLineInTheAuditLog) {
  auto log = audit::Log::open(loop, dir.path() + "/audit.jsonl", {});
  ASSERT_TRUE(log.has_value());
  context->audit = log->get();
  sim::AnswerFault held;
  held.match = {.verb = "patch", .path = "configmaps/m", .skip = 1};
  held.never = true;
  api.faults().add(std::move(held));
  base::json::Document doc;
  test::TestReply reply(self());
  auto run = tools.at(kPatch)->begin(*doc.parse(patch("2")), reply);
  ASSERT_TRUE(run_until([&] { return api.count("patch", "configmaps/m") == 2; }));
  run.reset();
  const auto lines = base::read_file(dir.path() + "/audit.jsonl", 1 << 20);
  ASSERT_TRUE(lines.has_value());
  EXPECT_NE(lines->find(R"("stage":"request")"), std::string::npos) << *lines;
  EXPECT_NE(lines->find(R"("result":"unknown")"), std::string::npos) << *lines;
  context->audit = nullptr;
}

}  // namespace
