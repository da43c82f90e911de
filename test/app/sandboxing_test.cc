// Which files --sandbox leaves, and what it refuses.
#include "app/sandboxing.h"

#include <algorithm>
#include <climits>
#include <cstdlib>

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
// Bug: a file directly below the root opened all there is.
TEST(Sandboxing, AFileBelowTheRootIsNamedAlone) {
  app::Settings settings;
  settings.policy_file = "/policy.yaml";
  settings.tls.cert = "/./tls.crt";
  const sandbox::Paths paths = app::sandbox_paths(settings, {});
  EXPECT_TRUE(holds(paths.read, "/policy.yaml") && holds(paths.read, "/./tls.crt"));
  for (const char* each : {"/", "/."})
    EXPECT_FALSE(holds(paths.read, each)) << each;
}

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

// Bug: a certificate behind current -> v1 was not read again once current named v2.
TEST(Sandboxing, ALinkAmongTheDirectoriesCanBeSwapped) {
  test::TempDir dir;
  for (const char* each : {"tls", "tls/v1", "far", "far/a", "logs"})
    ASSERT_EQ(::mkdir(dir.path(each).c_str(), 0700), 0);
  ASSERT_EQ(::symlink("v1", dir.path("tls/current").c_str()), 0);
  ASSERT_EQ(::symlink((dir.path("far/a") + "/").c_str(), dir.path("logs/there").c_str()), 0);
  ASSERT_EQ(::symlink("/proc", dir.path("logs/top").c_str()), 0);
  app::Settings settings;
  settings.tls.cert = dir.path("tls/current/tls.crt");
  settings.tls.key = dir.path("logs/there/tls.key");
  settings.audit_file = dir.path("tls/current/audit");
  sandbox::Paths paths = app::sandbox_paths(settings, {});
  EXPECT_TRUE(holds(paths.read, dir.path("tls"))) << "v2 will be there";
  EXPECT_FALSE(holds(paths.read, dir.path("logs"))) << "nothing beside it is ever named";
  EXPECT_TRUE(holds(paths.read, dir.path("far")));
  EXPECT_FALSE(holds(paths.write, dir.path("tls"))) << "no more than the file needs";
  EXPECT_TRUE(holds(paths.write, dir.path("tls/current")));

  // Links of the system, as /var/run, open nothing more.
  settings.tls.key = dir.path("logs/top/self/status");
  paths = app::sandbox_paths(settings, {});
  for (const std::string& each : paths.read) {
    char real[PATH_MAX];
    if (::realpath(each.c_str(), real) == nullptr) continue;
    EXPECT_STRNE(real, "/") << each;
    EXPECT_STRNE(real, "/proc") << each;
  }
}

// Bug: drop-ins that are links, as those of a mounted ConfigMap are, could not be read at a reload.
TEST(Sandboxing, DropInsAreNamedWithWhatTheirLinksLeadTo) {
  test::TempDir dir;
  for (const char* each : {"conf", "other", "real"})
    ASSERT_EQ(::mkdir(dir.path(each).c_str(), 0700), 0);
  app::Settings settings;
  settings.config_file = dir.write("conf/c.yaml", "log-level: debug\n");
  EXPECT_TRUE(holds(app::sandbox_paths(settings, {}).read, dir.path("conf/c.yaml.d")));
  (void)dir.write("real/brake.yaml", "allow-writes: off\n");
  ASSERT_EQ(::symlink("../other", dir.path("conf/c.yaml.d").c_str()), 0);
  ASSERT_EQ(::symlink(dir.path("real/brake.yaml").c_str(), dir.path("other/10.yaml").c_str()), 0);
  const sandbox::Paths paths = app::sandbox_paths(settings, {});
  EXPECT_TRUE(holds(paths.read, dir.path("conf/c.yaml.d")));
  EXPECT_TRUE(holds(paths.read, dir.path("real")));
  settings.config_file.clear();
  EXPECT_FALSE(holds(app::sandbox_paths(settings, {}).read, "/.d"));
}

}  // namespace
