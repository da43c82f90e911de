#include "base/log.h"

#include <cerrno>
#include <chrono>
#include <list>
#include <span>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

namespace base::log {
namespace {

struct State {
  Config config;
  std::string* sink = nullptr;
  Filter* filter = nullptr;
  WallTime (*source)(void*) = nullptr;
  void* source_arg = nullptr;
  std::uint64_t dropped = 0;
};
constinit State g_state;  // one thread, one stderr

struct Line {
  Level level;
  std::string_view msg;
  std::span<const Attr> attrs;
  std::string time;        // RFC 3339
  std::size_t text_bytes;  // longer texts are cut
  bool truncated;          // omit the attributes
};

WallTime wall_now() {
  if (g_state.source) return g_state.source(g_state.source_arg);
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return WallTime{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "INFO";
    case Level::warn:
      return "WARN";
    case Level::error:
      return "ERROR";
  }
  return "ERROR";
}

// Cuts between characters, not within one.
std::string cut(std::string_view s, std::size_t max) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (s.size() <= max) return std::string(s);
  std::size_t end = max - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(s[end]) & 0xC0) == 0x80)
    --end;
  return std::string(s.substr(0, end)).append(kEllipsis);
}

// The value of any kind but text.
std::string plain_value(const Attr& attr) {
  switch (attr.kind) {
    case Attr::Kind::boolean:
      return attr.number != 0 ? "true" : "false";
    case Attr::Kind::natural:
      return std::to_string(static_cast<std::uint64_t>(attr.number));
    case Attr::Kind::duration:
      return format_duration(Duration(attr.number));
    case Attr::Kind::integer:
    case Attr::Kind::text:
      break;
  }
  return std::to_string(attr.number);
}

std::string json_line(const Line& line) {
  std::string out;
  out.reserve(256);
  json::Writer w(out);
  w.begin_object().field("time", line.time).field("level", level_name(line.level));
  w.field("msg", cut(line.msg, line.text_bytes));
  if (!line.truncated) {
    for (const Attr& attr : line.attrs) {
      w.key(attr.key);
      if (attr.kind == Attr::Kind::text) {
        w.string(cut(attr.text, line.text_bytes));
      } else if (attr.kind == Attr::Kind::duration) {
        w.string(plain_value(attr));
      } else {
        w.raw(plain_value(attr));
      }
    }
  }
  if (line.truncated) w.field("log_truncated", true);
  if (g_state.dropped > 0) w.key("log_dropped").unsigned_integer(g_state.dropped);
  w.end_object();
  out += '\n';
  return out;
}

// Quotes a value that would be ambiguous among others, escaped as in JSON.
void append_text_value(std::string& out, std::string_view value) {
  bool plain = !value.empty() && valid_utf8(value);
  for (const char c : value) {
    plain = plain && static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != 0x7F;
  }
  if (plain) {
    out += value;
  } else {
    json::append_string(out, value);
  }
}

std::string text_line(const Line& line) {
  std::string out = line.time.substr(11, 12);  // hours to milliseconds
  out.append(" ").append(level_name(line.level));
  out.append(line.level == Level::info || line.level == Level::warn ? "  " : " ");
  out += printable(line.msg, line.text_bytes);
  if (!line.truncated) {
    for (const Attr& attr : line.attrs) {
      out.append(" ").append(attr.key).append("=");
      append_text_value(
          out, attr.kind == Attr::Kind::text ? cut(attr.text, line.text_bytes) : plain_value(attr));
    }
  }
  if (line.truncated) out += " log_truncated=true";
  if (g_state.dropped > 0) out += " log_dropped=" + std::to_string(g_state.dropped);
  out += '\n';
  return out;
}

// Either format may end up on a terminal; the escapes are JSON's too.
std::string format_line(const Line& line) {
  std::string out = g_state.config.format == Format::json ? json_line(line) : text_line(line);
  out.pop_back();
  return visible(out) + '\n';
}

// At most kLineBytes: first with whole texts, then with short ones, then with the message alone.
std::string fitted_line(Level level, std::string_view msg, std::span<const Attr> attrs) {
  Line line{level, msg, attrs, format_rfc3339(wall_now(), 3), 3072, false};
  std::string out = format_line(line);
  if (out.size() <= kLineBytes) return out;
  line.text_bytes = 384;
  out = format_line(line);
  if (out.size() <= kLineBytes) return out;
  line.truncated = true;
  return format_line(line);
}

// What the filter changes, it changes before anything is cut.
std::string filtered_line(Level level, std::string_view msg, std::span<const Attr> attrs) {
  std::vector<Attr> changed(attrs.begin(), attrs.end());
  std::list<std::string> texts;
  const auto pass = [&](std::string_view key, std::string_view& text) {
    std::string out;
    if (g_state.filter->change(key, text, out)) text = texts.emplace_back(std::move(out));
  };
  pass("msg", msg);
  for (Attr& attr : changed) {
    if (attr.kind == Attr::Kind::text) pass(attr.key, attr.text);
  }
  return fitted_line(level, msg, changed);
}

// False when the line could not be written at once and whole.
bool put(std::string_view line) {
  pollfd ready{g_state.config.fd, POLLOUT, 0};
  int n = 0;
  do {
    n = ::poll(&ready, 1, 0);
  } while (n < 0 && errno == EINTR);
  // A pipe whose reader has closed it reports POLLOUT|POLLERR: writing would raise SIGPIPE.
  if (n != 1 || ready.revents != POLLOUT) return false;
  ssize_t written = 0;
  do {
    written = ::write(g_state.config.fd, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(line.size());
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
  const std::string name = to_lower(text);
  if (name == "debug" || name == "trace") return Level::debug;
  if (name == "info") return Level::info;
  if (name == "warn" || name == "warning") return Level::warn;
  if (name == "error" || name == "fatal") return Level::error;
  return Error(Errc::invalid_argument,
               "unknown log level \"" + printable(text, 32) + "\": use debug, info, warn or error");
}

void configure(const Config& config) {
  g_state.config = config;
}

bool enabled(Level level) {
  return level >= g_state.config.level;
}

void write(Level level, std::string_view msg, std::initializer_list<Attr> attrs) {
  const std::span<const Attr> all(attrs.begin(), attrs.size());
  const std::string line =
      g_state.filter ? filtered_line(level, msg, all) : fitted_line(level, msg, all);
  if (g_state.sink) {
    g_state.sink->append(line);
  } else if (!put(line)) {
    ++g_state.dropped;
    return;
  }
  g_state.dropped = 0;
}

Filter* set_filter(Filter* filter) {
  return std::exchange(g_state.filter, filter);
}

void capture(std::string* sink) {
  g_state.sink = sink;
}

void set_wall_source(WallTime (*source)(void*), void* arg) {
  g_state.source = source;
  g_state.source_arg = arg;
}

}  // namespace base::log
