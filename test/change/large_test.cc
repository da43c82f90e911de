// Objects that are compared in several turns of the loop: the answer is that of a small one.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

struct Large : ChangeWorld {
  Large() {
    add(objects::make_write_tools(change));
    put("", "v1", "namespaces", R"({"metadata":{"name":"team-a"}})");
  }
  // 500 keys of 100 bytes; `without` is left out, `changed` has another value.
  static std::string manifest(int changed = -1, int without = -1) {
    std::string data;
    for (int i = 0; i < 500; ++i) {
      if (i == without) continue;
      data += (data.empty() ? "\"k" : ",\"k") + std::to_string(i) + "\":\"" +
              (i == changed ? "another" : "the same") + std::string(80, '.') + "\"";
    }
    return R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m",)"
           R"("namespace":"team-a"},"data":{)" +
           data + "}}}";
  }
};

TEST_F(Large, AnObjectIsComparedInTurnsAndTheAnswerIsThatOfASmallOne) {
  const std::string apply = "k0rdent.mgmt.objects.apply";
  EXPECT_EQ(ask(apply, manifest()).status(), "created");
  EXPECT_EQ(ask(apply, manifest()).status(), "unchanged");
  const Answer changed = ask(apply, manifest(7));
  EXPECT_EQ(changed.status(), "updated") << changed.text();
  EXPECT_TRUE(changed.says("~ .data.k7: \"the same..")) << changed.text();
  EXPECT_EQ(changed["changes"].size(), 1u) << changed.reply.text;
  const Answer taken = ask(apply, manifest(7, 499));
  EXPECT_EQ(taken.status(), "confirmation_required") << taken.text();
  EXPECT_TRUE(taken.says("- .data.k499: \"the same..")) << taken.text();
  // The digest of the second try is the same, or the token would not be good for it.
  EXPECT_EQ(ask(apply, with_token(manifest(7, 499), taken["confirm"].str())).status(), "updated");
}

// Each holds ten times its objects while it works: one at a time, and none is forgotten.
TEST_F(Large, ManyAtOnceTakeTurns) {
  const std::string apply = "k0rdent.mgmt.objects.apply";
  EXPECT_EQ(ask(apply, manifest()).status(), "created");
  std::vector<std::unique_ptr<test::TestReply>> replies;
  std::vector<std::unique_ptr<mcp::ToolRun>> runs;
  for (int i = 0; i < 6; ++i) {
    base::json::Document doc;
    replies.push_back(std::make_unique<test::TestReply>(self()));
    runs.push_back(tools.at(apply)->begin(*doc.parse(manifest(i)), *replies.back()));
  }
  EXPECT_TRUE(run_until([&] { return !replies[1]->text.empty(); }));
  runs[2].reset();  // a client that leaves in the middle holds up none
  EXPECT_TRUE(run_until([&] {
    for (int i : {0, 1, 3, 4, 5})
      if (replies[static_cast<std::size_t>(i)]->text.empty()) return false;
    return true;
  }));
}

// What the changes at work hold, and the arguments of those that wait, is bounded.
struct Crowd : Large {
  struct Call {
    std::unique_ptr<test::TestReply> reply;
    std::unique_ptr<mcp::ToolRun> run;
    const std::string& text() const { return reply->text; }
  };
  Call begin(const std::string& arguments, const std::string& tool = "apply",
             const mcp::Caller& caller = self()) {
    base::json::Document doc;
    Call out{std::make_unique<test::TestReply>(caller), nullptr};
    out.run = tools.at("k0rdent.mgmt.objects." + tool)->begin(*doc.parse(arguments), *out.reply);
    return out;
  }
  // 1,600 keys: a large one.
  static std::string large(const std::string& name) {
    std::string data;
    for (int i = 0; i < 1600; ++i)
      data += (data.empty() ? "\"k" : ",\"k") + std::to_string(i) + "\":\"" + std::string(80, '.') +
              "\"";
    return R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
           R"(","namespace":"team-a"},"data":{)" + data + "}}}";
  }
  static std::string small(const std::string& name) {
    return R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
           R"(","namespace":"team-a"},"data":{"a":"b"}}})";
  }
};

