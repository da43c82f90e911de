#include "cli/options.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/commands.h"
#include "app/setting_flags.h"
#include "base/file.h"
#include "base/text.h"

namespace cli {

using base::Error;
using base::Result;

namespace {

constexpr std::string_view kEach = "call tools read watch";
constexpr std::string_view kScheme = "k0rdent://";  // cluster/uri.h; it may be left out
// A token is a few kilobytes; so is a file of certificates of authorities, but not a bundle of all.
constexpr std::size_t kTokenBytes = std::size_t{64} << 10;

Error bad(std::string what) {
  return Error(base::Errc::invalid_argument, std::move(what));
}

Result<void> set_format(Options& o, std::string_view value) {
  constexpr std::pair<std::string_view, Format> kNames[] = {{"table", Format::table},
                                                            {"wide", Format::wide},
                                                            {"json", Format::json},
                                                            {"yaml", Format::yaml},
                                                            {"name", Format::name}};
  for (const auto& [name, format] : kNames) {
    if (value != name) continue;
    o.format = format;
    o.format_said = true;
    return {};
  }
  return bad("must be table, wide, json, yaml or name");
}

// A file that all may read, too: a pod's projected token has mode 0644, unless its user or fsGroup is
// set (kubelet 1.35). A pipe as well, as in --token-file <(get-token).
Result<void> set_token_file(Options& o, std::string_view value) {
  auto text = base::read_file(std::string(value), kTokenBytes);
  if (!text) return bad("must name a readable file with a token: " + text.error().what());
  o.token = base::trim(*text);
  if (o.token.empty()) return bad("must name a file with a token; it is empty");
  const auto of_token = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(o.token.begin(), o.token.end(), of_token))
    return bad(
        "must name a file with one token; a space, a line end or another character that no "
        "token has stands in it");
  return {};
}

Result<void> set_timeout(Options& o, std::string_view value) {
  auto time = base::parse_duration(value);
  if (!time || *time <= base::Duration::zero()) return bad("must be a duration, e.g. 30s");
  o.timeout = *time;
  return {};
}

const OwnFlag kFlags[] = {
    {"server", 's', "URL",
     "server to ask: http://HOST:PORT, https://… or unix:/PATH (default: one is started in process "
     "for the kubeconfig's cluster)",
     kEach, [](Options& o, std::string_view v) { return o.server = v, Result<void>(); }},
    {"token-file", '\0', "FILE",
     "file with the bearer token for --server (default: the variable K0RDENT_MCP_TOKEN, or none)",
     kEach, set_token_file},
    {"ca-file", '\0', "FILE", "certificate authorities (PEM) of --server (default: the system's)",
     kEach, [](Options& o, std::string_view v) { return o.ca_file = v, Result<void>(); }},
    {"output", 'o', "table|wide|json|yaml|name",
     "form of the answer; watch writes JSON lines where standard output is no terminal (default "
     "table)",
     kEach, set_format},
    {"timeout", '\0', "DURATION", "longest time for one answer (default: none)", "call tools read",
     set_timeout},
    {"json", '\0', "FILE|-",
     "arguments as a JSON object from a file or standard input; NAME=VALUE overrides them", "call",
     [](Options& o, std::string_view v) { return o.arguments_file = v, Result<void>(); }},
    {"all", 'a', "", "go on after each cut until a list is complete", "call",
     [](Options& o, std::string_view) { return o.all = true, Result<void>(); }},
};

const OwnFlag* find_own(std::string_view command, std::string_view name) {
  for (const OwnFlag& flag : kFlags) {
    const bool letter = name.size() == 1 && name[0] == flag.letter;
    if (takes(command, flag) && (letter || name == flag.name)) return &flag;
  }
  return nullptr;
}

Result<void> apply(Options& options, const OwnFlag& flag, const std::string& by,
                   std::string_view value) {
  if (auto ok = flag.apply(options, value); !ok)
    return bad(by + " " + ok.error().what() + ", got \"" + base::printable(value, 100) + "\"");
  return {};
}

// `word`: as it was typed.
Error unknown_flag(std::string_view command, std::string_view word, std::string_view name) {
  std::vector<std::string_view> known{"help"};
  for (const OwnFlag& flag : kFlags)
    if (takes(command, flag)) known.push_back(flag.name);
  for (const app::Flag& flag : app::all_flags())
    if (app::takes(app::Command::stdio, flag)) known.push_back(flag.name);
  const std::string_view near = base::nearest(name, known);
  return bad("unknown flag " + base::printable(word, 66) +
             (near.empty() ? "; see k0rdent-mcp " + std::string(command) + " --help"
                           : "; did you mean --" + std::string(near) + "?") +
             (near.empty() && command == "call"
                  ? ", and for a tool's arguments k0rdent-mcp tools TOOL"
                  : ""));
}

// The flags, one after the other; each reader leaves `at_` at the last word that it used.
class FlagReader {
 public:
  FlagReader(std::string_view command, const std::vector<std::string>& args, Options& options)
      : command_(command), args_(args), options_(options) {}

