// View: the shape in which the tools show a Kubernetes event, made from either API
// (events.k8s.io/v1 or core/v1, two representations of one stored object). All times are UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "mcp/schema.h"

namespace events {

enum class Api : unsigned char { events_v1, core_v1 };

// The string_views point into the event, which must outlive the view.
struct View {
  struct Subject {
    std::string_view ns, name, kind, uid;
    static mcp::Fields fields();
  };
  struct Series {
    std::int64_t count = 0;
    std::string last_observed;
    static mcp::Fields fields();
  };
  std::string_view name, ns, reason, message, type;
  Subject subject;
  std::string_view controller, instance;
  std::int64_t count = 0;
  std::string first, last, time;
  std::optional<Series> series;
  static mcp::Fields fields();
};
View event_view(base::json::Value event, Api api);
// The same as one JSON object.
std::string event_json(base::json::Value event, Api api);

// When the event last happened: the first of series.lastObservedTime, lastTimestamp, eventTime,
// firstTimestamp and creationTimestamp that can be read; zero when none can.
base::WallTime event_time(base::json::Value event, Api api);

// The involved object, and the message.
base::json::Value event_subject(base::json::Value event, Api api);
std::string_view event_message(base::json::Value event, Api api);

// An RFC 3339 time with any offset as UTC with 'Z', its fraction kept; "" when `time` is not one.
std::string utc(std::string_view time);

}  // namespace events