TEST_F(Crowd, LargeChangesWithoutRoomGoOneAfterTheOtherAndSmallOnesPass) {
  const std::size_t one = change::kCopies * 2 * large("m0").size();
  writes.changes.set_limit(one + one / 2);
  std::vector<Call> calls;
  for (int i = 0; i < 4; ++i)
    calls.push_back(begin(large("m" + std::to_string(i))));
  Call last = begin(small("tiny"));
  EXPECT_TRUE(run_until([&] { return !last.text().empty(); }));
  EXPECT_TRUE(calls[1].text().empty());
  std::size_t most = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_TRUE(run_until([&] {
      most = std::max(most, writes.changes.used());
      return !calls[i].text().empty();
    })) << i;
    EXPECT_NE(calls[i].text().find(R"("status":"created")"), std::string::npos) << calls[i].text();
    EXPECT_TRUE(i + 1 == calls.size() || calls[i + 1].text().empty()) << "in the order of arrival";
  }
  EXPECT_LE(most, writes.changes.limit());
  EXPECT_EQ(writes.changes.used(), 0u);
  EXPECT_EQ(writes.bodies.used(), 0u);
}

TEST_F(Crowd, OneThatIsLargerThanAllTheRoomIsMadeAlone) {
  writes.changes.set_limit(1024);
  std::vector<Call> calls;
  for (int i = 0; i < 3; ++i)
    calls.push_back(begin(large("m" + std::to_string(i))));
  calls[1].run.reset();  // a client that leaves while it waits holds up none
  EXPECT_TRUE(run_until([&] { return !calls[0].text().empty() && !calls[2].text().empty(); }));
  EXPECT_NE(calls[2].text().find(R"("status":"created")"), std::string::npos);
  EXPECT_EQ(writes.changes.used() + writes.bodies.used(), 0u);
}

TEST_F(Crowd, WhatHasNoRoomToWaitIsToldWhenToComeBack) {
  writes.changes.set_limit(1024);
  writes.bodies.set_limit(large("m0").size() * 3 / 2);
  std::vector<Call> calls;
  for (int i = 0; i < 3; ++i)
    calls.push_back(begin(large("m" + std::to_string(i))));
  EXPECT_TRUE(run_until([&] { return !calls[2].text().empty(); }));
  EXPECT_NE(calls[2].text().find("too many changes"), std::string::npos) << calls[2].text();
  EXPECT_NE(calls[2].text().find("nothing was written; call again in 5s"), std::string::npos);
  EXPECT_TRUE(run_until([&] { return !calls[0].text().empty() && !calls[1].text().empty(); }));
  EXPECT_NE(calls[1].text().find(R"("status":"created")"), std::string::npos);
}

// Nothing tells before the read that the object is large.
TEST_F(Crowd, ASmallWishForALargeObjectWaitsForItsTurnToo) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask("k0rdent.mgmt.objects.apply", large("m" + std::to_string(i))).status(),
              "created");
  writes.changes.set_limit(1024);
  for (const std::string tool : {"label", "apply"}) {
    std::vector<Call> calls;
    for (int i = 0; i < 3; ++i) {
      const std::string name = "m" + std::to_string(i);
      calls.push_back(tool == "label"
                          ? begin(R"({"kind":"configmap","namespace":"team-a","name":")" + name +
                                      R"(","labels":{"a":"b"}})",
                                  tool)
                          : begin(R"({"dryRun":true,)" + small(name).substr(1), tool));
    }
    std::size_t at_once = 0;
    EXPECT_TRUE(run_until([&] {
      std::size_t answered = 0;
      for (const Call& each : calls)
        answered += each.text().empty() ? 0 : 1;
      at_once = std::max(at_once, writes.changes.used());
      return answered == calls.size();
    })) << tool;
    for (const Call& each : calls)
      EXPECT_EQ(each.text().find("error: "), std::string::npos) << each.text();
    EXPECT_GT(at_once, 0u);
    EXPECT_EQ(writes.changes.used() + writes.bodies.used(), 0u) << tool;
  }
}

}  // namespace
