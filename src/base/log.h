// Structured logging to stderr: one JSON object a line (time, level, msg, then the attributes in
// the order given), or text for people.
//
//   LOG_INFO("watch confirmed", {"watch", key}, {"since_ms", 12});
//
// Arguments are evaluated only when the level is enabled. A stalled reader of stderr never blocks
// the loop: a line that would block is dropped and counted, and the next line that gets through
// reports the count (attribute "log_dropped").
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "base/time.h"

namespace base::log {

enum class Level : unsigned char { debug, info, warn, error };
enum class Format : unsigned char { json, text };

// "debug", "info", "warn" or "warning", "error", in any case. TRACE and FATAL, which other loggers
// have, mean debug and error.
Result<Level> parse_level(std::string_view text);

// One attribute. Its key and text are borrowed and must remain live until the end of the LOG_
// statement.
struct Attr {
  Attr(std::string_view k, std::string_view v) : key(k), kind(Kind::text), text(v) {}
  Attr(std::string_view k, const char* v) : Attr(k, std::string_view(v)) {}
  Attr(std::string_view k, const std::string& v) : Attr(k, std::string_view(v)) {}
  Attr(std::string_view k, const Error& e) : Attr(k, std::string_view(e.what())) {}
  // Written as text: "1m30s".
  Attr(std::string_view k, Duration d) : key(k), kind(Kind::duration), number(d.count()) {}
  // Exactly bool: a pointer must not become a bool.
  template <std::same_as<bool> T>
  Attr(std::string_view k, T v) : key(k), kind(Kind::boolean), number(v) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Attr(std::string_view k, T v)
      : key(k),
        kind(std::is_signed_v<T> ? Kind::integer : Kind::natural),
        number(static_cast<std::int64_t>(v)) {}

  enum class Kind : unsigned char { text, integer, natural, boolean, duration };
  std::string_view key;
  Kind kind;
  std::string_view text;
  std::int64_t number = 0;  // also holds a natural's bits
};

// The longest line: a pipe takes it whole or not at all (PIPE_BUF). Longer texts are cut with "…";
// when that is not enough, the attributes are dropped and "log_truncated":true is added.
constexpr std::size_t kLineBytes = 4096;

// `fd` is borrowed and must stay open.
struct Config {
  Level level = Level::info;
  Format format = Format::json;
  int fd = 2;
};
void configure(const Config& config);
bool enabled(Level level);
void write(Level level, std::string_view msg, std::initializer_list<Attr> attrs);

// Looks at the message and at each text before it is written; `key` is the attribute's ("msg" of the
// message). False: it is written as it is; true: `out` is. It must not log.
class Filter {
 public:
  virtual ~Filter() = default;
  virtual bool change(std::string_view key, std::string_view text, std::string& out) = 0;
};
// `filter` must outlive its use; nullptr: none. Returns the one before.
Filter* set_filter(Filter* filter);

// For tests: appends lines, each with its newline, to *sink instead of writing them to the
// descriptor; nullptr restores the descriptor.
void capture(std::string* sink);
// The source of the lines' times; nullptr: the system clock. (In tests the virtual clock sets it.)
void set_wall_source(WallTime (*source)(void*), void* arg);

}  // namespace base::log

#define KMCP_LOG(level, msg, ...)                                          \
  do {                                                                     \
    if (::base::log::enabled(::base::log::Level::level)) {                 \
      ::base::log::write(::base::log::Level::level, (msg), {__VA_ARGS__}); \
    }                                                                      \
  } while (0)
#define LOG_DEBUG(msg, ...) KMCP_LOG(debug, msg __VA_OPT__(, ) __VA_ARGS__)
#define LOG_INFO(msg, ...) KMCP_LOG(info, msg __VA_OPT__(, ) __VA_ARGS__)
#define LOG_WARN(msg, ...) KMCP_LOG(warn, msg __VA_OPT__(, ) __VA_ARGS__)
#define LOG_ERROR(msg, ...) KMCP_LOG(error, msg __VA_OPT__(, ) __VA_ARGS__)
