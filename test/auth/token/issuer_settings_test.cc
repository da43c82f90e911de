// The settings of issuers: what is read, and what is refused before the server starts.
#include "auth/token/issuer_settings.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace {

using auth::token::Algorithm;
using auth::token::ClaimPath;
using auth::token::IssuerSettings;
using auth::token::parse_issuers;
using auth::token::TypRule;

std::string why(const std::string& yaml) {
  const auto issuers = parse_issuers(yaml);
  return issuers ? "" : issuers.error().what();
}
std::string why_issuer(const std::string& more) {
  return why("issuers:\n- issuer: https://a.example\n  " + more + "\n");
}

TEST(AccessTokenSettings, EverythingThatAFileMaySay) {
  auto issuers = parse_issuers(R"(issuers:
- issuer: https://a.example/realms/dev
  audiences: [k0rdent, "https://old.example/mcp"]
  caFile: /etc/ca.pem
  jwksUri: https://keys.example/k
  algorithms: [ES256, EdDSA]
  typ: any
  claims:
    user: {claim: email, prefix: "a:"}
    groups: {claim: [realm_access, roles], prefix: "ag:"}
    uid: oid
    scopes: scp
    extra: {example.com/tenant: tid, example.com/team: [org, team]}
- issuer: https://b.example
)");
  ASSERT_TRUE(issuers) << issuers.error().what();
  ASSERT_EQ(issuers->size(), 2U);
  const IssuerSettings& a = issuers->front();
  EXPECT_EQ(a.issuer, "https://a.example/realms/dev");
  EXPECT_EQ(a.audiences, (std::vector<std::string>{"k0rdent", "https://old.example/mcp"}));
  EXPECT_EQ(a.ca_file, "/etc/ca.pem");
  EXPECT_EQ(a.jwks_uri, "https://keys.example/k");
  EXPECT_EQ(a.algorithms, bit(Algorithm::es256) | bit(Algorithm::eddsa));
  EXPECT_EQ(a.typ, TypRule::any);
  EXPECT_EQ(a.user_claim, ClaimPath{"email"});
  EXPECT_EQ(a.user_prefix, "a:");
  EXPECT_EQ(a.groups_claim, (ClaimPath{"realm_access", "roles"}));
  EXPECT_EQ(a.groups_prefix, "ag:");
  EXPECT_EQ(a.uid_claim, ClaimPath{"oid"});
  EXPECT_EQ(a.scopes_claim, ClaimPath{"scp"});
  ASSERT_EQ(a.extra.size(), 2U);
  EXPECT_EQ(a.extra[1].first, "example.com/team");
  EXPECT_EQ(a.extra[1].second, (ClaimPath{"org", "team"}));
  const IssuerSettings& b = issuers->back();
  EXPECT_EQ(b.user_claim, ClaimPath{"sub"});
  EXPECT_EQ(b.user_prefix + b.groups_prefix, "oidc:oidc:");
  EXPECT_EQ(b.typ, TypRule::at_jwt);
  EXPECT_EQ(b.algorithms, auth::token::kAllAlgorithms);
  EXPECT_TRUE(auth::token::check_issuers(*issuers));
  EXPECT_EQ(parse_issuers("issuers: [{issuer: https://a.example, claims: {user: upn}}]")
                ->front()
                .user_claim,
            ClaimPath{"upn"});
}

// doc/ISSUERS.md shows a file with everything in it.
TEST(AccessTokenSettings, TheDocumentsExampleIsRead) {
  const auto page = base::read_file("doc/ISSUERS.md", 64 * 1024);
  ASSERT_TRUE(page) << page.error().what();
  const std::size_t begin = page->find("```yaml\n") + 8;
  const auto issuers = parse_issuers(page->substr(begin, page->find("```", begin) - begin));
  ASSERT_TRUE(issuers) << issuers.error().what();
  EXPECT_EQ(issuers->front().groups_claim, (ClaimPath{"realm_access", "roles"}));
  EXPECT_EQ(issuers->front().extra.size(), 1U);
}

TEST(AccessTokenSettings, WhatIsNotKnownIsRefusedWithTheNearest) {
  EXPECT_EQ(why("issuer:\n- a"), "line 1: unknown key \"issuer\"; did you mean issuers?");
  EXPECT_EQ(why_issuer("audience: a"), "line 3: unknown key \"audience\"; did you mean audiences?");
  EXPECT_EQ(why_issuer("jwksURI: https://a"),
            "line 3: unknown key \"jwksURI\"; did you mean jwksUri?");
  EXPECT_EQ(why_issuer("algorithms: [ES265]"),
            "line 3: unknown algorithm \"ES265\"; did you mean ES256?");
  EXPECT_EQ(why_issuer("typ: at-jwt"), "line 3: unknown typ \"at-jwt\"; did you mean at+jwt?");
  EXPECT_EQ(why_issuer("claims: {users: sub}"),
            "line 3: unknown key \"users\"; did you mean user?");
  EXPECT_EQ(why_issuer("claims: {user: {claim: sub, prefx: 'a:'}}"),
            "line 3: unknown key \"prefx\"; did you mean prefix?");
  for (const char* alg : {"none", "HS256", "HS512", "RS1"})
    EXPECT_NE(why_issuer("algorithms: [" + std::string(alg) + "]"), "") << alg;
}

