// What a row of the table of flags says about itself.
#include <cctype>

#include "app/setting_flags.h"
#include "base/text.h"

namespace app {

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
