// Tokens against a simulated issuer: whose keys are fetched, when, and what becomes of tokens
// meanwhile. Numbers: test/FAULTS.md.
#include "auth/issuers.h"

#include "support/carrier.h"
#include "support/fake_dns.h"
#include "support/issuer_world.h"

namespace {

using base::hours;
using base::minutes;
using base::seconds;
using test::ec_signer;
using test::FakeAnswer;
using test::IssuerAnswer;
using test::jwks;
using test::quote;
using test::rsa_signer;
using test::Signer;

struct Issuers : test::IssuerWorld {
  // A token of a key that the issuer may publish later.
  std::string of(const Signer& signer, const std::string& kid) {
    return signer.token("ES256", header(kid), test::object(claims()));
  }
  std::string key(const Signer& signer, const std::string& kid) {
    return signer.jwk("\"kid\":" + quote(kid));
  }
  const Signer next = Signer::ec("P-256");
};

TEST_F(Issuers, AGoodTokenBecomesVerifiedClaims) {
  start();
  const auto o = check(token());
  ASSERT_EQ(o.said, Said::accepted) << o.why;
  EXPECT_EQ(o.claims.issuer, url());
  EXPECT_EQ(o.claims.user, "oidc:ann");
  EXPECT_EQ(o.claims.groups, (std::vector<std::string>{"oidc:dev", "oidc:ops"}));
  EXPECT_EQ(o.claims.scopes, (std::vector<std::string>{"k0rdent:logs", "k0rdent:read"}));
  EXPECT_EQ(o.claims.expires, now() + 600);
  EXPECT_EQ(said(rsa_signer().token("PS256", header("rsa", "PS256"), test::object(claims()))),
            "accepted");
  EXPECT_EQ(asked("/keys"), 1U) << "a check costs no request";
  EXPECT_EQ(issuers->counts().accepted, 2U);
  const auto status = issuers->status().front();
  EXPECT_EQ(status.state, State::fresh);
  EXPECT_EQ(status.keys, 2U);
  EXPECT_EQ(status.problem, "");
  EXPECT_EQ(idp.seen.front().header("user-agent"), "test");
}

TEST_F(Issuers, OwnsTokensOfItsIssuersAlone) {
  start();
  EXPECT_TRUE(issuers->owns(token()));
  EXPECT_FALSE(issuers->owns(token(changed("iss", quote("https://other.example")))));
  EXPECT_FALSE(issuers->owns("opaque-token"));
  EXPECT_FALSE(issuers->owns(""));
}

// Attack cases 1, 2, 6 against the whole chain.
TEST_F(Issuers, Attack06WhatWasChangedAfterSigning) {
  start();
  const std::string good = token();
  EXPECT_EQ(said(good), "accepted");
  const std::size_t first = good.find('.'), second = good.rfind('.');
  const std::string other = token(changed("sub", quote("admin")));
  const std::string payload = other.substr(0, other.rfind('.')).substr(other.find('.'));
  EXPECT_EQ(said(good.substr(0, first) + payload + good.substr(second)),
            "refused: the signature is not of key \"ec\"");
  EXPECT_NE(said(good.substr(0, good.size() - 2)), "accepted");
  EXPECT_NE(said(good + ".c2ln"), "accepted");
  EXPECT_NE(said(test::jws(R"({"alg":"none","kid":"ec"})", test::object(claims()), "")),
            "accepted");
  EXPECT_NE(said(test::jws(R"({"alg":"HS256","kid":"rsa"})", test::object(claims()), "0123456789")),
            "accepted");
  EXPECT_EQ(asked("/keys"), 1U);
}

TEST_F(Issuers, Attack07KidIsOnlyAName) {
  start();
  const int files = test::open_fds();
  const std::size_t requests = idp.seen.size();
  for (const std::string& kid :
       {std::string("../../etc/passwd"), std::string("/dev/zero"),
        std::string("http://127.0.0.1:1/k"), std::string("' or 1=1 --"), std::string(256, 'k'),
        std::string("a\\u0000b"), std::string("\\u001b[2J\\r\\nInjected: x")}) {
    const std::string text = of(next, kid);
    const auto o = check(text);
    EXPECT_EQ(o.said, Said::unavailable);
    EXPECT_TRUE(o.early);
    EXPECT_EQ(o.why.find_first_of("\r\n\x1b"), std::string::npos);
    EXPECT_LT(o.why.size(), 100U) << o.why;
  }
  EXPECT_NE(said(of(next, std::string(10000, 'k'))), "accepted");
  EXPECT_EQ(test::open_fds(), files);
  EXPECT_EQ(idp.seen.size(), requests) << "within kUnknownKeyInterval";
}

// The attacker's server is never asked, and the key that comes along never used.
TEST_F(Issuers, Attack08And09KeysThatComeWithTheToken) {
  start();
  test::FakeApi attacker{loop};
  attacker.answer = [&](const test::Seen&) { return FakeAnswer{.body = jwks({key(next, "ec")})}; };
  const std::string there = "http://127.0.0.1:" + std::to_string(attacker.port()) + "/keys";
  for (const std::string& more : {"\"jku\":" + quote(there), "\"x5u\":" + quote(there),
                                  "\"jwk\":" + key(next, "ec"), std::string(R"("x5c":["MIIB"])")}) {
    const std::string head = R"({"alg":"ES256","typ":"at+jwt","kid":"ec",)" + more + "}";
    EXPECT_EQ(said(next.token("ES256", head, test::object(claims()))),
              "refused: the signature is not of key \"ec\"");
    EXPECT_EQ(said(ec_signer().token("ES256", head, test::object(claims()))), "accepted")
        << "some issuers send jku with all tokens; it is not read";
  }
  EXPECT_TRUE(attacker.seen.empty());
  EXPECT_EQ(asked("/keys"), 1U);
}

TEST_F(Issuers, Attack11And12OtherIssuersAndOtherSpellings) {
  start();
  const std::size_t requests = idp.seen.size();
  const std::string port = std::to_string(idp.port());
  for (const std::string& iss :
       {url() + "/", url() + "/tenant-b", "https://localhost:" + port, "HTTPS://127.0.0.1:" + port,
        "https://127.0.0.1:" + port + ":443", std::string("https://idp.example"), std::string()})
    EXPECT_EQ(said(token(changed("iss", quote(iss)))),
              "refused: of an issuer that is not configured")
        << iss;
  EXPECT_EQ(idp.seen.size(), requests) << "nothing is fetched for an issuer that is not ours";
}

TEST_F(Issuers, Attack13AnIssuersKeysSignForThatIssuerAlone) {
  test::FakeApi other{loop, tls.get()};
  const std::string other_url = "https://127.0.0.1:" + std::to_string(other.port());
  other.answer = [&](const test::Seen& seen) {
    if (seen.target == "/keys") return FakeAnswer{.body = jwks({key(next, "ec")})};
    return FakeAnswer{.body = test::object({{"issuer", quote(other_url)},
                                            {"jwks_uri", quote(other_url + "/keys")}})};
  };
  auth::IssuerSettings b = *auth::token::parse_issuer_url(other_url);
  b.ca_file = ca_file;
  b.user_prefix = b.groups_prefix = "b:";
  ASSERT_TRUE(auth::token::check_issuers({settings(), b}));
  make({settings(), b});
  start();
  ASSERT_TRUE(until([&] { return issuers->status().back().state == State::fresh; }));
  EXPECT_EQ(said(token()), "accepted");
  EXPECT_EQ(said(of(next, "ec")), "refused: the signature is not of key \"ec\"");
  const std::string theirs = test::object(changed("iss", quote(other_url)));
  EXPECT_EQ(check(next.token("ES256", header(), theirs)).claims.user, "b:ann");
  EXPECT_EQ(said(ec_signer().token("ES256", header(), theirs)),
            "refused: the signature is not of key \"ec\"");
}

// Rule 31: an unsigned token's claims are not worth a fetch, and no signature is worth a wrong claim.
TEST_F(Issuers, Rule31SignatureAndClaimsMustBothBeGood) {
  start();
  EXPECT_EQ(said(token(changed("aud", quote("kubernetes")))), "refused: not for our audience");
  EXPECT_EQ(said(token(changed("exp", "1"))), "refused: it has expired");
  pass(minutes(1));
  const std::string bad = test::object(changed("exp", "1"));
  EXPECT_EQ(said(next.token("ES256", header("new"), bad)), "refused: it has expired");
  EXPECT_EQ(asked("/keys"), 1U);
}

TEST_F(Issuers, AnIssuersAlgorithmsAreItsOwn) {
  auth::IssuerSettings s = settings();
  s.algorithms = auth::token::bit(auth::token::Algorithm::rs256);
  make({s});
  start();
  EXPECT_EQ(said(token()), "refused: algorithm ES256 is not one of this issuer's");
  EXPECT_EQ(said(rsa_signer().token("RS256", header("rsa", "RS256"), test::object(claims()))),
            "accepted");
}

TEST_F(Issuers, TheSecondFormOfMetadata) {
  answers[kOtherMetadata] = answers[kMetadata];
  answers.erase(kMetadata);
  start();
  EXPECT_EQ(said(token()), "accepted");
  EXPECT_EQ(idp.seen[0].target, kMetadata);
  EXPECT_EQ(idp.seen[1].target, kOtherMetadata);
}

TEST_F(Issuers, AKeySetThatTheSettingsNameNeedsNoMetadata) {
  auth::IssuerSettings s = settings();
  s.jwks_uri = url() + "/keys";
  make({s});
  start();
  EXPECT_EQ(said(token()), "accepted");
  EXPECT_EQ(idp.seen.size(), 1U);
}

// ---- when keys are fetched

TEST_F(Issuers, TokensThatComeBeforeTheKeysWaitForThem) {
  make({settings()});
  issuers->start();
  std::vector<IssuerAnswer> several(20);
  for (IssuerAnswer& each : several) {
    EXPECT_FALSE(issuers->known(token()));
    each.pending = issuers->verify(token(), fn(each));
  }
  several[3].pending.reset();  // this client is gone
  EXPECT_EQ(issuers->counts().waiting, 19U);
  ASSERT_TRUE(until([&] { return several.back().outcome.has_value(); }));
  for (std::size_t i = 0; i < several.size(); ++i) {
    EXPECT_EQ(several[i].outcome.has_value(), i != 3);
    EXPECT_TRUE(i == 3 || several[i].outcome->said == Said::accepted);
  }
  EXPECT_EQ(asked("/keys"), 1U) << "one fetch for all";
  several.clear();
  EXPECT_EQ(issuers->counts().waiting, 0U);
}

TEST_F(Issuers, ANewKeyIsFetchedWhenItsFirstTokenComes) {
  start();
  pass(seconds(11));
  publish(jwks({key(ec_signer(), "ec"), key(next, "new")}));
  const std::uint64_t before = issuers->generation();
  EXPECT_EQ(said(of(next, "new")), "accepted");
  EXPECT_EQ(asked("/keys"), 2U);
  EXPECT_EQ(asked(kMetadata), 1U);
  EXPECT_GT(issuers->generation(), before);
  EXPECT_EQ(said(token()), "accepted");
}

TEST_F(Issuers, Attack22MadeUpKidsCauseOneFetchInTenSeconds) {
  start();
  EXPECT_EQ(said(of(next, "k")), "unavailable: its issuer had no key \"k\" a moment ago");
  EXPECT_EQ(asked("/keys"), 1U) << "the set is younger than the interval";
  for (int round = 1; round <= 3; ++round) {
    pass(seconds(10));
    for (int i = 0; i < 40; ++i) {
      const std::string kid = std::to_string(round) + "-" + std::to_string(i);
      EXPECT_EQ(said(of(next, kid)),
                i == 0 ? "refused: its issuer has no key \"" + kid + "\""
                       : "unavailable: its issuer had no key \"" + kid + "\" a moment ago");
    }
    EXPECT_EQ(asked("/keys"), 1U + static_cast<std::size_t>(round));
  }
  // One that asks again and again does not even cause that, for a minute.
  for (int i = 0; i < 4; ++i) {
    pass(seconds(11));
    EXPECT_NE(said(of(next, "3-0")), "accepted");
  }
  EXPECT_EQ(asked("/keys"), 4U);
  pass(seconds(20));
  EXPECT_NE(said(of(next, "3-0")), "accepted");
  EXPECT_EQ(asked("/keys"), 5U);
}

// Bug: a key that was replaced under its name was not fetched before the next refresh. Forged tokens
// cause no more fetches than made-up names do, and are refused meanwhile.
TEST_F(Issuers, Attack22AKeyThatIsReplacedUnderItsNameIsFetchedOnceInTenSeconds) {
  start();
  const std::string why = "refused: the signature is not of key \"ec\"";
  publish(jwks({key(next, "ec")}));
  EXPECT_EQ(said(of(next, "ec")), why);
  pass(seconds(9));
  EXPECT_EQ(said(of(next, "ec")), why);
  EXPECT_EQ(asked("/keys"), 1U);
  pass(seconds(1));
  EXPECT_EQ(said(of(next, "ec")), "accepted");
  EXPECT_EQ(asked("/keys"), 2U);
  for (int round = 1; round <= 3; ++round) {
    pass(seconds(10));
    for (int i = 0; i < 40; ++i)
      EXPECT_EQ(said(of(ec_signer(), "ec")), why);
    EXPECT_EQ(asked("/keys"), 2U + static_cast<std::size_t>(round));
  }
}

TEST_F(Issuers, ForgedTokensLeavePlacesForThoseThatWaitForANewKey) {
  start();
  answers["/keys"].silent = true;
  pass(seconds(10));
  std::vector<IssuerAnswer> forged(auth::kKeyWaiters);
  for (IssuerAnswer& each : forged)
    each.pending = issuers->verify(of(next, "ec"), fn(each));
  IssuerAnswer waits;
  waits.pending = issuers->verify(of(next, "new"), fn(waits));
  ASSERT_TRUE(until([&] { return forged.back().outcome.has_value(); }));
  EXPECT_EQ(forged.back().outcome->said, Said::refused);
  EXPECT_FALSE(forged.front().outcome || waits.outcome);
}

TEST_F(Issuers, ATokenWithoutAKidThatNoKeySignedSaysHowManyWereTried) {
  start();
  EXPECT_EQ(said(next.token("ES256", R"({"alg":"ES256","typ":"at+jwt"})", test::object(claims()))),
            "refused: it names no key, and the signature is of none of the first 4 of its issuer "
            "that fit");
  EXPECT_EQ(said(Signer::ec("P-384").token("ES384", R"({"alg":"ES384","typ":"at+jwt"})",
                                           test::object(claims()))),
            "unavailable: its issuer had no key for ES384 a moment ago");
}

// Bug: each fetch for an unknown key put the refresh off, which alone read the metadata.
TEST_F(Issuers, MadeUpKidsDoNotKeepTheMetadataFromBeingRead) {
  start();
  ASSERT_EQ(asked(kMetadata), 1U);
  const std::uint64_t before = fetches();
  for (int i = 0; i < 31; ++i) {
    pass(seconds(11));
    said(of(next, "made-up-" + std::to_string(i)));
  }
  EXPECT_GE(fetches(), before + 28);
  EXPECT_EQ(asked(kMetadata), 2U) << "in 341 s";
}

TEST_F(Issuers, ThoseWhoWaitAreBounded) {
  answers["/keys"].silent = true;
  make({settings()});
  issuers->start();
  std::vector<IssuerAnswer> several(auth::kKeyWaiters + 2);
  for (IssuerAnswer& each : several)
    each.pending = issuers->verify(token(), fn(each));
  ASSERT_TRUE(until([&] { return several.back().outcome.has_value(); }));
  EXPECT_EQ(several.back().outcome->said, Said::unavailable);
  EXPECT_GE(several.back().outcome->retry_after, seconds(1));
  EXPECT_FALSE(several.front().outcome);
  // And for a bounded time.
  const base::TimePoint before = loop.now();
  ASSERT_TRUE(until([&] { return several.front().outcome.has_value(); }));
  EXPECT_EQ(several.front().outcome->said, Said::unavailable);
  EXPECT_EQ(loop.now() - before, auth::kKeyPatience);
}

TEST_F(Issuers, Attack25AKeyThatIsGoneIsRevoked) {
  answers["/keys"].extra = "Cache-Control: public, max-age=600\r\n";
  start();
  EXPECT_EQ(said(token()), "accepted");
  publish(jwks({key(next, "new")}));
  answers["/keys"].extra = "Cache-Control: public, max-age=600\r\n";
  pass(seconds(539));
  EXPECT_EQ(said(token()), "accepted") << "not before nine tenths of max-age";
  const std::uint64_t before = issuers->generation();
  pass(seconds(62));
  EXPECT_GT(issuers->generation(), before);
  EXPECT_EQ(said(token()), "unavailable: its issuer had no key \"ec\" a moment ago");
  pass(seconds(10));
  EXPECT_EQ(said(token()), "refused: its issuer has no key \"ec\"");
  EXPECT_EQ(said(of(next, "new")), "accepted");
}

TEST_F(Issuers, AnEmptySetRevokesAllKeys) {
  start();
  publish(jwks({}));
  pass(minutes(6));
  pass(seconds(10));
  EXPECT_EQ(said(token()), "refused: its issuer has no key \"ec\"");
  EXPECT_EQ(state(), State::fresh);
}

TEST_F(Issuers, RefreshFollowsMaxAgeWithinItsBounds) {
  const auto interval = [&](const std::string& cache) {
    answers["/keys"].extra = cache.empty() ? "" : "Cache-Control: " + cache + "\r\n";
    pass(hours(2));
    const std::uint64_t n = fetches();
    const base::TimePoint before = loop.now();
    EXPECT_TRUE(until([&] { return fetches() > n; }));
    const base::Duration took = loop.now() - before;
    EXPECT_TRUE(until([&] { return !issuers->status().front().fetching; }));
    return took;
  };
  start();
  const auto near = [](base::Duration is, base::Duration wanted) {
    return is <= wanted && is >= wanted * 9 / 10;
  };
  EXPECT_TRUE(near(interval(""), minutes(5)));
  EXPECT_TRUE(near(interval("max-age=1"), minutes(5)));
  EXPECT_TRUE(near(interval("no-cache, max-age=3600"), minutes(5)));
  EXPECT_TRUE(near(interval("public, max-age=\"1200\""), minutes(20)));
  EXPECT_TRUE(near(interval("max-age=99999999999999999999"), minutes(5))) << "no number";
  EXPECT_TRUE(near(interval("max-age=86400"), hours(1)));
}

// ---- an issuer that is away, or broken

TEST_F(Issuers, Rule33AnUnreachableIssuerIsUnavailableNotARefusal) {
  answers[kMetadata].status = 500;
  start();
  EXPECT_EQ(state(), State::failed);
  const auto o = check(token());
  EXPECT_EQ(o.said, Said::unavailable);
  EXPECT_GE(o.retry_after, seconds(1));
  EXPECT_LE(o.retry_after, seconds(2));
  EXPECT_NE(log.find("issuer keys cannot be fetched"), std::string::npos) << log;
  EXPECT_NE(log.find("metadata: HTTP 500"), std::string::npos) << log;
  EXPECT_EQ(said(token(changed("aud", quote("x")))), "refused: not for our audience")
      << "what would be refused anyway is";
  // It comes back by itself.
  answers[kMetadata].status = 200;
  pass(seconds(2));
  EXPECT_EQ(said(token()), "accepted");
  EXPECT_EQ(state(), State::fresh);
  EXPECT_NE(log.find("issuer keys\""), std::string::npos) << log;
}

TEST_F(Issuers, TheLastGoodKeysAreKeptForADay) {
  start();
  answers["/keys"].status = 503;
  publish("gone");
  pass(minutes(6));
  EXPECT_EQ(state(), State::stale);
  EXPECT_EQ(issuers->status().front().keys, 2U);
  EXPECT_NE(issuers->status().front().problem.find("key set: HTTP 503"), std::string::npos);
  EXPECT_EQ(said(token()), "accepted");
  EXPECT_EQ(check(of(next, "new")).said, Said::unavailable) << "whether there is one is not known";
  const auto lines = [&] {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = log.find("issuer keys cannot", at)) != log.npos; ++at)
      ++n;
    return n;
  };
  EXPECT_EQ(lines(), 1U);
  // Attempts are a minute apart in the end, plus a fifth: each second step of the clock makes one.
  const std::uint64_t before = fetches();
  for (int i = 0; i < 60; ++i)
    pass(minutes(1));
  EXPECT_LT(fetches() - before, 66U);
  EXPECT_GT(fetches() - before, 25U);
  EXPECT_EQ(lines(), 1U) << "one line for an outage";
  answers["/keys"].status = 500;
  for (int i = 0; i < 137; ++i)
    pass(minutes(10));
  EXPECT_EQ(lines(), 2U) << "another cause";
  EXPECT_EQ(said(token()), "accepted");
  pass(minutes(10));
  EXPECT_EQ(state(), State::failed);
  EXPECT_EQ(check(token()).said, Said::unavailable);
  EXPECT_NE(log.find("issuer keys are too old"), std::string::npos);
}