TEST(AccessTokenSettings, WhatMustBeThereAndHowMuch) {
  for (const char* text : {"", "issuers: []", "issuers: a", "[]", "a: 1\n---\nb: 1", "issuers: [a]",
                           "issuers: [{audiences: [a]}]", "issuers: [{issuer: ''}]"})
    EXPECT_NE(why(text), "") << text;
  EXPECT_EQ(why("issuers: [{issuer: 'http://a.example'}]"),
            "line 1: issuer must be an https:// URL without user and fragment");
  EXPECT_EQ(why("issuers: [{issuer: 'https://a.example?x=1'}]"),
            "line 1: issuer must have no query");
  for (const char* more :
       {"audiences: []", "audiences: [[a]]", "audiences: ['']", "caFile: [a]", "jwksUri: http://a",
        "claims: a", "claims: {uid: ''}", "typ: [any]", "algorithms: []", "claims: {extra: [a]}"})
    EXPECT_NE(why_issuer(more), "") << more;
  EXPECT_NE(why_issuer("audiences: ['" + std::string(600, 'a') + "']"), "");
  EXPECT_NE(why(std::string(100000, ' ')), "");
  std::string many = "issuers:\n";
  for (int i = 0; i < 17; ++i)
    many += "- {issuer: 'https://a.example/" + std::to_string(i) + "'}\n";
  EXPECT_EQ(why(many), "line 1: issuers must be a list of 1 to 16 issuers");
}

// Rules about callers without tokens must not match users that an issuer names.
TEST(AccessTokenSettings, AUsersPrefixOfCallersWithoutTokens) {
  for (const std::string prefix : {"cert:", "unix:", "own:", "token:", "cert:a:"}) {
    EXPECT_NE(
        why_issuer("claims: {user: {prefix: '" + prefix + "'}}").find("policy rules name other"),
        std::string::npos)
        << prefix;
    EXPECT_EQ(why_issuer("claims: {groups: {prefix: '" + prefix + "'}}"), "") << prefix;
  }
}

// Attack 26: no claim may make a name of RBAC's own.
TEST(AccessTokenSettings, Attack26APrefixThatCouldMakeASystemName) {
  for (const char* prefix :
       {"", "s", "sys", "system", "system:", "system:masters:", "SYSTEM:", "Sy"})
    for (const char* key : {"user", "groups"})
      EXPECT_NE(why_issuer("claims: {" + std::string(key) + ": {prefix: '" + prefix + "'}}")
                    .find("a claim could make a name of system: with it"),
                std::string::npos)
          << prefix;
  for (const char* prefix : {"oidc:", "x", "systems/", "a-system:", "https://a.example#"})
    EXPECT_EQ(why_issuer("claims: {user: {prefix: '" + std::string(prefix) + "'}}"), "") << prefix;
  EXPECT_NE(why_issuer("claims: {user: {prefix: ' a:'}}"), "");
  EXPECT_NE(why_issuer("claims: {user: {prefix: \"a\\n:\"}}"), "");
  EXPECT_NE(why_issuer("claims: {user: {prefix: '" + std::string(65, 'a') + "'}}"), "");
}

TEST(AccessTokenSettings, ExtraKeysAreThoseThatKubernetesTakes) {
  for (const char* key : {"tenant", "Example.com/a", "example.com/", "/a", "example.com/A",
                          "authentication.kubernetes.io/credential-id", "k8s.io/a", "x.k8s.io/a",
                          "example.com/a b", "exa_mple.com/a", "example.com/a%b"})
    EXPECT_NE(why_issuer("claims: {extra: {'" + std::string(key) + "': tid}}"), "") << key;
  EXPECT_EQ(why_issuer("claims: {extra: {'example.com/a-b_c.d': tid}}"), "");
}

TEST(AccessTokenSettings, TwoIssuersNeverNameTheSameUser) {
  const auto check = [](const std::string& a, const std::string& b) {
    auto issuers = parse_issuers("issuers:\n- {issuer: 'https://a.example', " + a +
                                 "}\n- {issuer: 'https://b.example', " + b + "}\n");
    EXPECT_TRUE(issuers) << issuers.error().what();
    const auto ok = auth::token::check_issuers(*issuers);
    return ok ? "" : ok.error().what();
  };
  const auto prefixes = [](const std::string& user, const std::string& groups) {
    return "claims: {user: {prefix: '" + user + "'}, groups: {prefix: '" + groups + "'}}";
  };
  EXPECT_EQ(check(prefixes("a:", "a:"), prefixes("b:", "b:")), "");
  for (const auto& [one, other] : {std::pair("a:", "a:"), {"a:", "a:b:"}, {"a:b:", "a:"}}) {
    EXPECT_NE(check(prefixes(one, "x"), prefixes(other, "y")), "");
    EXPECT_NE(check(prefixes("x", one), prefixes("y", other)), "");
  }
  // By flags alone both have the default.
  const auto a = *auth::token::parse_issuer_url("https://a.example");
  const auto b = *auth::token::parse_issuer_url("https://b.example");
  EXPECT_TRUE(auth::token::check_issuers({a}));
  EXPECT_NE(auth::token::check_issuers({a, b}).error().what().find("prefix of its own"),
            std::string::npos);
  EXPECT_NE(auth::token::check_issuers({a, a}).error().what().find("named twice"),
            std::string::npos);
  EXPECT_FALSE(auth::token::parse_issuer_url("http://a.example"));
  EXPECT_FALSE(auth::token::parse_issuer_url("https://a.example?x"));
}

}  // namespace
