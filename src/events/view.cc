#include "events/view.h"

#include <optional>

namespace events {

using base::json::Value;

namespace {

// The names in which the two APIs differ.
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

const Names& names(Api api) {
  return api == Api::events_v1 ? kV1 : kCore;
}

constexpr std::size_t kEventBytes = 768;  // of an event's JSON; few are larger

int fraction_digits(std::string_view time) {
  const std::size_t dot = time.find('.');
  if (dot == std::string_view::npos) return 0;
  std::size_t end = dot + 1;
  while (end < time.size() && time[end] >= '0' && time[end] <= '9')
    ++end;
  return static_cast<int>(end - dot - 1 < 9 ? end - dot - 1 : 9);
}

// Whether `time` is already what format_rfc3339 would write, as API servers send it. Requires:
// parse_rfc3339 accepts it.
bool is_plain(std::string_view time, int digits) {
  const std::size_t size = 20 + (digits > 0 ? static_cast<std::size_t>(digits) + 1 : 0);
  return time.size() == size && time[10] == 'T' && time.back() == 'Z' && time.substr(17, 2) != "60";
}

}  // namespace

std::string utc(std::string_view time) {
  const std::optional<base::WallTime> parsed = base::parse_rfc3339(time);
  if (!parsed) return {};
  const int digits = fraction_digits(time);
  return is_plain(time, digits) ? std::string(time) : base::format_rfc3339(*parsed, digits);
}

Value event_subject(Value event, Api api) {
  return event[names(api).subject];
}

std::string_view event_message(Value event, Api api) {
  return event[names(api).message].str();
}

mcp::Fields View::Subject::fields() {
  return {mcp::field<&Subject::ns>({.name = "namespace"}),
          mcp::field<&Subject::name>({.name = "name"}),
          mcp::field<&Subject::kind>({.name = "kind"}), mcp::field<&Subject::uid>({.name = "uid"})};
}

mcp::Fields View::Series::fields() {
  return {mcp::field<&Series::count>({.name = "count"}),
          mcp::field<&Series::last_observed>({.name = "lastObservedTime"})};
}

mcp::Fields View::fields() {
  return {mcp::field<&View::name>({.name = "name", .required = true}),
          mcp::field<&View::ns>({.name = "namespace", .required = true}),
          mcp::field<&View::reason>({.name = "reason", .required = true}),
          mcp::field<&View::message>({.name = "message", .required = true}),
          mcp::field<&View::type>({.name = "type", .required = true}),
          mcp::field<&View::subject>({.name = "involvedObject", .required = true}),
          mcp::field<&View::controller>({.name = "reportingController"}),
          mcp::field<&View::instance>({.name = "reportingInstance"}),
          mcp::field<&View::count>({.name = "count"}),
          mcp::field<&View::first>({.name = "firstTimestamp"}),
          mcp::field<&View::last>({.name = "lastTimestamp"}),
          mcp::field<&View::time>({.name = "eventTime"}),
          mcp::field<&View::series>({.name = "series"})};
}

View event_view(Value event, Api api) {
  const Names& n = names(api);
  const Value metadata = event["metadata"], series = event["series"];
  const Value subject = event_subject(event, api);
  View view;
  view.name = metadata["name"].str();
  view.ns = metadata["namespace"].str();
  view.reason = event["reason"].str();
  view.message = event_message(event, api);
  view.type = event["type"].str();
  view.subject = {subject["namespace"].str(), subject["name"].str(), subject["kind"].str(),
                  subject["uid"].str()};
  view.controller = event[n.controller].str();
  view.instance = event[n.instance].str();
  view.count = event[n.count].int_or(0);
  if (view.count <= 0) view.count = series["count"].int_or(0);
  view.first = utc(event[n.first].str());
  view.last = utc(event[n.last].str());
  if (view.last.empty()) view.last = utc(series["lastObservedTime"].str());
  view.time = utc(event["eventTime"].str());
  if (series.is(base::json::Type::object)) {
    view.series = {series["count"].int_or(0), utc(series["lastObservedTime"].str())};
  }
  return view;
}

std::string event_json(Value event, Api api) {
  std::string out;
  out.reserve(kEventBytes);
  base::json::Writer w(out);
  const View view = event_view(event, api);
  mcp::Schema::of<View>().write(w, &view);
  return out;
}

base::WallTime event_time(Value event, Api api) {
  const Names& n = names(api);
  for (Value candidate : {event["series"]["lastObservedTime"], event[n.last], event["eventTime"],
                          event[n.first], event["metadata"]["creationTimestamp"]}) {
    if (auto t = base::parse_rfc3339(candidate.str())) return *t;
  }
  return {};
}

}  // namespace events
