// Callers that their client certificates name.
#include "auth/client_cert_authenticator.h"

#include <gtest/gtest.h>

#include "cluster/cluster.h"

namespace {

net::PeerIdentity alice() {
  net::PeerIdentity peer;
  peer.by = net::PeerIdentity::By::certificate;
  peer.id = "cert:alice/0123";
  peer.user = "alice";
  peer.groups = {"dev", "ops"};
  return peer;
}

mcp::Verdict verdict_of(const net::PeerIdentity* peer) {
  auth::ClientCertAuthenticator authenticator;
  auto verdict = authenticator.known_on(peer, "Bearer of another kind");
  EXPECT_TRUE(verdict.has_value()) << "there is nothing to ask";
  return *verdict;
}

TEST(ClientCertAuthenticator, TheCertificatesUserIsImpersonatedWithItsGroups) {
  const net::PeerIdentity peer = alice();
  const mcp::Verdict verdict = verdict_of(&peer);
  ASSERT_FALSE(verdict.refusal.has_value());
  EXPECT_EQ(verdict.caller.identity, "cert:alice/0123");
  EXPECT_EQ(verdict.caller.bearer, "");
  EXPECT_EQ(mcp::counted_owner(verdict.caller), "caller cert:alice/0123");
  const auto credentials = cluster::credentials_of(verdict.caller);
  EXPECT_EQ(credentials.kind(), kube::config::Credentials::Kind::impersonated);
  const std::string_view lines = credentials.lines();
  EXPECT_NE(lines.find("Impersonate-User: alice\n"), std::string_view::npos) << lines;
  EXPECT_NE(lines.find("Impersonate-Group: dev\n"), std::string_view::npos) << lines;
  EXPECT_NE(lines.find("Impersonate-Group: ops\n"), std::string_view::npos) << lines;
}

// Whatever an authority signs, its holder becomes no part of the system.
TEST(ClientCertAuthenticator, Rule43NobodyIsOfTheSystem) {
  for (const char* name : {"system:admin", "system:kube-controller-manager",
                           "system:serviceaccount:kube-system:default"}) {
    net::PeerIdentity peer = alice();
    peer.user = name;
    peer.groups.clear();
    const mcp::Verdict verdict = verdict_of(&peer);
    ASSERT_TRUE(verdict.refusal.has_value()) << name;
    EXPECT_EQ(verdict.refusal->status, 403);
  }
  net::PeerIdentity peer = alice();
  peer.groups = {"dev", "system:masters"};
  ASSERT_TRUE(verdict_of(&peer).refusal.has_value());
}

TEST(ClientCertAuthenticator, WithoutAUserThereIsNoCaller) {
  EXPECT_EQ(verdict_of(nullptr).refusal->status, 403);
  net::PeerIdentity process;
  process.id = "unix:0";
  EXPECT_EQ(verdict_of(&process).refusal->status, 403);
  net::PeerIdentity nameless = alice();
  nameless.user.clear();
  nameless.problem = "the client's certificate has no common name (CN)";
  EXPECT_EQ(verdict_of(&nameless).refusal->message, nameless.problem);
}

}  // namespace
