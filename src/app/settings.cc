#include "app/settings.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "app/commands.h"
#include "app/config_file.h"
#include "app/oauth.h"
#include "app/open_rules.h"
#include "app/setting_flags.h"
#include "app/setting_values.h"
#include "base/text.h"

namespace app {

using base::Error;
using base::Result;

namespace {

// A value that was refused, as an error may show it: of each URL in it, well-formed or not, without the
// user and password before the host, and without the query.
std::string shown(std::string_view value, std::size_t most) {
  std::string out;
  for (const std::string_view word : base::split(value, ' ')) {
    const std::size_t scheme = word.find("://");
    const bool url = scheme != std::string_view::npos;
    const std::size_t begin = url ? scheme + 3 : 0;
    const std::string_view rest = word.substr(begin);
    // The last one: a password may hold further ones, and slashes that nothing escapes.
    const std::size_t at = rest.rfind('@');
    const bool login = at != std::string_view::npos && (url || rest.find(':') < at);
    std::string_view tail = login ? rest.substr(at) : rest;
    const bool query = url && tail.find('?') != std::string_view::npos;
    if (query) tail = tail.substr(0, tail.find('?') + 1);
    if (word.data() != value.data()) out += ' ';
    out.append(word.substr(0, begin)).append(login ? "…" : "").append(tail);
    if (query) out += "…";
  }
  return base::printable(out, most);
}

Result<void> apply(Settings& settings, const Flag& flag, const std::string& said_by,
                   std::string_view value) {
  if (auto ok = flag.apply(settings, value); !ok) {
    return bad(said_by + " " + ok.error().what() + ", got \"" + shown(value, 100) + "\"");
  }
  return {};
}

bool is_given(const Settings& settings, const Flag& flag) {
  return std::any_of(settings.given.begin(), settings.given.end(),
                     [&flag](const Given& each) { return each.flag == flag.name; });
}

// What the environment says of the flag; nullopt: nothing.
std::optional<Given> in_environment(const Flag& flag, Getenv getenv) {
  for (std::string& name : std::vector{variable_of(flag.name), std::string(flag.older_variable)}) {
    const char* value = name.empty() ? nullptr : getenv(name.c_str());
    if (value != nullptr && *value != '\0') return Given{flag.name, value, std::move(name)};
  }
  return std::nullopt;
}

// A variable that a flag or another variable overrides is not checked: other programs use names
// like LOG_LEVEL, too.
Result<void> read_environment(Settings& settings, Getenv getenv) {
  for (const Flag& flag : all_flags()) {
    if (is_given(settings, flag)) continue;
    std::optional<Given> said = in_environment(flag, getenv);
    if (!said) continue;
    if (auto ok = apply(settings, flag, said->by, said->value); !ok) return ok;
    settings.given.push_back(*std::move(said));
  }
  return {};
}

// Overridden values are checked, too, on settings of which nothing is used.
Result<void> read_files(Settings& settings) {
  if (settings.config_file.empty()) return {};
  auto texts = read_config(settings.config_file);
  if (!texts) return std::move(texts).error().within("--config");
  std::vector<ConfigValue> values;
  for (const ConfigText& text : *texts) {
    auto more = parse_config(text);
    if (!more) return std::move(more).error();
    for (ConfigValue& each : *more) {
      std::erase_if(values, [&each](const ConfigValue& old) { return old.flag == each.flag; });
      Settings unused;
      if (auto ok = apply(unused, *each.flag, each.place + ": " + std::string(each.flag->name),
                          each.value);
          !ok)
        return ok;
      values.push_back(std::move(each));
    }
  }
  for (ConfigValue& each : values) {
    if (is_given(settings, *each.flag)) continue;
    if (auto ok = apply(settings, *each.flag, each.place, each.value); !ok) return ok;
    settings.given.push_back({each.flag->name, std::move(each.value), std::move(each.place)});
  }
  settings.config_texts = *std::move(texts);
  return {};
}

// `word`: as it was typed.
Error unknown_flag(std::string_view word, std::string_view name, Command command) {
  std::vector<std::string_view> known{"help"};
  for (const Flag& f : all_flags()) {
    if (takes(command, f)) known.push_back(f.name);
  }
  std::string text = "unknown flag " + base::printable(word, 66);
  const std::string_view nearest = base::nearest(name, known);
  const char* const all = command == Command::stdio ? "stdio" : "serve";
  text += nearest.empty() ? "; k0rdent-mcp " + std::string(all) + " --help shows them all"
                          : "; did you mean --" + std::string(nearest) + "?";
  return bad(std::move(text));
}

Error unknown_command(std::string_view word) {
  std::vector<std::string_view> known;
  for (const CommandRow& row : all_commands())
    known.push_back(row.name);
  const std::string_view near = base::nearest(word, known);
  return bad(
      "unknown command \"" + shown(word, 64) + "\"" +
      (near.empty() ? "; see k0rdent-mcp --help" : "; did you mean " + std::string(near) + "?"));
}

bool parse_command(std::string_view word, Command& command) {
  if (word == "serve" || word == "start") return command = Command::serve, true;
  if (word == "stdio") return command = Command::stdio, true;
  if (word == "check") return command = Command::check, true;
  if (word == "print-config") return command = Command::print_config, true;
  if (word == "version") return command = Command::version, true;
  if (word == "help") return command = Command::help, true;
  return false;
}

// Reads the flag at args[i]; leaves i at the last word it used.
Result<void> read_flag(Settings& settings, const std::vector<std::string>& args, std::size_t& i) {
  std::string_view word = args[i];
  if (word.substr(0, 1) != "-" || word == "-" || word == "--") {
    const auto rows = all_commands();
    const bool command = std::any_of(rows.begin(), rows.end(),
                                     [word](const CommandRow& row) { return row.name == word; });
    return bad("unexpected argument \"" + shown(word, 64) +
               (command ? "\"; a command comes before its flags"
                        : "\"; flags look like --listen 127.0.0.1:6767"));
  }
  word.remove_prefix(word.substr(0, 2) == "--" ? 2 : 1);
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const Flag* flag = find_flag(name);
  if (flag == nullptr || !takes(settings.command, *flag)) {
    return unknown_flag(std::string_view(args[i]).substr(0, args[i].find('=')), name,
                        settings.command);
  }
  const std::string said_by = "--" + std::string(name);
  // Which of two were in use would be a guess of the operator's.
  if ((name == kConfigFlag || name == "policy-file") && is_given(settings, *flag))
    return bad(said_by + " is given twice" +
               (name == kConfigFlag ? "; settings of several files go into FILE.d/*.yaml" : ""));
  const bool alone = i + 1 == args.size() || args[i + 1].substr(0, 1) == "-";
  std::string_view value = "on";
  if (equals != std::string_view::npos) {
    value = word.substr(equals + 1);
  } else if (flag->metavar != kSwitch || !alone) {
    if (++i == args.size())
      return bad(said_by + " needs a value: " + said_by + " " + std::string(flag->metavar));
    value = args[i];
  }
  settings.given.push_back({flag->name, std::string(value), said_by});
  return apply(settings, *flag, said_by, value);
}

bool asks_for_help(std::string_view word) {
  return word == "--help" || word == "-h" || word == "-help";
}

Result<void> check_backoff(const watchutil::BackoffParameters& backoff) {
  if (backoff.cap >= backoff.initial) return {};
  return bad("--backoff-cap " + base::format_duration(backoff.cap) +
             " is below --backoff-initial " + base::format_duration(backoff.initial) +
             "; the cap must be at least the initial delay");
}

Result<void> check_whole(const Settings& s) {
  if (auto ok = check_backoff(s.retry.backoff); !ok) return ok;
  if (!s.audit_key.empty() && s.audit_file.empty()) {
    return bad("--audit-key-file is of use only with --audit-file");
  }
  if (s.tls.cert.empty() != s.tls.key.empty())
    return bad("--tls-cert-file and --tls-key-file must be set together");
  if (!s.tls.client_ca.empty() && s.tls.cert.empty())
    return bad("--tls-client-ca-file is of use only with --tls-cert-file");
  // What a file or the command line says of serving, `check` checks as `serve` will; variables may be
  // meant for another process.
  const auto is_of_serving = [](const Given& each) {
    const Flag* flag = find_flag(each.flag);
    return each.by.starts_with("--") && flag != nullptr && !takes(Command::stdio, *flag);
  };
  const bool says =
      !s.config_file.empty() || std::any_of(s.given.begin(), s.given.end(), is_of_serving);
  if (s.command != Command::serve && !(s.command == Command::check && says)) return {};
  for (const Listen& listen : s.listens) {
    if (auto ok = may_open(listen, s); !ok) return ok;
  }
  return check_oauth(s);
}

}  // namespace

Result<Settings> parse_settings(const std::vector<std::string>& args, Getenv getenv,
                                bool stderr_is_terminal) {
  Settings settings;
  if (stderr_is_terminal) settings.log_format = base::log::Format::text;
  std::size_t i = 0;
  if (i < args.size() && args[i].substr(0, 1) != "-") {
    if (!parse_command(args[i], settings.command)) {
      return unknown_command(args[i]);
    }
    ++i;
  } else if (i < args.size() && (args[i] == "--version" || args[i] == "-version")) {
    settings.command = Command::version;
    ++i;
  }
  const bool bare = i == 0;
  for (std::size_t j = i; j < args.size(); ++j) {
    if (!asks_for_help(args[j])) continue;
    settings.help_for = bare ? Command::help : settings.command;
    settings.command = Command::help;
    return settings;
  }
  if (settings.command == Command::help || settings.command == Command::version) {
    if (i < args.size()) return bad("unexpected argument \"" + shown(args[i], 64) + "\"");
    return settings;
  }
  for (; i < args.size(); ++i) {
    if (auto ok = read_flag(settings, args, i); !ok) return std::move(ok).error();
  }
  if (auto ok = read_environment(settings, getenv); !ok) return std::move(ok).error();
  if (auto ok = read_files(settings); !ok) return std::move(ok).error();
  if (settings.command == Command::print_config) return settings;
  if (auto ok = check_whole(settings); !ok) return std::move(ok).error();
  return settings;
}

}  // namespace app
