// The gate at the client: it sees every request before it is sent, and what it refuses never leaves.
#include "kube/gate.h"

#include <gtest/gtest.h>

#include "kube/request_info.h"
#include "kube/write_call.h"
#include "support/fake_api.h"
#include "support/kube_world.h"

namespace {

using test::FakeAnswer;
using test::Seen;

class NoSecrets final : public kube::Gate {
 public:
  std::vector<std::string> seen;
  std::optional<kube::Failure> objection(const kube::ApiRequest& request) override {
    const auto info = kube::request_info(request.method, request.path, request.query, request.body);
    seen.push_back(info.verb + " " + info.resource + " by " +
                   request.credentials.origin().identity);
    if (info.resource != "secrets") return std::nullopt;
    return kube::policy_denied("rule 3 (no-secrets) refuses it");
  }
};

class KubeGate : public test::KubeWorld {
 protected:
  test::FakeApi api{loop};
  NoSecrets gate;
};

kube::ApiRequest request_of(const char* path) {
  kube::ApiRequest out;
  out.path = path;
  out.credentials = kube::config::Credentials::configured().from({"ann", "", ""});
  return out;
}

TEST_F(KubeGate, WhatItRefusesIsNotSent) {
  auto client = make(api.config());
  client->set_gate(&gate);
  test::Get get(*client);
  get.call.start(request_of("/api/v1/namespaces/a/secrets/b"));
  EXPECT_EQ(get.calls, 0) << "never inside start()";
  ASSERT_TRUE(finish(get));
  ASSERT_TRUE(get.out->failure);
  EXPECT_TRUE(kube::is_policy_denied(*get.out->failure));
  EXPECT_EQ(get.out->failure->status, 403);
  EXPECT_EQ(get.out->failure->code, base::Errc::forbidden);
  EXPECT_TRUE(get.out->failure->unsent);
  EXPECT_EQ(get.message(), "rule 3 (no-secrets) refuses it");
  EXPECT_TRUE(api.seen.empty());

  test::Get other(*client);
  other.call.start(request_of("/api/v1/namespaces/a/pods/b"));
  ASSERT_TRUE(finish(other));
  EXPECT_TRUE(other.ok());
  EXPECT_EQ(api.seen.size(), 1u);
  EXPECT_EQ(gate.seen, (std::vector<std::string>{"get secrets by ann", "get pods by ann"}));
}

TEST_F(KubeGate, TheApiServersOwn403IsNotPolicy) {
  api.answer = [](const Seen&) {
    return FakeAnswer{.status = 403, .body = test::status_json(403, "PolicyDenied", "no")};
  };
  auto client = make(api.config());
  test::Get get(*client);
  get.call.start(request_of("/api/v1/pods"));
  ASSERT_TRUE(finish(get));
  EXPECT_FALSE(kube::is_policy_denied(*get.out->failure));
}

class KubeGateWrite : public KubeGate {
 protected:
  void on_done(kube::WriteOutcome outcome) { out = std::move(outcome); }
  std::optional<kube::WriteOutcome> out;
  bool run(kube::Client& client, const char* plural) {
    kube::WriteCall call(loop, client, kube::WriteCall::Fn::bind<&KubeGateWrite::on_done>(this));
    kube::WriteSpec spec;
    spec.verb = kube::WriteSpec::Verb::remove;
    spec.resource = {"", "v1", plural, true};
    spec.ns = "a";
    spec.name = "b";
    out.reset();
    call.start(spec);
    return test::turn_until(loop, clock, [&] { return out.has_value(); });
  }
};

TEST_F(KubeGateWrite, ARefusedWriteFailsAndTellsTheApiServersAuditIdOtherwise) {
  api.answer = [](const Seen&) {
    return FakeAnswer{.body = R"({"kind":"Status","status":"Success"})",
                      .extra = "Audit-Id: 0d2c-77\r\n"};
  };
  auto client = make(api.config());
  client->set_gate(&gate);
  ASSERT_TRUE(run(*client, "secrets"));
  EXPECT_EQ(out->result, kube::WriteOutcome::Result::failed);
  EXPECT_TRUE(kube::is_policy_denied(*out->failure));
  EXPECT_EQ(out->audit_id, "");
  EXPECT_TRUE(api.seen.empty());
  ASSERT_TRUE(run(*client, "pods"));
  EXPECT_EQ(out->result, kube::WriteOutcome::Result::deleted);
  EXPECT_EQ(out->audit_id, "0d2c-77");
}

TEST(KubeCredentials, TheOriginIsNoPartOfEquality) {
  using kube::config::Credentials;
  const Credentials a = Credentials::bearer("t").from({"ann", "objects.get", "cli 1"});
  EXPECT_TRUE(a == Credentials::bearer("t"));
  EXPECT_EQ(a.origin().tool, "objects.get");
  EXPECT_FALSE(a == Credentials::bearer("u").from({"ann", "objects.get", "cli 1"}));
}

}  // namespace
