// What goes wrong with events: two faces of which one is refused, storms, times that are missing,
// selectors of the other face.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/reflector_world.h"
#include "support/story_world.h"
#include "support/tools_world.h"

namespace {

using base::seconds;
using sim::AnswerFault;
using test::McpSession;
using test::StoryWorld;
using Told = std::vector<std::string>;

constexpr const char* kUri = "k0rdent://events/team-a";

struct FaultEvent : StoryWorld {
  void emit(const std::string& name, const std::string& type = "Normal",
            const std::string& object = "aws-prod") {
    cluster.emit({.ns = "team-a", .name = name, .type = type, .object = object});
  }
  void refuse_new_face(int code) {
    AnswerFault one;
    one.match = {.verb = "list", .path = "/apis/events.k8s.io/", .count = -1};
    one.answer = sim::refuse({.code = code,
                              .reason = code == 403 ? "Forbidden" : "NotFound",
                              .message = "events.events.k8s.io is refused"});
    api.faults().add(one);
  }
  // events.list, the names in order.
  Told list(McpSession& session, const std::string& more = {}) {
    session.ask(
        "tools/call",
        R"({"name":"k0rdent.mgmt.events.list","arguments":{"namespace":"team-a")" + more + "}}");
    Told names;
    for (const base::json::Value one : session.result()["structuredContent"]["events"].array())
      names.emplace_back(one["name"].str());
    return names;
  }
  // An event as core v1 stores it, with these times ("" : null).
  void put(const std::string& name, const std::string& first, const std::string& last,
           const std::string& event_time, const std::string& series = {}) {
    std::string json;
    base::json::Writer w(json);
    const auto time = [&](const char* key, const std::string& value) {
      value.empty() ? w.key(key).null() : w.field(key, value);
    };
    w.begin_object().key("metadata").begin_object().field("name", name);
    w.field("namespace", "team-a").field("creationTimestamp", "2025-12-31T00:00:00Z").end_object();
    w.key("involvedObject").begin_object().field("kind", "Pod").field("name", "p").end_object();
    w.field("reason", "R").field("message", name).field("type", "Normal");
    time("firstTimestamp", first);
    time("lastTimestamp", last);
    time("eventTime", event_time);
    if (!series.empty()) {
      w.key("series").begin_object().field("count", 2).field("lastObservedTime", series);
      w.end_object();
    }
    w.end_object();
    api.store().put({&api.store().of("Event"), 0}, json);
  }
};

TEST_F(FaultEvent, E01CoreEventsTakeOverWithTheirFieldsAndFiltersTranslated) {
  emit("one", "Warning", "aws-prod");
  emit("two", "Normal", "gcp-dev");
  start_app();
  auto before = connect();
  before->ask("tools/call",
              R"({"name":"k0rdent.mgmt.events.list","arguments":{"namespace":"team-a"}})");
  const std::string by_new_face = before->result()["structuredContent"].to_json();
  for (const int code : {403, 404}) {
    SCOPED_TRACE(code);
    api.faults().clear();
    refuse_new_face(code);
    auto session = connect();
    EXPECT_EQ(list(*session, R"(,"types":["Warning"],"forName":"aws-prod")"), Told{"one"});
    EXPECT_EQ(list(*session, R"(,"forKind":"ClusterDeployment","forName":"gcp-dev")"), Told{"two"});
    session->ask("tools/call",
                 R"({"name":"k0rdent.mgmt.events.list","arguments":{"namespace":"team-a"}})");
    EXPECT_EQ(session->result()["structuredContent"].to_json(), by_new_face)
        << "nobody sees which face it came from";
    ASSERT_TRUE(session->subscribe(kUri));
    ASSERT_TRUE(told(*session, 2));
    emit("live " + std::to_string(code));
    ASSERT_TRUE(told(*session, 3));
    EXPECT_GE(api.count("watch", "/api/v1/namespaces/team-a/events"), 1);
    session->end();
    cluster.delete_event("team-a", "live " + std::to_string(code));
    pass(seconds(10));
  }
}

TEST_F(FaultEvent, E02AStormOfRepeatsAndExpiriesEndsWithWhatTheClusterHolds) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  session->pause(true);
  constexpr int kEvents = 100, kRepeats = 100;
  for (int i = 0; i < kEvents; ++i)
    for (int repeat = 1; repeat <= kRepeats; ++repeat)
      cluster.emit({.ns = "team-a",
                    .name = "e" + std::to_string(i),
                    .message = std::string(500, 'm'),
                    .count = repeat});
  for (int i = 0; i < kEvents; ++i)  // their hour is over
    if (i % 10 != 0) cluster.delete_event("team-a", "e" + std::to_string(i));
  pass(seconds(5));
  session->pause(false);
  pass(seconds(5));
  // What a client holds that applies each delta, and reads again when it is told that some were
  // dropped.
  std::map<std::string, bool> there;
  bool dropped = false;
  for (const std::string& delta : session->told()) {
    if (delta.starts_with("dropped") || delta.starts_with("DROPPED")) dropped = true;
    const std::size_t end = delta.find(' ', delta.find(' ') + 1);
    const std::string name = delta.substr(delta.find(' ') + 1, end - delta.find(' ') - 1);
    if (delta.starts_with("ADDED ")) {
      EXPECT_TRUE(there.emplace(name, true).second) << "news twice";
    }
    if (delta.starts_with("MODIFIED ")) {
      EXPECT_TRUE(there.count(name)) << name;
    }
    if (delta.starts_with("DELETED ")) there.erase(name);
  }
  EXPECT_LT(session->updates().size(), std::size_t{kEvents} * kRepeats)
      << "a slow reader is not told each repeat";
  const Told listed = list(*session);
  EXPECT_EQ(listed.size(), std::size_t{kEvents} / 10) << "what has expired is no news";
  if (!dropped) {
    EXPECT_EQ(there.size(), listed.size());
  }
}

