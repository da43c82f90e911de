// The flags of call, tools, read and watch: their own, those of the server in process, and variables.
#include "cli/options.h"

#include <map>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace {

using cli::Format;
using cli::Options;
using Args = std::vector<std::string>;

std::map<std::string, std::string> env_now;
const char* test_getenv(const char* name) {
  const auto it = env_now.find(name);
  return it == env_now.end() ? nullptr : it->second.c_str();
}

struct CliOptions : testing::Test {
  CliOptions() { env_now.clear(); }
  Options good(const Args& args, std::string_view command = "call") {
    auto options = cli::parse_options(command, args, test_getenv);
    EXPECT_TRUE(options.has_value()) << (options ? "" : options.error().what());
    return options ? *options : Options{};
  }
  std::string error(const Args& args, std::string_view command = "call") {
    auto options = cli::parse_options(command, args, test_getenv);
    return options ? "(no error)" : options.error().what();
  }
};

TEST_F(CliOptions, FlagsMayStandBetweenTheWords) {
  const Options o = good({"events.list", "-o", "json", "namespace=a", "--all", "-s=http://h:1"});
  EXPECT_EQ(o.words, (Args{"events.list", "namespace=a"}));
  EXPECT_EQ(o.format, Format::json);
  EXPECT_TRUE(o.all);
  EXPECT_EQ(o.server, "http://h:1");
  EXPECT_EQ(good({"--", "-x", "--all"}).words, (Args{"-x", "--all"}));
}

TEST_F(CliOptions, FlagsOfTheServerInProcessAreKeptForIt) {
  const Options o = good(
      {"x", "--kubeconfig", "/k", "--allow-writes", "a=b", "--read-only", "off", "--context=c"});
  EXPECT_EQ(o.for_server,
            (Args{"--kubeconfig", "/k", "--allow-writes", "--read-only", "off", "--context=c"}));
  EXPECT_EQ(o.words, (Args{"x", "a=b"})) << "a switch does not take the word after it";
  EXPECT_EQ(error({"--server", "http://h", "--kubeconfig", "/k"}),
            "--kubeconfig is of use only without --server: it is a flag of the server");
}

// Bug: a server's variable refused a command line that names a cluster.
TEST_F(CliOptions, AClusterOfTheLineGoesBeforeAServerOfTheEnvironment) {
  env_now["K0RDENT_MCP_SERVER"] = "http://h:1";
  EXPECT_EQ(good({"x"}).server, "http://h:1");
  const Options o = good({"x", "--kubeconfig", "/k"});
  EXPECT_EQ(o.server, "");
  EXPECT_EQ(o.for_server, (Args{"--kubeconfig", "/k"}));
}

TEST_F(CliOptions, ALetterAndItsValueMayBeOneWord) {
  EXPECT_EQ(good({"x", "-ojson"}).format, Format::json);
  EXPECT_EQ(good({"x", "-shttp://h:1"}).server, "http://h:1");
  EXPECT_NE(error({"x", "-ojsn"}).find("json"), std::string::npos);
  EXPECT_NE(error({"x", "--ojson"}).find("unknown flag --ojson"), std::string::npos);
  EXPECT_EQ(good({"x", "-kubeconfig", "/k"}).for_server, (Args{"-kubeconfig", "/k"}));
}

TEST_F(CliOptions, AUriMayBeTypedWithoutItsScheme) {
  EXPECT_EQ(good({"events/a", "k0rdent://graph", "x://y"}, "watch").words,
            (Args{"k0rdent://events/a", "k0rdent://graph", "x://y"}));
  EXPECT_EQ(good({"graph?kinds=Pod"}, "read").words, (Args{"k0rdent://graph?kinds=Pod"}));
  EXPECT_EQ(good({"events.list"}, "tools").words, (Args{"events.list"}));
}

TEST_F(CliOptions, WhatIsWrongIsNamedWithTheNearest) {
  EXPECT_EQ(error({"--sever", "x"}), "unknown flag --sever; did you mean --server?");
  EXPECT_EQ(error({"--kubeconfg", "x"}), "unknown flag --kubeconfg; did you mean --kubeconfig?");
  EXPECT_EQ(error({"--listen", "x"}, "read"), "unknown flag --listen; see k0rdent-mcp read --help")
      << "a flag for HTTP clients only";
  EXPECT_EQ(
      error({"--limit", "1"}),
      "unknown flag --limit; see k0rdent-mcp call --help, and for a tool's arguments k0rdent-mcp "
      "tools TOOL");
  EXPECT_EQ(error({"-V"}, "read"), "unknown flag -V; see k0rdent-mcp read --help")
      << "as it was typed";
  EXPECT_EQ(error({"--json", "x"}, "tools").substr(0, 19), "unknown flag --json");
  EXPECT_EQ(error({"-o", "xml"}), "--output must be table, wide, json, yaml or name, got \"xml\"");
  EXPECT_EQ(error({"-o"}), "--output needs a value: --output table|wide|json|yaml|name");
  EXPECT_EQ(error({"--all=yes"}), "--all takes no value");
  EXPECT_EQ(error({"--timeout", "soon"}).substr(0, 28), "--timeout must be a duration");
}

TEST_F(CliOptions, AFlagBeatsAVariable) {
  env_now["K0RDENT_MCP_OUTPUT"] = "yaml";
  env_now["K0RDENT_MCP_SERVER"] = "http://a";
  EXPECT_EQ(good({}).format, Format::yaml);
  EXPECT_EQ(good({}).server, "http://a");
  EXPECT_EQ(good({"-o", "name"}).format, Format::name);
  env_now["K0RDENT_MCP_OUTPUT"] = "xml";
  EXPECT_EQ(error({}).substr(0, 26), "K0RDENT_MCP_OUTPUT must be");
}

TEST_F(CliOptions, TheTokenIsInAFileOrInItsVariable) {
  const test::TempDir dir;
  dir.write("token", "secret\n");
  dir.write("pod", "secret\n", 0644);
  dir.write("empty", "\n");
  dir.write("two", "secret\nother\n");
  env_now["K0RDENT_MCP_TOKEN"] = "other";
  EXPECT_EQ(good({}).token, "other");
  EXPECT_EQ(good({"--token-file", dir.path("token")}).token, "secret");
  EXPECT_EQ(good({"--token-file", dir.path("pod")}).token, "secret") << "as a pod's projected one";
  for (const char* bad : {"two", "empty", "none"})
    EXPECT_EQ(error({"--token-file", dir.path(bad)}).substr(0, 22), "--token-file must name")
        << bad;
}

TEST_F(CliOptions, HelpNamesEachFlag) {
  for (const char* command : {"call", "tools", "read", "watch"}) {
    const std::string help = cli::options_help(command);
    EXPECT_NE(help.find(std::string("usage: k0rdent-mcp ") + command), help.npos);
    for (const cli::OwnFlag& flag : cli::own_flags())
      EXPECT_EQ(help.find("--" + std::string(flag.name) + (flag.metavar.empty() ? "\n" : " ")) !=
                    help.npos,
                cli::takes(command, flag))
          << command << " " << flag.name;
  }
}

}  // namespace
