// What a row of the table of flags says about itself.
#include <algorithm>
#include <cctype>
#include <iterator>

#include "app/setting_flags.h"
#include "base/text.h"

namespace app {

namespace {

// Flags that concern only HTTP clients; `stdio` has one client, its parent process.
constexpr std::string_view kOverHttp[] = {"listen",
                                          "ops-listen",
                                          "behind-tls-proxy",
                                          "rate",
                                          "tls-cert-file",
                                          "tls-key-file",
                                          "tls-client-ca-file",
                                          "tls-client-user",
                                          "auth-mode",
                                          "public-url",
                                          "oauth-issuer",
                                          "oauth-issuers-file",
                                          "oauth-service-accounts",
                                          "oauth-opaque-tokens",
                                          "caller-credentials",
                                          "exchange-client-id",
                                          "exchange-secret-file",
                                          "exchange-audience",
                                          "clock-skew",
                                          "allowed-hosts",
                                          "allowed-origins",
                                          "max-sessions",
                                          "session-idle",
                                          "resume-window",
                                          "max-connections",
                                          "seal-key-file",
                                          "token-reviews",
                                          "max-connections-per-peer",
                                          "max-sessions-per-caller",
                                          "max-streams-per-caller",
                                          "max-calls-per-caller"};

}  // namespace

bool takes(Command command, const Flag& flag) {
  if (command == Command::stdio)
    return std::find(std::begin(kOverHttp), std::end(kOverHttp), flag.name) == std::end(kOverHttp);
  return command == Command::serve || command == Command::print_config || command == Command::check;
}

std::string variable_of(std::string_view flag) {
  std::string out = "K0RDENT_MCP_";
  for (char c : flag)
    out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

bool is_list(const Flag& flag) {
  return flag.metavar == "LIST";
}

bool repeats(const Flag& flag) {
  return flag.metavar.ends_with("...");
}

std::string_view default_of(const Flag& flag) {
  constexpr std::string_view kBegin = "(default";
  const std::size_t begin = flag.help.rfind(kBegin);
  if (begin == flag.help.npos) return {};
  std::string_view text = flag.help.substr(begin + kBegin.size());
  text = text.substr(0, text.find(')'));
  return base::trim(text.starts_with(':') ? text.substr(1) : text);
}

// "(default 10s)", but "(default: none)" and "(default 4m30s; events: 3m20s)".
bool default_is_value(const Flag& flag) {
  const std::string_view text = default_of(flag);
  return !text.empty() && text.find_first_of(" ;") == text.npos &&
         flag.help.find("(default " + std::string(text) + ")") != flag.help.npos;
}

}  // namespace app
