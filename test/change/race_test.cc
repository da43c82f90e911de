// Two clients that write at once: nothing of either is lost.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "deploy/tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;
using test::TestReply;

struct Race : ChangeWorld {
  Race() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(deploy::make_write_tools(change));
  }
  struct Client {
    TestReply reply{mcp::Caller{"self", {}}};
    std::unique_ptr<mcp::ToolRun> run;
  };
  // Sets values of one service of aws-prod.
  void start(Client& client, const std::string& service, int value) {
    mcp::Tool& tool = *tools.at("k0rdent.mgmt.clusterDeployments.services.apply");
    base::json::Document doc;
    client.reply.text.clear();
    client.run = tool.begin(
        *doc.parse(R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":)"
                   R"("cert-manager-v1-18-2","serviceNamespace":"x","serviceName":")" +
                   service + R"(","values":{"count":)" + std::to_string(value) + "}}"),
        client.reply);
  }
  std::string values(const std::string& service) {
    base::json::Document doc;
    const auto object = doc.parse(stored(
        view("k0rdent.mirantis.com", "v1beta1", "clusterdeployments"), "kcm-system/aws-prod"));
    for (const base::json::Value each : (*object)["spec"]["serviceSpec"]["services"].array())
      if (each["name"].str() == service) return std::string(each["values"].str());
    return "no service";
  }
};

TEST_F(Race, Row19OfAThousandRoundsNothingIsLost) {
  constexpr int kRounds = 1000;
  int lost = 0;
  Client a, b;
  for (int i = 1; i <= kRounds; ++i) {
    start(a, "a", i);
    start(b, "b", i);
    ASSERT_TRUE(run_until([&] { return !a.reply.text.empty() && !b.reply.text.empty(); }));
    ASSERT_FALSE(a.reply.text.starts_with("error")) << a.reply.text;
    ASSERT_FALSE(b.reply.text.starts_with("error")) << b.reply.text;
    const std::string wanted = "count: " + std::to_string(i) + "\n";
    lost += values("a") == wanted && values("b") == wanted ? 0 : 1;
    a.run.reset();
    b.run.reset();
  }
  EXPECT_EQ(lost, 0);
}

// The second was told "already exists", as if it were another cluster's name.
TEST_F(Race, OfTwoDeploymentsAtOnceOneIsMadeAndTheOtherFindsIt) {
  const std::string call =
      R"({"name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":)"
      R"({"region":"r","controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}}})";
  const std::string name = "k0rdent.mgmt.clusterDeployments.deploy";
  const std::string token(ask(name, call)["confirm"].str());
  Client clients[3];
  base::json::Document doc;
  for (Client& each : clients) {
    each.reply.text.clear();
    each.run = tools.at(name)->begin(*doc.parse(with_token(call, token)), each.reply);
  }
  int created = 0;
  for (Client& each : clients) {
    ASSERT_TRUE(run_until([&] { return !each.reply.text.empty(); }));
    EXPECT_FALSE(each.reply.text.starts_with("error")) << each.reply.text;
    created += each.reply.text.find(R"("status":"created")") != std::string::npos;
  }
  EXPECT_EQ(created, 1);
}

}  // namespace
