// The command line and the environment: each flag, its variables, what beats what, and what is said
// about mistakes.
#include "app/settings.h"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace {

using app::AuthMode;
using app::Command;
using app::Settings;

using Args = std::vector<std::string>;
using Env = std::map<std::string, std::string>;

Env env_now;
const char* test_getenv(const char* name) {
  const auto it = env_now.find(name);
  return it == env_now.end() ? nullptr : it->second.c_str();
}

base::Result<Settings> parse(const Args& args, const Env& env = {}, bool terminal = false) {
  env_now = env;
  return app::parse_settings(args, test_getenv, terminal);
}
Settings good(const Args& args, const Env& env = {}, bool terminal = false) {
  auto settings = parse(args, env, terminal);
  EXPECT_TRUE(settings.has_value()) << (settings ? "" : settings.error().what());
  return settings ? *settings : Settings{};
}
// The error; one line, whatever came.
std::string error(const Args& args, const Env& env = {}) {
  auto settings = parse(args, env);
  if (settings) return "(no error)";
  EXPECT_EQ(settings.error().what().find('\n'), std::string::npos) << settings.error().what();
  EXPECT_EQ(settings.error().code(), base::Errc::invalid_argument);
  return settings.error().what();
}
bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A flag, a value for it and another one, and how the settings show it.
struct Case {
  const char* flag;
  const char* older;  // variable
  const char* one;
  const char* two;
  std::string (*shown)(const Settings&);
};

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& each : list)
    out += each + ";";
  return out;
}

