#include "mcp/shared/progress_pace.h"

#include "base/json.h"

namespace mcp::shared {

std::optional<Outgoing> ProgressPace::message(const Progress& progress, loop::TimePoint now) {
  if (token_json_.empty() || (told_ && progress.done <= done_)) return {};
  const bool last = progress.total > 0 && progress.done >= progress.total;
  if (told_ && !last && now - last_ < kProgressPace) return {};
  told_ = true;
  done_ = progress.done;
  last_ = now;
  std::string params;
  base::json::Writer w(params);
  w.begin_object().key("progressToken").raw(token_json_).key("progress").number(progress.done);
  if (progress.total > 0) w.key("total").number(progress.total);
  w.field_if("message", progress.message);
  w.end_object();
  return Outgoing::notification("notifications/progress", params);
}

}  // namespace mcp::shared
