// Writing tools under the operator's policy and audit log: whatever a tool tries, the gate at the client decides.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "audit/log.h"
#include "audit/verify.h"
#include "base/text.h"
#include "cluster/policy_gate.h"
#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

struct PolicyWrites : ChangeWorld {
  PolicyWrites() {
    add(objects::make_write_tools(change));
    put("", "v1", "namespaces", R"({"metadata":{"name":"team-a"}})");
    put("", "v1", "configmaps",
        R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"1","b":"2"}})");
    auto opened = audit::Log::open(loop, dir.path("audit.log"), "");
    EXPECT_TRUE(opened);
    audit_log = *std::move(opened);
    context->audit = audit_log.get();
  }
  ~PolicyWrites() override { client->set_gate(nullptr); }

  void use(policy::Policy policy) {
    gate = std::make_unique<cluster::PolicyGate>(std::move(policy), context->name);
    gate->set_audit(audit_log.get());
    client->set_gate(gate.get());
    context->policy = gate.get();
  }
  void use(std::string_view rules) {
    auto policy = policy::Policy::parse({.allow_writes = true}, rules);
    ASSERT_TRUE(policy) << policy.error().what();
    use(*std::move(policy));
  }
  Answer ask(std::string_view action, const std::string& arguments) {
    mcp::Caller caller = self();
    caller.tool = "k0rdent.mgmt.objects." + std::string(action);
    caller.client = "agent 1.0";
    return ChangeWorld::ask(caller.tool, arguments, caller);
  }
  // The audit log's lines after the first, which says that it was opened.
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    const std::string text = dir.read("audit.log");
    for (const std::string_view each : base::split(text, '\n'))
      if (!each.empty()) out.emplace_back(each);
    out.erase(out.begin());
    return out;
  }

  std::unique_ptr<audit::Log> audit_log;
  std::unique_ptr<cluster::PolicyGate> gate;
};

constexpr std::string_view kTries[][2] = {
    {"apply",
     R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n","namespace":"team-a"},"data":{"k":"v"}}})"},
    {"patch", R"({"kind":"configmap","name":"m","namespace":"team-a","patch":{"data":{"a":"9"}}})"},
    {"annotate", R"({"kind":"configmap","name":"m","namespace":"team-a","annotations":{"x":"y"}})"},
    {"label", R"({"kind":"configmap","name":"m","namespace":"team-a","labels":{"x":"y"}})"},
    {"delete", R"({"kind":"configmap","name":"m","namespace":"team-a"})"},
};

TEST_F(PolicyWrites, WithoutAllowWritesNoToolWritesAndEachTryIsRecorded) {
  use(policy::Policy(policy::Mode{}));
  const std::string before = now_version();
  std::size_t recorded = 0;
  for (const auto& [action, arguments] : kTries) {
    const Answer answer = ask(action, std::string(arguments));
    EXPECT_NE(answer.reply.text.find("start the server with --allow-writes"), std::string::npos)
        << action << ": " << answer.reply.text;
    const auto all = lines();
    ASSERT_GT(all.size(), recorded) << action;
    for (; recorded < all.size(); ++recorded) {
      EXPECT_NE(all[recorded].find(R"("stage":"refused")"), std::string::npos) << all[recorded];
      EXPECT_NE(all[recorded].find(std::string(action)), std::string::npos) << "names the tool";
    }
  }
  EXPECT_EQ(now_version(), before) << "the whole store is as it was";
}

TEST_F(PolicyWrites, AnAllowedWriteHasTwoLinesOfOneRequestAndTheRule) {
  use("rules: [{name: maps, effect: allow, verbs: [patch], kinds: [configmaps]}]");
  const Answer made = ask(kTries[1][0].data(), std::string(kTries[1][1]));
  EXPECT_EQ(made["status"].str(), "updated") << made.reply.text;
  const auto all = lines();
  ASSERT_EQ(all.size(), 2u) << "a dry run leaves none";
  base::json::Document first, second;
  const auto request = first.parse(all[0]), result = second.parse(all[1]);
  EXPECT_EQ((*request)["stage"].str(), "request");
  EXPECT_EQ((*result)["stage"].str(), "result");
  EXPECT_EQ((*result)["result"].str(), "changed");
  for (const auto& each : {request, result}) {
    EXPECT_EQ((*each)["decision"].str(), "allowed");
    EXPECT_EQ((*each)["rule"].str(), "rule 1 (maps), line 1");
    EXPECT_EQ((*each)["tool"].str(), "k0rdent.mgmt.objects.patch");
    EXPECT_EQ((*each)["client"].str(), "agent 1.0");
    EXPECT_EQ((*each)["field_manager"].str(), "mcp.clusters");
  }
  EXPECT_FALSE((*request)["request"].str().empty());
  EXPECT_EQ((*request)["request"].str(), (*result)["request"].str());
  audit::Verifier v("");
  ASSERT_TRUE(v.file(dir.path("audit.log")));
  v.end();
  EXPECT_EQ(v.problem(), "");
}

TEST_F(PolicyWrites, ADenyRuleRefusesTheToolThatItNames) {
  use("rules: [{effect: deny, tools: ['*.label']}, {effect: allow}]");
  const std::string before = now_version();
  EXPECT_NE(ask("label", std::string(kTries[3][1])).reply.text.find("rule 1, line 1"),
            std::string::npos);
  EXPECT_EQ(now_version(), before);
  EXPECT_EQ(ask("annotate", std::string(kTries[2][1]))["status"].str(), "updated");
}

}  // namespace
