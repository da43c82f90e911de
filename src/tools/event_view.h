// EventView: the shape in which the tools show a Kubernetes event, made from either API
// (events.k8s.io/v1 or core/v1, two views of one stored object):
//   name, namespace, reason, message, type, involvedObject{namespace?,name?,kind?,uid?}, and where
//   known reportingController, reportingInstance, count, firstTimestamp, lastTimestamp, eventTime,
//   series{count?,lastObservedTime?}
// All times are UTC.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace tools {

enum class EventApi : unsigned char { events_v1, core_v1 };

// The view as one JSON object.
std::string event_json(base::json::Value event, EventApi api);

// When it happened last: series.lastObservedTime, then lastTimestamp, eventTime, firstTimestamp,
// creationTimestamp (5.3); zero when none can be read.
base::WallTime event_time(base::json::Value event, EventApi api);

// The involved object, for filters.
base::json::Value event_subject(base::json::Value event, EventApi api);

// An RFC 3339 time of any offset as UTC with 'Z', its fraction kept; "" when it is none.
std::string utc(std::string_view time);

}  // namespace tools
