// What the tables offer for a line that is being typed. The shells themselves are tried in
// test/e2e/shells.test.mjs.
#include "cli/completion.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/commands.h"
#include "app/offline.h"
#include "app/setting_flags.h"
#include "cli/options.h"
#include "cli/output.h"
#include "support/temp_dir.h"

namespace {

using Words = std::vector<std::string>;

Words offered(std::string_view line) {
  Words out;
  for (const cli::Candidate& each : cli::complete_from_tables(cli::words_of(line)).candidates)
    out.push_back(each.word);
  return out;
}
bool offers(const Words& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

TEST(CliCompletion, ALineIsSplitAsAShellSplitsIt) {
  EXPECT_EQ(cli::words_of("a b"), (Words{"a", "b"}));
  EXPECT_EQ(cli::words_of("a b "), (Words{"a", "b", ""}));
  EXPECT_EQ(cli::words_of("a  'b c' \"d'e\" f\\ g"), (Words{"a", "b c", "d'e", "f g"}));
  EXPECT_EQ(cli::words_of("a '' b"), (Words{"a", "", "b"}));
  EXPECT_EQ(cli::words_of("a 'b c"), (Words{"a", "b c"})) << "still open";
}

TEST(CliCompletion, TheFirstWordIsACommand) {
  const Words all = offered("k0rdent-mcp ");
  for (const app::CommandRow& row : app::all_commands())
    EXPECT_TRUE(offers(all, std::string(row.name))) << row.name;
  EXPECT_EQ(offered("k0rdent-mcp wat"), Words{"watch"});
  EXPECT_EQ(offered("k0rdent-mcp help wat"), Words{"watch"});
}

TEST(CliCompletion, EachCommandOffersExactlyItsFlags) {
  const Words serve = offered("k0rdent-mcp serve --"), bare = offered("k0rdent-mcp --"),
              check = offered("k0rdent-mcp check --"), call = offered("k0rdent-mcp call x --");
  for (const app::Flag& flag : app::all_flags()) {
    const std::string word = "--" + std::string(flag.name);
    EXPECT_TRUE(offers(serve, word) && offers(bare, word)) << word;
    EXPECT_EQ(offers(check, word), app::takes(app::Command::check, flag)) << word;
    EXPECT_EQ(offers(call, word), app::takes(app::Command::stdio, flag)) << word;
  }
  for (const cli::OwnFlag& flag : cli::own_flags())
    EXPECT_TRUE(offers(call, "--" + std::string(flag.name)) ||
                flag.commands.find("call") == std::string_view::npos);
  EXPECT_EQ(offered("k0rdent-mcp stop --"),
            (Words{"--pid-file", "--config", "--timeout", "--help"}));
}

TEST(CliCompletion, CommandsWithoutAClusterOfferTheirWordsAndFlags) {
  EXPECT_EQ(offered("k0rdent-mcp policy "), (Words{"check", "test"}));
  EXPECT_EQ(offered("k0rdent-mcp rbac view"), (Words{"view", "view-with-secrets"}));
  EXPECT_EQ(offered("k0rdent-mcp rbac view --"),
            (Words{"--output", "--name", "--service-account", "--help"}));
  EXPECT_EQ(offered("k0rdent-mcp rbac view --output "), (Words{"yaml", "json"}));
  EXPECT_EQ(offered("k0rdent-mcp rbac view "), Words()) << "there is one preset a call";
  EXPECT_EQ(offered("k0rdent-mcp audit verify --"), (Words{"--audit-key-file", "--help"}));
  EXPECT_TRUE(offers(offered("k0rdent-mcp policy test --verb "), "deletecollection"));
  for (const app::OfflineFlag& flag : app::offline_flags()) {
    const bool shown = offers(offered("k0rdent-mcp " + std::string(flag.command) + " x --"),
                              "--" + std::string(flag.name));
    EXPECT_EQ(shown, !flag.help.empty()) << flag.name;
  }
}

TEST(CliCompletion, AFlagsValueIsOneOfItsChoicesOrAFile) {
  EXPECT_EQ(offered("k0rdent-mcp call x --output "),
            (Words{"table", "wide", "json", "yaml", "name"}));
  EXPECT_EQ(offered("k0rdent-mcp call x -o j"), Words{"json"});
  EXPECT_EQ(offered("k0rdent-mcp call x -a j"), Words{}) << "a flag without a value";
  EXPECT_EQ(offered("k0rdent-mcp call x --output=j"), (Words{"--output=json"}));
  EXPECT_EQ(offered("k0rdent-mcp serve --log-level d"), Words{"debug"});
  EXPECT_EQ(offered("k0rdent-mcp serve --auth-mode O"), (Words{"OAUTH", "OIDC_REQUIRED"}));
  EXPECT_EQ(offered("k0rdent-mcp serve --toolsets=core,l"), Words{"--toolsets=core,logs"});
  EXPECT_EQ(offered("k0rdent-mcp serve --allow-writes=o"),
            (Words{"--allow-writes=on", "--allow-writes=off"}));
  EXPECT_TRUE(cli::complete_from_tables(cli::words_of("k0rdent-mcp serve --kubeconfig ")).files);
  EXPECT_TRUE(cli::complete_from_tables(cli::words_of("k0rdent-mcp policy check ")).files);
  EXPECT_EQ(offered("k0rdent-mcp serve --max-body "), Words{});
}

TEST(CliCompletion, AContextIsOneOfTheKubeconfigs) {
  test::TempDir dir;
  const std::string file = dir.write(
      "config",
      "apiVersion: v1\nkind: Config\ncontexts:\n- {name: edge-1, context: {cluster: a, user: a}}\n"
      "- {name: 'arn:b', context: {cluster: b, user: b}}\n");
  const auto contexts = [](const std::string& line) {
    const std::vector<std::string> words = cli::words_of(line);
    if (!cli::complete_from_tables(words).context) return Words{"no context"};
    Words out;
    for (const cli::Candidate& each :
         cli::complete_contexts(words, [](const char*) -> const char* { return nullptr; }))
      out.push_back(each.word);
    return out;
  };
  const std::string with = " --kubeconfig " + file;
  EXPECT_EQ(contexts("k0rdent-mcp serve" + with + " --context "), (Words{"edge-1", "arn:b"}));
  EXPECT_EQ(contexts("k0rdent-mcp call x --kubeconfig=" + file + " --context=e"),
            (Words{"--context=edge-1", "--context=arn:b"}));
  EXPECT_EQ(contexts("k0rdent-mcp serve --kubeconfig /nowhere --context "), Words{});
  EXPECT_EQ(contexts("k0rdent-mcp serve --context --"), Words{});
  EXPECT_EQ(contexts("k0rdent-mcp serve --log-level "), Words{"no context"});
}

TEST(CliCompletion, WordsOfSomeCommandsAreTheServers) {
  const auto live = [](std::string_view line) {
    return cli::complete_from_tables(cli::words_of(line)).live;
  };
  EXPECT_TRUE(live("k0rdent-mcp call "));
  EXPECT_TRUE(live("k0rdent-mcp call x nam"));
  EXPECT_TRUE(live("k0rdent-mcp watch k0rdent://"));
  EXPECT_FALSE(live("k0rdent-mcp call --o"));
  EXPECT_FALSE(live("k0rdent-mcp serve x"));
}

TEST(CliCompletion, ThereIsAScriptForEachShell) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_NE(cli::completion_script(shell).find("__complete " + std::string(shell)),
              std::string_view::npos);
  EXPECT_EQ(cli::completion_script("tcsh"), "");
}

// ---- output

TEST(CliOutput, SeveralTablesBecomeOne) {
  std::string rest;
  const cli::Table one = cli::cells_of(
      "NAMESPACE   LAST SEEN   NOTE\na           1m\nlöng        2m          é x\n\nNote: cut\n",
      rest);
  EXPECT_EQ(rest, "\n\nNote: cut\n");
  EXPECT_EQ(one, (cli::Table{
                     {"NAMESPACE", "LAST SEEN", "NOTE"}, {"a", "1m", ""}, {"löng", "2m", "é x"}}));
  EXPECT_EQ(
      cli::columns(one),
      "NAMESPACE   LAST SEEN   NOTE\na           1m          \nlöng        2m          é x\n");
}

TEST(CliOutput, NamesAreThoseOfTheRows) {
  base::json::Document doc;
  EXPECT_EQ(cli::names_of(*doc.parse(
                R"({"notes":["x"],"clusters":[{"name":"a","namespace":"n"},{"name":"b"}]})")),
            "n/a\nb\n");
  EXPECT_EQ(cli::names_of(*doc.parse(R"({"name":"a","namespace":"n","services":[{"name":"s"}]})")),
            "n/a");
}

TEST(CliOutput, JsonIsIndented) {
  base::json::Document doc;
  EXPECT_EQ(
      cli::pretty(*doc.parse(R"({"a":[1,{"b":null}],"c":{},"d":[]})")),
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
}

}  // namespace
