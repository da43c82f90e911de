// How events are shown: both APIs, both kinds of recorders, times, and the deltas made of them.
#include "events/view.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "events/delta.h"

namespace {

using events::Api;

std::string shown(std::string_view json, Api api) {
  base::json::Document doc;
  const auto root = doc.parse(json);
  EXPECT_TRUE(root.has_value()) << json;
  return root ? events::event_json(*root, api) : "";
}
std::string happened(std::string_view json, Api api) {
  base::json::Document doc;
  return base::format_rfc3339(events::event_time(*doc.parse(json), api), 0);
}

// As a recorder writes it that knows count and first and last time only (client-go tools/record).
constexpr const char* kLegacyV1 = R"({"metadata":{"name":"web-0.17a","namespace":"demo","uid":"e1",
 "creationTimestamp":"2025-11-10T09:59:00Z"},"regarding":{"kind":"Pod","namespace":"demo",
 "name":"web-0","uid":"u1","apiVersion":"v1","fieldPath":"spec.containers{app}"},
 "reason":"Started","note":"Started container app","type":"Normal","eventTime":null,
 "deprecatedSource":{"component":"kubelet"},"deprecatedFirstTimestamp":"2025-11-10T09:59:00Z",
 "deprecatedLastTimestamp":"2025-11-10T10:00:00Z","deprecatedCount":3,"reportingController":"kubelet",
 "reportingInstance":"node-1"})";
constexpr const char* kLegacyCore =
    R"({"metadata":{"name":"web-0.17a","namespace":"demo","uid":"e1",
 "creationTimestamp":"2025-11-10T09:59:00Z"},"involvedObject":{"kind":"Pod","namespace":"demo",
 "name":"web-0","uid":"u1","apiVersion":"v1","fieldPath":"spec.containers{app}"},
 "reason":"Started","message":"Started container app","type":"Normal","eventTime":null,
 "source":{"component":"kubelet"},"firstTimestamp":"2025-11-10T09:59:00Z",
 "lastTimestamp":"2025-11-10T10:00:00Z","count":3,"reportingComponent":"kubelet",
 "reportingInstance":"node-1"})";
constexpr const char* kLegacyShown =
    R"({"name":"web-0.17a","namespace":"demo","reason":"Started","message":"Started container app",)"
    R"("type":"Normal","involvedObject":{"namespace":"demo","name":"web-0","kind":"Pod","uid":"u1"},)"
    R"("reportingController":"kubelet","reportingInstance":"node-1","count":3,)"
    R"("firstTimestamp":"2025-11-10T09:59:00Z","lastTimestamp":"2025-11-10T10:00:00Z"})";

// As a recorder writes it that knows series and microseconds (client-go tools/events).
constexpr const char* kNewV1 = R"({"metadata":{"name":"n","namespace":"demo",
 "creationTimestamp":"2025-11-10T10:00:00Z"},"regarding":{"kind":"Node","name":"node-1"},
 "reason":"Drained","note":"m","type":"Warning","eventTime":"2025-11-10T11:00:00.123456+01:00",
 "series":{"count":7,"lastObservedTime":"2025-11-10T10:05:00.500000Z"},
 "deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null,"reportingController":"c",
 "reportingInstance":"i"})";
constexpr const char* kNewCore = R"({"metadata":{"name":"n","namespace":"demo",
 "creationTimestamp":"2025-11-10T10:00:00Z"},"involvedObject":{"kind":"Node","name":"node-1"},
 "reason":"Drained","message":"m","type":"Warning","eventTime":"2025-11-10T11:00:00.123456+01:00",
 "series":{"count":7,"lastObservedTime":"2025-11-10T10:05:00.500000Z"},
 "firstTimestamp":null,"lastTimestamp":null,"reportingComponent":"c","reportingInstance":"i"})";
constexpr const char* kNewShown =
    R"({"name":"n","namespace":"demo","reason":"Drained","message":"m","type":"Warning",)"
    R"("involvedObject":{"name":"node-1","kind":"Node"},"reportingController":"c",)"
    R"("reportingInstance":"i","count":7,"lastTimestamp":"2025-11-10T10:05:00.500000Z",)"
    R"("eventTime":"2025-11-10T10:00:00.123456Z",)"
    R"("series":{"count":7,"lastObservedTime":"2025-11-10T10:05:00.500000Z"}})";

