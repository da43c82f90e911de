#include "cli/completion.h"

#include <algorithm>
#include <csignal>

#include <unistd.h>

#include "app/commands.h"
#include "app/flag_values.h"
#include "app/offline.h"
#include "app/setting_flags.h"
#include "base/output.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

namespace cli {

namespace {

// A flag, whichever table it is in.
struct AnyFlag {
  std::string_view name, metavar, help;
  char letter = '\0';
};

constexpr std::string_view kContext = "context";

bool asks_server(std::string_view command) {
  return command == "call" || command == "tools" || command == "read" || command == "watch";
}

std::vector<AnyFlag> flags_of(std::string_view command) {
  std::vector<AnyFlag> out;
  for (const OwnFlag& flag : own_flags())
    if (takes(command, flag)) out.push_back({flag.name, flag.metavar, flag.help, flag.letter});
  for (const StopFlag& flag : stop_flags())
    if (command == "stop") out.push_back({flag.name, flag.metavar, flag.help});
  for (const app::OfflineFlag& flag : app::offline_flags())
    if (command == flag.command && !flag.help.empty())
      out.push_back({flag.name, flag.metavar, flag.help});
  app::Command of = app::Command::version;  // takes none
  if (asks_server(command) || command == "stdio") of = app::Command::stdio;
  if (command == "serve" || command == "start") of = app::Command::serve;
  if (command == "check" || command == "doctor") of = app::Command::check;
  if (command == "print-config") of = app::Command::print_config;
  for (const app::Flag& flag : app::all_flags())
    if (app::takes(of, flag)) out.push_back({flag.name, flag.metavar, flag.help});
  out.push_back({"help", "", "show the flags of this command"});
  return out;
}

std::string short_help(std::string_view help) {
  return std::string(
      help.substr(0, std::min({help.find(" (default"), help.find("; "), help.find(": ")})));
}

// The values of flags whose metavar does not list them.
struct Values {
  std::string_view name, values;
};
constexpr Values kValues[] = {{"log-level", "debug|info|warn|error"},
                              {"log-format", "json|text"},
                              {"auth-mode", "OAUTH|OIDC_REQUIRED|CLIENT_CERT|DEV_ALLOW_ANY"}};

void add_words(Known& known, std::string_view values, const std::string& prefix) {
  for (const std::string_view each : base::split(values, '|'))
    known.candidates.push_back({prefix + std::string(each)});
}

// `typed`: "k0rdent,lo", of which the last is being typed.
void add_toolsets(Known& known, const std::string& prefix, std::string_view typed) {
  const std::size_t comma = typed.rfind(',');
  const std::string before =
      prefix + std::string(comma == typed.npos ? "" : typed.substr(0, comma + 1));
  for (const std::string_view each : app::toolset_names())
    known.candidates.push_back({before + std::string(each)});
}

// `prefix`: "--flag=", or "" where the value is a word of its own.
void add_values(Known& known, const AnyFlag& flag, const std::string& prefix,
                std::string_view typed) {
  const std::string_view metavar = flag.metavar;
  known.context = flag.name == kContext;
  if (flag.name == "toolsets") return add_toolsets(known, prefix, typed);
  if (metavar.find("FILE") != metavar.npos || metavar == "DIR") known.files = true;
  if (metavar == app::kSwitch) return add_words(known, "on|off", prefix);
  for (const Values& each : kValues)
    if (flag.name == each.name) return add_words(known, each.values, prefix);
  const bool lists = metavar.find('|') != metavar.npos;
  if (lists && metavar.find_first_of("ABCDEFGHIJ") == metavar.npos)
    add_words(known, metavar, prefix);
}

const AnyFlag* find(const std::vector<AnyFlag>& flags, std::string_view word) {
  const bool letter = word.size() == 2 && word[0] == '-';
  const bool name = word.starts_with("--");
  for (const AnyFlag& flag : flags)
    if ((letter && flag.letter == word[1]) || (name && flag.name == word.substr(2))) return &flag;
  return nullptr;
}

std::string subcommands_of(std::string_view command) {
  return command == "completion" ? "bash|zsh|fish" : app::offline_words(command);
}

void keep_beginning(std::vector<Candidate>& all, std::string_view with) {
  std::erase_if(all, [with](const Candidate& each) { return !each.word.starts_with(with); });
}

}  // namespace

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  char quote = '\0';
  bool begun = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        words.back() += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      begun = true;
    } else if (c == '\\' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else if (c == ' ' || c == '\t') {
      if (begun || !words.back().empty()) words.emplace_back();
      begun = false;
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::vector<Candidate> complete_contexts(const std::vector<std::string>& words,
                                         app::Getenv getenv) {
  constexpr std::string_view kFlag = "--kubeconfig", kFlagIs = "--kubeconfig=";
  std::string file;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i].starts_with(kFlagIs)) file = words[i].substr(kFlagIs.size());
    if (words[i] == kFlag) file = words[i + 1];
  }
  const std::string& now = words.back();
  const std::size_t equals = now.starts_with("--") ? now.find('=') : now.npos;
  const std::string before = equals == now.npos ? "" : now.substr(0, equals + 1);
  std::vector<Candidate> out;
  for (const std::string& name : app::context_names(file, getenv))
    out.push_back({before + name});
  return out;
}

