// Which files --sandbox leaves, and what it refuses.
#include "app/sandboxing.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/settings.h"
#include "support/temp_dir.h"

namespace {

bool holds(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

TEST(Sandboxing, AKubeconfigThatStartsAProgramIsRefusedInClearWords) {
  app::Settings settings;
  kube::config::Config config;
  config.user.name = "dev";
  config.user.exec.emplace().command = "aws-iam-authenticator";
  EXPECT_TRUE(app::check_sandbox(settings, config).has_value());
  settings.sandbox = true;
  const auto refused = app::check_sandbox(settings, config);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(std::string(refused.error().what())
                .find("user dev gets its credentials from a program (exec: aws-iam-authenticator), "
                      "and --sandbox lets no program be started"),
            std::string::npos)
      << refused.error().what();
  config.user.exec.reset();
  EXPECT_TRUE(app::check_sandbox(settings, config).has_value());
}

// A file that is replaced by a rename is another file: its directory counts.
TEST(Sandboxing, FilesThatAreReadAgainAndWrittenAreNamedByTheirDirectories) {
  app::Settings settings;
  settings.policy_file = "/etc/k/policy.yaml";
  settings.audit_file = "/var/log/k/audit.jsonl";
  settings.pid_file = "pid";
  settings.catalog.cache_dir = "/var/cache/k";
  settings.listens[0].kind = app::Listen::Kind::unix_socket;
  settings.listens[0].socket.path = "/run/k/mcp.sock";
  kube::config::Config config;
  config.cluster.ca_file = "/pki/ca.crt";
  config.user.token_file = "/tokens/token";
  const sandbox::Paths paths = app::sandbox_paths(settings, config);
  // Bug: /etc/hosts and /etc/resolv.conf were named, and no name was resolved once they were replaced.
  for (const char* each : {"/etc/k", "/pki", "/tokens", "/etc"})
    EXPECT_TRUE(holds(paths.read, each)) << each;
  EXPECT_FALSE(holds(paths.read, "/"));
  EXPECT_EQ(paths.write, (std::vector<std::string>{"/var/log/k", ".", "/var/cache/k", "/run/k"}));
  settings.audit_file = "-";
  EXPECT_EQ(app::sandbox_paths(settings, config).write.size(), 3u);
}

// Bug: a certificate in certbot's directories was not read again after its renewal.
TEST(Sandboxing, TheDirectoriesToWhichAFilesLinksLeadAreNamed) {
  test::TempDir dir;
  for (const char* each : {"live", "archive", "store"})
    ASSERT_EQ(::mkdir(dir.path(each).c_str(), 0700), 0);
  (void)dir.write("store/cert1.pem", "x");
  ASSERT_EQ(::symlink("../archive/cert.pem", dir.path("live/cert.pem").c_str()), 0);
  ASSERT_EQ(::symlink(dir.path("store/cert1.pem").c_str(), dir.path("archive/cert.pem").c_str()),
            0);
  ASSERT_EQ(::symlink("loop.pem", dir.path("live/loop.pem").c_str()), 0);
  app::Settings settings;
  settings.tls.cert = dir.path("live/cert.pem");
  settings.tls.key = dir.path("live/loop.pem");
  settings.audit_file = dir.path("live/cert.pem");
  const sandbox::Paths paths = app::sandbox_paths(settings, {});
  for (const auto* list : {&paths.read, &paths.write}) {
    EXPECT_TRUE(holds(*list, dir.path("live")));
    EXPECT_TRUE(holds(*list, dir.path("live/../archive")));
    EXPECT_TRUE(holds(*list, dir.path("store")));
  }
}

}  // namespace
