// Which descriptors a process takes over from the one that started it.
#include "door/passed_sockets.h"

#include <algorithm>
#include <map>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace {

std::map<std::string, std::string> variables;

const char* variable(const char* name) {
  const auto at = variables.find(name);
  return at == variables.end() ? nullptr : at->second.c_str();
}

base::Result<std::vector<door::PassedSocket>> read(std::map<std::string, std::string> with) {
  variables = std::move(with);
  return door::passed_sockets(variable, 42);
}
std::vector<door::PassedSocket> passed(std::map<std::string, std::string> with) {
  auto out = read(std::move(with));
  EXPECT_TRUE(out) << out.error().what();
  return out ? *out : std::vector<door::PassedSocket>();
}

TEST(PassedSockets, AreThoseThatTheEnvironmentNamesForThisProcess) {
  // Descriptors 3 and 4 of the test's process, whatever they are; made, if there are none.
  const int made = ::open("/dev/null", O_RDONLY), more = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(more, 4);
  const auto two = passed({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "2"}, {"LISTEN_FDNAMES", "a:b"}});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].fd, 3);
  EXPECT_EQ(two[0].name, "a");
  EXPECT_EQ(two[1].fd, 4);
  EXPECT_EQ(two[1].name, "b");
  EXPECT_NE(::fcntl(3, F_GETFD) & FD_CLOEXEC, 0) << "a child would inherit it";
  const auto nameless = passed({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "1"}});
  ASSERT_EQ(nameless.size(), 1u);
  EXPECT_EQ(nameless[0].name, "");
  ::close(made);
  ::close(more);
}

TEST(PassedSockets, AreNoneForAnotherProcess) {
  EXPECT_TRUE(passed({}).empty());
  EXPECT_TRUE(passed({{"LISTEN_FDS", "1"}}).empty());
  EXPECT_TRUE(passed({{"LISTEN_PID", "41"}, {"LISTEN_FDS", "1"}}).empty());
  EXPECT_TRUE(passed({{"LISTEN_PID", "41"}, {"LISTEN_FDS", "x"}}).empty());
  EXPECT_TRUE(passed({{"LISTEN_PID", "42"}}).empty());
  EXPECT_TRUE(passed({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "0"}}).empty());
}

// Bug: the server then listened on its default address, with the default auth mode.
TEST(PassedSockets, WhatCannotBeReadIsAnErrorAndNotNone) {
  for (const char* count : {"-1", "65", "9999999999999999999", "x", "1x", ""}) {
    const auto out = read({{"LISTEN_PID", "42"}, {"LISTEN_FDS", count}});
    ASSERT_FALSE(out) << count;
    EXPECT_NE(out.error().what().find("at most 64"), std::string::npos) << out.error().what();
  }
  int last = ::open("/dev/null", O_RDONLY);
  ASSERT_LT(last, 60);
  ::close(last);  // the lowest that is not open
  const auto out =
      read({{"LISTEN_PID", "42"}, {"LISTEN_FDS", std::to_string(std::max(last, 3) - 2)}});
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().what().find("descriptor " + std::to_string(std::max(last, 3))),
            std::string::npos)
      << out.error().what();
}

}  // namespace
