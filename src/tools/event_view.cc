#include "tools/event_view.h"

#include <optional>

namespace tools {

using base::json::Value;
using base::json::Writer;

namespace {

// Where the two APIs differ in names.
struct Names {
  std::string_view subject, message, controller, instance, count, first, last;
};
constexpr Names kV1{"regarding",
                    "note",
                    "reportingController",
                    "reportingInstance",
                    "deprecatedCount",
                    "deprecatedFirstTimestamp",
                    "deprecatedLastTimestamp"};
constexpr Names kCore{"involvedObject", "message",        "reportingComponent", "reportingInstance",
                      "count",          "firstTimestamp", "lastTimestamp"};

const Names& names(EventApi api) {
  return api == EventApi::events_v1 ? kV1 : kCore;
}

int fraction_digits(std::string_view time) {
  const std::size_t dot = time.find('.');
  if (dot == std::string_view::npos) return 0;
  std::size_t end = dot + 1;
  while (end < time.size() && time[end] >= '0' && time[end] <= '9')
    ++end;
  return static_cast<int>(end - dot - 1 < 9 ? end - dot - 1 : 9);
}

void write_subject(Writer& w, Value event, EventApi api) {
  const Value subject = event_subject(event, api);
  const std::string_view ns = subject["namespace"].str();
  w.key("involvedObject").begin_object();
  w.field_if("namespace", ns).field_if("name", subject["name"].str());
  w.field_if("kind", subject["kind"].str()).field_if("uid", subject["uid"].str());
  w.end_object();
}

void write_series(Writer& w, Value series) {
  if (!series.is(base::json::Type::object)) return;
  w.key("series").begin_object();
  if (auto count = series["count"].as_int()) w.field("count", *count);
  w.field_if("lastObservedTime", utc(series["lastObservedTime"].str()));
  w.end_object();
}

}  // namespace

std::string utc(std::string_view time) {
  const std::optional<base::WallTime> parsed = base::parse_rfc3339(time);
  return parsed ? base::format_rfc3339(*parsed, fraction_digits(time)) : std::string();
}

Value event_subject(Value event, EventApi api) {
  return event[names(api).subject];
}

std::string event_json(Value event, EventApi api) {
  const Names& n = names(api);
  const Value metadata = event["metadata"];
  const Value series = event["series"];
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("name", metadata["name"].str()).field("namespace", metadata["namespace"].str());
  w.field("reason", event["reason"].str()).field("message", event[n.message].str());
  w.field("type", event["type"].str());
  write_subject(w, event, api);
  w.field_if("reportingController", event[n.controller].str());
  w.field_if("reportingInstance", event[n.instance].str());
  if (auto count = event[n.count].as_int(); count && *count > 0) {
    w.field("count", *count);
  } else if (auto repeats = series["count"].as_int()) {
    w.field("count", *repeats);
  }
  w.field_if("firstTimestamp", utc(event[n.first].str()));
  std::string last = utc(event[n.last].str());
  if (last.empty()) last = utc(series["lastObservedTime"].str());
  w.field_if("lastTimestamp", last);
  w.field_if("eventTime", utc(event["eventTime"].str()));
  write_series(w, series);
  w.end_object();
  return out;
}

base::WallTime event_time(Value event, EventApi api) {
  const Names& n = names(api);
  for (Value candidate : {event["series"]["lastObservedTime"], event[n.last], event["eventTime"],
                          event[n.first], event["metadata"]["creationTimestamp"]}) {
    if (auto t = base::parse_rfc3339(candidate.str())) return *t;
  }
  return {};
}

}  // namespace tools
