// The policy at the client: what is asked of it is what the API server would execute, and refused writes
// are in the audit log.
#include "cluster/policy_gate.h"

#include <gtest/gtest.h>

#include "audit/log.h"
#include "kube/api_call.h"
#include "kube/write_call.h"
#include "kube/write_request.h"
#include "loop/clock.h"
#include "support/fake_api.h"
#include "support/kube_world.h"
#include "support/temp_dir.h"

namespace {

using cluster::PolicyGate;
using policy::Mode;
using policy::Policy;

kube::ApiRequest request(std::string method, std::string path, std::string body = {}) {
  kube::ApiRequest out;
  out.method = std::move(method);
  out.path = std::move(path);
  out.body = std::move(body);
  out.credentials =
      kube::config::Credentials::configured().from({"ann/12", "objects.patch", "cli 1.0"});
  return out;
}

std::string refusal(PolicyGate& gate, const kube::ApiRequest& request) {
  const auto failure = gate.objection(request);
  EXPECT_EQ(gate.decide(request).allowed, !failure);
  EXPECT_TRUE(!failure || kube::is_policy_denied(*failure));
  return failure ? failure->message : "";
}

TEST(PolicyGate, LetsTheServersOwnReadingThroughInAnyMode) {
  PolicyGate gate(Policy(Mode{.read_only = true}), "mgmt");
  for (const char* path : {"/version", "/api", "/apis", "/apis/apps/v1", "/api/v1/namespaces",
                           "/openapi/v3", "/readyz"}) {
    EXPECT_EQ(refusal(gate, request("GET", path)), "") << path;
  }
  EXPECT_EQ(
      refusal(gate, request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}")),
      "");
  EXPECT_EQ(gate.stats().refused_writes, 0u);
}

// Every write that kube::WriteCall can make, and every method besides.
TEST(PolicyGate, RefusesEachKindOfWriteWithoutAllowWrites) {
  PolicyGate gate(Policy(Mode{}), "mgmt");
  using Verb = kube::WriteSpec::Verb;
  for (const Verb verb : {Verb::apply, Verb::create, Verb::merge_patch, Verb::remove}) {
    for (const bool dry : {false, true}) {
      kube::WriteSpec spec;
      spec.verb = verb;
      spec.resource = {"", "v1", "configmaps", true};
      spec.ns = "prod";
      spec.name = "a";
      if (verb != Verb::remove)
        spec.body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}})";
      if (verb == Verb::apply) spec.field_manager = "m";
      spec.dry_run = dry;
      const auto made = kube::write_request(spec);
      ASSERT_TRUE(made) << made.error().what();
      EXPECT_NE(refusal(gate, *made).find("start the server with --allow-writes"),
                std::string::npos);
    }
  }
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "TRACE", "get"}) {
    EXPECT_NE(refusal(gate, request(method, "/api/v1/namespaces/prod/configmaps/a", "{}")), "")
        << method;
    EXPECT_NE(refusal(gate, request(method, "/somewhere", "{}")) == "",
              std::string_view(method) != "get")
        << method;
  }
}

TEST(PolicyGate, NoSpellingOfAPathGoesRoundIt) {
  PolicyGate gate(Policy(Mode{.allow_writes = true}), "mgmt");
  EXPECT_EQ(refusal(gate, request("PATCH", "/api/v1/namespaces/prod/configmaps/a", "{}")), "");
  for (const char* path :
       {"/api/v1/namespaces/prod/secrets/a", "/api/v1/namespaces/prod/%73ecrets/a",
        "/api/v1/namespaces/prod/configmaps/../secrets/a", "/api/v1/namespaces/prod//secrets/a",
        "/api/v1/namespaces/prod/configmaps%2F..%2Fsecrets/a",
        "/api/v1/namespaces/prod/secrets/a?x=/b", "/api/v1/namespaces/prod/pods/a/status",
        "/api/v1/namespaces/kube-system/configmaps/a",
        "/api/v1/namespaces/kube%2Dsystem/configmaps/a", "/api/v1/namespaces/kube-system",
        "/api/v1/namespaces/prod/finalize", "//api/v1/namespaces/prod/configmaps/a"}) {
    EXPECT_NE(refusal(gate, request("PATCH", path, "{}")), "") << path;
  }
}

TEST(PolicyGate, ReadsTheNameOfACreatedObjectFromItsBody) {
  auto policy = Policy::parse(Mode{.allow_writes = true}, R"(
rules:
  - {effect: deny, names: [prod-*]}
  - {effect: allow}
)");
  ASSERT_TRUE(policy);
  PolicyGate gate(*std::move(policy), "mgmt");
  const auto create = [](const char* metadata, const char* plural = "namespaces/a/configmaps") {
    return request("POST", std::string("/api/v1/") + plural,
                   std::string(R"({"metadata":{)") + metadata + "}}");
  };
  EXPECT_EQ(refusal(gate, create(R"("name":"dev-1")")), "");
  EXPECT_NE(refusal(gate, create(R"("name":"prod-1")")), "");
  EXPECT_NE(refusal(gate, create(R"("generateName":"prod-")")), "");
  EXPECT_NE(refusal(gate, create(R"("name":"kube-system")", "namespaces")), "")
      << "a system namespace";
}

