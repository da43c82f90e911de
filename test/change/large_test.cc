// Objects that are compared in several turns of the loop: the answer is that of a small one.
#include <string>

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

}  // namespace
