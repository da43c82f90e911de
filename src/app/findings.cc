#include "app/findings.h"

#include "base/output.h"
#include "base/text.h"

namespace app {

constexpr std::size_t kVerdictWidth = 6;

// Names and messages come from files and servers: visible() keeps their control characters from the
// terminal.
static void say(const char* verdict, std::string_view what, std::string_view found,
                std::string_view todo) {
  std::string out = verdict;
  out.resize(kVerdictWidth, ' ');
  out.append(what).append(": ").append(base::visible(found)).append("\n");
  if (!todo.empty())
    out.append(kVerdictWidth, ' ').append("-> ").append(base::visible(todo)).append("\n");
  base::write_output(out);
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
