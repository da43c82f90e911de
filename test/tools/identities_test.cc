// k0rdent.mgmt.providers.listIdentities: the identities that Credentials name, within a number of bytes.
#include <gtest/gtest.h>

#include "support/tools_world.h"
#include "tools/providers.h"

namespace {

struct IdentityList : test::ToolsWorld {
  void credential(const std::string& name, const std::string& identity) {
    ASSERT_TRUE(
        api.store()
            .load("apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: " +
                  name + ", namespace: team-a}\nspec: {identityRef: {kind: Secret, name: " +
                  identity + "}}\n")
            .has_value());
  }
  base::json::Value list(const std::string& arguments) {
    const test::TestReply reply = call(*tool, arguments);
    std::string as_text;
    base::json::append_string(as_text, reply.text);
    sent = reply.text.size() + as_text.size();
    const auto root = doc.parse(reply.text);
    EXPECT_TRUE(root) << reply.text;
    return root ? *root : base::json::Value();
  }
  base::json::Document doc;
  std::size_t sent = 0;  // the answer has it twice
  std::unique_ptr<mcp::Tool> tool = tools::make_identities_tool(*context);
};

// Bug: the answer had whatever there was: 260 kB of 3,000 identities.
TEST_F(IdentityList, WhatDoesNotFitIsLeftOutAndCounted) {
  for (int i = 0; i < 300; ++i)
    credential("c" + std::to_string(i), "id" + std::to_string(i));
  for (const std::size_t max : {4096U, 32768U}) {
    const auto cut = list(R"({"maxBytes":)" + std::to_string(max) + "}");
    EXPECT_LE(sent, max);
    EXPECT_GT(sent, max / 2);
    EXPECT_TRUE(cut["truncated"].bool_or(false));
    EXPECT_EQ(cut["notes"].at(0).str(),
              std::to_string(300 - cut["identities"].size()) +
                  " of 300 identities were left out; give a larger maxBytes, "
                  "or a namespace");
  }
  EXPECT_EQ(list(R"({"maxBytes":1048576})")["identities"].size(), 300u);
}

TEST_F(IdentityList, OfOneThatManyCredentialsNameTheFirstAreNamed) {
  for (int i = 0; i < 130; ++i)
    credential("c" + std::to_string(i), "same");
  const auto all = list("{}");
  ASSERT_EQ(all["identities"].size(), 1u);
  EXPECT_EQ(all["identities"].at(0)["credentials"].size(), 101u);
  EXPECT_EQ(all["identities"].at(0)["credentials"].at(100).str(), "(30 more)");
  EXPECT_TRUE(all["truncated"].bool_or(false));
}

}  // namespace
