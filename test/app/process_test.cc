// What the server tells the process's world: the pid file and systemd.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/notify.h"
#include "app/parts.h"
#include "app/pid_file.h"
#include "app/version.h"
#include "base/fd.h"
#include "base/json.h"
#include "support/temp_dir.h"

namespace {

using app::PidFile;
using test::TempDir;

std::string own_pid() {
  return std::to_string(::getpid()) + "\n";
}

// The id of a process that is over.
pid_t dead_pid() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ::waitpid(pid, nullptr, 0);
  return pid;
}

TEST(PidFile, HoldsOurIdWhileItLivesAndIsRemovedThen) {
  TempDir dir;
  {
    PidFile file;
    ASSERT_TRUE(file.write(dir.path("pid")).has_value());
    EXPECT_EQ(dir.read("pid"), own_pid());
  }
  EXPECT_NE(::access(dir.path("pid").c_str(), F_OK), 0);
}

TEST(PidFile, TheFileOfADeadProcessIsTakenOver) {
  TempDir dir;
  dir.write("pid", std::to_string(dead_pid()) + "\n");
  PidFile file;
  ASSERT_TRUE(file.write(dir.path("pid")).has_value());
  EXPECT_EQ(dir.read("pid"), own_pid());
}

TEST(PidFile, TheFileOfARunningProcessStays) {
  TempDir dir;
  const std::string theirs = std::to_string(::getppid()) + "\n";
  dir.write("pid", theirs);
  {
    PidFile file;
    const auto written = file.write(dir.path("pid"));
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code(), base::Errc::conflict);
    EXPECT_EQ(written.error().what(), "pid file " + dir.path("pid") + ": process " +
                                          std::to_string(::getppid()) + " is running");
  }
  EXPECT_EQ(dir.read("pid"), theirs);
}

TEST(PidFile, OneThatNamesUsAlreadyOrNobodyIsTaken) {
  for (const std::string& content : {own_pid(), std::string(), std::string("\n")}) {
    TempDir dir;
    dir.write("pid", content);
    PidFile file;
    EXPECT_TRUE(file.write(dir.path("pid")).has_value());
    EXPECT_EQ(dir.read("pid"), own_pid());
  }
}

TEST(PidFile, AFileThatIsNoPidFileIsNotOverwritten) {
  for (const std::string& content :
       {std::string("apiVersion: v1\n"), std::string("-1\n"), std::string("0\n"),
        std::string("12 34\n"), std::string("99999999999\n"), std::string(1000, '1')}) {
    TempDir dir;
    dir.write("pid", content);
    {
      PidFile file;
      const auto written = file.write(dir.path("pid"));
      ASSERT_FALSE(written.has_value()) << content;
      EXPECT_EQ(written.error().code(), base::Errc::conflict);
    }
    EXPECT_EQ(dir.read("pid"), content);
  }
}

TEST(PidFile, WhatAnotherProcessWroteMeanwhileIsNotRemoved) {
  TempDir dir;
  {
    PidFile file;
    ASSERT_TRUE(file.write(dir.path("pid")).has_value());
    dir.write("pid", "4711\n");
  }
  EXPECT_EQ(dir.read("pid"), "4711\n");
}

TEST(PidFile, AFolderThatIsNotThereIsAnErrorThatNamesTheFile) {
  TempDir dir;
  PidFile file;
  const auto written = file.write(dir.path("none/pid"));
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().what().find(dir.path("none/pid")), std::string::npos);
}

// ---- systemd

class Notified : public ::testing::Test {
 protected:
  ~Notified() override { ::unsetenv("NOTIFY_SOCKET"); }
  // Binds where systemd would and points $NOTIFY_SOCKET there.
  void listen(const std::string& name) {
    fd_ = base::Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    ASSERT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  std::string received() {
    char buffer[256];
    const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    return n < 0 ? "(nothing)" : std::string(buffer, static_cast<std::size_t>(n));
  }
  base::Fd fd_;
};

TEST_F(Notified, TheStateArrivesAsOneDatagram) {
  TempDir dir;
  listen(dir.path("notify"));
  app::notify_systemd("READY=1");
  app::notify_systemd("STOPPING=1");
  EXPECT_EQ(received(), "READY=1");
  EXPECT_EQ(received(), "STOPPING=1");
  EXPECT_EQ(received(), "(nothing)");
}

TEST_F(Notified, InTheAbstractNamespaceToo) {
  listen("@k0rdent-mcp-test-" + std::to_string(::getpid()));
  app::notify_systemd("READY=1");
  EXPECT_EQ(received(), "READY=1");
}

TEST_F(Notified, NothingHappensWithoutASocketOrWithABadOne) {
  TempDir dir;
  listen(dir.path("notify"));
  for (const std::string& bad : {std::string("relative"), std::string("vsock:1:2"),
                                 dir.path("nobody"), "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", bad.c_str(), 1);
    app::notify_systemd("READY=1");
  }
  ::unsetenv("NOTIFY_SOCKET");
  app::notify_systemd("READY=1");
  EXPECT_EQ(received(), "(nothing)");
}

// ---- version

TEST(Version, EachLinkedLibraryTellsItsOwn) {
  std::string names;
  for (const app::Part& part : app::linked_parts()) {
    names += std::string(part.name) + " ";
    EXPECT_FALSE(part.version.empty()) << part.name;
    EXPECT_EQ(part.version.find_first_not_of("0123456789.abcdefghijklmnopqrstuvwxyz-"),
              std::string::npos)
        << part.name << " " << part.version;
    EXPECT_TRUE(part.version[0] >= '0' && part.version[0] <= '9') << part.version;
  }
  EXPECT_EQ(names, "c-ares glibc libstdc++ libyaml llhttp openssl simdjson ");
}

TEST(Version, TheSameInJsonAndInTheUserAgent) {
  base::json::Document doc;
  const std::string json = app::version_json();
  const auto root = doc.parse(json);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ((*root)["version"].str(), app::version());
  EXPECT_EQ((*root)["gitCommit"].str(), app::git_commit());
  EXPECT_EQ((*root)["buildDate"].str(), app::build_date());
  EXPECT_TRUE(
      app::user_agent().starts_with("k0rdent-mcp/" + std::string(app::version()) + " (linux/"));
}

}  // namespace
