// k0rdent.mgmt.providers.listIdentities: the identities that Credentials name.
#include "tools/identities.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "answer/list_tool.h"
#include "support/tools_world.h"

namespace {

struct IdentityList : test::ToolsWorld {
  void credential(const std::string& name, const std::string& identity,
                  const std::string& kind = "Secret", const std::string& ns = "team-a") {
    ASSERT_TRUE(
        api.store()
            .load("apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: " +
                  name + ", namespace: " + ns + ", labels: {of: " + identity +
                  "}}\nspec: {identityRef: {kind: " + kind + ", name: " + identity + "}}\n")
            .has_value());
  }
  base::json::Value list(const std::string& arguments) {
    const test::TestReply reply = call(*tool, arguments);
    std::string as_text;
    base::json::append_string(as_text, reply.shown);
    sent = reply.text.size() + as_text.size();
    shown = reply.shown;
    const auto root = doc.parse(reply.text);
    EXPECT_TRUE(root) << reply.text;
    return root ? *root : base::json::Value();
  }
  base::json::Document doc;
  std::size_t sent = 0;  // the answer has it twice
  std::string shown;
  std::unique_ptr<mcp::Tool> tool = answer::make_list_tool(tools::identities_row(), *context);
};

TEST_F(IdentityList, TheTextIsATable) {
  credential("a", "id", "AzureClusterIdentity");
  credential("b", "id", "AzureClusterIdentity");
  credential("c", "key");
  list("{}");
  EXPECT_EQ(shown,
            "NAMESPACE   NAME   KIND                   PROVIDER   CREDENTIALS\n"
            "team-a      id     AzureClusterIdentity   azure      team-a/a,team-a/b\n"
            "team-a      key    Secret                            team-a/c\n");
  EXPECT_EQ(list(R"({"labelSelector":"of=key"})")["identities"].size(), 1u);
  EXPECT_EQ(list(R"({"fieldSelector":"metadata.name=b"})")["identities"].size(), 1u);
  EXPECT_EQ(list(R"({"sortBy":"-NAME"})")["identities"].at(0)["name"].str(), "key");
  list(R"({"namespace":"team-a"})");
  EXPECT_TRUE(shown.starts_with("NAMESPACE   NAME")) << "an identity may be in another one";
  EXPECT_EQ(list(R"({"namespace":"team-b"})")["identities"].size(), 0u);
  EXPECT_EQ(shown,
            "No identities found in namespace team-b.\n\nNote: there is no namespace team-b\n");
}

// Bug: an identity that is in no namespace was shown in that of each Credential that names it, and as
// many times.
TEST_F(IdentityList, AnIdentityOfTheWholeClusterIsOneAndInNoNamespace) {
  credential("a", "id", "AWSClusterStaticIdentity");
  credential("b", "id", "AWSClusterStaticIdentity", "team-b");
  credential("c", "key");
  const auto all = list("{}");
  EXPECT_EQ(shown,
            "NAMESPACE   NAME   KIND                       PROVIDER   CREDENTIALS\n"
            "team-a      key    Secret                                team-a/c\n"
            "            id     AWSClusterStaticIdentity   aws        team-a/a,team-b/b\n");
  EXPECT_EQ(all["identities"].at(1).to_json(),
            R"({"name":"id","kind":"AWSClusterStaticIdentity","provider":"aws",)"
            R"("credentials":["team-a/a","team-b/b"]})");
  const auto rest = list(R"({"limit":1,"continue":")" +
                         std::string(list(R"({"limit":1})")["continue"].str()) + "\"}");
  EXPECT_EQ(rest["identities"].size(), 1u);
  EXPECT_EQ(rest["identities"].at(0)["name"].str(), "id");
}

// Bug: the answer had whatever there was: 260 kB of 3,000 identities. Bug: and then it could not be
// continued.
TEST_F(IdentityList, WhatDoesNotFitIsCountedAndGoesOnExactlyThere) {
  for (int i = 0; i < 300; ++i)
    credential("c" + std::to_string(i), "id" + std::to_string(i / 2), i % 2 ? "A" : "B");
  for (const std::size_t max : {4096U, 32768U, 1048576U}) {
    std::vector<std::string> seen;
    std::string go_on;
    for (int page = 0; page < 300; ++page) {
      const auto cut =
          list(R"({"maxBytes":)" + std::to_string(max) + R"(,"continue":")" + go_on + "\"}");
      EXPECT_LE(sent, max);
      for (const base::json::Value each : cut["identities"].array())
        seen.push_back(std::string(each["name"].str()) + " " + std::string(each["kind"].str()));
      go_on = cut["continue"].str();
      EXPECT_EQ(cut["truncated"].bool_or(false), !go_on.empty());
      EXPECT_EQ(cut["remaining"].int_or(0), static_cast<std::int64_t>(300 - seen.size()));
      if (go_on.empty()) break;
    }
    EXPECT_EQ(seen.size(), 300u) << max;
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  }
}

TEST_F(IdentityList, OfOneThatManyCredentialsNameTheFirstAreNamed) {
  for (int i = 0; i < 130; ++i)
    credential("c" + std::to_string(i), "same");
  const auto all = list("{}");
  ASSERT_EQ(all["identities"].size(), 1u);
  EXPECT_EQ(all["identities"].at(0)["credentials"].size(), 101u);
  EXPECT_EQ(all["identities"].at(0)["credentials"].at(100).str(), "(30 more)");
}

TEST_F(IdentityList, MoreThanCanBeGroupedIsAnErrorThatSaysWhatToDo) {
  for (int i = 0; i < 2001; ++i)
    credential("c" + std::to_string(i), "id" + std::to_string(i));
  EXPECT_EQ(call(*tool, "{}").text,
            "error: list identities: there are more than 2000; give a namespace or a "
            "labelSelector");
}

}  // namespace
