// The audit log: its lines, their chain over restarts, rotation and full disks, and what verify finds.
#include "audit/log.h"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/verify.h"
#include "base/json.h"
#include "base/text.h"
#include "loop/clock.h"
#include "support/temp_dir.h"

namespace {

class AuditLog : public testing::Test {
 protected:
  std::unique_ptr<audit::Log> open(const std::string& key = "") {
    auto log = audit::Log::open(loop, path, key);
    EXPECT_TRUE(log) << (log ? "" : log.error().what());
    return log ? *std::move(log) : nullptr;
  }
  static audit::Entry entry(const std::string& name = "web") {
    audit::Entry e;
    e.caller = "ann";
    e.client = "cli 1.0";
    e.tool = "objects.delete";
    e.verb = "delete";
    e.group = "apps";
    e.version = "v1";
    e.resource = "deployments";
    e.ns = "prod";
    e.name = name;
    e.rule = "rule 2";
    e.request_id = "0011223344556677";
    return e;
  }
  std::string text() const { return dir.read("audit.log"); }
  void set_text(const std::string& text) { dir.write("audit.log", text); }
  std::string problem(const std::string& key = "", std::vector<std::string> files = {}) {
    audit::Verifier v(key);
    if (files.empty()) files = {path};
    for (const std::string& file : files)
      EXPECT_TRUE(v.file(file));
    v.end();
    torn = v.torn();
    lines = v.lines();
    std::string out = v.problem();
    if (out.starts_with(dir.path())) out.erase(0, dir.path().size() + 1);
    return out;
  }
  std::string line(std::size_t i) const { return std::string(base::split(text(), '\n').at(i)); }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  test::TempDir dir;
  const std::string path = dir.path("audit.log");
  std::uint64_t torn = 0, lines = 0;
};

TEST_F(AuditLog, ALineSaysWhoDidWhatAndIsChained) {
  auto log = open();
  audit::Entry e = entry();
  ASSERT_TRUE(log->write(e));
  e.stage = audit::Entry::Stage::result;
  e.result = "deleted";
  e.duration = base::milliseconds(12);
  e.audit_id = "0d2c";
  ASSERT_TRUE(log->write(e));
  base::json::Document first, second;
  const auto request = first.parse(line(1)), result = second.parse(line(2));
  ASSERT_TRUE(request);
  ASSERT_TRUE(result);
  EXPECT_EQ((*request)["seq"].int_or(0), 2) << "the first line says that the log was opened";
  EXPECT_EQ((*request)["time"].str(), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ((*request)["stage"].str(), "request");
  EXPECT_EQ((*request)["caller"].str(), "ann");
  EXPECT_EQ((*request)["client"].str(), "cli 1.0");
  EXPECT_EQ((*request)["tool"].str(), "objects.delete");
  EXPECT_EQ((*request)["namespace"].str(), "prod");
  EXPECT_EQ((*request)["decision"].str(), "allowed");
  EXPECT_EQ((*request)["dry_run"].as_bool(), false);
  EXPECT_EQ((*result)["prev"].str(), (*request)["hash"].str());
  EXPECT_EQ((*result)["result"].str(), "deleted");
  EXPECT_EQ((*result)["duration_ms"].int_or(0), 12);
  EXPECT_EQ((*result)["audit_id"].str(), "0d2c");
  EXPECT_EQ((*result)["request"].str(), (*request)["request"].str());
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(lines, 3u);
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(AuditLog, NoEntryMakesALineThatAPipeWouldCut) {
  auto log = open();
  audit::Entry e = entry(std::string(253, 'n'));
  const std::string evil = std::string(5000, '"') + "\n\x1b[2J";
  e.caller = e.client = e.tool = e.cluster = e.rule = e.diff_digest = e.result = e.message = evil;
  e.request_id = e.audit_id = e.group = e.resource = e.subresource = e.ns = evil;
  ASSERT_TRUE(log->write(e));
  EXPECT_LE(line(1).size(), audit::kLineBytes);
  EXPECT_NE(line(1).find(std::string(253, 'n')), std::string::npos);
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditLog, VerifyFindsAChangedAMissingAndAMovedLine) {
  auto log = open();
  for (const char* name : {"a", "b", "c", "d"})
    ASSERT_TRUE(log->write(entry(name)));
  const std::string good = text();
  std::string changed = good;
  changed.replace(changed.find("\"name\":\"b\""), 10, "\"name\":\"x\"");
  set_text(changed);
  EXPECT_EQ(
      problem(),
      "audit.log:3: the line was changed, or written with another key (its hash does not fit)");
  set_text(good);
  std::string without;
  for (const std::size_t i : {0, 1, 3, 4})
    without += line(i) + "\n";
  std::string moved;
  for (const std::size_t i : {0, 1, 3, 2, 4})
    moved += line(i) + "\n";
  set_text(without);
  EXPECT_EQ(problem(), "audit.log:3: the line follows a gap: line 3 is missing (by their seq)");
  set_text(moved);
  EXPECT_EQ(problem(), "audit.log:3: the line follows a gap: line 3 is missing (by their seq)");
  set_text(good.substr(good.find('\n') + 1));
  EXPECT_EQ(problem(), "") << "older lines may be gone";
  set_text(good + "\n");
  EXPECT_EQ(problem(), "audit.log:6: the line is not a line of this audit log");
}

TEST_F(AuditLog, WithoutAKeyAForgedChainPassesAndWithOneItDoesNot) {
  ASSERT_TRUE(open("")->write(entry()));
  EXPECT_EQ(problem(""), "");
  EXPECT_NE(problem("key"), "") << "a chain computed without the key";
  dir.remove("audit.log");
  {
    auto log = open("a key of thirty-two bytes, or so");
    ASSERT_TRUE(log->write(entry()));
  }
  EXPECT_EQ(problem("a key of thirty-two bytes, or so"), "");
  EXPECT_NE(problem("another"), "");
  EXPECT_NE(problem(""), "");
  auto other = audit::Log::open(loop, path, "another");
  ASSERT_FALSE(other) << "a chain of another key does not go on";
  EXPECT_NE(other.error().what().find("audit verify"), std::string::npos);
}

TEST_F(AuditLog, TheChainGoesOnAfterARestart) {
  ASSERT_TRUE(open()->write(entry("a")));
  ASSERT_TRUE(open()->write(entry("b")));
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(lines, 4u);
}

TEST_F(AuditLog, ATornLastLineIsNamedByTheNext) {
  ASSERT_TRUE(open()->write(entry("a")));
  set_text(text() + R"({"seq":3,"time":"2026-01-01T00:00)");
  EXPECT_EQ(problem(),
            "audit.log:3: the line is torn: it was cut short, and no later line says so");
  auto log = open();
  ASSERT_TRUE(log);
  ASSERT_TRUE(log->write(entry("b")));
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(torn, 1u);
  EXPECT_EQ(lines, 4u);
  // The piece is under the chain's protection, too.
  std::string other = text();
  ASSERT_NE(other.find("T00:00\n"), std::string::npos);
  other.replace(other.find("T00:00\n"), 7, "T99:99\n");
  set_text(other);
  EXPECT_NE(problem(), "");
}

TEST_F(AuditLog, AWholeLineWithoutItsNewlineIsALine) {
  ASSERT_TRUE(open()->write(entry("a")));
  std::string cut = text();
  cut.pop_back();
  set_text(cut);
  ASSERT_TRUE(open()->write(entry("b")));
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(lines, 4u);
}

TEST_F(AuditLog, APieceAloneInTheFileBeginsAChain) {
  set_text(R"({"seq":1,"ti)");
  ASSERT_TRUE(open()->write(entry("a")));
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(torn, 1u);
}

TEST_F(AuditLog, AFileThatWasEditedAtItsEndIsNotContinued) {
  ASSERT_TRUE(open()->write(entry("a")));
  set_text(text() + "{}\n");
  EXPECT_FALSE(audit::Log::open(loop, path, ""));
}

TEST_F(AuditLog, RotationContinuesTheChainInTheNewFile) {
  auto log = open();
  ASSERT_TRUE(log->write(entry("a")));
  ASSERT_TRUE(log->reopen());
  EXPECT_EQ(log->stats().written, 2u) << "the same file is kept";
  ASSERT_EQ(::rename(path.c_str(), dir.path("audit.log.1").c_str()), 0);
  ASSERT_TRUE(log->write(entry("still in the old one")));
  ASSERT_TRUE(log->reopen());
  ASSERT_TRUE(log->write(entry("b")));
  EXPECT_EQ(problem("", {dir.path("audit.log.1"), path}), "");
  EXPECT_EQ(lines, 5u);
  EXPECT_NE(problem("", {path, dir.path("audit.log.1")}), "");
  EXPECT_EQ(problem("", {path}), "") << "a file alone";
}

TEST_F(AuditLog, ARotationThatFailsKeepsTheOldFile) {
  auto log = open();
  ASSERT_EQ(::rename(path.c_str(), dir.path("old").c_str()), 0);
  dir.make_dir("audit.log");
  EXPECT_FALSE(log->reopen());
  EXPECT_TRUE(log->write(entry("a")));
  EXPECT_NE(dir.read("old").find("\"name\":\"a\""), std::string::npos);
}

TEST_F(AuditLog, TwoProcessesDoNotShareAFile) {
  auto log = open();
  auto second = audit::Log::open(loop, path, "");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what(), path + ": another process writes to it");
}

TEST_F(AuditLog, OnlyARegularFileIsTaken) {
  ASSERT_FALSE(audit::Log::open(loop, "/dev/null", ""));
  ASSERT_FALSE(audit::Log::open(loop, dir.path("no/such/dir"), ""));
}

// A line that the disk has no room for is an error, and the file stays a chain.
TEST_F(AuditLog, AFullDiskIsAnErrorAndLeavesNoPiece) {
  auto log = open();
  ASSERT_TRUE(log->write(entry("a")));
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  rlimit tight = old;
  tight.rlim_cur = text().size() + 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto refused = log->write(entry("b"));
  const std::string during = text();
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, before);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what().find("is the disk full"), std::string::npos);
  EXPECT_TRUE(during.ends_with("}\n")) << "the piece was taken back";
  EXPECT_EQ(log->stats().failed, 1u);
  ASSERT_TRUE(log->write(entry("c")));
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(text().find("\"name\":\"b\""), std::string::npos);
}

class Mask final : public base::log::Filter {
  bool change(std::string_view, std::string_view text, std::string& out) override {
    if (text.find("hunter2") == text.npos) return false;
    out = "<masked>";
    return true;
  }
};

TEST_F(AuditLog, ItsTextsPassTheFilterOfTheLog) {
  Mask mask;
  auto log = open();
  log->set_filter(&mask);
  audit::Entry e = entry();
  e.message = "admission webhook said: password hunter2 is weak";
  ASSERT_TRUE(log->write(e));
  EXPECT_EQ(text().find("hunter2"), std::string::npos);
  EXPECT_NE(text().find("\"message\":\"<masked>\""), std::string::npos);
}

// A reader of stderr that does not read blocks nothing: the line is refused.
TEST_F(AuditLog, AStalledStderrIsAnErrorNotAWait) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  auto log = audit::Log::open(loop, "-", "");
  int good = 0;
  base::Result<void> last;
  for (int i = 0; log && i < 10000 && last; ++i) {
    last = (*log)->write(entry());
    good += last.has_value();
  }
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_TRUE(log);
  EXPECT_FALSE(last);
  EXPECT_GT(good, 10);
}

}  // namespace