const Case kCases[] = {
    {"listen", "LISTEN_ADDR", "127.0.0.1:1", "localhost:2",
     [](const Settings& s) {
       return s.listens.back().host + ":" + std::to_string(s.listens.back().port);
     }},
    {"ops-listen", nullptr, "127.0.0.1:1", "localhost:2",
     [](const Settings& s) {
       return s.ops_listen->host + ":" + std::to_string(s.ops_listen->port);
     }},
    {"tls-client-user", nullptr, "uri", "dns",
     [](const Settings& s) {
       return std::string(s.tls.user == net::UserField::uri ? "uri" : "dns");
     }},
    {"rate", nullptr, "write=2:3", "write=0.5:7",
     [](const Settings& s) {
       const mcp::shared::Rate& rate = s.rates[2];
       return std::string(rate.per_second == 2 ? "write=2:" : "write=0.5:") +
              std::to_string(rate.at_once);
     }},
    {"kubeconfig", nullptr, "/a", "/b", [](const Settings& s) { return s.kubeconfig; }},
    {"context", "K0RDENT_MGMT_CONTEXT", "one", "two", [](const Settings& s) { return s.context; }},
    {"auth-mode", "AUTH_MODE", "DEV_ALLOW_ANY", "OIDC_REQUIRED",
     [](const Settings& s) {
       return std::string(s.auth_mode == AuthMode::oidc_required ? "OIDC_REQUIRED"
                                                                 : "DEV_ALLOW_ANY");
     }},
    {"public-url", nullptr, "https://a.example/mcp", "https://b.example/mcp",
     [](const Settings& s) { return s.oauth.public_url; }},
    {"clock-skew", nullptr, "10s", "1m",
     [](const Settings& s) { return base::format_duration(s.oauth.clock_skew); }},
    {"namespace-filter", "K0RDENT_NAMESPACE_FILTER", "team-.*", "kcm-system",
     [](const Settings& s) { return s.namespace_filter; }},
    {"system-namespace", nullptr, "k0rdent", "kcm",
     [](const Settings& s) { return s.system_namespace; }},
    {"allowed-hosts", nullptr, "a.example;", "b.example;",
     [](const Settings& s) { return joined(s.allowed_hosts); }},
    {"allowed-origins", nullptr, "https://a.example;", "https://b.example:8443;",
     [](const Settings& s) { return joined(s.allowed_origins); }},
    {"tool-names", nullptr, "dots", "underscores",
     [](const Settings& s) {
       return std::string(s.tool_names == mcp::ToolNames::dots ? "dots" : "underscores");
     }},
    {"toolsets", nullptr, "core;", "logs;", [](const Settings& s) { return joined(s.toolsets); }},
    {"max-sessions", nullptr, "1", "1000000",
     [](const Settings& s) { return std::to_string(s.max_sessions); }},
    {"max-sessions-per-caller", nullptr, "1", "1000000",
     [](const Settings& s) { return std::to_string(s.max_sessions_per_caller); }},
    {"max-watches-per-caller", nullptr, "1", "1000000",
     [](const Settings& s) { return std::to_string(s.max_watches_per_caller); }},
    {"max-streams-per-caller", nullptr, "1", "1000000",
     [](const Settings& s) { return std::to_string(s.max_streams_per_caller); }},
    {"max-calls-per-caller", nullptr, "1", "1000000",
     [](const Settings& s) { return std::to_string(s.max_calls_per_caller); }},
    {"core-dumps", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.core_dumps ? "on" : "off"); }},
    {"session-idle", nullptr, "1s", "2h",
     [](const Settings& s) { return base::format_duration(s.session_idle); }},
    {"resume-window", nullptr, "0s", "2m",
     [](const Settings& s) { return base::format_duration(s.resume_window); }},
    {"token-reviews", nullptr, "4", "10000",
     [](const Settings& s) { return std::to_string(s.token_reviews); }},
    {"max-connections", nullptr, "1", "20000",
     [](const Settings& s) { return std::to_string(s.max_connections); }},
    {"max-connections-per-peer", nullptr, "1", "20000",
     [](const Settings& s) { return std::to_string(s.max_connections_per_peer); }},
    {"max-body", nullptr, "1024", "1048576",
     [](const Settings& s) { return std::to_string(s.max_body); }},
    {"answer-bytes", nullptr, "4096", "1048576",
     [](const Settings& s) { return std::to_string(s.answer_bytes); }},
    {"subscriber-queue-bytes", nullptr, "1024", "2097152",
     [](const Settings& s) { return std::to_string(s.subscriber_queue_bytes); }},
    {"subscriber-queue-messages", nullptr, "1", "100000",
     [](const Settings& s) { return std::to_string(s.subscriber_queue_messages); }},
    {"queue-budget", nullptr, "1048576", "134217728",
     [](const Settings& s) { return std::to_string(s.queue_budget); }},
    {"memory-limit", nullptr, "16777216", "128Mi",
     [](const Settings& s) {
       return s.memory_limit == 134217728 ? "128Mi" : std::to_string(s.memory_limit);
     }},
    {"stale-after", nullptr, "1s", "1m",
     [](const Settings& s) { return base::format_duration(s.stale_after); }},
    {"drain-timeout", nullptr, "500ms", "1m30s",
     [](const Settings& s) { return base::format_duration(s.drain_timeout); }},
    {"backoff-initial", nullptr, "10ms", "1m",
     [](const Settings& s) { return base::format_duration(s.retry.backoff.initial); }},
    {"backoff-factor", nullptr, "1.000000", "2.500000",
     [](const Settings& s) { return std::to_string(s.retry.backoff.factor); }},
    {"backoff-cap", nullptr, "1s", "24h",
     [](const Settings& s) { return base::format_duration(s.retry.backoff.cap); }},
    {"backoff-jitter", nullptr, "0.000000", "1.000000",
     [](const Settings& s) { return std::to_string(s.retry.backoff.jitter); }},
    {"breaker-threshold", nullptr, "1", "1000000",
     [](const Settings& s) { return std::to_string(s.retry.breaker.threshold); }},
    {"breaker-cooldown", nullptr, "1ms", "5m",
     [](const Settings& s) { return base::format_duration(s.retry.breaker.cooldown); }},
    {"watch-timeout", nullptr, "5s", "1h",
     [](const Settings& s) { return base::format_duration(s.watch_timeout); }},
    {"metrics", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.metrics ? "on" : "off"); }},
    {"show-secrets", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.show_secrets ? "on" : "off"); }},
    {"allow-writes", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.allow_writes ? "on" : "off"); }},
    {"read-only", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.read_only ? "on" : "off"); }},
    {"no-destructive", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.no_destructive ? "on" : "off"); }},
    {"policy-file", nullptr, "/a.yaml", "/b.yaml", [](const Settings& s) { return s.policy_file; }},
    {"audit-file", nullptr, "/a.log", "-", [](const Settings& s) { return s.audit_file; }},
    {"watch-list", nullptr, "on", "off",
     [](const Settings& s) { return std::string(s.watch_list ? "on" : "off"); }},
    {"log-level", "LOG_LEVEL", "debug", "error",
     [](const Settings& s) {
       return std::string(s.log_level == base::log::Level::debug ? "debug" : "error");
     }},
    {"log-format", nullptr, "text", "json",
     [](const Settings& s) {
       return std::string(s.log_format == base::log::Format::text ? "text" : "json");
     }},
    {"pid-file", nullptr, "/a.pid", "/b.pid", [](const Settings& s) { return s.pid_file; }},
};

