// Sealed text: what opens, what does not.
#include "base/seal.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "support/temp_dir.h"

namespace {

using base::Errc;
using base::Seal;

const std::string kKey(32, 'k');
constexpr base::WallTime kNow{1'800'000'000'000'000'000};
constexpr base::WallTime kLater{kNow.ns + 60'000'000'000};

TEST(Seal, Rfc4231Case2) {
  EXPECT_EQ(base::hex(base::hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Seal, WhatWasSealedOpensForTheSameContextAndKey) {
  const Seal seal(kKey);
  for (const std::string& text : {std::string(), std::string("a"), std::string(5000, '\xff')}) {
    const std::string token = seal.seal(text, "ctx", kLater);
    const auto opened = Seal(kKey).open(token, "ctx", kNow);
    ASSERT_TRUE(opened) << opened.error().what();
    EXPECT_EQ(*opened, text);
    EXPECT_EQ(seal.open(token, "ctX", kNow).error().code(), Errc::forbidden);
    EXPECT_EQ(Seal(std::string(32, 'j')).open(token, "ctx", kNow).error().code(), Errc::forbidden);
  }
}

TEST(Seal, ExpiresAndItsExpiryCannotBeMoved) {
  const Seal seal(kKey);
  std::string token = seal.seal("text", "ctx", kLater);
  EXPECT_TRUE(seal.open(token, "ctx", kLater));
  EXPECT_EQ(seal.open(token, "ctx", {kLater.ns + 1'000'000'000}).error().code(), Errc::gone);
  const std::size_t at = token.find("1800000060");
  ASSERT_NE(at, std::string::npos);
  token[at] = '9';
  EXPECT_EQ(seal.open(token, "ctx", kNow).error().code(), Errc::forbidden);
}

TEST(Seal, AnyOtherTextIsRefused) {
  const Seal seal(kKey);
  const std::string token = seal.seal("text", "ctx", kLater);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string bad = token;
    bad.erase(i, 1);
    EXPECT_FALSE(seal.open(bad, "ctx", kNow)) << i;
    bad = token;
    bad.insert(i, "A");
    EXPECT_FALSE(seal.open(bad, "ctx", kNow)) << i;
  }
  for (const char* bad : {"", ".", "..", "...", "a.b.c", "====.1.===="}) {
    EXPECT_FALSE(seal.open(bad, "ctx", kNow)) << bad;
  }
}

TEST(Seal, PartsCannotBeMovedBetweenContextAndText) {
  const Seal seal(kKey);
  const std::string token = seal.seal("b", "a", kLater);
  EXPECT_FALSE(seal.open(token, "ab", kNow));
  EXPECT_NE(seal.seal("", "ab", kLater), token);
}

TEST(Seal, Base64UrlHasOneTextForEachBytes) {
  EXPECT_EQ(base::base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base::base64url("a"), "YQ");
  EXPECT_EQ(base::parse_base64url("YQ"), "a");
  for (const char* bad : {"YQ==", "YR", "Y", "Y Q", "+___", "YQ\n"}) {
    EXPECT_FALSE(base::parse_base64url(bad)) << bad;
  }
}

TEST(Seal, AKeyFileIsReadWithoutItsLineEndAndMustBeLongEnough) {
  const test::TempDir dir;
  const auto write = [&](const std::string& text) {
    const std::string path = dir.path() + "/key";
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), 0600), 0);
    return Seal::read_key(path);
  };
  EXPECT_EQ(*write(kKey + "\n"), kKey);
  const auto small = write("too small\n");
  ASSERT_FALSE(small);
  EXPECT_NE(small.error().what().find("at least 32"), std::string::npos) << small.error().what();
  EXPECT_FALSE(Seal::read_key(dir.path() + "/none"));
}

// Bug: a key that anybody can change was taken.
TEST(Seal, AKeyThatOthersCanChangeOrAnybodyCanReadIsRefused) {
  const test::TempDir dir;
  for (const unsigned mode : {0600U, 0400U, 0440U, 0640U})
    EXPECT_TRUE(Seal::read_key(dir.write("key", kKey, mode))) << std::oct << mode;
  for (const unsigned mode : {0602U, 0666U, 0660U, 0644U, 0604U}) {
    const auto refused = Seal::read_key(dir.write("key", kKey, mode));
    ASSERT_FALSE(refused) << std::oct << mode;
    EXPECT_NE(refused.error().what().find(mode == 0644U || mode == 0604U
                                              ? "anybody may read it (mode 06"
                                              : "others than its owner may change it (mode 06"),
              std::string::npos)
        << refused.error().what();
  }
}

}  // namespace
