// The configuration file: its form, what beats what, what is refused and where, print-config, and what a
// change of it does while the server runs.
#include <filesystem>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "app/config_file.h"
#include "app/print_config.h"
#include "app/reloading.h"
#include "app/settings.h"
#include "base/text.h"
#include "loop/clock.h"
#include "support/net_support.h"
#include "support/temp_dir.h"

namespace {

using app::Settings;
using Args = std::vector<std::string>;

std::map<std::string, std::string> env_now;
const char* test_getenv(const char* name) {
  const auto it = env_now.find(name);
  return it == env_now.end() ? nullptr : it->second.c_str();
}
bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Config : testing::Test {
  Config() { env_now.clear(); }
  // Parses with `text` as the file.
  base::Result<Settings> parse(std::string_view text, Args args = {}) {
    dir.write("c.yaml", std::string(text));
    args.insert(args.end(), {"--config", dir.path("c.yaml")});
    return app::parse_settings(args, test_getenv, false);
  }
  Settings good(std::string_view text, Args args = {}) {
    auto settings = parse(text, std::move(args));
    EXPECT_TRUE(settings.has_value()) << (settings ? "" : settings.error().what());
    return settings ? *settings : Settings{};
  }
  // The error without the directory's name; one line, whatever came.
  std::string error(std::string_view text, Args args = {}) {
    auto settings = parse(text, std::move(args));
    if (settings) return "(no error)";
    std::string what = settings.error().what();
    EXPECT_EQ(what.find('\n'), what.npos) << what;
    const std::string path = dir.path("");
    for (std::size_t at; (at = what.find(path)) != what.npos;)
      what.erase(at, path.size());
    return what;
  }
  void write_drop_in(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(dir.path("c.yaml.d"));
    dir.write("c.yaml.d/" + name, text);
  }
  const test::TempDir dir;
};

TEST_F(Config, AFlagBeatsAVariableWhichBeatsTheFileWhichBeatsTheDefault) {
  const std::string file = "max-sessions: 7\n";
  EXPECT_EQ(good("").max_sessions, 1000u);
  EXPECT_EQ(good(file).max_sessions, 7u);
  env_now["K0RDENT_MCP_MAX_SESSIONS"] = "8";
  EXPECT_EQ(good(file).max_sessions, 8u);
  EXPECT_EQ(good(file, {"--max-sessions", "9"}).max_sessions, 9u);
}

TEST_F(Config, AnOlderVariableBeatsTheFileToo) {
  env_now["LOG_LEVEL"] = "error";
  EXPECT_EQ(good("log-level: debug").log_level, base::log::Level::error);
}

TEST_F(Config, TheVariableNamesTheFile) {
  dir.write("v.yaml", "max-sessions: 3");
  env_now["K0RDENT_MCP_CONFIG"] = dir.path("v.yaml");
  auto settings = app::parse_settings({}, test_getenv, false);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ((*settings).max_sessions, 3u);
}

TEST_F(Config, ALaterDropInBeatsAnEarlierOneWhichBeatsTheFile) {
  write_drop_in("20-more.yaml", "max-sessions: 2\n");
  write_drop_in("10-some.yaml", "max-sessions: 1\nmax-body: 2048\n");
  write_drop_in(".20-more.yaml.swp", "nonsense");
  write_drop_in(".hidden.yaml", "nonsense");
  write_drop_in("notes.txt", "nonsense");
  const Settings s = good("max-sessions: 9\nmax-body: 1024\ncluster-name: here\n");
  EXPECT_EQ(s.max_sessions, 2u);
  EXPECT_EQ(s.max_body, 2048u);
  EXPECT_EQ(s.cluster_name, "here");
}

TEST_F(Config, AListIsAYamlListOrOneText) {
  const std::vector<std::string> both{"a.example", "b.example"};
  EXPECT_EQ(good("allowed-hosts: [a.example, b.example]").allowed_hosts, both);
  EXPECT_EQ(good("allowed-hosts:\n- a.example\n- b.example\n").allowed_hosts, both);
  EXPECT_EQ(good("allowed-hosts: a.example,b.example").allowed_hosts, both);
}

TEST_F(Config, TrueAndFalseAreOnAndOff) {
  EXPECT_TRUE(good("allow-writes: true").allow_writes);
  EXPECT_TRUE(good("allow-writes: on").allow_writes);
  EXPECT_FALSE(good("metrics: false").metrics);
  EXPECT_EQ(good("cluster-name: true").cluster_name, "true") << "only where on or off is meant";
  EXPECT_TRUE(has(error("allow-writes: yes"), "must be on or off"));
}

TEST_F(Config, AnUnknownKeyIsRefusedWithTheNearestOneAndItsLine) {
  EXPECT_EQ(error("log-level: info\nlisen: 127.0.0.1:1\n"),
            "c.yaml:2: unknown key \"lisen\"; did you mean listen?");
  EXPECT_EQ(error("log_level: info"),
            "c.yaml:1: unknown key \"log_level\"; did you mean log-level?");
  EXPECT_EQ(error("--listen: 127.0.0.1:1"),
            "c.yaml:1: unknown key \"--listen\"; did you mean listen?");
  EXPECT_TRUE(has(error("xyzzy: 1"), "k0rdent-mcp serve --help"));
  write_drop_in("a.yaml", "\n\nmax-sesions: 1\n");
  EXPECT_EQ(error(""),
            "c.yaml.d/a.yaml:3: unknown key \"max-sesions\"; did you mean max-sessions?");
}

TEST_F(Config, AWrongValueIsNamedWithItsLineAlsoWhenItIsOverridden) {
  const char* right =
      "c.yaml:2: max-sessions must be a whole number from 1 to 1000000, got \"many\"";
  EXPECT_EQ(error("log-level: info\nmax-sessions: many\n"), right);
  EXPECT_EQ(error("log-level: info\nmax-sessions: many\n", {"--max-sessions", "3"}), right);
  write_drop_in("a.yaml", "max-sessions: 3\n");
  EXPECT_EQ(error("log-level: info\nmax-sessions: many\n"), right);
}

TEST_F(Config, WhatIsNoMappingOfValuesIsRefused) {
  EXPECT_EQ(error("listen"), "c.yaml:1: must be a mapping, such as log-level: debug");
  EXPECT_EQ(error("- listen: x"), "c.yaml:1: must be a mapping, such as log-level: debug");
  EXPECT_EQ(error("listen:"), "c.yaml:1: listen has no value");
  EXPECT_EQ(error("listen: {port: 1}"), "c.yaml:1: listen must be a value, not a mapping");
  EXPECT_EQ(error("max-body: [1024]"), "c.yaml:1: max-body must be one value, not a list");
  EXPECT_EQ(error("allowed-hosts: [[a]]"),
            "c.yaml:1: allowed-hosts must be a list of plain values");
  EXPECT_EQ(error("a: 1\n---\nb: 2\n"), "c.yaml: must be one YAML document");
  EXPECT_EQ(error("config: other.yaml"), "c.yaml:1: a configuration file names no other one");
  EXPECT_TRUE(has(error("max-body: 1024\nmax-body: 1024\n"), "c.yaml")) << "given twice";
  EXPECT_TRUE(has(error("a: ["), "c.yaml"));
}

TEST_F(Config, AFileThatCannotBeReadIsNamed) {
  for (const std::string& path : {dir.path("none.yaml"), dir.path("")}) {
    auto settings = app::parse_settings({"--config", path}, test_getenv, false);
    ASSERT_FALSE(settings.has_value());
    EXPECT_TRUE(has(settings.error().what(), "--config: ")) << settings.error().what();
    EXPECT_TRUE(has(settings.error().what(), path)) << settings.error().what();
  }
}

TEST_F(Config, AFileBeyondItsLimitIsRefused) {
  EXPECT_FALSE(parse("#" + std::string(app::kConfigBytes, 'x')).has_value());
  for (std::size_t i = 0; i <= app::kConfigDropIns; ++i)
    write_drop_in(std::to_string(i) + ".yaml", "");
  EXPECT_TRUE(has(error(""), "more than 100 files"));
}

TEST_F(Config, StdioAndCheckTakeTheServersFile) {
  EXPECT_EQ(good("max-sessions: 5\nlog-level: debug", {"stdio"}).log_level,
            base::log::Level::debug);
  EXPECT_EQ(good("max-sessions: 5\ncontext: mgmt", {"check"}).context, "mgmt");
  EXPECT_TRUE(has(error("max-sessions: 0", {"check"}), "c.yaml:1"));
  EXPECT_TRUE(has(error("listen: 0.0.0.0:80", {"check"}), "AUTH_MODE is not set"))
      << "check says what serve will";
}

TEST_F(Config, TwoFilesAreNotGuessedBetween) {
  dir.write("a.yaml", "log-level: warn\n");
  const std::string path = dir.path("a.yaml");
  auto settings = app::parse_settings({"--config", path, "--config=" + path}, test_getenv, false);
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().what(),
            "--config is given twice; settings of several files go into FILE.d/*.yaml");
  // Bug: the last one counted, and the rules of the first were not in force.
  const std::string policy = "--policy-file=" + dir.write("p.yaml", "rules: []\n");
  settings = app::parse_settings({policy, policy}, test_getenv, false);
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().what(), "--policy-file is given twice");
  EXPECT_TRUE(app::parse_settings({"--max-sessions=1", "--max-sessions=2"}, test_getenv, false))
      << "of others the last one counts";
}