TEST_F(Issuers, Attack23ABrokenKeySetLeavesTheOldOne) {
  start();
  const std::string weak = Signer::rsa(512).jwk(R"("kid":"w")");
  std::string many = "{\"keys\":[";
  for (int i = 0; i < 5000; ++i)
    many += key(ec_signer(), "k" + std::to_string(i)) + ",";
  many.back() = ']';
  const std::vector<FakeAnswer> broken = {
      {.status = 302, .extra = "Location: http://169.254.169.254/latest\r\n"},
      {.body = std::string(300 * 1024, ' ')},
      {.body = "<html>sign in</html>", .type = "text/html"},
      {.body = jwks({key(ec_signer(), "ec")}), .extra = "Content-Encoding: gzip\r\n"},
      {.body = many + "}"},
      {.body = jwks({weak})},
      {.body = jwks({rsa_signer().private_jwk()})},
      {.status = 204},
  };
  for (const FakeAnswer& answer : broken) {
    answers["/keys"] = answer;
    const std::uint64_t before = issuers->status().front().failures;
    pass(minutes(6));
    EXPECT_GT(issuers->status().front().failures, before) << answer.body.substr(0, 50);
    EXPECT_EQ(state(), State::stale);
    EXPECT_EQ(said(token()), "accepted");
  }
  EXPECT_EQ(asked("/latest"), 0U);
  answers["/keys"] = {.body = jwks({key(ec_signer(), "ec"), weak})};
  pass(minutes(2));
  EXPECT_EQ(state(), State::fresh);
  EXPECT_NE(log.find("an RSA key of 512 bits"), std::string::npos) << log;
}