// The lists are written with commas.
std::string given(const char* shown) {
  std::string out = shown;
  if (!out.empty() && out.back() == ';') out.pop_back();
  return out;
}
std::string variable(std::string_view flag) {
  std::string out = "K0RDENT_MCP_";
  for (char c : flag)
    out += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return out;
}

TEST(Settings, EveryFlagIsTakenInEachFormAndBeatsItsVariablesWhichBeatTheOlderOne) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.flag);
    const std::string flag = std::string("--") + c.flag, one = given(c.one), two = given(c.two);
    EXPECT_EQ(c.shown(good({flag, one})), c.one);
    EXPECT_EQ(c.shown(good({flag + "=" + two})), c.two);
    EXPECT_EQ(c.shown(good({"serve", flag.substr(1), two})), c.two);
    if (flag == "--policy-file") {  // or the rules of the first would not be in force
      EXPECT_EQ(parse({flag, one, flag, two}).error().what(), flag + " is given twice");
    } else {
      EXPECT_EQ(c.shown(good({flag, one, flag, two})), c.two) << "the last one counts";
    }
    EXPECT_EQ(c.shown(good({}, {{variable(c.flag), two}})), c.two);
    EXPECT_EQ(c.shown(good({flag, one}, {{variable(c.flag), two}})), c.one);
    if (!c.older) continue;
    EXPECT_EQ(c.shown(good({}, {{c.older, two}})), c.two);
    EXPECT_EQ(c.shown(good({}, {{c.older, two}, {variable(c.flag), one}})), c.one);
    EXPECT_EQ(c.shown(good({}, {{c.older, two}, {variable(c.flag), ""}})), c.two)
        << "an empty variable says nothing";
    EXPECT_EQ(c.shown(good({flag, one}, {{c.older, two}})), c.one);
  }
}

TEST(Settings, TheSealKeyIsWhatTheFileHolds) {
  const test::TempDir dir;
  const std::string path = dir.path("key"), key(40, 'k');
  dir.write("key", key + "\n");
  EXPECT_EQ(good({"--seal-key-file", path}).seal_key, key);
  EXPECT_EQ(good({}, {{"K0RDENT_MCP_SEAL_KEY_FILE", path}}).seal_key, key);
  EXPECT_EQ(good({}).seal_key, "");
}

TEST(Settings, ASwitchWithoutAValueIsOn) {
  EXPECT_TRUE(good({"--allow-writes"}).allow_writes);
  const Settings both = good({"--allow-writes", "--audit-file", "-", "--no-destructive"});
  EXPECT_TRUE(both.allow_writes && both.no_destructive && !both.read_only);
  EXPECT_FALSE(good({"--allow-writes", "off", "--metrics", "off"}).allow_writes);
  EXPECT_TRUE(has(error({"--allow-writes", "yes"}), "must be on or off"));
  EXPECT_TRUE(has(error({"--metrics"}), "needs a value")) << "not a switch";
}

TEST(Settings, TheAuditKeyIsWhatItsFileHoldsAndNeedsAnAuditFile) {
  const test::TempDir dir;
  const std::string path = dir.path("key"), key(40, 'k');
  dir.write("key", key + "\n");
  EXPECT_EQ(good({"--audit-file", "/a", "--audit-key-file", path}).audit_key, key);
  EXPECT_TRUE(has(error({"--audit-key-file", path}), "--audit-file"));
  dir.write("short", "k");
  EXPECT_TRUE(has(error({"--audit-file", "/a", "--audit-key-file", dir.path("short")}), "32"));
}

TEST(Settings, TheDefaultsAreTheDocumentedOnes) {
  const Settings s = good({});
  EXPECT_EQ(s.command, Command::serve);
  EXPECT_EQ(s.listens[0].host, "127.0.0.1");
  EXPECT_EQ(s.listens[0].port, 6767);
  EXPECT_EQ(s.drain_timeout, base::seconds(10));
  EXPECT_EQ(s.auth_mode, AuthMode::dev_allow_any);
  EXPECT_EQ(s.max_sessions, 1000u);
  EXPECT_EQ(s.session_idle, base::hours(1));
  EXPECT_EQ(s.max_connections, 12000u);
  EXPECT_EQ(s.max_body, 1048576u);
  EXPECT_EQ(s.retry.backoff.initial, base::seconds(1));
  EXPECT_EQ(s.retry.backoff.factor, 2.0);
  EXPECT_EQ(s.retry.backoff.cap, base::seconds(60));
  EXPECT_EQ(s.retry.backoff.jitter, 0.2);
  EXPECT_EQ(s.retry.breaker.threshold, 5);
  EXPECT_EQ(s.retry.breaker.cooldown, base::seconds(30));
  EXPECT_TRUE(s.metrics);
  EXPECT_FALSE(s.allow_writes);
  EXPECT_EQ(s.log_level, base::log::Level::info);
  EXPECT_EQ(s.pid_file, "");
  const std::string help = app::help_text(Command::serve);
  for (const char* said : {"default 127.0.0.1:6767", "default 1000", "default 1h", "default 12000",
                           "default 1048576", "default 10s", "default info"}) {
    EXPECT_TRUE(has(help, said)) << said;
  }
}

