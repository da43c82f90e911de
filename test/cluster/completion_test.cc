// completion/complete of the resource templates' variables, on the simulated API server.
#include <gtest/gtest.h>

#include "support/tools_world.h"
#include "tools/register.h"

namespace {

using Names = std::vector<std::string>;

class TestCompletion final : public test::TestContext<mcp::CompletionReply> {
 public:
  using TestContext::TestContext;
  void succeed(std::vector<std::string> found, std::optional<std::uint64_t> of) override {
    ++ends;
    values = std::move(found);
    total = of;
  }
  void fail(mcp::RpcError error) override {
    ++ends;
    values = {"error: " + std::to_string(static_cast<int>(error.code)) + " " + error.message};
  }
  Names values;
  std::optional<std::uint64_t> total;
  int ends = 0;
};

struct Completion : test::ToolsWorld {
  Completion() {
    for (const char* name : {"team-b", "Odd", "other"})
      cluster.add_namespace(name);
    cluster.set_pod({.ns = "team-a", .name = "web"});
    cluster.set_pod({.ns = "team-a", .name = "two", .containers = {"app", "side"}});
    tools::register_all(registry, *context, managers, catalog);
  }
  ~Completion() override {
    managers.for_each([](fanout::Manager& manager) { manager.stop(); });
    loop.run_once();
  }
  Names complete(std::string_view uri_template, std::string_view argument, std::string_view value,
                 std::vector<std::pair<std::string_view, std::string_view>> chosen = {}) {
    TestCompletion reply(self());
    mcp::ResourceFamily* family = registry.find_template(uri_template);
    EXPECT_TRUE(family && family->completes()) << uri_template;
    const auto run = family->complete({argument, value, std::move(chosen)}, reply);
    EXPECT_TRUE(run_until([&] { return reply.ends > 0; }));
    EXPECT_EQ(reply.ends, 1);
    total = reply.total;
    return reply.values;
  }
  Names in_pod(std::string_view value, std::string_view ns, std::string_view pod) {
    return complete(kLogs, "container", value, {{"namespace", ns}, {"pod", pod}});
  }