TEST_F(Issuers, Attack23ASlowKeySetEndsAfterTenSeconds) {
  start();
  answers["/keys"].silent = true;
  const std::uint64_t before = fetches();
  ASSERT_TRUE(until([&] { return fetches() > before; }));
  const base::TimePoint begun = loop.now();
  ASSERT_TRUE(until([&] { return state() == State::stale; }));
  EXPECT_EQ(loop.now() - begun, auth::token::kDocumentTime);
  EXPECT_EQ(said(token()), "accepted");
}

TEST_F(Issuers, Attack24MetadataOfAnotherOrWithAnotherScheme) {
  const std::string uri = quote(url() + "/keys");
  for (const std::string& document :
       {test::object({{"issuer", quote(url() + "/")}, {"jwks_uri", uri}}),
        test::object({{"issuer", quote("https://evil.example")}, {"jwks_uri", uri}}),
        test::object({{"issuer", quote(url())}, {"jwks_uri", quote("http://127.0.0.1/keys")}}),
        test::object({{"issuer", quote(url())}, {"jwks_uri", quote("file:///etc/passwd")}})}) {
    answers[kMetadata].body = document;
    issuers.reset();
    start();
    EXPECT_EQ(state(), State::failed) << document;
    EXPECT_EQ(check(token()).said, Said::unavailable);
    issuers->close();
  }
  EXPECT_EQ(asked("/keys"), 0U);
}