Known complete_from_tables(const std::vector<std::string>& words) {
  Known known;
  if (words.size() < 2) return known;
  const std::string& now = words.back();
  const bool first = words.size() == 2;
  // Without a command it is serve.
  const std::string command = first || words[1].starts_with('-') ? "serve" : words[1];
  const std::vector<AnyFlag> flags = flags_of(command);
  const std::string& before = words[words.size() - 2];
  if (const std::size_t equals = now.find('='); now.starts_with('-') && equals != now.npos) {
    if (const AnyFlag* flag = find(flags, now.substr(0, equals))) {
      add_values(known, *flag, now.substr(0, equals + 1), std::string_view(now).substr(equals + 1));
    }
  } else if (const AnyFlag* flag = find(flags, before);
             flag != nullptr && !flag->metavar.empty() && flag->metavar != app::kSwitch) {
    add_values(known, *flag, "", now);
  } else if (now.starts_with('-')) {
    for (const AnyFlag& each : flags)
      known.candidates.push_back({"--" + std::string(each.name), short_help(each.help)});
  } else if (first || (command == "help" && words.size() == 3)) {
    for (const app::CommandRow& row : app::all_commands())
      known.candidates.push_back({std::string(row.name), std::string(row.summary)});
  } else if (const std::string more = subcommands_of(command); !more.empty()) {
    known.files = words.size() > 3 && command != "completion" && command != "rbac";
    if (words.size() == 3) add_words(known, more, "");
  } else {
    known.live = asks_server(command);
  }
  keep_beginning(known.candidates, now);
  return known;
}

std::string_view completion_script(std::string_view shell) {
  if (shell == "bash")
    return R"(# k0rdent-mcp completion bash > /etc/bash_completion.d/k0rdent-mcp
_k0rdent_mcp() {
  local line="${COMP_LINE:0:COMP_POINT}"
  COMPREPLY=()
  mapfile -t COMPREPLY < <("$1" __complete bash "$line" 2>/dev/null)
  if [[ ${COMPREPLY[0]} == :file ]]; then
    line="${line##*[ =]}"
    mapfile -t COMPREPLY < <(compgen -f -- "$line")
    compopt -o filenames
  elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then
    compopt -o nospace
  fi
}
complete -F _k0rdent_mcp k0rdent-mcp
)";
  if (shell == "zsh")
    return R"(#compdef k0rdent-mcp
# k0rdent-mcp completion zsh > "${fpath[1]}/_k0rdent-mcp"
_k0rdent_mcp() {
  local line
  local -a names open about
  for line in "${(@f)$("${words[1]}" __complete zsh "${(j: :)words[1,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :file ]]; then
      [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
      _files
      return
    fi
    [[ -z $line ]] && continue
    if [[ ${line%%$'\t'*} == *[=/] ]]; then
      open+=("${line%%$'\t'*}")
    else
      names+=("${line%%$'\t'*}")
      about+=("${line/$'\t'/  -- }")
    fi
  done
  (( ${#open} )) && compadd -S '' -a open
  (( ${#names} )) && compadd -l -d about -a names
}
if [ "$funcstack[1]" = "_k0rdent-mcp" ]; then _k0rdent_mcp "$@"; else compdef _k0rdent_mcp k0rdent-mcp; fi
)";
  if (shell == "fish")
    return R"(# k0rdent-mcp completion fish > ~/.config/fish/completions/k0rdent-mcp.fish
function __k0rdent_mcp
  set -l lines (k0rdent-mcp __complete fish (commandline -cp | string collect) 2>/dev/null)
  if test "$lines[1]" = :file
    set -l word (commandline -ct)
    set -l flag (string match -r -- '^--[^=]+=' $word)
    __fish_complete_path (string replace -r -- '^--[^=]+=' '' $word) | string replace -r -- '^' "$flag"
  else
    printf '%s\n' $lines
  end
end
complete -c k0rdent-mcp -f -a '(__k0rdent_mcp)'
)";
  return {};
}

int run_completion(const std::vector<std::string>& args) {
  if (args.size() == 1 && (args[0] == "--help" || args[0] == "-h")) {
    print(
        "usage: k0rdent-mcp completion bash|zsh|fish\n\nPrints the completion script of a shell; its "
        "first lines say where it goes. For this shell alone:\n\n"
        "  source <(k0rdent-mcp completion bash)\n  source <(k0rdent-mcp completion zsh)\n"
        "  k0rdent-mcp completion fish | source\n");
    return kOk;
  }
  const std::string_view script = args.size() == 1 ? completion_script(args[0]) : "";
  if (script.empty()) return complain("completion needs a shell: bash, zsh or fish"), kUsage;
  base::write_output(script);
  return kOk;
}

// __complete SHELL LINE
int run_complete(const std::vector<std::string>& args, app::Getenv getenv) {
  if (args.size() != 2) return kUsage;
  const std::vector<std::string> words = words_of(args[1]);
  Known known = complete_from_tables(words);
  if (known.context) {
    known.candidates = complete_contexts(words, getenv);
    keep_beginning(known.candidates, words.back());
  }
  if (known.live) {
    std::signal(SIGALRM, [](int) { ::_exit(kOk); });
    ::alarm(kLiveSeconds);
    known.candidates = complete_from_server(words, getenv);
    keep_beginning(known.candidates, words.back());
  }
  std::sort(known.candidates.begin(), known.candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.word < b.word; });
  known.candidates.erase(
      std::unique(known.candidates.begin(), known.candidates.end(),
                  [](const Candidate& a, const Candidate& b) { return a.word == b.word; }),
      known.candidates.end());
  // bash replaces only what follows the last of these in the word (COMP_WORDBREAKS).
  const std::size_t cut = args[0] == "bash" ? words.back().find_last_of("=:") : std::string::npos;
  std::string out = known.files && known.candidates.empty() ? ":file\n" : "";
  for (const Candidate& each : known.candidates) {
    out += cut == std::string::npos ? each.word : each.word.substr(cut + 1);
    if (args[0] != "bash" && !each.about.empty()) out += "\t" + each.about;
    out += '\n';
  }
  base::write_output(out);
  // What the server still does is of no interest: an exit without it.
  if (known.live) ::_exit(kOk);
  return kOk;
}

}  // namespace cli