  Result<void> run() {
    bool words_only = false;
    for (; at_ < args_.size(); ++at_) {
      const std::string& word = args_[at_];
      if (word == "--" && !words_only) {
        words_only = true;
      } else if (words_only || word.size() < 2 || word[0] != '-') {
        options_.words.push_back(word);
      } else if (auto ok = flag(word); !ok) {
        return ok;
      }
    }
    return {};
  }
  bool said(const OwnFlag& flag) const {
    return std::find(said_.begin(), said_.end(), &flag) != said_.end();
  }

 private:
  Result<void> flag(std::string_view word) {
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    if (const OwnFlag* own = find_own(command_, name)) return own_flag(*own, word);
    const app::Flag* of_server = app::find_flag(name);
    // -ojson
    const OwnFlag* letter = find_own(command_, word.substr(0, 1));
    if (of_server == nullptr && letter != nullptr && !letter->metavar.empty() &&
        !args_[at_].starts_with("--")) {
      said_.push_back(letter);
      return apply(options_, *letter, "--" + std::string(letter->name), word.substr(1));
    }
    if (of_server == nullptr || !app::takes(app::Command::stdio, *of_server))
      return unknown_flag(command_, std::string_view(args_[at_]).substr(0, args_[at_].find('=')),
                          name);
    options_.for_server.push_back(args_[at_]);
    if (equals != word.npos) return {};
    const bool alone = at_ + 1 == args_.size() || args_[at_ + 1].starts_with('-');
    // A switch takes its value only where it is one: what follows may be a word of ours.
    const bool value = !alone && (args_[at_ + 1] == "on" || args_[at_ + 1] == "off");
    if (of_server->metavar == app::kSwitch && !value) return {};
    if (++at_ == args_.size())
      return bad("--" + std::string(name) + " needs a value: --" + std::string(name) + " " +
                 std::string(of_server->metavar));
    options_.for_server.push_back(args_[at_]);
    return {};
  }

  Result<void> own_flag(const OwnFlag& flag, std::string_view word) {
    said_.push_back(&flag);
    const std::string by = "--" + std::string(flag.name);
    const std::size_t equals = word.find('=');
    if (flag.metavar.empty()) {
      if (equals != word.npos) return bad(by + " takes no value");
      return apply(options_, flag, by, "");
    }
    if (equals != word.npos) return apply(options_, flag, by, word.substr(equals + 1));
    if (++at_ == args_.size())
      return bad(by + " needs a value: " + by + " " + std::string(flag.metavar));
    return apply(options_, flag, by, args_[at_]);
  }

  std::string_view command_;
  const std::vector<std::string>& args_;
  Options& options_;
  std::size_t at_ = 0;
  std::vector<const OwnFlag*> said_;
};

}  // namespace

std::span<const OwnFlag> own_flags() {
  return kFlags;
}

bool takes(std::string_view command, const OwnFlag& flag) {
  const auto words = base::split(flag.commands, ' ');
  return std::find(words.begin(), words.end(), command) != words.end();
}

Result<Options> parse_options(std::string_view command, const std::vector<std::string>& args,
                              app::Getenv getenv) {
  Options options;
  FlagReader reader(command, args, options);
  if (auto ok = reader.run(); !ok) return std::move(ok).error();
  if (command == "read" || command == "watch")
    for (std::string& uri : options.words)
      if (uri.find("://") == uri.npos) uri.insert(0, kScheme);
  for (const OwnFlag& flag : kFlags) {
    // Switches and arguments belong to one call.
    if (reader.said(flag) || flag.metavar.empty() || flag.name == "json") continue;
    // What the command line says of a cluster goes before the variable of a server.
    if (flag.name == "server" && !options.for_server.empty()) continue;
    const std::string name = app::variable_of(flag.name);
    const char* value = takes(command, flag) ? getenv(name.c_str()) : nullptr;
    if (value == nullptr || *value == '\0') continue;
    if (auto ok = apply(options, flag, name, value); !ok) return std::move(ok).error();
  }
  if (const char* token = getenv("K0RDENT_MCP_TOKEN"); token != nullptr && options.token.empty())
    options.token = token;
  if (!options.server.empty() && !options.for_server.empty())
    return bad(options.for_server[0].substr(0, options.for_server[0].find('=')) +
               " is of use only without --server: it is a flag of the server");
  return options;
}

std::string options_help(std::string_view command) {
  std::string out;
  for (const app::CommandRow& row : app::all_commands()) {
    if (row.name != command) continue;
    out = "usage: k0rdent-mcp " + std::string(row.name) + " " + std::string(row.arguments) + "\n\n";
  }
  for (const OwnFlag& flag : kFlags) {
    if (!takes(command, flag)) continue;
    out.append("  ");
    if (flag.letter != '\0') out.append("-").append(1, flag.letter).append(", ");
    out.append("--").append(flag.name);
    if (!flag.metavar.empty()) out.append(" ").append(flag.metavar);
    out.append("\n      ").append(flag.help).append("\n");
    if (!flag.metavar.empty() && flag.name != "json")
      out.append("      variable: ").append(app::variable_of(flag.name)).append("\n");
  }
  return out +
         "\nWithout --server the flags of k0rdent-mcp stdio are accepted, too: --kubeconfig, --context, "
         "--config, --allow-writes ...\n\nExits with 0 when it worked, with 1 when the tool or the "
         "resource failed (also when nothing was written, or what was waited for did not come), with 2 "
         "for wrong usage, with 3 when the server cannot be reached or started.\n";
}

}  // namespace cli
