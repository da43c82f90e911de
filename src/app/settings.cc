#include "app/settings.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "net/socket.h"
#include "tools/namespace_filter.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

namespace {

Error bad(std::string what) {
  return Error(Errc::invalid_argument, std::move(what));
}

using Apply = Result<void> (*)(Settings&, std::string_view value);

struct Flag {
  std::string_view name;
  std::string_view metavar;
  std::string_view help;
  std::string_view older_variable;  // "" : none
  bool for_check;                   // `check` takes it too
  Apply apply;
};

Result<void> set_listen(Settings& s, std::string_view value) {
  auto parsed = base::parse_host_port(value);
  if (!parsed) return bad("must be HOST:PORT, e.g. 127.0.0.1:6767: " + parsed.error().what());
  if (!parsed->host.empty() && parsed->host != "localhost") {
    if (auto address = net::parse_address(parsed->host, 0); !address) {
      return bad("must name an IP address or localhost before the port, e.g. 127.0.0.1:6767");
    }
  }
  s.listen_host = parsed->host;
  s.listen_port = parsed->port;
  return {};
}

Result<void> set_duration(base::Duration& to, std::string_view value, base::Duration least) {
  auto d = base::parse_duration(value);
  if (!d) return bad("must be a duration (" + d.error().what() + ")");
  if (*d < least) return bad("must be at least " + base::format_duration(least));
  to = *d;
  return {};
}

Result<void> set_count(std::size_t& to, std::string_view value, std::int64_t least,
                       std::int64_t most) {
  auto n = base::parse_int(value);
  if (!n || *n < least || *n > most) {
    return bad("must be a whole number from " + std::to_string(least) + " to " +
               std::to_string(most));
  }
  to = static_cast<std::size_t>(*n);
  return {};
}

Result<void> set_log_level(Settings& s, std::string_view value) {
  auto level = base::log::parse_level(base::trim(value));
  if (!level) return bad("must be debug, info, warn or error");
  s.log_level = *level;
  return {};
}

Result<void> set_log_format(Settings& s, std::string_view value) {
  if (value == "json") return s.log_format = base::log::Format::json, Result<void>();
  if (value == "text") return s.log_format = base::log::Format::text, Result<void>();
  return bad("must be json or text");
}

Result<void> set_auth_mode(Settings& s, std::string_view value) {
  if (value != "DEV_ALLOW_ANY" && value != "OIDC_REQUIRED") {
    return bad("must be DEV_ALLOW_ANY or OIDC_REQUIRED");
  }
  s.auth_mode = value == "OIDC_REQUIRED" ? AuthMode::oidc_required : AuthMode::dev_allow_any;
  s.auth_mode_said = true;
  return {};
}

Result<void> set_namespace_filter(Settings& s, std::string_view value) {
  if (auto parsed = tools::NamespaceFilter::parse(value); !parsed) {
    return bad("must be a POSIX extended regular expression (" + parsed.error().what() + ")");
  }
  s.namespace_filter = value;
  return {};
}

std::vector<std::string> list_of(std::string_view value) {
  std::vector<std::string> out;
  for (std::string_view part : base::split(value, ',')) {
    if (part = base::trim(part); !part.empty()) out.push_back(base::to_lower(part));
  }
  return out;
}

Result<void> set_hosts(Settings& s, std::string_view value) {
  s.allowed_hosts = list_of(value);
  for (const std::string& host : s.allowed_hosts) {
    const bool v6 = net::parse_address(host, 0).has_value();
    if (v6 || host.find_first_of("/:*[] ") == std::string::npos) continue;
    return bad("must be host names without scheme and port, separated by commas");
  }
  return {};
}

Result<void> set_origins(Settings& s, std::string_view value) {
  s.allowed_origins = list_of(value);
  for (const std::string& origin : s.allowed_origins) {
    const std::size_t scheme = origin.find("://");
    if (scheme != 0 && scheme != std::string::npos && scheme + 3 < origin.size() &&
        origin.find_first_of("/*? ", scheme + 3) == std::string::npos) {
      continue;
    }
    return bad("must be origins like https://host or https://host:port, separated by commas");
  }
  return {};
}

const Flag kFlags[] = {
    {"listen", "HOST:PORT",
     "where to listen (default 127.0.0.1:6767; port 0 picks one and says which)", "LISTEN_ADDR",
     false, set_listen},
    {"kubeconfig", "FILE",
     "kubeconfig of the management cluster (default: K0RDENT_MGMT_KUBECONFIG_PATH, KUBECONFIG, the "
     "pod's service account, ~/.kube/config)",
     "", true, [](Settings& s, std::string_view v) { return s.kubeconfig = v, Result<void>(); }},
    {"context", "NAME", "context of the kubeconfig (default: its current-context)",
     "K0RDENT_MGMT_CONTEXT", true,
     [](Settings& s, std::string_view v) { return s.context = v, Result<void>(); }},
    {"auth-mode", "MODE",
     "OIDC_REQUIRED: every request carries a bearer token, and acts as its owner; DEV_ALLOW_ANY "
     "(default, on loopback): everybody acts as the kubeconfig's identity",
     "AUTH_MODE", false, set_auth_mode},
    {"namespace-filter", "REGEX",
     "only namespaces whose whole name matches this POSIX extended regular expression (default: "
     "all)",
     "K0RDENT_NAMESPACE_FILTER", false, set_namespace_filter},
    {"allowed-hosts", "LIST",
     "host names that the Host and Origin headers may name besides loopback's, separated by commas",
     "", false, set_hosts},
    {"allowed-origins", "LIST",
     "browser origins (https://host[:port]) that may connect, separated by commas (default: "
     "loopback's)",
     "", false, set_origins},
    {"max-sessions", "N",
     "sessions kept at once; beyond that the longest idle one goes (default 1000)", "", false,
     [](Settings& s, std::string_view v) { return set_count(s.max_sessions, v, 1, 1000000); }},
    {"session-idle", "DURATION",
     "a session without a request or an open stream ends after this (default 1h)", "", false,
     [](Settings& s, std::string_view v) {
       return set_duration(s.session_idle, v, base::seconds(1));
     }},
    {"max-connections", "N", "HTTP connections at once; further ones get 503 (default 12000)", "",
     false,
     [](Settings& s, std::string_view v) { return set_count(s.max_connections, v, 1, 1000000); }},
    {"max-body", "BYTES", "largest request body; larger ones get 413 (default 4194304)", "", false,
     [](Settings& s, std::string_view v) { return set_count(s.max_body, v, 1024, 1 << 30); }},
    {"drain-timeout", "DURATION", "longest time from SIGTERM to the exit (default 10s)", "", false,
     [](Settings& s, std::string_view v) {
       return set_duration(s.drain_timeout, v, base::milliseconds(1));
     }},
    {"log-level", "LEVEL", "debug, info, warn or error (default info)", "LOG_LEVEL", true,
     set_log_level},
    {"log-format", "FORMAT", "json or text (default: text on a terminal, else json)", "", true,
     set_log_format},
    {"pid-file", "FILE", "write the process id there (default: none)", "", false,
     [](Settings& s, std::string_view v) { return s.pid_file = v, Result<void>(); }},
};

std::string variable_of(std::string_view flag) {
  std::string out = "K0RDENT_MCP_";
  for (char c : flag)
    out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

const Flag* find_flag(std::string_view name) {
  for (const Flag& f : kFlags) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

Result<void> apply(Settings& settings, const Flag& flag, const std::string& said_by,
                   std::string_view value) {
  if (auto ok = flag.apply(settings, value); !ok) {
    return bad(said_by + " " + ok.error().what() + ", got \"" + base::printable(value, 100) + "\"");
  }
  return {};
}

using Said = std::vector<const Flag*>;  // by the command line

// A variable that another one or a flag beats is not looked at: LOG_LEVEL and the like are other
// programs' names, too.
Result<void> read_environment(Settings& settings, const Said& said, Getenv getenv) {
  for (const Flag& flag : kFlags) {
    if (std::find(said.begin(), said.end(), &flag) != said.end()) continue;
    for (const std::string& name : {variable_of(flag.name), std::string(flag.older_variable)}) {
      const char* value = name.empty() ? nullptr : getenv(name.c_str());
      if (value == nullptr || *value == '\0') continue;
      if (auto ok = apply(settings, flag, name, value); !ok) return ok;
      break;
    }
  }
  return {};
}

Error unknown_flag(std::string_view name, Command command) {
  std::vector<std::string_view> known{"help"};
  for (const Flag& f : kFlags) {
    if (command == Command::serve || f.for_check) known.push_back(f.name);
  }
  std::string text = "unknown flag --" + base::printable(name, 64);
  const std::string_view nearest = base::nearest(name, known);
  text += nearest.empty() ? "; see k0rdent-mcp --help"
                          : "; did you mean --" + std::string(nearest) + "?";
  return bad(std::move(text));
}

bool parse_command(std::string_view word, Command& command) {
  if (word == "serve" || word == "start") return command = Command::serve, true;
  if (word == "check") return command = Command::check, true;
  if (word == "version") return command = Command::version, true;
  if (word == "help") return command = Command::help, true;
  return false;
}

// One flag of the command line at args[i]; moves i past its value.
Result<void> read_flag(Settings& settings, const std::vector<std::string>& args, std::size_t& i,
                       Said& said) {
  std::string_view word = args[i];
  if (word.substr(0, 1) != "-" || word == "-" || word == "--") {
    return bad("unexpected argument \"" + base::printable(word, 64) +
               "\"; flags look like --listen 127.0.0.1:6767");
  }
  word.remove_prefix(word.substr(0, 2) == "--" ? 2 : 1);
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const Flag* flag = find_flag(name);
  if (flag == nullptr || (settings.command != Command::serve && !flag->for_check)) {
    return unknown_flag(name, settings.command);
  }
  said.push_back(flag);
  const std::string said_by = "--" + std::string(name);
  if (equals != std::string_view::npos)
    return apply(settings, *flag, said_by, word.substr(equals + 1));
  if (++i == args.size())
    return bad(said_by + " needs a value: " + said_by + " " + std::string(flag->metavar));
  return apply(settings, *flag, said_by, args[i]);
}

bool asks_for_help(std::string_view word) {
  return word == "--help" || word == "-h" || word == "-help";
}

Result<void> check_whole(const Settings& s) {
  if (s.command != Command::serve || s.auth_mode == AuthMode::oidc_required || s.auth_mode_said)
    return {};
  bool loopback = s.listen_host == "localhost";
  if (auto address = net::parse_address(s.listen_host, s.listen_port); address)
    loopback = address->is_loopback();
  if (loopback) return {};
  return bad("--listen " + base::join_host_port(s.listen_host, s.listen_port) +
             " is reachable from other machines and AUTH_MODE is not set: set "
             "AUTH_MODE=OIDC_REQUIRED (callers bring their own tokens), or, if "
             "everybody who can reach it may act as this server, AUTH_MODE=DEV_ALLOW_ANY");
}

}  // namespace

Result<Settings> parse_settings(const std::vector<std::string>& args, Getenv getenv,
                                bool stderr_is_terminal) {
  Settings settings;
  if (stderr_is_terminal) settings.log_format = base::log::Format::text;
  std::size_t i = 0;
  if (i < args.size() && args[i].substr(0, 1) != "-") {
    if (!parse_command(args[i], settings.command)) {
      const std::string_view near = base::nearest(args[i], {"serve", "check", "version", "help"});
      return bad("unknown command \"" + base::printable(args[i], 64) + "\"" +
                 (near.empty() ? "; commands: serve, check, version, help"
                               : "; did you mean " + std::string(near) + "?"));
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
    if (i < args.size()) return bad("unexpected argument \"" + base::printable(args[i], 64) + "\"");
    return settings;
  }
  Said said;
  for (; i < args.size(); ++i) {
    if (auto ok = read_flag(settings, args, i, said); !ok) return std::move(ok).error();
  }
  if (auto ok = read_environment(settings, said, getenv); !ok) return std::move(ok).error();
  if (auto ok = check_whole(settings); !ok) return std::move(ok).error();
  return settings;
}

std::string help_text(Command command) {
  if (command == Command::help) {
    return "k0rdent-mcp: MCP server for a k0rdent management cluster\n\n"
           "usage: k0rdent-mcp [serve] [flags]   serve MCP clients over HTTP (start is an alias)\n"
           "       k0rdent-mcp check [flags]     read the configuration, reach the API server, say "
           "what is there and what is missing\n"
           "       k0rdent-mcp version           print the version\n"
           "       k0rdent-mcp COMMAND --help    flags of a command\n";
  }
  if (command == Command::version)
    return "usage: k0rdent-mcp version\n\nPrints version, commit and build date.\n";
  const bool serve = command == Command::serve;
  std::string out = serve ? "usage: k0rdent-mcp [serve] [flags]\n\nServes MCP clients over HTTP at "
                            "http://HOST:PORT/mcp.\n\n"
                          : "usage: k0rdent-mcp check [flags]\n\nReads the configuration and "
                            "reaches the API server; exits 0 when all is well, else 1.\n\n";
  for (const Flag& flag : kFlags) {
    if (!serve && !flag.for_check) continue;
    out.append("  --")
        .append(flag.name)
        .append(" ")
        .append(flag.metavar)
        .append("\n      ")
        .append(flag.help);
    out.append("\n      variable: ").append(variable_of(flag.name));
    if (!flag.older_variable.empty()) out.append(", ").append(flag.older_variable);
    out.append("\n");
  }
  return out;
}

}  // namespace app