TEST_F(Issuers, Rule52TlsIsVerified) {
  auth::IssuerSettings s = settings();
  s.ca_file = dir.write("other.pem", test::make_certs({.ca_name = "other CA"}).ca_pem);
  make({s});
  start();
  EXPECT_EQ(state(), State::failed);
  EXPECT_TRUE(idp.seen.empty());
  // The file is read again with each fetch.
  (void)dir.write("other.pem", test::shared_certs().ca_pem);
  pass(seconds(2));
  EXPECT_EQ(said(token()), "accepted");
  (void)dir.write("other.pem", "");
  pass(minutes(6));
  EXPECT_NE(issuers->status().front().problem.find("CA file"), std::string::npos);
}

// An issuer of the Internet cannot send us into the networks that only we reach.
TEST_F(Issuers, Rule53PrivateAddressesOnlyForAPrivateIssuer) {
  struct {
    base::Result<auth::token::FetchedDocument> got = base::Error(base::Errc::internal, "none");
    bool done = false;
    void on_document(base::Result<auth::token::FetchedDocument> r) {
      got = std::move(r);
      done = true;
    }
  } seen;
  using Fetch = auth::token::DocumentFetch;
  test::FakeDns dns(loop);
  dns.names["inside.test"] = {"127.0.0.1"};
  net::Resolver named(loop, dns.server());
  Fetch fetch(loop, named, Fetch::Fn::bind<&decltype(seen)::on_document>(&seen));
  const auto get = [&](const std::string& host, bool public_only) {
    seen.done = false;
    fetch.start({.url = "https://" + host + ":" + std::to_string(idp.port()) + "/keys",
                 .ca_file = ca_file,
                 .user_agent = "test",
                 .public_only = public_only,
                 .getenv = [](const char*) -> const char* { return nullptr; }});
    EXPECT_TRUE(until([&] { return seen.done; }));
    return seen.got ? "ok" : std::string(to_string(seen.got.error().code()));
  };
  EXPECT_EQ(get("127.0.0.1", false), "ok");
  EXPECT_FALSE(seen.got->public_server);
  const std::size_t requests = idp.seen.size();
  EXPECT_EQ(get("127.0.0.1", true), "forbidden");
  EXPECT_EQ(get("localhost", true), "forbidden");
  EXPECT_EQ(get("169.254.169.254", true), "forbidden");
  EXPECT_EQ(get("[::1]", true), "forbidden");
  EXPECT_EQ(get("inside.test", true), "forbidden") << "the address decides, not the name";
  EXPECT_EQ(idp.seen.size(), requests);
}

