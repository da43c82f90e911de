#include "app/out_of_memory.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/sanitized.h"

namespace {

const base::Budgets* held = nullptr;
bool as_json = true;
// Static, because nothing can be allocated any more.
char line[2048];

struct Text {
  std::size_t size = 0;
  void add(std::string_view more) {
    const std::size_t n = std::min(more.size(), sizeof line - size);
    std::copy_n(more.data(), n, line + size);
    size += n;
  }
  // Appends a field whose key is `prefix` followed by `name`.
  void add(std::string_view prefix, std::string_view name, std::size_t value) {
    char digits[24];
    const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    add(as_json ? ",\"" : " ");
    add(prefix);
    add(name);
    add(as_json ? "\":" : "=");
    add({digits, static_cast<std::size_t>(end - digits)});
  }
};

std::size_t resident_bytes() {
  char text[128] = {};
  const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  unsigned long all = 0, resident = 0;
  if (n <= 0 || std::sscanf(text, "%lu %lu", &all, &resident) != 2) return 0;
  return resident * static_cast<unsigned long>(::sysconf(_SC_PAGESIZE));
}

// `asked`: the requested size; 0 when it is not known.
[[noreturn]] void end_for_want_of_memory(std::size_t asked) {
  char time[32] = "";
  const std::time_t now = std::time(nullptr);
  std::tm tm{};
  ::gmtime_r(&now, &tm);
  std::strftime(time, sizeof time, as_json ? "%FT%T.000Z" : "%T.000", &tm);
  Text text;
  if (as_json) text.add("{\"time\":\"");
  text.add(time);
  text.add(as_json ? "\",\"level\":\"ERROR\",\"msg\":\"out of memory\"" : " ERROR out of memory");
  text.add("asked_bytes", "", asked);
  text.add("resident_bytes", "", resident_bytes());
  if (held != nullptr) {
    held->for_each([&](std::string_view part, const base::Budget& budget) {
      text.add("held_", part, budget.used());
    });
  }
  text.add(as_json ? "}\n" : "\n");
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line, text.size);
  std::_Exit(app::kOutOfMemoryExit);
}

void on_new_failed() {
  end_for_want_of_memory(0);
}

}  // namespace

namespace app {

void tell_when_out_of_memory(const base::Budgets* budgets, bool json) {
  held = budgets;
  as_json = json;
  std::set_new_handler(on_new_failed);  // for the forms of operator new that are not replaced here
}

}  // namespace app

// Sanitizers bring their own, which detect more. (operator delete is in base/wipe.cc; it calls
// free().)
#if !K0RDENT_MCP_SANITIZED
void* operator new(std::size_t size) {
  void* p = std::malloc(size > 0 ? size : 1);
  if (p == nullptr) end_for_want_of_memory(size);
  return p;
}
// Callers of these forms handle a failure themselves. The library's own form for arrays would call
// the one above.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size > 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size > 0 ? size : 1);
}
#endif
