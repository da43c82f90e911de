// A token that confirms a change: good once, for a while, for its caller and for what was shown.
#include "change/confirm.h"

#include <string>

#include <gtest/gtest.h>

namespace {

constexpr base::WallTime kNow{1'700'000'000'000'000'000};

struct ConfirmationTokens : testing::Test {
  bool use(const std::string& token, std::string_view digest = "shown",
           std::string_view identity = "alice", base::Duration later = {}) {
    const auto used = tokens.use(token, digest, identity, base::WallTime{kNow.ns + later.count()});
    why = used ? "" : used.error().what();
    return used.has_value();
  }
  std::string token() { return tokens.token("shown", "alice", kNow); }
  const base::Seal seal = base::Seal::random();
  change::Confirmations tokens{seal};
  std::string why;
};

TEST_F(ConfirmationTokens, IsGoodOnce) {
  const std::string one = token(), other = token();
  EXPECT_NE(one, other);
  EXPECT_TRUE(use(one));
  EXPECT_FALSE(use(one));
  EXPECT_EQ(why, "the confirmation token was used already");
  EXPECT_TRUE(use(" " + other + "\n")) << why;
}

TEST_F(ConfirmationTokens, IsForItsCallerAndForWhatWasShown) {
  const std::string one = token();
  EXPECT_FALSE(use(one, "shown", "bob"));
  EXPECT_NE(why.find("no confirmation token that this server gave to this caller"), why.npos);
  EXPECT_FALSE(use(one, "another"));
  EXPECT_NE(why.find("for something else"), why.npos) << why;
  EXPECT_TRUE(use(one)) << "a try with other arguments does not use it up";
}

TEST_F(ConfirmationTokens, Expires) {
  const std::string one = token();
  EXPECT_FALSE(use(one, "shown", "alice", change::kConfirmTime + base::seconds(1)));
  EXPECT_EQ(why, "the confirmation token has expired: it is good for 5m");
  EXPECT_TRUE(use(one, "shown", "alice", change::kConfirmTime - base::seconds(1))) << why;
}

TEST_F(ConfirmationTokens, TheLastUsedOnesAreRemembered) {
  const std::string first = token(), second = token();
  EXPECT_TRUE(use(first));
  EXPECT_TRUE(use(second));
  for (std::size_t i = 2; i < change::kUsedTokens; ++i)
    use(token());
  EXPECT_FALSE(use(first));
  use(token());
  EXPECT_TRUE(use(first)) << "the oldest is forgotten: " << why;
  EXPECT_FALSE(use(token() + "x"));
}

}  // namespace