// ---- print-config

TEST_F(Config, PrintConfigShowsEachValueAndWhereItComesFrom) {
  env_now["LOG_LEVEL"] = "warn";
  const std::string out = app::effective_config(good(
      "max-sessions: 7\nnamespace-filter: 'team-.*|kcm'\n", {"print-config", "--max-body=4096"}));
  const auto line = [&out](std::string_view key) {
    for (const std::string_view each : base::split(out, '\n'))
      if (each.starts_with(key)) return std::string(each);
    return std::string("(no line)");
  };
  EXPECT_TRUE(has(line("max-sessions: 7 "), "# " + dir.path("c.yaml") + ":1"));
  EXPECT_TRUE(has(line("namespace-filter: \"team-.*|kcm\""), "c.yaml:2"));
  EXPECT_TRUE(has(line("log-level: warn "), "# LOG_LEVEL"));
  EXPECT_TRUE(has(line("max-body: 4096 "), "# --max-body"));
  EXPECT_TRUE(has(line("listen: 127.0.0.1:6767 "), "# default"));
  EXPECT_TRUE(has(line("# policy-file: none "), "# default"));
  EXPECT_TRUE(has(line("# max-sessions-per-caller: a quarter of --max-sessions"), "# default"));
}

TEST_F(Config, PrintConfigIsAConfigurationFileOfTheSameValues) {
  const Settings first =
      good("allowed-hosts: [b.example, a.example]\ncluster-name: 'a: b #c'\nlisten: '[::1]:80'\n");
  const std::string out = app::effective_config(first);
  const Settings second = good(out);
  EXPECT_EQ(second.allowed_hosts, first.allowed_hosts);
  EXPECT_EQ(second.cluster_name, "a: b #c");
  EXPECT_EQ(second.listens[0].host, "::1");
  // Every default in it is one that its flag takes.
  EXPECT_EQ(second.max_sessions, 1000u);
  EXPECT_EQ(second.drain_timeout, base::seconds(10));
}