// The same for the whole way: the issuer's metadata comes from a name that may be public.
TEST_F(Issuers, Rule53APublicIssuersKeysAreNotSoughtInside) {
  static std::string proxy_url;
  const auto certs = test::make_certs({.dns = {"login.test"}, .ip = {}});
  const auto context =
      *net::TlsContext::server({certs.server_cert_pem, certs.server_key_pem, "", false});
  test::FakeApi outside{loop, context.get()};
  outside.answer = [&](const test::Seen&) {
    return FakeAnswer{.body = test::object({{"issuer", quote("https://login.test")},
                                            {"jwks_uri", quote(url() + "/keys")}})};
  };
  test::Carrier proxy(loop, outside.port());
  proxy_url = "http://127.0.0.1:" + std::to_string(proxy.listener.address().port());
  auth::IssuerSettings s = *auth::token::parse_issuer_url("https://login.test");
  s.ca_file = dir.write("outside.pem", certs.ca_pem);
  issuers = std::make_unique<auth::Issuers>(
      loop, resolver, std::vector{s},
      auth::IssuersOptions{.audience = kAudience, .getenv = [](const char* name) -> const char* {
                             return std::string_view(name) == "HTTPS_PROXY" ? proxy_url.c_str()
                                                                            : nullptr;
                           }});
  issuers->start();
  ASSERT_TRUE(until([&] { return proxy.carry(), state() != State::empty; }));
  EXPECT_EQ(state(), State::failed);
  EXPECT_NE(issuers->status().front().problem.find("not a public address"), std::string::npos)
      << issuers->status().front().problem;
  EXPECT_TRUE(proxy.head.starts_with("CONNECT login.test:443 ")) << proxy.head;
  EXPECT_TRUE(idp.seen.empty()) << "refused before it is dialled";
}