  static constexpr std::string_view kEvents = "k0rdent://events/{namespace}";
  static constexpr std::string_view kLogs = "k0rdent://podlogs/{namespace}/{pod}/{container}";
  static constexpr std::string_view kGraph = "k0rdent://graph{?namespace,kinds}";
  tools::Managers managers{managed()};
  mcp::Registry registry;
  std::optional<std::uint64_t> total;
};

TEST_F(Completion, NamespacesAreThoseThatBeginSo) {
  EXPECT_EQ(complete(kEvents, "namespace", "team-"), (Names{"team-a", "team-b"}));
  EXPECT_EQ(total, 2u);
  EXPECT_EQ(complete(kEvents, "namespace", "TEAM-B"), (Names{"team-b"}));
  EXPECT_EQ(complete(kLogs, "namespace", "o"), (Names{"Odd", "other"}));
  EXPECT_EQ(complete(kEvents, "namespace", "eam"), Names{});
  const Names all = complete(kEvents, "namespace", "");
  EXPECT_GT(all.size(), 4u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(Completion, NoNamespaceBeyondTheOperatorsFilterIsShown) {
  filter = *cluster::NamespaceFilter::parse("team-b");
  EXPECT_EQ(complete(kEvents, "namespace", ""), (Names{"team-b"}));
  EXPECT_EQ(complete(kLogs, "pod", "", {{"namespace", "team-a"}}), Names{});
  EXPECT_EQ(in_pod("", "team-a", "two"), Names{});
  EXPECT_EQ(api.count("list", "/pods") + api.count("get", "/pods/two"), 0);
}

TEST_F(Completion, PodsAreThoseOfTheNamespaceThatWasChosen) {
  const Names pods = complete(kLogs, "pod", "", {{"namespace", "team-a"}});
  EXPECT_EQ(std::count(pods.begin(), pods.end(), "web"), 1);
  EXPECT_EQ(complete(kLogs, "pod", "tw", {{"namespace", "team-a"}}), (Names{"two"}));
  EXPECT_EQ(complete(kLogs, "pod", "", {{"namespace", "team-b"}}), Names{});
  EXPECT_EQ(complete(kLogs, "pod", ""), Names{}) << "of which namespace?";
}

TEST_F(Completion, ContainersComeInThePodsOrder) {
  EXPECT_EQ(in_pod("", "team-a", "two").front(), "app");
  EXPECT_EQ(in_pod("s", "team-a", "two"), (Names{"side"}));
  EXPECT_EQ(in_pod("", "team-a", "nobody"), Names{});
  EXPECT_EQ(complete(kLogs, "container", "", {{"namespace", "team-a"}}), Names{});
}

TEST_F(Completion, OfAListTheLastOneIsCompleted) {
  EXPECT_EQ(complete(kGraph, "namespace", "other,team-"), (Names{"other,team-a", "other,team-b"}));
  EXPECT_EQ(complete(kGraph, "kinds", "Secret,clusterdep"), (Names{"Secret,ClusterDeployment"}));
  EXPECT_GT(complete(kGraph, "kinds", "").size(), 10u);
}

TEST_F(Completion, WhatMayNotBeSeenIsNotSuggested) {
  deny("list", "namespaces");
  deny("list", "pods");
  deny("get", "pods");
  EXPECT_EQ(complete(kEvents, "namespace", ""), Names{});
  EXPECT_EQ(complete(kLogs, "pod", "", {{"namespace", "team-a"}}), Names{});
  EXPECT_EQ(in_pod("", "team-a", "two"), Names{});
}

TEST_F(Completion, WhatIsWrongIsSaid) {
  EXPECT_EQ(complete(kEvents, "pod", ""),
            (Names{"error: -32602 the template has no variable 'pod' (variables: namespace)"}));
  EXPECT_EQ(complete(kLogs, "kinds", ""),
            (Names{"error: -32602 the template has no variable 'kinds' (variables: namespace, "
                   "pod, container)"}));
  EXPECT_TRUE(in_pod("", "team-a", "../x").front().starts_with("error: -32602"));
  EXPECT_TRUE(
      complete(kLogs, "pod", "", {{"namespace", "a/b"}}).front().starts_with("error: -32602"));
  answer("list", "/namespaces", sim::Status{.code = 400, .reason = "BadRequest", .message = "no"});
  const Names failed = complete(kEvents, "namespace", "");
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_TRUE(failed[0].starts_with("error: -32")) << failed[0];
  EXPECT_TRUE(failed[0].find("list namespaces") != std::string::npos) << failed[0];
}

TEST_F(Completion, ACallThatIsGivenUpTakesItsRequestAlong) {
  TestCompletion reply(self());
  auto run = registry.find_template(kEvents)->complete({"namespace", "", {}}, reply);
  EXPECT_NE(run, nullptr);
  run.reset();
  settle();
  EXPECT_EQ(reply.ends, 0);
}

// ---- k0rdent://objects/…

constexpr std::string_view kObject =
    "k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}";
constexpr std::string_view kObjects = "k0rdent://objects/{group}/{version}/{resource}/{namespace}";

TEST_F(Completion, KindsAreThoseThatTheClusterServes) {
  EXPECT_EQ(complete(kObject, "group", "cor"), (Names{"core"}));
  EXPECT_EQ(complete(kObjects, "group", "events."), (Names{"events.k8s.io"}));
  EXPECT_EQ(complete(kObject, "version", "", {{"group", "core"}}), (Names{"v1"}));
  EXPECT_EQ(complete(kObject, "version", "", {{"group", "nothing.io"}}), Names{});
  EXPECT_EQ(complete(kObject, "resource", "config", {{"group", "core"}, {"version", "v1"}}),
            (Names{"configmaps"}));
  EXPECT_EQ(complete(kObject, "resource", "pod", {{"group", "events.k8s.io"}}), Names{});
}

TEST_F(Completion, ObjectsAreThoseOfTheKindAndNamespaceThatWereChosen) {
  using Chosen = std::vector<std::pair<std::string_view, std::string_view>>;
  const Chosen pods = {{"group", "core"}, {"version", "v1"}, {"resource", "pods"}};
  const Chosen namespaces = {{"group", "core"}, {"version", "v1"}, {"resource", "namespaces"}};
  EXPECT_EQ(complete(kObject, "namespace", "team-", pods), (Names{"team-a", "team-b"}));
  EXPECT_EQ(complete(kObjects, "namespace", "", namespaces), (Names{"-"}));
  const auto in = [](Chosen chosen, std::string_view ns) {
    chosen.emplace_back("namespace", ns);
    return chosen;
  };
  EXPECT_EQ(complete(kObject, "name", "tw", in(pods, "team-a")), (Names{"two"}));
  EXPECT_EQ(complete(kObject, "name", "tw", in(pods, "team-b")), Names{});
  EXPECT_EQ(complete(kObject, "name", "tw", pods), Names{}) << "of which namespace?";
  EXPECT_EQ(complete(kObject, "name", "tw", in({{"group", "core"}}, "team-a")), Names{});
  EXPECT_EQ(complete(kObject, "name", "team-a", in(namespaces, "-")), (Names{"team-a"}));
  filter = *cluster::NamespaceFilter::parse("team-b");
  EXPECT_EQ(complete(kObject, "name", "", in(pods, "team-a")), Names{});
  EXPECT_TRUE(complete(kObjects, "name", "x").front().starts_with("error: -32602"));
  EXPECT_TRUE(complete(kObject, "kind", "x").front().starts_with("error: -32602"));
}

}  // namespace
