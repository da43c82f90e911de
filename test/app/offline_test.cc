// The commands policy and audit, and the examples of doc/POLICY.md.
#include "app/offline.h"

#include <gtest/gtest.h>

#include "audit/log.h"
#include "base/file.h"
#include "loop/clock.h"
#include "policy/policy.h"
#include "support/temp_dir.h"

namespace {

using app::Printed;
using Args = std::vector<std::string>;

std::vector<std::string> examples() {
  const auto page = base::read_file("doc/POLICY.md", 1 << 20);
  EXPECT_TRUE(page);
  std::vector<std::string> out;
  constexpr std::string_view kBegin = "```yaml\n", kEnd = "```";
  for (std::size_t at = 0; page && (at = page->find(kBegin, at)) != std::string::npos;) {
    at += kBegin.size();
    const std::size_t end = page->find(kEnd, at);
    out.push_back(page->substr(at, end - at));
    at = end;
  }
  return out;
}

Printed run(Args args) {
  const auto printed = app::run_offline(args);
  EXPECT_TRUE(printed);
  return printed.value_or(Printed{});
}

TEST(PolicyPage, ItsExamplesLoadAndItsSessionIsReal) {
  const auto all = examples();
  ASSERT_EQ(all.size(), 3u);
  test::TempDir dir;
  for (const std::string& each : all)
    EXPECT_EQ(run({"policy", "check", dir.write("p.yaml", each)}).code, 0) << each;
  const std::string file = dir.write("policy.yaml", all[0]);
  EXPECT_EQ(run({"policy", "check", file}).out, "ok: 3 rules\n");
  const Printed allow = run({"policy", "test", "--policy-file", file, "--verb", "patch", "--kind",
                             "Deployment", "--namespace", "team-a", "--name", "web", "--tool",
                             "k0rdent.mgmt.objects.patch", "--identity", "ann@example.com"});
  EXPECT_EQ(allow.out, "allow: rule 2 (team-a), line 6\n") << allow.err;
  EXPECT_EQ(allow.code, 0);
  const Printed deny = run({"policy", "test", "--policy-file", file, "--verb", "delete", "--kind",
                            "configmaps", "--namespace", "prod"});
  EXPECT_EQ(deny.out, "deny: rule 1 (hands-off), line 2: a rule denies it\n");
  EXPECT_EQ(deny.code, 1);
}

TEST(PolicyCommand, AnswersWithoutAFileAsTheFlagsDo) {
  const auto code = [](Args more) {
    Args args{"policy", "test"};
    args.insert(args.end(), more.begin(), more.end());
    return run(args).code;
  };
  EXPECT_EQ(code({"--verb=patch", "--kind=configmaps", "--namespace=a"}), 0);
  EXPECT_EQ(code({"--verb=patch", "--kind=configmaps", "--namespace=a", "--read-only"}), 1);
  EXPECT_EQ(code({"--verb=patch", "--kind=configmaps", "--namespace=a", "--no-writes"}), 1);
  EXPECT_EQ(code({"--verb=delete", "--kind=configmaps", "--namespace=a", "--no-destructive"}), 1);
  EXPECT_EQ(code({"--verb=patch", "--kind=Secret", "--namespace=a"}), 1);
  EXPECT_EQ(code({"--verb=get", "--kind=Secret", "--namespace=a", "--no-writes"}), 1);
  EXPECT_EQ(code({"--verb=get", "--kind=Secret", "--namespace=a", "--metadata"}), 0);
  EXPECT_EQ(code({"--verb=delete", "--kind=Namespace", "--name=kube-system"}), 1);
  EXPECT_EQ(code({"--verb=create", "--kind=Pod", "--namespace=a", "--privileged"}), 1);
}

TEST(PolicyCommand, WrongUsageIsTwoAndNamesTheNearest) {
  EXPECT_EQ(run({"policy"}).code, 2);
  EXPECT_EQ(run({"policy", "test"}).code, 2);
  EXPECT_EQ(run({"policy", "--help"}).code, 0);
  const Printed flag = run({"policy", "test", "--vreb", "get"});
  EXPECT_EQ(flag.code, 2);
  EXPECT_EQ(flag.err, "k0rdent-mcp: unknown flag --vreb; did you mean --verb?\n");
  EXPECT_EQ(run({"policy", "test", "--verb", "delet", "--kind", "pods"}).err,
            "k0rdent-mcp: --verb must be one of the API's verbs; did you mean delete?\n");
  test::TempDir dir;
  const std::string file = dir.write("p.yaml", "rules:\n- {effect: alow}\n");
  EXPECT_EQ(run({"policy", "check", file}).err,
            "k0rdent-mcp: " + file + ": line 2: unknown effect \"alow\"; did you mean allow?\n");
  EXPECT_EQ(run({"policy", "check", file}).code, 2);
  EXPECT_TRUE(run({"policy"}).err.starts_with("usage: ")) << "which names the program itself";
  EXPECT_FALSE(app::run_offline({"serve"}));
  EXPECT_FALSE(app::run_offline({}));
}

// Bug: the first of two files decided, and its user was not told.
TEST(OfflineFlags, OneWithAValueIsGivenOnce) {
  EXPECT_EQ(run({"policy", "test", "--policy-file", "a", "--verb=get", "--policy-file=b"}).err,
            "k0rdent-mcp: --policy-file is given twice\n");
  EXPECT_EQ(run({"audit", "verify", "f", "--audit-key-file=a", "--key-file=b"}).err,
            "k0rdent-mcp: --audit-key-file is given twice\n")
      << "in its old name, too";
  EXPECT_EQ(run({"rbac", "view", "-o", "json", "--output=yaml"}).err,
            "k0rdent-mcp: --output is given twice\n");
  EXPECT_EQ(run({"policy", "test", "--verb=get", "--kind=pods", "--read-only", "--read-only"}).code,
            0);
  EXPECT_EQ(run({"rbac", "view", "-o"}).err, "k0rdent-mcp: -o needs a value\n");
  EXPECT_EQ(run({"rbac", "view", "-o=json"}).out.front(), '{');
}

TEST(OfflineCommands, EachErrorNamesTheProgram) {
  for (const Args& args : std::vector<Args>{{"rbac", "veiw"},
                                            {"rbac", "view", "--nmae=x"},
                                            {"rbac", "view", "--service-account=x"},
                                            {"policy", "check", "/none"},
                                            {"policy", "test", "--verb=get"},
                                            {"audit", "verify", "/none"},
                                            {"audit", "verify", "f", "--audit-key-file=/none"}}) {
    const Printed printed = run(args);
    EXPECT_EQ(printed.code, 2);
    EXPECT_TRUE(printed.err.starts_with("k0rdent-mcp: ")) << printed.err;
    EXPECT_EQ(printed.out, "");
  }
}

TEST(PolicyCommand, CheckWarnsOfToolsThatThereAreNotAndOfNamesGivenTwice) {
  test::TempDir dir;
  const std::string file =
      dir.write("p.yaml",
                "rules:\n"
                "- {name: a, effect: allow, tools: [k0rdent.mgmt.objects.aply, 'k0rdent.pods.*']}\n"
                "- {name: b, effect: allow, tools: [k0rdent.mgmt.objects.apply, 'nothing.*']}\n"
                "- {name: a, effect: deny}\n");
  const Printed out = run({"policy", "check", file});
  EXPECT_EQ(out.code, 0);
  EXPECT_EQ(
      out.out,
      "warning: rule 1 (a), line 2: no tool is named k0rdent.mgmt.objects.aply; did you mean "
      "k0rdent.mgmt.objects.apply?\n"
      "warning: rule 2 (b), line 3: no tool is named nothing.*\n"
      "warning: rule 3 (a), line 4 has the name of rule 1 (a), line 2: refusals and the audit "
      "log cannot tell them apart by it\n"
      "ok: 3 rules\n");
}

TEST(AuditCommand, SaysOkOrTheFirstWrongLine) {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  test::TempDir dir;
  const std::string file = dir.path("audit.log"), key(40, 'k'), key_file = dir.write("key", key);
  {
    auto log = audit::Log::open(loop, file, key);
    ASSERT_TRUE(log);
    audit::Entry e;
    e.name = "web";
    ASSERT_TRUE((*log)->write(e));
  }
  EXPECT_EQ(run({"audit", "verify", file, "--key-file", key_file}).out,
            "ok: 2 lines, seq 1 to 2\n");
  EXPECT_EQ(run({"audit", "verify", file, "--audit-key-file", key_file}).code, 0);
  EXPECT_EQ(run({"audit", "verify", file}).code, 1) << "another key";
  std::string text = dir.read("audit.log");
  text.replace(text.find("web"), 3, "xyz");
  dir.write("audit.log", text);
  const Printed changed = run({"audit", "verify", file, "--key-file", key_file});
  EXPECT_EQ(changed.code, 1);
  EXPECT_EQ(changed.out, file +
                             ":2: the line was changed, or written with another key (its hash "
                             "does not fit)\n");
  EXPECT_EQ(run({"audit", "verify", dir.path("none")}).code, 2);
  EXPECT_EQ(run({"audit", "verify"}).code, 2);
  EXPECT_EQ(run({"audit", "verify", dir.write("empty", "")}).code, 1);
}

}  // namespace