TEST(Settings, LogsAreTextOnATerminalAndJsonElsewhere) {
  EXPECT_EQ(good({}, {}, true).log_format, base::log::Format::text);
  EXPECT_EQ(good({}, {}, false).log_format, base::log::Format::json);
  EXPECT_EQ(good({"--log-format", "json"}, {}, true).log_format, base::log::Format::json);
}

TEST(Settings, WhatIsBeatenIsNotChecked) {
  EXPECT_EQ(good({"--log-level", "debug"}, {{"LOG_LEVEL", "verbose"}}).log_level,
            base::log::Level::debug);
  EXPECT_EQ(good({}, {{"LISTEN_ADDR", "nonsense"}, {"K0RDENT_MCP_LISTEN", "127.0.0.1:1"}})
                .listens[0]
                .port,
            1);
}

TEST(Settings, TheOlderLogLevelKeepsItsSpellings) {
  for (const char* level : {"DEBUG", " Debug ", "trace"}) {
    EXPECT_EQ(good({}, {{"LOG_LEVEL", level}}).log_level, base::log::Level::debug) << level;
  }
  EXPECT_EQ(good({}, {{"LOG_LEVEL", "WARNING"}}).log_level, base::log::Level::warn);
  EXPECT_EQ(good({}, {{"LOG_LEVEL", "FATAL"}}).log_level, base::log::Level::error);
}

TEST(Settings, CommandsAndTheirAliases) {
  EXPECT_EQ(good({"serve"}).command, Command::serve);
  EXPECT_EQ(good({"start"}).command, Command::serve);
  EXPECT_EQ(good({"stdio"}).command, Command::stdio);
  EXPECT_EQ(good({"check"}).command, Command::check);
  EXPECT_EQ(good({"version"}).command, Command::version);
  EXPECT_EQ(good({"--version"}).command, Command::version);
  EXPECT_EQ(error({"serv"}), "unknown command \"serv\"; did you mean serve?");
  EXPECT_EQ(error({"frobnicate"}), "unknown command \"frobnicate\"; see k0rdent-mcp --help");
  EXPECT_TRUE(has(error({"version", "--listen", "127.0.0.1:1"}), "unexpected argument"));
}

TEST(Settings, HelpIsThereForEveryCommandWhateverElseIsSaid) {
  EXPECT_EQ(good({"--help"}).help_for, Command::help);
  EXPECT_EQ(good({"help"}).help_for, Command::help);
  const std::pair<const char*, Command> commands[] = {{"serve", Command::serve},
                                                      {"stdio", Command::stdio},
                                                      {"check", Command::check},
                                                      {"version", Command::version}};
  for (const auto& [name, command] : commands) {
    for (const char* word : {"--help", "-h"}) {
      const Settings s = good({name, "--listen", "nonsense", word});
      EXPECT_EQ(s.command, Command::help);
      EXPECT_EQ(s.help_for, command);
    }
    EXPECT_TRUE(has(app::help_text(Command::help), name));
  }
  EXPECT_TRUE(has(app::help_text(Command::version), "usage: k0rdent-mcp version"));
}

TEST(Settings, HelpNamesEachFlagWithItsVariables) {
  const std::string serve = app::help_text(Command::serve);
  const std::string check = app::help_text(Command::check);
  for (const Case& c : kCases) {
    const std::string flag = std::string("  --") + c.flag + " ";
    EXPECT_TRUE(has(serve, flag)) << flag;
    EXPECT_TRUE(has(serve, variable(c.flag))) << flag;
    if (c.older) {
      EXPECT_TRUE(has(serve, c.older)) << flag;
    }
    // What help shows is what is taken.
    EXPECT_EQ(has(check, flag),
              parse({"check", std::string("--") + c.flag, given(c.one)}).has_value())
        << flag;
    EXPECT_EQ(has(app::help_text(Command::stdio), flag),
              parse({"stdio", std::string("--") + c.flag, given(c.one)}).has_value())
        << flag;
  }
}

