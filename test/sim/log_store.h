// The kubelet's part: what the containers of pods have written. One record a line, with its time; a
// container's log is that of its present instance, and of the one before it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/time.h"

namespace sim {

// The most that one instance keeps; older records are rotated away.
constexpr std::size_t kLogRecords = 20000;

struct LogRecord {
  base::WallTime time = {};
  std::string text = {};    // without its line end
  bool unfinished = false;  // the line's end did not come in this record
  // The rest of the line before it (container runtimes cut long lines): it gets no time in front.
  bool continues = false;
  std::string stamp = {};  // `time` as an older kubelet writes it; "": nine digits and a Z
};

struct ContainerLog {
  std::deque<LogRecord> records, previous;
  bool has_previous = false;
  bool ended = false;  // the instance is over: nothing follows
};

class LogStore {
 public:
  // By "namespace/pod/container"; nullptr when nothing was ever written.
  const ContainerLog* find(const std::string& key) const {
    const auto it = logs_.find(key);
    return it == logs_.end() ? nullptr : &it->second;
  }
  void append(const std::string& key, LogRecord record);
  // The instance ends: whoever follows is at the end.
  void end(const std::string& key);
  // It ends, and another begins with an empty log.
  void restart(const std::string& key);
  // The file is rotated: what was written can no longer be read.
  void rotate(const std::string& key) { logs_[key].records.clear(); }
  void forget(const std::string& key) { logs_.erase(key); }

  // A record was written; nullptr: the instance ended.
  using Fn = base::Delegate<void(const std::string& key, const LogRecord*)>;
  void on_record(Fn fn) { told_ = fn; }

 private:
  std::map<std::string, ContainerLog> logs_;
  Fn told_;
};

}  // namespace sim
