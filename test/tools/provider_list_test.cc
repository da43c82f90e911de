// k0rdent.mgmt.providers.list: the providers that this cluster has, not those that there could be.
#include "tools/provider_list.h"

#include <gtest/gtest.h>

#include "support/tools_world.h"

namespace {

struct ProviderList : test::ToolsWorld {
  void load(const std::string& yaml) { ASSERT_TRUE(api.store().load(yaml).has_value()); }
  void k0rdent() {
    load(
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Management\nmetadata: {name: kcm}\n"
        "status: {availableProviders: [infrastructure-aws, bootstrap-k0sproject-k0smotron,"
        " infrastructure-k0sproject-k0smotron, infrastructure-hetzner]}\n");
    load(
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ProviderInterface\n"
        "metadata: {name: a, labels: {cluster.x-k8s.io/provider: infrastructure-aws}}\n"
        "spec: {description: AWS of CAPA}\n---\n"
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ProviderInterface\n"
        "metadata: {name: o, labels: {cluster.x-k8s.io/provider: infrastructure-openstack}}\n"
        "spec: {}\n");
    for (const char* name : {"one", "two"}) {
      load("apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterTemplate\nmetadata: {name: " +
           std::string(name) + ", namespace: kcm-system}\n" +
           "status: {providers: [infrastructure-aws, control-plane-k0sproject-k0smotron]}\n");
    }
    load(
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterTemplate\n"
        "metadata: {name: adopted, namespace: kcm-system}\n"
        "status: {providers: [infrastructure-internal]}\n");
  }
  std::string list() { return call(*tool, "{}").text; }
  std::unique_ptr<mcp::Tool> tool = tools::make_providers_tool(*context);
};

TEST_F(ProviderList, AreThoseOfThisCluster) {
  k0rdent();
  EXPECT_EQ(list(),
            R"({"providers":[)"
            R"({"name":"adopted","title":"Existing clusters that k0rdent adopts","available":true,)"
            R"("clusterTemplates":1},)"
            R"({"name":"aws","title":"Amazon Web Services","description":"AWS of CAPA",)"
            R"("available":true,"clusterTemplates":2},)"
            R"({"name":"hetzner","title":"hetzner","available":true,"clusterTemplates":0},)"
            R"({"name":"openstack","title":"OpenStack","available":false,"clusterTemplates":0},)"
            R"({"name":"remote","title":"Remote machines over SSH","available":true,)"
            R"("clusterTemplates":0}]})");
}

// Bug: it was JSON, unlike that of all lists.
TEST_F(ProviderList, TheTextIsATable) {
  k0rdent();
  EXPECT_EQ(
      call(*tool, "{}").shown,
      "NAME        TITLE                                   AVAILABLE   TEMPLATES   DESCRIPTION\n"
      "adopted     Existing clusters that k0rdent adopts   true        1           \n"
      "aws         Amazon Web Services                     true        2           AWS of CAPA\n"
      "hetzner     hetzner                                 true        0           \n"
      "openstack   OpenStack                               false       0           \n"
      "remote      Remote machines over SSH                true        0           \n");
  deny("list", "managements");
  EXPECT_NE(call(*tool, "{}").shown.find("\n\nNote: Managements: "), std::string::npos);
}

// Bug: it took no maxBytes, and one long description made an answer of megabytes.
TEST_F(ProviderList, FitsIntoItsBytes) {
  k0rdent();
  std::string all;
  for (int i = 0; i < 40; ++i)
    all += (i > 0 ? ", infrastructure-" : "infrastructure-") + ("cloud" + std::to_string(i));
  load("apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Management\nmetadata: {name: kcm}\n" +
       ("status: {availableProviders: [" + all) + "]}\n");
  load(
      "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ProviderInterface\n"
      "metadata: {name: a, labels: {cluster.x-k8s.io/provider: infrastructure-aws}}\n"
      "spec: {description: AWS " +
      std::string(100'000, 'x') + "}\n");
  for (const std::size_t most : {4096U, 32768U}) {
    const test::TestReply reply = call(*tool, R"({"maxBytes":)" + std::to_string(most) + "}");
    const std::string& text = reply.text;
    std::string again;
    base::json::append_string(again, reply.shown);
    EXPECT_LE(text.size() + again.size(), most);
    EXPECT_GT(text.size() + again.size(), most / 8);
    EXPECT_NE(text.find(R"("description":"AWS x)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("truncated":true)"), std::string::npos) << text;
    EXPECT_EQ(text.find("provider left out") != std::string::npos ||
                  text.find("providers left out") != std::string::npos,
              most == 4096)
        << text;
  }
}

TEST_F(ProviderList, WhatMayNotBeListedIsANote) {
  k0rdent();
  deny("list", "managements");
  const std::string some = list();
  EXPECT_NE(some.find(R"("name":"aws")"), std::string::npos) << some;
  EXPECT_NE(some.find(R"("notes":[")"), std::string::npos) << some;
  EXPECT_NE(some.find("managements"), std::string::npos) << some;
  deny("list", "clustertemplates");
  deny("list", "providerinterfaces");
  EXPECT_TRUE(list().starts_with("error: ")) << list();
}

TEST_F(ProviderList, AClusterWithoutK0rdentSaysSo) {
  EXPECT_NE(list().find("does not serve"), std::string::npos) << list();
}

}  // namespace