TEST(Settings, AnUnknownFlagIsAnsweredWithTheNearest) {
  EXPECT_EQ(error({"--lisen", "127.0.0.1:1"}), "unknown flag --lisen; did you mean --listen?");
  EXPECT_EQ(error({"--drain-timout=1s"}),
            "unknown flag --drain-timout; did you mean --drain-timeout?");
  EXPECT_EQ(error({"--xyzzy"}), "unknown flag --xyzzy; k0rdent-mcp serve --help shows them all");
  EXPECT_EQ(error({"-V"}), "unknown flag -V; k0rdent-mcp serve --help shows them all")
      << "as it was typed";
  EXPECT_EQ(error({"-lisen=x"}), "unknown flag -lisen; did you mean --listen?");
  EXPECT_TRUE(has(error({"--two\nlines"}), "unknown flag --two"));
  // Bug: the line of flags with which a server runs could not be checked.
  EXPECT_EQ(good({"check", "--listen", "127.0.0.1:1", "--memory-limit", "64Mi"}).command,
            Command::check);
  EXPECT_TRUE(has(error({"check", "--listen", "0.0.0.0:1"}), "AUTH_MODE is not set"));
  EXPECT_TRUE(has(error({"serve", "extra"}), "unexpected argument \"extra\""));
  EXPECT_TRUE(has(error({"--log-level=info", "serve"}), "a command comes before its flags"));
  EXPECT_TRUE(has(error({"--"}), "unexpected argument \"--\""));
}

TEST(Settings, AFlagWithoutItsValueSaysWhatIsMissing) {
  EXPECT_EQ(error({"--listen"}), "--listen needs a value: --listen ADDRESS[,KEY=VALUE]...");
}

TEST(Settings, ABadValueIsNamedWithWhatWouldBeRight) {
  const struct {
    const char* flag;
    const char* value;
    const char* right;
  } cases[] = {
      {"listen", "6767", "must be HOST:PORT"},
      {"listen", "127.0.0.1:65536", "must be HOST:PORT"},
      {"listen", "127.0.0.1:", "must be HOST:PORT"},
      {"listen", "mcp.example:80", "must name an IP address or localhost"},
      {"auth-mode", "oidc_required", "must be DEV_ALLOW_ANY, OIDC_REQUIRED, OAUTH or CLIENT_CERT"},
      {"auth-mode", "NONE", "must be DEV_ALLOW_ANY, OIDC_REQUIRED, OAUTH or CLIENT_CERT"},
      {"toolsets", "core,graphs",
       "must be some of core, k0rdent, logs, graph; there is no graphs (did you mean graph?)"},
      {"namespace-filter", "team-(", "must be a POSIX extended regular expression"},
      {"namespace-filter", "team-\\d+", "must be a POSIX extended regular expression"},
      {"system-namespace", "kcm_system", "must be a namespace name"},
      {"system-namespace", "-kcm", "must be a namespace name"},
      {"allowed-hosts", "https://a.example", "must be host names without scheme"},
      {"allowed-hosts", "a.example:80", "must be host names without scheme and port"},
      {"allowed-origins", "a.example", "must be origins like https://host"},
      {"allowed-origins", "https://a.example/", "must be origins like https://host"},
      {"allowed-origins", "*", "must be origins like https://host"},
      {"max-sessions", "0", "must be a whole number from 1 to 1000000"},
      {"max-sessions", "many", "must be a whole number from 1 to 1000000"},
      {"session-idle", "10", "must be a duration"},
      {"session-idle", "10ms", "must be at least 1s"},
      {"resume-window", "30", "must be a duration"},
      {"max-connections", "-1", "must be a whole number from 1 to 1000000"},
      {"max-body", "1000", "must be a whole number from 1024 to 1073741824"},
      {"seal-key-file", "/none", "must name a readable file with a key"},
      {"seal-key-file", "/dev/null", "must name a readable file with a key"},
      {"drain-timeout", "0", "must be at least 1ms"},
      {"drain-timeout", "-1s", "must be a duration"},
      {"drain-timeout", "5 minutes", "must be a duration"},
      {"backoff-initial", "0s", "must be at least 1ms"},
      {"backoff-initial", "25h", "must be at most 24h"},
      {"backoff-factor", "0.5", "must be a number from 1 to 100, e.g. 1.5"},
      {"backoff-factor", "nan", "must be a number from 1 to 100"},
      {"backoff-factor", "2x", "must be a number from 1 to 100"},
      {"backoff-cap", "fast", "must be a duration"},
      {"backoff-jitter", "-0.1", "must be a number from 0 to 1"},
      {"backoff-jitter", "1.01", "must be a number from 0 to 1"},
      {"backoff-jitter", "1e-3", "must be a number from 0 to 1"},
      {"breaker-threshold", "0", "must be a whole number from 1 to 1000000"},
      {"breaker-cooldown", "0s", "must be at least 1ms"},
      {"watch-timeout", "4s", "must be at least 5s"},
      {"watch-timeout", "2h", "must be at most 1h"},
      {"watch-timeout", "60", "must be a duration"},
      {"metrics", "yes", "must be on or off"},
      {"show-secrets", "true", "must be on or off"},
      {"watch-list", "true", "must be on or off"},
      {"rate", "read=5,write=1,read=50", "must have each class once"},
      {"log-level", "loud", "must be debug, info, warn or error"},
      {"log-format", "xml", "must be json or text"},
      {"log-format", "a\nb", "must be json or text"},
  };
  for (const auto& c : cases) {
    const std::string by_flag = error({std::string("--") + c.flag, c.value});
    EXPECT_TRUE(by_flag.starts_with(std::string("--") + c.flag + " " + c.right)) << by_flag;
    EXPECT_TRUE(has(by_flag, "got \"")) << by_flag;
    const std::string by_variable = error({}, {{variable(c.flag), c.value}});
    EXPECT_TRUE(by_variable.starts_with(variable(c.flag) + " " + c.right)) << by_variable;
  }
  EXPECT_TRUE(error({}, {{"LISTEN_ADDR", "x"}}).starts_with("LISTEN_ADDR must be HOST:PORT"));
}

