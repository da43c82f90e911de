// The whole server with AUTH_MODE=OAUTH: an issuer and the simulated API server in one loop.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/certs.h"
#include "support/fake_api.h"
#include "support/issuer_world.h"
#include "support/story_world.h"
#include "support/token_signer.h"

namespace test {

constexpr const char* kPublicUrl = "https://mcp.example/mcp";

struct OAuthWorld : StoryWorld {
  explicit OAuthWorld(bool start = true) {
    idp.answer = [this](const Seen& seen) {
      const std::string own = "https://127.0.0.1:" + std::to_string(idp.port());
      if (seen.target.starts_with("/.well-known/"))
        return FakeAnswer{.status = down ? 500 : 200,
                          .body = object({{"issuer", quote(own)},
                                          {"jwks_uri", quote(own + "/keys")},
                                          {"token_endpoint", quote(own + "/token")}})};
      if (seen.target == "/token") return exchange(seen);
      return FakeAnswer{.status = down ? 500 : 200, .body = keys};
    };
    settings.auth_mode = app::AuthMode::oauth;
    settings.oauth.public_url = kPublicUrl;
    auth::IssuerSettings one = *auth::token::parse_issuer_url(issuer());
    one.ca_file = dir.write("ca.pem", shared_certs().ca_pem);
    settings.oauth.issuers = {one};
    settings.oauth.service_accounts = true;
    if (start) begin();
  }
  void begin() {
    start_app(settings);
    settle();
    api.forget_seen();
  }

  std::string issuer() const { return "https://127.0.0.1:" + std::to_string(idp.port()); }
  std::int64_t now() { return loop.wall_now().ns / 1'000'000'000; }
  JsonMembers claims(std::string_view sub = "ann",
                     std::string_view scope = "k0rdent:read k0rdent:write", int lifetime = 600) {
    return {{"iss", quote(issuer())},
            {"aud", quote(kPublicUrl)},
            {"sub", quote(sub)},
            {"iat", std::to_string(now())},
            {"exp", std::to_string(now() + lifetime)},
            {"client_id", quote("inspector")},
            {"jti", quote("t-" + std::to_string(++tokens))},
            {"scope", quote(scope)},
            {"groups", R"(["dev"])"}};
  }
  static std::string sign(const JsonMembers& claims) {
    return ec_signer().token("ES256", R"({"alg":"ES256","typ":"at+jwt","kid":"ec"})",
                             object(claims));
  }
  std::string token(std::string_view sub = "ann",
                    std::string_view scope = "k0rdent:read k0rdent:write", int lifetime = 600) {
    return sign(claims(sub, scope, lifetime));
  }
  // A service account's token, which TokenReview knows.
  std::string account_token(std::string_view name, int lifetime = 600) {
    const std::string user = "system:serviceaccount:team-a:" + std::string(name);
    const std::string out = sign({{"iss", quote("https://kubernetes.default.svc")},
                                  {"aud", "[" + quote(kPublicUrl) + "]"},
                                  {"sub", quote(user)},
                                  {"jti", quote("sa-" + std::to_string(++tokens))},
                                  {"exp", std::to_string(now() + lifetime)}});
    api.reviewed()[out] = {
        {user,
         "uid-" + std::string(name),
         {"system:serviceaccounts", "system:serviceaccounts:team-a", "system:authenticated"},
         {},
         {{"authentication.kubernetes.io/credential-id", {"JTI=" + std::to_string(tokens)}}}},
        {kPublicUrl}};
    return out;
  }
  // The answer to a ping's worth of a request: tools/call of a list.
  std::unique_ptr<SimCall> post(std::string_view bearer, std::string body = "{}",
                                std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Accept", "application/json, text/event-stream");
    auto call = std::make_unique<SimCall>(*front, "POST", "/mcp", std::move(body), bearer,
                                          "application/json", std::move(headers));
    EXPECT_TRUE(run_until([&] { return call->done(); }));
    return call;
  }
  std::unique_ptr<SimCall> page(std::string path, std::string method = "GET",
                                std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto call = std::make_unique<SimCall>(*front, std::move(method), std::move(path), "", "", "",
                                          std::move(headers));
    EXPECT_TRUE(run_until([&] { return call->done(); }));
    return call;
  }
  bool listed(McpSession& session) {
    session.ask("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
    return session.result().present() && !session.result()["isError"].bool_or(false);
  }
  int open_watches() { return api.open_streams("/events"); }
  void emit(const std::string& name) { cluster.emit({.ns = "team-a", .name = name}); }
  // Who the API server took the requests for, without ours.
  std::set<std::string> users() {
    std::set<std::string> out;
    for (const auto& one : api.seen())
      if (one.user != "admin") out.insert(one.user);
    return out;
  }

  // What the issuer's token endpoint answers.
  std::function<FakeAnswer(const Seen&)> exchange = [](const Seen&) {
    return FakeAnswer{.status = 404};
  };
  bool down = false;
  int tokens = 0;
  std::string keys = jwks({ec_signer().jwk(R"("kid":"ec")")});
  std::unique_ptr<net::TlsContext> idp_tls = *net::TlsContext::server(
      {shared_certs().server_cert_pem, shared_certs().server_key_pem, "", false});
  FakeApi idp{loop, idp_tls.get()};
  app::Settings settings;
};

}  // namespace test
