// Objects that are compared in several turns of the loop: the answer is that of a small one.
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

}  // namespace