TEST_F(Config, NoSecretIsPrinted) {
  dir.write("key", std::string(40, 'k'));
  const std::string out = app::effective_config(good("seal-key-file: " + dir.path("key")));
  EXPECT_TRUE(has(out, dir.path("key")));
  EXPECT_FALSE(has(out, "kkkk"));
}

// ---- reloading

struct Reload : Config {
  Reload() { base::log::capture(&log); }
  ~Reload() override { base::log::capture(nullptr); }
  void start(std::string_view text) {
    reloading.emplace(loop, good(text), app::Reloading::ReadFn::bind<&Reload::read>(this),
                      app::Reloading::AdoptFn::bind<&Reload::adopt>(this));
  }
  void wait(base::Duration time) {
    const base::TimePoint end = loop.now() + time;
    EXPECT_TRUE(test::run_until(loop, [&] { return loop.now() >= end; }));
  }
  // Writes the file and waits as long as a change may take.
  void change(const std::string& text) {
    dir.write("c.yaml", text);
    wait(app::kConfigCheck);
  }
  base::Result<Settings> read() {
    ++reads;
    return app::parse_settings({"--config", dir.path("c.yaml")}, test_getenv, false);
  }
  void adopt(const Settings& fresh) {
    ++adopted;
    now = fresh;
  }
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  std::optional<app::Reloading> reloading;
  Settings now;
  int reads = 0, adopted = 0;
  std::string log;
};

