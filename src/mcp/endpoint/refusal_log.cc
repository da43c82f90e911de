#include "mcp/endpoint/refusal_log.h"

namespace mcp::endpoint {

bool RefusalLog::wants(std::string_view name, base::TimePoint now) {
  Entry* free = nullptr;
  for (Entry& entry : entries_) {
    const bool over = entry.name.empty() || now - entry.warned >= kAgainAfter;
    if (!over && entry.name == name) return false;
    if (over && !free) free = &entry;
  }
  if (!free) return false;
  *free = {std::string(name), now};
  return true;
}

}  // namespace mcp::endpoint
