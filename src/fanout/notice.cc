#include "fanout/notice.h"

#include "base/json.h"

namespace fanout {

using base::json::Writer;

static void begin(Writer& w, Dialect dialect, std::string_view upper, std::string_view lower) {
  w.begin_object();
  if (dialect == Dialect::action) {
    w.field("action", upper);
  } else {
    w.field("type", lower);
  }
}

std::string stale_delta(Dialect dialect, const Outage& outage) {
  std::string out;
  Writer w(out);
  begin(w, dialect, "STALE", "stale");
  w.field("since", base::format_rfc3339(outage.since, 3));
  w.field("retryAt", base::format_rfc3339(outage.retry_at, 3));
  w.field("message", outage.message).end_object();
  return out;
}

std::string fresh_delta(Dialect dialect, const Outage& outage) {
  std::string out;
  Writer w(out);
  begin(w, dialect, "FRESH", "fresh");
  w.field("since", base::format_rfc3339(outage.since, 3));
  w.field("message", "the watch is up again").end_object();
  return out;
}

std::string dropped_delta(Dialect dialect, std::uint64_t count, std::string_view message) {
  std::string out;
  Writer w(out);
  begin(w, dialect, "DROPPED", "dropped");
  w.field("dropped", count).field("message", message).end_object();
  return out;
}

}  // namespace fanout
