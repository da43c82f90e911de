// Claims of a token whose signature is good: for whom, when, of which kind, and who it names.
#include "auth/token/claim_check.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/issuer_world.h"

namespace {

using auth::token::Claims;
using auth::token::IssuerSettings;
using auth::token::Jwt;
using auth::token::TypRule;
using test::JsonMembers;
using test::quote;

constexpr std::int64_t kNow = 1767225600;

struct AccessTokenClaims : testing::Test {
  JsonMembers claims = {{"iss", quote("https://a.example")},
                        {"aud", quote("https://mcp.example/mcp")},
                        {"sub", quote("ann")},
                        {"exp", std::to_string(kNow + 600)}};
  IssuerSettings settings = *auth::token::parse_issuer_url("https://a.example");
  Jwt::Typ typ = Jwt::Typ::at_jwt;
  std::string url = "https://mcp.example/mcp";

  base::Result<Claims> check(const std::string& payload) {
    Jwt jwt;
    jwt.typ = typ;
    EXPECT_TRUE(jwt.payload.parse(payload)) << payload;
    return auth::token::check_claims(jwt, settings, {url, base::seconds(30)},
                                     {kNow * 1'000'000'000});
  }
  // "" when the token is good, with this claim changed (or dropped).
  std::string why(const std::string& claim, const std::string& value) {
    JsonMembers c = claims;
    if (value.empty()) c.erase(claim);
    if (!value.empty()) c[claim] = value;
    const auto checked = check(test::object(c));
    return checked ? "" : checked.error().what();
  }
  Claims with(const std::string& claim, const std::string& value) {
    JsonMembers c = claims;
    c[claim] = value;
    auto checked = check(test::object(c));
    EXPECT_TRUE(checked) << checked.error().what();
    return checked ? *checked : Claims();
  }
  std::string user(const std::string& value) {
    const std::string reason = why("sub", value);
    return reason.empty() ? with("sub", value).user : reason;
  }
};

std::string at(std::int64_t offset) {
  return std::to_string(kNow + offset);
}

TEST_F(AccessTokenClaims, WhatTheyBecome) {
  claims["azp"] = quote("inspector");
  claims["jti"] = quote("t-1");
  claims["exp"] = at(600) + ".75";
  claims["groups"] = R"(["ops","dev","ops"])";
  claims["scope"] = quote("k0rdent:write  k0rdent:read k0rdent:read");
  const auto c = check(test::object(claims));
  ASSERT_TRUE(c) << c.error().what();
  EXPECT_EQ(c->issuer, "https://a.example");
  EXPECT_EQ(c->subject, "ann");
  EXPECT_EQ(c->user, "oidc:ann");
  EXPECT_EQ(c->uid, "");
  EXPECT_EQ(c->client_id, "inspector");
  EXPECT_EQ(c->token_id, "t-1");
  EXPECT_EQ(c->groups, (std::vector<std::string>{"oidc:dev", "oidc:ops"}));
  EXPECT_EQ(c->scopes, (std::vector<std::string>{"k0rdent:read", "k0rdent:write"}));
  EXPECT_EQ(c->expires, kNow + 600);
  EXPECT_EQ(with("client_id", quote("other")).client_id, "other");
}

TEST_F(AccessTokenClaims, Rule25TheIssuerByteForByte) {
  EXPECT_EQ(why("iss", quote("https://a.example")), "");
  for (const char* other : {"https://a.example/", "https://A.example", "https://a.example:443",
                            "https://b.example", ""})
    EXPECT_EQ(why("iss", quote(other)), "it is of another issuer") << other;
  EXPECT_NE(why("iss", R"(["https://a.example"])"), "");
  EXPECT_NE(why("iss", ""), "");
}

// Bug: clients write a URL without a path with a slash, and none of their tokens was for us.
TEST_F(AccessTokenClaims, AUrlWithoutAPathMayHaveASlashInTheToken) {
  url = "https://mcp.example";
  for (const char* aud : {"https://mcp.example", "https://mcp.example/"})
    EXPECT_EQ(why("aud", quote(aud)), "") << aud;
  for (const char* aud : {"https://mcp.example//", "https://mcp.example/x", "https://mcp.exampl/"})
    EXPECT_EQ(why("aud", quote(aud)), "not for our audience") << aud;
}

// Another token of the user would have it, too: its client is not sent to log in.
TEST_F(AccessTokenClaims, WhatNoOtherTokenWouldMendIsForbidden) {
  const auto code = [this](const std::string& claim, const std::string& value) {
    JsonMembers c = claims;
    c[claim] = value;
    return check(test::object(c)).error().code();
  };
  EXPECT_EQ(code("groups", R"(["dev "])"), base::Errc::forbidden);
  EXPECT_EQ(code("sub", R"("a\nb")"), base::Errc::forbidden);
  EXPECT_EQ(code("groups", "[7]"), base::Errc::unauthorized);
  EXPECT_EQ(code("scope", "7"), base::Errc::unauthorized);
  EXPECT_EQ(code("exp", "1"), base::Errc::unauthorized);
  settings.user_claim = {"email"};
  EXPECT_EQ(code("email", quote("a@b.example")), base::Errc::unauthorized);
}

TEST_F(AccessTokenClaims, Attack14TokensForOthers) {
  for (const char* aud :
       {"kubernetes", "https://mcp.example", "https://mcp.example/", "https://mcp.example/mcp/",
        "https://mcp.example/mcpx", "https://mcp.example/mc", "https://MCP.example/mcp", ""})
    EXPECT_EQ(why("aud", quote(aud)), "not for our audience") << aud;
  EXPECT_EQ(why("aud", ""), "it has no audience");
  EXPECT_EQ(why("aud", "7"), "it has no audience");
  EXPECT_EQ(why("aud", "[]"), "not for our audience");
  EXPECT_EQ(why("aud", R"(["x"])"), "not for our audience");
  EXPECT_EQ(why("aud", R"(["https://mcp.example/mcp",7])"), "an audience is not a string");
  settings.audiences = {"k0rdent"};
  EXPECT_EQ(why("aud", quote("k0rdent")), "");
  EXPECT_EQ(why("aud", quote("k0rdent2")), "not for our audience");
}

TEST_F(AccessTokenClaims, Attack15OursAmongOthers) {
  EXPECT_EQ(why("aud", R"(["kubernetes","https://mcp.example/mcp"])"), "");
}

TEST_F(AccessTokenClaims, Rule27And30AndAttack16ExpiryAndItsSkew) {
  EXPECT_EQ(why("exp", at(1)), "");
  EXPECT_EQ(why("exp", at(-1)), "");
  EXPECT_EQ(why("exp", at(-29)), "");
  EXPECT_EQ(why("exp", at(-30)), "it has expired");
  EXPECT_EQ(why("exp", at(-31)), "it has expired");
  EXPECT_EQ(why("exp", at(-30) + ".5"), "") << "29.5 s ago";
  for (const char* bad :
       {"", "\"1767226200\"", "null", "true", "[]", "1e400", "-1", "-1e400", "9223372036854775808",
        "18446744073709551616", "1e18", "253402300800", "\"NaN\""})
    EXPECT_EQ(why("exp", bad), "it has no usable exp") << bad;
  for (const char* late : {"7258118401", "9223372037", "253402300799"})
    EXPECT_EQ(with("exp", late).expires, 7258118400) << late << ": nanoseconds would overflow";
  EXPECT_EQ(why("nbf", "253402300799"), "its nbf is in the future");
  EXPECT_EQ(with("exp", "1.7672262e9").expires, kNow + 600);
  EXPECT_EQ(why("exp", "0"), "it has expired");
}

TEST_F(AccessTokenClaims, Rule28AndAttack17NotYet) {
  for (const std::string claim : {"nbf", "iat"}) {
    EXPECT_EQ(why(claim, at(30)), "");
    EXPECT_EQ(why(claim, at(-100000)), "");
    EXPECT_EQ(why(claim, at(31)), "its " + claim + " is in the future");
    for (const char* bad : {"\"1\"", "-1", "1e400", "null", "{}"})
      EXPECT_EQ(why(claim, bad), "it has no usable " + claim) << bad;
  }
}

TEST_F(AccessTokenClaims, Rule29ASubject) {
  EXPECT_EQ(why("sub", ""), "it has no sub");
  EXPECT_EQ(why("sub", quote("")), "it has no sub");
  EXPECT_EQ(why("sub", "7"), "it has no sub");
}

TEST_F(AccessTokenClaims, Rule24OtherTypsNeedTheSetting) {
  for (const Jwt::Typ other : {Jwt::Typ::jwt, Jwt::Typ::absent}) {
    typ = other;
    settings.typ = TypRule::at_jwt;
    EXPECT_EQ(why("x", "1"), "its typ is not at+jwt");
    settings.typ = TypRule::any;
    EXPECT_EQ(why("x", "1"), "");
  }
}

TEST_F(AccessTokenClaims, Attack18IdTokens) {
  settings.typ = TypRule::any;
  typ = Jwt::Typ::jwt;
  for (const char* claim : {"nonce", "at_hash", "c_hash", "s_hash"})
    EXPECT_EQ(why(claim, quote("x")), "an ID token, by its " + std::string(claim));
  EXPECT_NE(why("typ", quote("ID")), "") << "Keycloak";
  EXPECT_NE(why("token_use", quote("id")), "") << "Cognito";
  claims["aud"] = quote("client-id");
  EXPECT_EQ(why("x", "1"), "not for our audience");
}

TEST_F(AccessTokenClaims, Attack19RefreshAndLogoutTokens) {
  settings.typ = TypRule::any;
  typ = Jwt::Typ::absent;
  EXPECT_NE(why("typ", quote("Refresh")), "");
  EXPECT_NE(why("typ", quote("Offline")), "");
  EXPECT_NE(why("events", "{}"), "");
  EXPECT_EQ(why("token_use", quote("access")), "");
  claims["nonce"] = quote("n");
  EXPECT_EQ(why("typ", quote("Bearer")), "") << "an access token of Keycloak 24";
}

// RFC 7800: a thief of such a token cannot use it where the proof is asked for, which we do not do.
TEST_F(AccessTokenClaims, ATokenThatIsBoundToAKeyIsNoBearerToken) {
  EXPECT_EQ(why("cnf", R"({"jkt":"x"})"), "it is bound to a key (cnf)");
}

// Attack 26: a claim never makes a name of RBAC's own, whatever the settings are.
TEST_F(AccessTokenClaims, Rule43AndAttack26SystemNames) {
  EXPECT_EQ(user(quote("system:admin")), "oidc:system:admin") << "prefixed, and so not RBAC's";
  EXPECT_EQ(with("groups", R"(["system:masters"])").groups[0], "oidc:system:masters");
  settings.user_prefix = settings.groups_prefix = "";  // refused by the settings' parser
  EXPECT_EQ(user(quote("system:kube-controller-manager")), "claim sub: a system: name");
  EXPECT_EQ(user(quote("SYSTEM:admin")), "claim sub: a system: name");
  EXPECT_EQ(why("groups", R"(["dev","system:masters"])"), "claim groups: a system: name");
  settings.user_prefix = settings.groups_prefix = "sys";
  EXPECT_EQ(user(quote("tem:admin")), "claim sub: a system: name");
  EXPECT_EQ(why("groups", quote("tem:nodes")), "claim groups: a system: name");
}

// Attack 28: a name becomes a header's value as it is, or not at all.
TEST_F(AccessTokenClaims, Attack28NamesThatAreNoNames) {
  for (const char* bad :
       {R"("a\r\nImpersonate-Group: x")", R"("a\nb")", R"("a\u0000")", R"("a\u007f")",
        R"("a\u0085")", R"("a\u202eb")", R"("ann ")", R"(" ann")", R"("\t")"}) {
    EXPECT_EQ(user(bad), "claim sub: empty, or not fit for a name") << bad;
    EXPECT_EQ(why("groups", "[" + std::string(bad) + "]"),
              "claim groups: one is not fit for a name")
        << bad;
  }
  EXPECT_EQ(user(quote("a%0d%0ab")), "oidc:a%0d%0ab") << "nothing decodes it";
  EXPECT_EQ(user(quote("j\u00fcrgen m")), "oidc:j\u00fcrgen m");
}

TEST_F(AccessTokenClaims, GroupsInAllForms) {
  EXPECT_TRUE(with("x", "1").groups.empty());
  EXPECT_TRUE(with("groups", "null").groups.empty());
  EXPECT_TRUE(with("groups", "[]").groups.empty());
  EXPECT_EQ(with("groups", quote("dev")).groups, std::vector<std::string>{"oidc:dev"});
  for (const char* bad : {"7", "{}", "[7]", R"(["a",["b"]])", "true", R"([""])"})
    EXPECT_NE(why("groups", bad), "") << bad;
  std::string many = "[\"g\"";
  for (int i = 0; i < 511; ++i)
    many += ",\"" + std::to_string(i) + "\"";
  EXPECT_EQ(with("groups", many + "]").groups.size(), 512U);
  EXPECT_EQ(why("groups", many + ",\"one more\"]"), "claim groups: too many");
  settings.groups_claim = {"realm_access", "roles"};
  EXPECT_EQ(with("realm_access", R"({"roles":["r"]})").groups, std::vector<std::string>{"oidc:r"});
  EXPECT_TRUE(with("realm_access", "7").groups.empty());
}

TEST_F(AccessTokenClaims, Rule37ScopesInAllForms) {
  const std::vector<std::string> two = {"a", "b"};
  EXPECT_EQ(with("scope", quote("b a")).scopes, two);
  EXPECT_EQ(with("scp", quote("b a")).scopes, two);
  EXPECT_EQ(with("scp", R"(["b","a"])").scopes, two);
  EXPECT_TRUE(with("x", "1").scopes.empty());
  EXPECT_NE(why("scope", "7"), "");
  EXPECT_NE(why("scp", "[7]"), "");
  claims["scope"] = quote("a");
  EXPECT_EQ(with("scp", quote("b")).scopes, std::vector<std::string>{"a"}) << "scope comes first";
  settings.scopes_claim = {"permissions"};
  EXPECT_TRUE(with("scp", quote("b")).scopes.empty());
  EXPECT_EQ(with("permissions", R"(["b","a"])").scopes, two);
}

TEST_F(AccessTokenClaims, AnEmailMustBeVerified) {
  settings.user_claim = {"email"};
  claims["email"] = quote("ann@example.com");
  EXPECT_NE(why("x", "1"), "");
  EXPECT_NE(why("email_verified", "false"), "");
  EXPECT_NE(why("email_verified", quote("true")), "");
  EXPECT_EQ(with("email_verified", "true").user, "oidc:ann@example.com");
}

TEST_F(AccessTokenClaims, UidAndExtraAsTheSettingsSay) {
  settings.uid_claim = {"oid"};
  settings.extra = {{"example.com/tenant", {"tid"}}, {"example.com/roles", {"roles"}}};
  claims["oid"] = quote("1-2-3");
  claims["tid"] = quote("t");
  const Claims c = with("roles", R"(["b","a"])");
  EXPECT_EQ(c.uid, "1-2-3");
  EXPECT_EQ(c.extra.at("example.com/tenant"), std::vector<std::string>{"t"});
  EXPECT_EQ(c.extra.at("example.com/roles"), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(with("x", "1").extra.count("example.com/roles"), 0U);
  EXPECT_NE(why("oid", "7"), "");
  EXPECT_NE(why("tid", R"("a\nb")"), "");
  EXPECT_NE(why("tid", "7"), "");
}

}  // namespace