TEST_F(Reload, AChangeOfTheFileIsAdoptedWithoutASignal) {
  start("max-calls-per-caller: 1");
  change("max-calls-per-caller: 2");
  EXPECT_EQ(adopted, 1);
  EXPECT_EQ(now.max_calls_per_caller, 2u);
  EXPECT_TRUE(has(log, "\"settings\":\"max-calls-per-caller\"")) << log;
}

TEST_F(Reload, AChangeBetweenTheParsingAndTheWatchingIsNotLost) {
  const Settings parsed = good("max-calls-per-caller: 1");
  dir.write("c.yaml", "max-calls-per-caller: 2");
  reloading.emplace(loop, parsed, app::Reloading::ReadFn::bind<&Reload::read>(this),
                    app::Reloading::AdoptFn::bind<&Reload::adopt>(this));
  wait(app::kConfigCheck);
  EXPECT_EQ(now.max_calls_per_caller, 2u);
}

TEST_F(Reload, AnUnchangedFileIsNotParsedAgain) {
  start("max-calls-per-caller: 1");
  wait(app::kConfigCheck * 3);
  EXPECT_EQ(reads, 0);
}

TEST_F(Reload, AFileWithOneMistakeChangesNothingAndIsReportedOnce) {
  start("log-level: info");
  change("log-level: debug\nmax-sessions: many\n");
  wait(app::kConfigCheck * 3);
  EXPECT_EQ(adopted, 0);
  EXPECT_TRUE(has(log, "c.yaml:2: max-sessions must be")) << log;
  EXPECT_EQ(log.find("unusable"), log.rfind("unusable")) << log;
  change("log-level: debug");
  EXPECT_EQ(adopted, 1);
  EXPECT_EQ(now.log_level, base::log::Level::debug);
}

TEST_F(Reload, WhatNeedsARestartIsNamedUntilItIsAsBefore) {
  start("listen: 127.0.0.1:1");
  change("listen: 127.0.0.1:2\nmax-body: 4096\nlog-level: debug\n");
  EXPECT_TRUE(has(log, "these settings need a restart")) << log;
  EXPECT_TRUE(has(log, "\"settings\":\"listen, max-body\"")) << log;
  EXPECT_TRUE(has(log, "\"settings\":\"log-level\"")) << log;
  EXPECT_EQ(adopted, 1);
  log.clear();
  change("listen: 127.0.0.1:1\nlog-level: debug\n");
  EXPECT_EQ(log, "") << "as at the start";
}

TEST_F(Reload, AFileThatVanishesAndReturnsIsReadAgain) {
  start("log-level: info");
  std::filesystem::remove(dir.path("c.yaml"));
  wait(app::kConfigCheck);
  EXPECT_TRUE(has(log, "unusable")) << log;
  change("log-level: info");
  EXPECT_EQ(adopted, 0);
  change("log-level: warn");
  EXPECT_EQ(now.log_level, base::log::Level::warn);
}

TEST_F(Reload, ASignalReadsItAtOnce) {
  start("log-level: info");
  dir.write("c.yaml", "log-level: warn");
  reloading->reload();
  EXPECT_EQ(now.log_level, base::log::Level::warn);
  wait(app::kConfigCheck);
  EXPECT_EQ(adopted, 1) << "the same text again is no change";
}

TEST(Reloadable, EveryNameIsAFlag) {
  int count = 0;
  for (const app::Flag& flag : app::all_flags())
    count += app::reloadable(flag.name) ? 1 : 0;
  EXPECT_EQ(count, 12);
  EXPECT_FALSE(app::reloadable("listen"));
}

}  // namespace
