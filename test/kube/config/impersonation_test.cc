// The header lines with which the API server is told on whose behalf a request is made.
#include "kube/config/impersonation.h"

#include <gtest/gtest.h>

namespace {

using kube::config::Impersonation;

std::string lines(const Impersonation& who) {
  const auto out = kube::config::impersonation_lines(who);
  return out ? std::string(out->view()) : "refused: " + out.error().what();
}

bool refused(const Impersonation& who) {
  return lines(who).starts_with("refused: ");
}

TEST(Impersonation, SaysUserUidGroupsAndExtra) {
  EXPECT_EQ(
      lines({"oidc:ann", "7", {"oidc:ops", "oidc:dev"}, {{"example.com/Tenant", {"a", "b"}}}}),
      "Impersonate-User: oidc:ann\nImpersonate-Uid: 7\n"
      "Impersonate-Group: oidc:dev\nImpersonate-Group: oidc:ops\n"
      "Impersonate-Extra-example.com%2ftenant: a\nImpersonate-Extra-example.com%2ftenant: b\n");
  EXPECT_EQ(lines({"ann"}), "Impersonate-User: ann\n");
}

TEST(Impersonation, IsTheSameWhateverTheOrderOfItsGroups) {
  EXPECT_EQ(lines({"ann", "", {"b", "a", "b"}}), lines({"ann", "", {"a", "b"}}));
}

// Attack 26: RBAC cannot refuse these to us.
TEST(Impersonation, NothingOfTheClusterItselfIsImpersonated) {
  for (const char* user :
       {"system:admin", "system:kube-controller-manager", "system:node:a", "system:anonymous",
        "system:serviceaccount:kube-system", "system:serviceaccount:a:b:c",
        "system:serviceaccount:Kube:x", "system:serviceaccount::x"}) {
    EXPECT_TRUE(refused({user})) << user;
  }
  for (const char* group : {"system:masters", "system:nodes", "system:authenticated"})
    EXPECT_TRUE(refused({"oidc:ann", "", {"dev", group}})) << group;
  EXPECT_EQ(lines({"system:serviceaccount:team-a:bot"}),
            "Impersonate-User: system:serviceaccount:team-a:bot\n");
}

// Attack 28.
TEST(Impersonation, NoValueCanBecomeAnotherHeader) {
  for (const std::string bad : {"ann\r\nImpersonate-Group: system:masters", "ann\n", "a\tb", " ann",
                                "ann ", "", "\x7f", "j\xfcrgen", "j\xc3",
                                "a\xc2\x85"
                                "b",
                                "\xe2\x80\xaegro"}) {
    EXPECT_TRUE(refused({bad})) << bad;
    EXPECT_TRUE(refused({"ann", "", {bad}})) << bad;
    EXPECT_TRUE(refused({"ann", "", {}, {{"k", {bad}}}})) << bad;
  }
  EXPECT_TRUE(refused({"ann", "7\r\n"}));
  EXPECT_TRUE(refused({"ann", "", {}, {{"", {"v"}}}}));
  EXPECT_EQ(lines({"ann%0d%0aX: y"}), "Impersonate-User: ann%0d%0aX: y\n") << "only text";
  EXPECT_EQ(lines({"ann", "", {}, {{"K%\r\nX: y", {"v"}}}}),
            "Impersonate-User: ann\nImpersonate-Extra-k%25%0d%0ax%3a%20y: v\n");
}

// Bug: users and groups with a letter outside ASCII were locked out.
TEST(Impersonation, NamesAreSentAsUtf8) {
  EXPECT_EQ(lines({"j\xc3\xbcrgen", "", {"F\xc3\xbchrung"}, {{"k", {"\xe6\x9d\xb1"}}}}),
            "Impersonate-User: j\xc3\xbcrgen\nImpersonate-Group: F\xc3\xbchrung\n"
            "Impersonate-Extra-k: \xe6\x9d\xb1\n");
}

TEST(Impersonation, IsBounded) {
  std::vector<std::string> groups;
  for (std::size_t i = 0; i <= kube::config::kImpersonationGroups; ++i)
    groups.push_back("g" + std::to_string(i));
  EXPECT_TRUE(refused({"ann", "", groups}));
  groups.pop_back();
  EXPECT_FALSE(refused({"ann", "", groups}));
  EXPECT_TRUE(refused({"ann", "", {std::string(kube::config::kImpersonationBytes, 'x')}}));
}

TEST(Impersonation, BecomesHeaders) {
  kube::config::HeaderList headers;
  kube::config::add_impersonation("Impersonate-User: a: b\nImpersonate-Group: c\n", headers);
  EXPECT_EQ(headers,
            (kube::config::HeaderList{{"Impersonate-User", "a: b"}, {"Impersonate-Group", "c"}}));
}

}  // namespace
