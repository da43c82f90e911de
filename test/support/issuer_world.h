// Issuers before a simulated issuer of access tokens: HTTPS on loopback, in the test's loop, on the
// virtual clock; tokens are made by hand.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auth/issuers.h"
#include "base/log.h"
#include "support/certs.h"
#include "support/fake_api.h"
#include "support/net_support.h"
#include "support/temp_dir.h"
#include "support/token_signer.h"

namespace test {

// Members of a JSON object, each value as JSON text.
using JsonMembers = std::map<std::string, std::string>;
inline std::string object(const JsonMembers& members) {
  std::string out = "{";
  for (const auto& [key, value] : members)
    out.append(out.size() > 1 ? ",\"" : "\"").append(key).append("\":").append(value);
  return out + "}";
}
inline std::string quote(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// The outcome of one verify().
struct IssuerAnswer {
  std::optional<auth::Issuers::Outcome> outcome;
  std::unique_ptr<auth::Issuers::Pending> pending;
  void on_outcome(auth::Issuers::Outcome o) {
    EXPECT_FALSE(outcome) << "told twice";
    outcome = std::move(o);
  }
};

class IssuerWorld : public testing::Test {
 protected:
  using Said = auth::Issuers::Outcome::Said;
  static constexpr const char* kAudience = "https://mcp.example/mcp";
  static constexpr const char* kMetadata = "/.well-known/openid-configuration";
  static constexpr const char* kOtherMetadata = "/.well-known/oauth-authorization-server";

  IssuerWorld() {
    base::log::capture(&log);
    idp.answer = [this](const Seen& seen) {
      const auto at = answers.find(seen.target);
      return at == answers.end() ? FakeAnswer{.status = 404, .body = "none"} : at->second;
    };
    publish(
        jwks({rsa_signer().jwk(R"("kid":"rsa","use":"sig")"), ec_signer().jwk(R"("kid":"ec")")}));
  }
  ~IssuerWorld() override {
    if (issuers) issuers->close();
    base::log::capture(nullptr);
  }

  std::string url() const { return "https://127.0.0.1:" + std::to_string(idp.port()); }
  // The issuer has this key set from now on.
  void publish(const std::string& keys) {
    answers[kMetadata].body =
        object({{"issuer", quote(url())}, {"jwks_uri", quote(url() + "/keys")}});
    answers["/keys"].body = keys;
  }
  auth::IssuerSettings settings() const {
    auth::IssuerSettings s = *auth::token::parse_issuer_url(url());
    s.ca_file = ca_file;
    return s;
  }
  void make(std::vector<auth::IssuerSettings> all) {
    issuers = std::make_unique<auth::Issuers>(
        loop, resolver, std::move(all),
        auth::IssuersOptions{.audience = kAudience,
                             .user_agent = "test",
                             .getenv = [](const char*) -> const char* { return nullptr; }});
  }
  // With the keys fetched.
  void start() {
    if (!issuers) make({settings()});
    issuers->start();
    EXPECT_TRUE(until([&] { return state() != State::empty; }));
  }
  using State = auth::IssuerStatus::State;
  State state() const { return issuers->status().front().state; }
  std::uint64_t fetches() const { return issuers->status().front().fetches; }

  template <class Done>
  bool until(Done done) {
    return turn_until(loop, clock, done);
  }
  // Time goes by; a fetch that is due then is made.
  void pass(base::Duration time) {
    clock.advance(time);
    tick_.arm(base::Duration::zero());  // else the turn would go on to the next timer
    loop.run_once();
    EXPECT_TRUE(until([&] { return !issuers->status().front().fetching; }));
  }
  std::int64_t now() { return loop.wall_now().ns / 1'000'000'000; }
  JsonMembers claims() {
    return {{"iss", quote(url())},
            {"aud", quote(kAudience)},
            {"sub", quote("ann")},
            {"iat", std::to_string(now())},
            {"exp", std::to_string(now() + 600)},
            {"client_id", quote("inspector")},
            {"jti", quote("t-1")},
            {"scope", quote("k0rdent:read k0rdent:logs")},
            {"groups", R"(["dev","ops"])"}};
  }
  JsonMembers changed(const std::string& claim, const std::string& value) {
    JsonMembers c = claims();
    if (value.empty()) c.erase(claim);
    if (!value.empty()) c[claim] = value;
    return c;
  }
  static std::string header(const std::string& kid = "ec", const std::string& alg = "ES256") {
    return object({{"alg", quote(alg)}, {"typ", quote("at+jwt")}, {"kid", quote(kid)}});
  }
  std::string token(const JsonMembers& members) {
    return ec_signer().token("ES256", header(), object(members));
  }
  std::string token() { return token(claims()); }

  // What becomes of it, with what a fetch would show.
  auth::Issuers::Outcome check(const std::string& text) {
    if (auto known = issuers->known(text)) return *known;
    IssuerAnswer answer;
    answer.pending = issuers->verify(text, fn(answer));
    EXPECT_FALSE(answer.outcome) << "told inside verify()";
    EXPECT_TRUE(until([&] { return answer.outcome.has_value(); }));
    return answer.outcome.value_or(auth::Issuers::Outcome{});
  }
  static auth::Issuers::Fn fn(IssuerAnswer& answer) {
    return auth::Issuers::Fn::bind<&IssuerAnswer::on_outcome>(&answer);
  }
  // "accepted", or "refused: WHY", "unavailable: WHY".
  std::string said(const std::string& text) {
    const auto o = check(text);
    if (o.said == Said::accepted) return "accepted";
    return (o.said == Said::refused ? "refused: " : "unavailable: ") + o.why;
  }
  std::size_t asked(const std::string& path) const {
    std::size_t n = 0;
    for (const Seen& each : idp.seen)
      n += each.target == path;
    return n;
  }

  std::string log;
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  TempDir dir;
  const std::string ca_file = dir.write("ca.pem", shared_certs().ca_pem);
  std::unique_ptr<net::TlsContext> tls = *net::TlsContext::server(
      {shared_certs().server_cert_pem, shared_certs().server_key_pem, "", false});
  FakeApi idp{loop, tls.get()};
  std::map<std::string, FakeAnswer> answers;
  std::unique_ptr<auth::Issuers> issuers;

 private:
  void nothing() {}
  loop::Timer tick_{loop, "tick", loop::Timer::Fn::bind<&IssuerWorld::nothing>(this)};
};

}  // namespace test