// Bug: a password in a URL that was refused went to the terminal and to the journal.
TEST(Settings, ARefusedUrlIsShownWithoutItsLoginAndItsQuery) {
  for (const char* flag : {"public-url", "oauth-issuer", "catalog-url", "allowed-origins",
                           "allowed-hosts", "listen"}) {
    for (const char* value :
         {"https://ann:hunter2@mcp.example/mcp", "https://hunter2@mcp.example/mcp",
          "https://ann:x/hunter2@mcp.example", "https://ann:x@hunter2@mcp.example",
          "ann:hunter2@mcp.example/mcp", "ftp://ann:hunter2@mcp.example/a?hunter2",
          "ftp://mcp.example/a?key=hunter2", "https://good.example https://ann:hunter2@mcp.example",
          "https://ann:hunter2@mcp.example:x/"}) {
      for (const std::string& why : {error({std::string("--") + flag + "=" + value}),
                                     error({std::string("--") + flag, value}), error({value}),
                                     error({"print-config", std::string("--") + flag, value})}) {
        EXPECT_NE(why, "(no error)") << flag << " " << value;
        EXPECT_FALSE(has(why, "hunter2")) << why;
      }
    }
  }
  EXPECT_TRUE(has(error({"--public-url", "https://ann:hunter2@mcp.example/mcp?a=b"}),
                  "got \"https://…@mcp.example/mcp?…\""));
  EXPECT_TRUE(has(error({"--public-url", "http://mcp.example/@a"}), "got \"http://…@a\""));
  EXPECT_TRUE(has(error({"--public-url", "mcp.example"}), "got \"mcp.example\""));
}

TEST(Settings, ACapBelowTheInitialDelayIsRefusedWithBothNumbers) {
  const char* right =
      "--backoff-cap 500ms is below --backoff-initial 1s; the cap must be at least the initial "
      "delay";
  EXPECT_EQ(error({"--backoff-cap", "500ms"}), right);
  EXPECT_EQ(error({}, {{"K0RDENT_MCP_BACKOFF_CAP", "500ms"}}), right);
  EXPECT_TRUE(has(error({"--backoff-initial", "2m"}), "--backoff-cap 1m is below"));
  good({"--backoff-initial", "60s"});
  good({"--backoff-initial", "2m", "--backoff-cap", "2m"});
}

TEST(Settings, PortZeroAndIPv6AreTaken) {
  EXPECT_EQ(good({"--listen", "127.0.0.1:0"}).listens[0].port, 0);
  EXPECT_EQ(good({"--listen", "[::1]:80"}).listens[0].host, "::1");
}