TEST(PolicyGate, SeesWhatAPodOwnsOfItsNode) {
  PolicyGate gate(Policy(Mode{.allow_writes = true}), "mgmt");
  const char* path = "/apis/apps/v1/namespaces/prod/deployments/a";
  EXPECT_EQ(refusal(gate, request("PATCH", path, R"({"spec":{"template":{"spec":{}}}})")), "");
  EXPECT_EQ(
      refusal(gate,
              request("PATCH", path, R"({"spec":{"template":{"spec":{"hostNetwork":true}}}})")),
      "policy refuses patch of deployments.apps prod/a: it gives the node to the pod (hostNetwork), "
      "which only a rule with podSecurity: privileged allows [built-in]");
  EXPECT_NE(refusal(gate, request("PATCH", path, R"([{"op":"add"}])")), "");
}

TEST(PolicyGate, RulesSpeakOfToolsAndIdentities) {
  auto policy = Policy::parse(Mode{.allow_writes = true}, R"(
rules:
  - {effect: allow, tools: [objects.patch], identities: [ann], clusters: [mgmt]}
)");
  ASSERT_TRUE(policy);
  PolicyGate gate(*std::move(policy), "mgmt");
  kube::ApiRequest r = request("PATCH", "/api/v1/namespaces/prod/configmaps/a", "{}");
  EXPECT_EQ(refusal(gate, r), "");
  EXPECT_EQ(gate.decide(r).rule, "rule 1, line 3");
  r.credentials = kube::config::Credentials::configured().from({"bob/12", "objects.patch", ""});
  EXPECT_NE(refusal(gate, r), "");
  r.credentials = kube::config::Credentials::configured().from({"ann/12", "objects.apply", ""});
  EXPECT_NE(refusal(gate, r), "");
}

TEST(PolicyGate, ARefusedWriteIsInTheAuditLogAndARefusedReadIsNot) {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  test::TempDir dir;
  auto log = audit::Log::open(loop, dir.path("audit.log"), "");
  ASSERT_TRUE(log);
  auto policy = Policy::parse(Mode{}, "rules: [{effect: deny, verbs: [read], kinds: [secrets]}]");
  ASSERT_TRUE(policy);
  PolicyGate gate(*std::move(policy), "mgmt");
  gate.set_audit(log->get());
  EXPECT_NE(refusal(gate, request("GET", "/api/v1/namespaces/prod/secrets/tls")), "");
  const std::string before = dir.read("audit.log");
  EXPECT_EQ(before.find("secrets"), std::string::npos);
  kube::ApiRequest r = request("DELETE", "/api/v1/namespaces/prod/secrets/tls",
                               R"({"kind":"DeleteOptions","dryRun":["All"]})");
  EXPECT_NE(refusal(gate, r), "");
  const std::string line = dir.read("audit.log").substr(before.size());
  for (const char* part :
       {R"("stage":"refused")", R"("caller":"ann/12")", R"("client":"cli 1.0")",
        R"("tool":"objects.patch")", R"("verb":"delete")", R"("resource":"secrets")",
        R"("namespace":"prod")", R"("name":"tls")", R"("cluster":"mgmt")",
        R"("decision":"refused")", R"("rule":"no --allow-writes")", R"("dry_run":true)"}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
  }
  EXPECT_EQ(gate.stats().refused_reads, 1u);
  EXPECT_EQ(gate.stats().refused_writes, 1u);
}

// Whatever a tool tries: without --allow-writes nothing of a write reaches the API server, and each is recorded.
class PolicyGateAtTheClient : public test::KubeWorld {
 public:
  void on_done(kube::WriteOutcome outcome) { out = std::move(outcome); }
  std::optional<kube::WriteOutcome> out;
};

TEST_F(PolicyGateAtTheClient, NothingOfARefusedWriteIsSent) {
  test::FakeApi api(loop);
  test::TempDir dir;
  auto log = audit::Log::open(loop, dir.path("audit.log"), "");
  ASSERT_TRUE(log);
  PolicyGate gate(Policy(Mode{}), "mgmt");
  gate.set_audit(log->get());
  auto client = make(api.config());
  client->set_gate(&gate);
  using Verb = kube::WriteSpec::Verb;
  std::uint64_t tried = 0;
  for (const char* plural : {"configmaps", "secrets", "pods"}) {
    for (const Verb verb : {Verb::apply, Verb::create, Verb::merge_patch, Verb::remove}) {
      for (const bool dry : {false, true}) {
        kube::WriteSpec spec;
        spec.verb = verb;
        spec.resource = {"", "v1", plural, true};
        spec.ns = "prod";
        spec.name = "a";
        if (verb != Verb::remove)
          spec.body = R"({"apiVersion":"v1","kind":"Any","metadata":{"name":"a"}})";
        if (verb == Verb::apply) spec.field_manager = "m";
        spec.dry_run = dry;
        out.reset();
        kube::WriteCall call(loop, *client,
                             kube::WriteCall::Fn::bind<&PolicyGateAtTheClient::on_done>(this));
        call.start(spec);
        ASSERT_TRUE(test::turn_until(loop, clock, [&] { return out.has_value(); }));
        EXPECT_EQ(out->result, kube::WriteOutcome::Result::failed);
        EXPECT_TRUE(kube::is_policy_denied(*out->failure)) << out->failure->message;
        ++tried;
      }
    }
  }
  EXPECT_TRUE(api.seen.empty());
  EXPECT_EQ(gate.stats().refused_writes, tried);
  EXPECT_EQ((*log)->stats().written, tried + 1) << "and the line that it was opened";
}

}  // namespace