// An owner may let go of the Issuers first.
TEST_F(Issuers, AWaitingCheckMayOutliveThem) {
  answers["/keys"].silent = true;
  make({settings()});
  issuers->start();
  IssuerAnswer waiting, due;
  waiting.pending = issuers->verify(token(), fn(waiting));
  due.pending = issuers->verify("junk", fn(due));
  EXPECT_EQ(issuers->counts().waiting, 2U);
  issuers.reset();
  waiting.pending.reset();
  due.pending.reset();
  EXPECT_EQ(loop.timers(), 0U);
  EXPECT_FALSE(waiting.outcome || due.outcome);
}

TEST_F(Issuers, NothingHappensAfterClose) {
  make({settings()});
  issuers->start();
  IssuerAnswer waiting, due;
  waiting.pending = issuers->verify(token(), fn(waiting));
  due.pending = issuers->verify("junk", fn(due));
  issuers->close();
  issuers->close();
  EXPECT_EQ(loop.timers(), 0U);
  for (int i = 0; i < 50; ++i)
    loop.run_once();
  EXPECT_FALSE(waiting.outcome || due.outcome);
  waiting.pending.reset();
  due.pending.reset();
}

TEST_F(Issuers, NoTokenIsInTheLog) {
  start();
  const std::string good = token(), bad = of(next, "ec");
  (void)check(good);
  (void)check(bad);
  for (const std::string& text : {good, bad})
    EXPECT_EQ(log.find(text.substr(text.rfind('.') + 1)), std::string::npos);
}

}  // namespace