TEST(EventView, AnOlderRecordersEventLooksTheSameFromBothApis) {
  EXPECT_EQ(shown(kLegacyV1, Api::events_v1), kLegacyShown);
  EXPECT_EQ(shown(kLegacyCore, Api::core_v1), kLegacyShown);
}

TEST(EventView, ANewerRecordersEventLooksTheSameFromBothApisAndInUtc) {
  EXPECT_EQ(shown(kNewV1, Api::events_v1), kNewShown);
  EXPECT_EQ(shown(kNewCore, Api::core_v1), kNewShown);
}

TEST(EventView, WhatIsAlwaysThereIsThereForAnEmptyEventToo) {
  constexpr const char* kEmpty =
      R"({"name":"","namespace":"","reason":"","message":"","type":"","involvedObject":{}})";
  for (const char* event :
       {"{}", R"({"metadata":null,"regarding":null,"series":null})",
        R"({"metadata":[],"regarding":"x","series":[1],"deprecatedCount":0})"}) {
    EXPECT_EQ(shown(event, Api::events_v1), kEmpty) << event;
  }
}

TEST(EventView, TheLastTimeWrittenBeatsTheSeries) {
  EXPECT_EQ(
      shown(
          R"({"series":{"lastObservedTime":"2025-01-02T00:00:00Z"},"lastTimestamp":"2025-01-01T00:00:00Z"})",
          Api::core_v1),
      R"({"name":"","namespace":"","reason":"","message":"","type":"","involvedObject":{},)"
      R"("lastTimestamp":"2025-01-01T00:00:00Z","series":{"lastObservedTime":"2025-01-02T00:00:00Z"}})");
}

TEST(EventView, TimesOfAnyOffsetBecomeUtcWithTheirFraction) {
  EXPECT_EQ(events::utc("2025-11-10T00:30:00+02:00"), "2025-11-09T22:30:00Z");
  EXPECT_EQ(events::utc("2025-12-31T23:30:00-01:00"), "2026-01-01T00:30:00Z");
  EXPECT_EQ(events::utc("2025-11-10T10:00:00.100000Z"), "2025-11-10T10:00:00.100000Z");
  EXPECT_EQ(events::utc("2025-11-10T10:00:00.123456789012Z"), "2025-11-10T10:00:00.123456789Z");
  EXPECT_EQ(events::utc("2025-11-10t10:00:00z"), "2025-11-10T10:00:00Z");
  EXPECT_EQ(events::utc("2025-11-10T10:00:00.5+00:00"), "2025-11-10T10:00:00.5Z");
  EXPECT_EQ(events::utc("2025-12-31T23:59:60.25Z"), "2026-01-01T00:00:00.25Z");
  for (const char* none : {"", "null", "yesterday", "2025-11-10"}) {
    EXPECT_EQ(events::utc(none), "") << none;
  }
}

TEST(EventView, ItHappenedWhenItWasSeenLast) {
  EXPECT_EQ(happened(kLegacyV1, Api::events_v1), "2025-11-10T10:00:00Z");
  EXPECT_EQ(happened(kLegacyCore, Api::core_v1), "2025-11-10T10:00:00Z");
  EXPECT_EQ(happened(kNewV1, Api::events_v1), "2025-11-10T10:05:00Z");
  EXPECT_EQ(happened(R"({"eventTime":"2025-01-01T00:00:00.000001Z","metadata":
      {"creationTimestamp":"2025-01-02T00:00:00Z"}})",
                     Api::core_v1),
            "2025-01-01T00:00:00Z");
  EXPECT_EQ(happened(R"({"metadata":{"creationTimestamp":"2025-01-02T00:00:00Z"}})", Api::core_v1),
            "2025-01-02T00:00:00Z");
  EXPECT_EQ(happened("{}", Api::core_v1), "1970-01-01T00:00:00Z");
}

TEST(EventView, DeltasHaveTheirShape) {
  EXPECT_EQ(events::event_delta(kube::watch::Change::added, R"({"name":"n"})"),
            R"({"action":"ADDED","event":{"name":"n"}})");
  EXPECT_EQ(events::event_error_delta("demo", "why \"it\" failed"),
            R"({"action":"ERROR","event":{"name":"","namespace":"demo","reason":"",)"
            R"("message":"why \"it\" failed","type":"","involvedObject":{}}})");
}

}  // namespace
