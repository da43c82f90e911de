// LogSink: what a LogStream (log_stream.h) delivers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/time.h"
#include "kube/failure.h"

namespace kube::watch {

struct LogLine {
  std::string_view text;               // valid UTF-8 without NUL and line end
  std::optional<base::WallTime> time;  // the container runtime's
  bool truncated = false;              // longer than kLogLineBytes; the rest was discarded
  bool partial = false;                // the last line of an instance, without a line end
};

struct LogEnd {
  std::string reason;  // "container finished with exit code 0 (Completed)", "pod deleted" ...
  std::optional<Failure> failure;  // set when the API server refused
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void on_line(const LogLine& line) = 0;
  // `kind` "gap": lines may be missing here. "restart": a new instance of the container begins
  // here.
  virtual void on_marker(std::string_view kind, std::string_view text) = 0;
  // Nothing more will come. Called once, as the last statement.
  virtual void on_end(const LogEnd& end) = 0;
};

}  // namespace kube::watch
