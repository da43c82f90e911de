// Who reads a status page, by what a request shows of itself.
#include "app/reader.h"

#include <gtest/gtest.h>

#include "auth/client_cert_authenticator.h"
#include "auth/kube_authenticator.h"

namespace {

using fanout::Audience;

// Callers have identities of their own; one token was accepted.
class Known final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view> authorization) override {
    mcp::Verdict v;
    if (!authorization) {
      v.refusal = mcp::Refusal{401, "Bearer", "a bearer token is required"};
      return v;
    }
    if (*authorization != "Bearer good") return std::nullopt;
    v.caller.identity = "ann";
    return v;
  }
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override {
    return nullptr;
  }
  bool expires() const override { return true; }
};

struct Reader : testing::Test {
  Reader() {
    request.peer = "127.0.0.1:4711";
    request.headers.add("Host", "127.0.0.1:6767");
  }
  fanout::Reader read(mcp::Authenticator& auth) {
    return app::reader_of(request, {hosts, auth.expires(), local}, {&auth});
  }
  Audience audience() { return read(known).audience; }
  void come_as(std::string_view peer, std::string_view host) {
    request.headers.clear();
    request.peer = peer;
    if (!host.empty()) request.headers.add("Host", host);
  }
  std::vector<std::string> hosts = {"mcp.example"};
  bool local = true;
  http::Request request;
  Known known;
  auth::OwnIdentity own;
};

TEST_F(Reader, OnThisMachineByANameOfItsOwnIsNoStranger) {
  EXPECT_EQ(audience(), Audience::local);
  EXPECT_EQ(read(own).audience, Audience::owner);
  for (const char* host : {"localhost:6767", "[::1]:6767", "mcp.example", "MCP.example:443"}) {
    come_as("[::1]:4711", host);
    EXPECT_EQ(audience(), Audience::local) << host;
  }
}

TEST_F(Reader, AnotherNameAnotherMachineOrAProxyIsAStranger) {
  come_as("127.0.0.1:4711", "evil.example");
  EXPECT_EQ(audience(), Audience::stranger) << "a browser was led here by DNS";
  EXPECT_EQ(read(own).audience, Audience::stranger);
  come_as("127.0.0.1:4711", "");
  EXPECT_EQ(audience(), Audience::stranger);
  for (const char* peer : {"192.0.2.1:4711", "[2001:db8::1]:4711", "", "stdio"}) {
    come_as(peer, "127.0.0.1:6767");
    EXPECT_EQ(audience(), Audience::stranger) << peer;
  }
  for (const char* header : {"X-Forwarded-For", "forwarded", "X-Real-IP", "Via", "Origin"}) {
    come_as("127.0.0.1:4711", "127.0.0.1:6767");
    request.headers.add(header, "127.0.0.1");
    EXPECT_EQ(audience(), Audience::stranger) << header;
  }
  come_as("127.0.0.1:4711", "127.0.0.1:6767");
  request.headers.add("Host", "127.0.0.1:6767");
  EXPECT_EQ(audience(), Audience::stranger) << "two hosts";
}

// A proxy on this machine may say nothing of the client behind it.
TEST_F(Reader, IsNotLocalWhereTheRuleSaysNo) {
  local = false;
  EXPECT_EQ(audience(), Audience::stranger);
  EXPECT_EQ(read(own).audience, Audience::stranger);
  net::PeerIdentity process;
  request.identity = &process;
  EXPECT_EQ(read(own).audience, Audience::stranger);
  request.identity = nullptr;
  request.headers.add("Authorization", "Bearer good");
  EXPECT_EQ(audience(), Audience::caller);
}

TEST_F(Reader, ATokenOfAnyListenerCountsWhereSeveralAreNamed) {
  come_as("192.0.2.1:4711", "pod.example");
  request.headers.add("Authorization", "Bearer good");
  auth::ClientCertAuthenticator other;
  EXPECT_EQ(app::reader_of(request, {hosts, true, true}, {&other, &known}).audience,
            Audience::caller);
  EXPECT_EQ(app::reader_of(request, {hosts, true, true}, {&other}).audience, Audience::stranger);
}

TEST_F(Reader, AnAcceptedTokenIsItsOwner) {
  come_as("192.0.2.1:4711", "pod.example");
  request.headers.add("Authorization", "Bearer good");
  EXPECT_EQ(audience(), Audience::caller);
  EXPECT_EQ(read(known).identity, "ann");
  EXPECT_EQ(read(own).audience, Audience::stranger) << "where tokens mean nothing";
  request.headers.add("Authorization", "Bearer good");
  EXPECT_EQ(audience(), Audience::stranger) << "two of them";
  come_as("192.0.2.1:4711", "pod.example");
  request.headers.add("Authorization", "Bearer made-up");
  EXPECT_EQ(audience(), Audience::stranger);
}

}  // namespace