// ---- who may listen beyond loopback

TEST(Settings, SecretsAreNotShownBeyondLoopback) {
  for (const char* address : {"0.0.0.0:1", ":1", "[::]:1", "10.0.0.1:1", "[fd00::1]:1"}) {
    SCOPED_TRACE(address);
    const std::string why =
        error({"--listen", address, "--auth-mode", "OIDC_REQUIRED", "--show-secrets", "on"});
    EXPECT_TRUE(has(why, "--show-secrets on is refused")) << why;
    EXPECT_TRUE(has(why, "is reachable from other machines")) << why;
    EXPECT_TRUE(has(why, "127.0.0.1:6767")) << why;
    good({"--listen", address, "--auth-mode", "OIDC_REQUIRED", "--show-secrets", "off",
          "--behind-tls-proxy"});
  }
  for (const char* address : {"127.0.0.1:1", "[::1]:1", "localhost:1", "127.5.5.5:1"})
    EXPECT_TRUE(good({"--listen", address, "--show-secrets", "on"}).show_secrets) << address;
  EXPECT_TRUE(good({"stdio", "--show-secrets", "on"}).show_secrets);
  EXPECT_FALSE(good({}).show_secrets);
  // Bug: behind a proxy a loopback address was enough, though others reach it through the proxy.
  const std::string address = "127.0.0.1:1";
  EXPECT_TRUE(has(error({"--listen", address, "--show-secrets", "on", "--behind-tls-proxy", "on"}),
                  "--show-secrets on is refused because --behind-tls-proxy says"));
  EXPECT_TRUE(has(error({"--listen", address, "--show-secrets", "on", "--allowed-hosts",
                         "localhost,mcp.example.com"}),
                  "--show-secrets on is refused because --allowed-hosts has mcp.example.com"));
  EXPECT_TRUE(has(error({"--listen", address, "--show-secrets", "on", "--auth-mode", "OAUTH",
                         "--oauth-opaque-tokens", "--public-url", "https://mcp.example.com/mcp"}),
                  "--show-secrets on is refused because --public-url has mcp.example.com"));
  EXPECT_TRUE(good({"--listen", address, "--show-secrets", "on", "--auth-mode", "OAUTH",
                    "--oauth-opaque-tokens", "--public-url", "http://127.0.0.1:1/mcp"})
                  .show_secrets);
  EXPECT_TRUE(
      good({"--listen", address, "--show-secrets", "on", "--allowed-hosts", "localhost,127.0.0.1"})
          .show_secrets);
}

TEST(Settings, AnAddressThatOthersReachNeedsTheAuthModeSaid) {
  for (const char* address : {"0.0.0.0:1", ":1", "[::]:1", "10.0.0.1:1", "[fd00::1]:1"}) {
    SCOPED_TRACE(address);
    const std::string why = error({"--listen", address});
    EXPECT_TRUE(has(why, "is reachable from other machines")) << why;
    EXPECT_TRUE(has(why, "AUTH_MODE=OIDC_REQUIRED")) << why;
    EXPECT_TRUE(has(why, "AUTH_MODE=DEV_ALLOW_ANY")) << why;
    EXPECT_TRUE(has(error({}, {{"LISTEN_ADDR", address}}), "reachable"));
    for (const char* mode : {"OIDC_REQUIRED", "DEV_ALLOW_ANY"}) {
      good({"--listen", address, "--behind-tls-proxy", "--auth-mode", mode});
      good({"--listen", address, "--behind-tls-proxy", std::string("--auth-mode=") + mode});
      good({"--listen", address, "--behind-tls-proxy"}, {{"AUTH_MODE", mode}});
      good({"--listen", address, "--behind-tls-proxy"}, {{"K0RDENT_MCP_AUTH_MODE", mode}});
      good({"--listen", std::string(address) + ",auth=" + mode, "--behind-tls-proxy"});
    }
    EXPECT_TRUE(has(error({"--listen", address}, {{"AUTH_MODE", ""}}), "reachable"));
  }
}

// Tokens do not cross a network in the clear by accident.
TEST(Settings, TokensOverPlainHttpBeyondLoopbackNeedTheProxySaid) {
  const std::string why = error({"--listen", "10.0.0.1:1", "--auth-mode", "OIDC_REQUIRED"});
  EXPECT_TRUE(has(why, "--behind-tls-proxy")) << why;
  EXPECT_TRUE(has(why, "--tls-cert-file")) << why;
  EXPECT_TRUE(has(error({"--listen", ":1,auth=OIDC_REQUIRED"}), "--behind-tls-proxy"));
  good({"--listen", "127.0.0.1:1", "--auth-mode", "OIDC_REQUIRED"});
  good({"--listen", "unix:/run/x,mode=0666", "--auth-mode", "OIDC_REQUIRED"});
  good({"--listen", "10.0.0.1:1", "--auth-mode", "DEV_ALLOW_ANY"});  // there are no tokens
}

