#include "app/findings.h"

#include <cstdio>

#include "base/text.h"

namespace app {

// Names and messages come from files and servers: visible() keeps their control characters from the
// terminal.
static void say(const char* verdict, std::string_view what, std::string_view found,
                std::string_view todo) {
  std::printf("%-5s %s: %s\n", verdict, std::string(what).c_str(), base::visible(found).c_str());
  if (!todo.empty()) std::printf("      -> %s\n", base::visible(todo).c_str());
  std::fflush(stdout);  // what is next may take its time
}

void Findings::ok(std::string_view what, std::string_view found) {
  say("ok", what, found, {});
}

void Findings::warn(std::string_view what, std::string_view found, std::string_view todo) {
  say("warn", what, found, todo);
}

void Findings::fail(std::string_view what, std::string_view found, std::string_view todo) {
  failed_ = true;
  say("fail", what, found, todo);
}

}  // namespace app
