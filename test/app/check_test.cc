// `k0rdent-mcp check`: what it says and how it exits.
#include "app/check.h"

#include <cstdlib>

#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace {

struct CheckTest : test::SimWorld {
  // Its output; the exit code in `code`.
  std::string check(const std::string& kubeconfig) {
    app::Settings settings;
    settings.kubeconfig = dir.write("kubeconfig", kubeconfig);
    return check(settings);
  }
  std::string check(const app::Settings& settings) {
    ::testing::internal::CaptureStdout();
    code = app::run_check(loop, settings);
    std::fflush(stdout);
    return ::testing::internal::GetCapturedStdout();
  }
  static bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  }
  test::TempDir dir;
  int code = -1;
};

TEST_F(CheckTest, WhereAllIsWellItSaysWhatItFoundAndExitsWith0) {
  const std::string out = check(api.kubeconfig());
  EXPECT_EQ(code, 0) << out;
  EXPECT_TRUE(has(out, "ok       kubeconfig: file " + dir.path("kubeconfig"))) << out;
  EXPECT_TRUE(has(out, "ok       server: " + api.url())) << out;
  EXPECT_TRUE(has(out, "ok       API server: Kubernetes v1.")) << out;
  EXPECT_TRUE(has(out, "ok       identity: as admin")) << out;
  EXPECT_TRUE(has(out, "ok       list namespaces\n")) << out;
  EXPECT_FALSE(has(out, "failed")) << out;
}

TEST_F(CheckTest, AProxyIsNamedWithoutItsPassword) {
  const std::string out = check(
      "apiVersion: v1\nkind: Config\ncurrent-context: m\n"
      "clusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\", "
      "proxy-url: \"http://user:secret@127.0.0.1:2\", insecure-skip-tls-verify: true}}]\n"
      "users: [{name: u, user: {}}]\ncontexts: [{name: m, context: {cluster: c, user: u}}]\n");
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(out, "server: https://127.0.0.1:1 through the proxy 127.0.0.1:2\n")) << out;
  EXPECT_FALSE(has(out, "secret")) << out;
}

TEST_F(CheckTest, WhatIsNeededAndRefusedIsAFailureAndTheRestIsStillLookedAt) {
  auto& admin = api.users().find(sim::ApiServer::kAdminToken)->second;
  admin.denied.push_back({"list", "namespaces", "", "", true});
  const std::string out = check(api.kubeconfig());
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(out, "failed   list namespaces: namespaces is forbidden")) << out;
  EXPECT_TRUE(has(out, "(needed for: k0rdent.mgmt.namespaces.list)")) << out;
  EXPECT_TRUE(has(out, "ok       list pods\n")) << out;
}

TEST_F(CheckTest, WhatIsOnlyMissingIsSaidAndIsNoFailure) {
  api.set_reviews(false);
  auto& admin = api.users().find(sim::ApiServer::kAdminToken)->second;
  admin.denied.push_back({"list", "events", "", "", true});
  const std::string out = check(api.kubeconfig());
  EXPECT_EQ(code, 0) << out;
  EXPECT_TRUE(has(out, "missing  identity: ")) << out;
  EXPECT_TRUE(has(out, "missing  list events: ")) << out;
  EXPECT_TRUE(has(out, "missing  k0rdent API: ")) << out;
}

TEST_F(CheckTest, AnApiServerThatIsAwayIsSaidOnce) {
  const std::string kubeconfig = api.kubeconfig();
  api.stop();
  const std::string out = check(kubeconfig);
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(out, "failed   API server: ")) << out;
  EXPECT_FALSE(has(out, "list namespaces")) << out;
}

TEST_F(CheckTest, AKubeconfigThatCannotBeUsedSaysWhy) {
  app::Settings settings;
  settings.kubeconfig = dir.path("none");
  const std::string out = check(settings);
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(out, "\nfailed   kubeconfig: ")) << out;
  EXPECT_TRUE(has(out, dir.path("none"))) << out;
  settings.kubeconfig = dir.write("kubeconfig", api.kubeconfig());
  settings.context = "nowhere";
  EXPECT_TRUE(has(check(settings), "nowhere"));
  EXPECT_EQ(code, 1);
}

TEST_F(CheckTest, AWrongTokenIsSaid) {
  const std::string out = check(api.kubeconfig("wrong"));
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(out, "failed   API server: Unauthorized")) << out;
}

// Bug: what an API server says wrote on the terminal by itself.
TEST_F(CheckTest, NothingOfOthersMovesTheTerminal) {
  const std::string out = check(
      "apiVersion: v1\nkind: Config\ncurrent-context: \"a\\u202Eb\"\n"
      "clusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\", "
      "\"x\\e[2J\\x9b\": 1}}]\n"
      "users: [{name: u, user: {}}]\ncontexts: [{name: \"a\\u202Eb\", context: {cluster: c, "
      "user: u}}]\n");
  EXPECT_TRUE(has(out, "context a\\u202eb\n")) << out;
  for (const char* raw : {"\x1b", "\xC2\x9B", "\u202E"})
    EXPECT_FALSE(has(out, raw)) << out;
}

TEST_F(CheckTest, WhatDecidesAboutWritesIsOpenedAsTheServerWould) {
  app::Settings settings;
  settings.kubeconfig = dir.write("kubeconfig", api.kubeconfig());
  EXPECT_TRUE(
      has(check(settings), "ok       writes are off: start the server with --allow-writes"));
  settings.allow_writes = true;
  EXPECT_TRUE(has(check(settings), "ok       writes are allowed, and not recorded"));
  settings.policy_file = dir.write("policy.yaml", "rules: [{effect: allow}]\n");
  settings.audit_file = dir.path("audit.jsonl");
  settings.audit_key = std::string(40, 'k');
  const std::string good = check(settings);
  EXPECT_EQ(code, 0) << good;
  EXPECT_TRUE(has(good, "ok       policy: 1 rule of " + settings.policy_file)) << good;
  EXPECT_TRUE(has(good, "is writable, its last line is 1, with the key\n")) << good;
  settings.audit_key = std::string(40, 'x');
  const std::string other = check(settings);
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(other, "failed   --audit-file")) << other;
  settings.audit_file.clear();
  settings.policy_file = dir.write("policy.yaml", "rules: [{efect: allow}]\n");
  const std::string bad = check(settings);
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(has(bad, "did you mean effect?")) << bad;
}

}  // namespace
