#include "sim/log_store.h"

#include <utility>

namespace sim {

void LogStore::append(const std::string& key, LogRecord record) {
  std::deque<LogRecord>& records = logs_[key].records;
  records.push_back(std::move(record));
  if (records.size() > kLogRecords) records.pop_front();
  if (told_) told_(key, &records.back());
}

void LogStore::end(const std::string& key) {
  logs_[key].ended = true;
  if (told_) told_(key, nullptr);
}

void LogStore::restart(const std::string& key) {
  end(key);
  ContainerLog& log = logs_[key];
  log.previous = std::move(log.records);
  log.records.clear();
  log.has_previous = true;
  log.ended = false;
}

}  // namespace sim