TEST_F(FaultEvent, E03AnEventIsPlacedByTheLastOfTheTimesThatItHas) {
  // Newest first; each has only the times that its recorder fills.
  put("series", "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:03.000000Z",
      "2026-01-01T00:10:00.000000Z");
  put("last", "2026-01-01T00:00:01Z", "2026-01-01T00:09:00Z", "");
  put("both", "2026-01-01T00:00:01Z", "2026-01-01T00:08:00Z", "2026-01-01T00:00:03.000000Z");
  put("eventTime", "", "", "2026-01-01T00:07:00.500000Z");
  put("eventTime, earlier", "", "", "2026-01-01T00:07:00.499999Z");
  put("first", "2026-01-01T00:06:00Z", "", "");
  put("created", "", "", "");
  start_app();
  auto session = connect();
  EXPECT_EQ(list(*session), (Told{"series", "last", "both", "eventTime", "eventTime, earlier",
                                  "first", "created"}));
  EXPECT_EQ(list(*session, R"(,"limit":2)"), (Told{"series", "last"}))
      << "the newest, not the first of the list";
}

// A selector in the words of the other face.
class FaultSelector : public test::ToolsWorld, public test::ReflectorOwner {
 protected:
  void on_ready() override { synced = true; }
  void on_denied(const kube::Failure& failure) override { denied.push_back(failure); }

  kube::watch::RetryParameters parameters;
  kube::watch::Retry retry{"events", parameters, loop};
  bool synced = false;
  std::vector<kube::Failure> denied;
};

TEST_F(FaultSelector, E04ASelectorOfTheOtherFaceFailsAtOnceWithTheServersWords) {
  kube::watch::ReflectorSpec spec;
  spec.resource = kube::kEventsV1;
  spec.ns = "team-a";
  spec.events = true;
  spec.field_selector = "involvedObject.name=aws-prod";  // regarding.name, here
  test::ReflectorSlot reflector(loop);
  reflector.make(kube::Context{loop, *client, scope}, retry, *this, spec);
  reflector->start();
  ASSERT_TRUE(run_until([&] { return !denied.empty(); }));
  EXPECT_EQ(denied[0].status, 400);
  EXPECT_NE(denied[0].message.find("field label not supported: involvedObject.name"),
            std::string::npos)
      << denied[0].message;
  pass(base::hours(2));
  EXPECT_EQ(denied.size(), 1U);
  EXPECT_EQ(downs, 0);
  EXPECT_FALSE(synced);
  EXPECT_EQ(api.count("", "/events"), 1) << "no request that cannot succeed";
  EXPECT_EQ(reflector->state(), kube::watch::Reflector::State::stopped);
  EXPECT_EQ(retry.breaker().failures(), 0);
}

}  // namespace