TEST(Settings, EachListenerHasItsOwnAuthModeAndRule) {
  const Settings s = good({"--listen", "127.0.0.1:1,auth=OIDC_REQUIRED", "--listen",
                           "unix:/run/x.sock,mode=0660,owner=0:0,auth=DEV_ALLOW_ANY"});
  ASSERT_EQ(s.listens.size(), 2u);
  EXPECT_EQ(s.listens[0].auth, AuthMode::oidc_required);
  EXPECT_EQ(s.listens[1].auth, AuthMode::dev_allow_any);
  EXPECT_EQ(s.listens[1].socket.path, "/run/x.sock");
  EXPECT_EQ(s.listens[1].socket.mode, 0660u);
  EXPECT_EQ(s.listens[1].socket.owner, 0u);
  EXPECT_EQ(s.listens[1].socket.group, 0u);
  // The mode of one listener opens no other.
  const std::string why =
      error({"--listen", "127.0.0.1:1,auth=DEV_ALLOW_ANY", "--listen", "10.0.0.1:1"});
  EXPECT_TRUE(has(why, "--listen 10.0.0.1:1 is reachable")) << why;
  EXPECT_EQ(good({}, {{"LISTEN_ADDR", "127.0.0.1:1  [::1]:1"}}).listens.size(), 2u);
  EXPECT_EQ(good({"--listen=:1,auth=DEV_ALLOW_ANY"}, {{"LISTEN_ADDR", ":2"}}).listens.size(), 1u);
}

TEST(Settings, AUnixSocketThatEveryUserReachesNeedsTheAuthModeSaid) {
  const std::string why = error({"--listen", "unix:/run/x.sock,mode=0666"});
  EXPECT_TRUE(has(why, "open to every user of this machine")) << why;
  good({"--listen", "unix:/run/x.sock,mode=0666,auth=DEV_ALLOW_ANY"});
  good({"--listen", "unix:/run/x.sock,mode=0660"});
  good({"--listen", "unix:/run/x.sock"});
  EXPECT_EQ(good({"--listen", "unix:/run/x.sock"}).listens[0].socket.mode, 0600u);
}

TEST(Settings, WhatAListenerCannotBeIsSaid) {
  const auto says = [](const char* value, const char* part) {
    const std::string why = error({"--listen", value});
    EXPECT_TRUE(has(why, part)) << value << ": " << why;
  };
  says("unix:x.sock", "an absolute path");
  says("unix:", "an absolute path");
  says("unix:/x,mode=999", "octal");
  says("unix:/x,mode=06660", "octal");
  says("unix:/x,mode=", "octal");
  says("unix:/x,owner=no-such-user", "a user of this machine");
  says("unix:/x,owner=0:no-such-group", "a group of this machine");
  says("unix:/x,colour=red", "owner=USER[:GROUP]");
  says("127.0.0.1:1,mode=0600", "only auth=MODE");
  // Bug: the last one was taken, so that an open mode at the end of a line beat what stood before it.
  says("127.0.0.1:1,auth=OAUTH,auth=DEV_ALLOW_ANY", "must have auth= once");
  says("127.0.0.1:1,tls=on,tls=on", "must have tls= once");
  says("unix:/run/x.sock,mode=0600,owner=0,mode=0666", "must have mode= once");
  says("unix:/run/x.sock,owner=0,owner=:0", "must have owner= once");
  says("127.0.0.1:1,auth=NONE", "DEV_ALLOW_ANY");
  says("127.0.0.1:1,tls=maybe", "tls=on|off");
  says("", "HOST:PORT");
  EXPECT_TRUE(has(error({"--ops-listen", ":1,auth=DEV_ALLOW_ANY"}), "must have neither auth="));
  EXPECT_TRUE(good({"--ops-listen", "0.0.0.0:9090"}).ops_listen.has_value());
}

TEST(Settings, LoopbackNeedsNothingSaid) {
  for (const char* address : {"127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1"}) {
    good({"--listen", address});
  }
  good({"check"}, {{"LISTEN_ADDR", "0.0.0.0:1"}});  // check listens nowhere
}

}  // namespace
