// The tools that list, and the read of k0rdent://events/{namespace}, on the simulated API server.
#include <gtest/gtest.h>

#include "answer/list_tool.h"
#include "events/list_row.h"
#include "events/manager.h"
#include "events/resource.h"
#include "support/tools_world.h"
#include "tools/lists.h"

namespace {

using test::TestReply;
using test::ToolsWorld;
using Names = std::vector<std::string>;

constexpr const char* kV1 = "/apis/events.k8s.io/v1/namespaces/team-a/events";
constexpr const char* kCore = "/api/v1/namespaces/team-a/events";

struct ListWorld : ToolsWorld {
  // An event of team-a that happened so many seconds before now.
  void event(const std::string& name, int ago, const std::string& type = "Normal",
             const std::string& kind = "Pod", const std::string& object = "web-0",
             const std::string& ns = "team-a") {
    const base::WallTime at{loop.wall_now().ns - base::Duration(base::seconds(ago)).count()};
    std::string json;
    base::json::Writer w(json);
    w.begin_object().key("metadata").begin_object().field("name", name);
    w.field("namespace", ns).end_object();
    w.key("regarding").begin_object().field("kind", kind).field("name", object).end_object();
    w.field("reason", "R").field("note", "m").field("type", type);
    w.field("eventTime", base::format_rfc3339(at, 6)).end_object();
    api.store().put(api.store().find("events.k8s.io", "v1", "events"), json);
  }
  // The names of the events answered, in order; the error otherwise.
  Names events(const std::string& more = {}) {
    const TestReply reply = call(*tool, R"({"namespace":"team-a")" + more + "}");
    base::json::Document doc;
    const auto root = doc.parse(reply.text);
    if (!root) return {reply.text};
    EXPECT_TRUE((*root)["events"].is(base::json::Type::array)) << reply.text;
    Names out;
    for (base::json::Value each : (*root)["events"].array())
      out.emplace_back(each["name"].str());
    omitted = (*root)["omitted"].int_or(0);
    EXPECT_EQ((*root)["remaining"].int_or(0), omitted);
    go_on = (*root)["continue"].str();
    shown = reply.shown;
    return out;
  }

  static constexpr const char* kMost = R"(,"maxBytes":1048576)";
  std::int64_t omitted = 0;
  std::string go_on, shown;
  std::unique_ptr<mcp::Tool> tool = answer::make_list_tool(events::list_row(), *context);
};

TEST_F(ListWorld, EventsComeNewestFirst) {
  event("b", 20);
  event("c", 5);
  event("a", 30);
  EXPECT_EQ(events(), (Names{"c", "b", "a"}));
  EXPECT_EQ(api.count("list", kV1), 1);
  EXPECT_EQ(api.count("list", kCore), 0);
}

TEST_F(ListWorld, WithoutANamespaceEventsAreOfAllThatTheCallerMaySee) {
  event("b", 20);
  event("c", 5, "Normal", "Pod", "web-0", "team-b");
  event("a", 30);
  const auto all = [&](const std::string& arguments) {
    const TestReply reply = call(*tool, arguments);
    base::json::Document doc;
    Names out;
    const auto root = doc.parse(reply.text);
    if (!root) return Names{reply.text};
    for (base::json::Value each : (*root)["events"].array())
      out.push_back(std::string(each["namespace"].str()) + "/" + std::string(each["name"].str()));
    shown = reply.shown;
    return out;
  };
  EXPECT_EQ(all("{}"), (Names{"team-b/c", "team-a/b", "team-a/a"}));
  EXPECT_TRUE(shown.starts_with("NAMESPACE   LAST SEEN")) << shown;
  EXPECT_EQ(all(R"({"namespace":""})"), all("{}"));
  EXPECT_EQ(all(R"({"namespace":"team-a"})"), (Names{"team-a/b", "team-a/a"}));
  EXPECT_TRUE(shown.starts_with("LAST SEEN")) << shown;
  EXPECT_EQ(all(R"({"limit":1})"), (Names{"team-b/c"}));
  filter = *cluster::NamespaceFilter::parse("team-a");
  EXPECT_EQ(all("{}"), (Names{"team-a/b", "team-a/a"}));
  EXPECT_NE(shown.find("namespace filter (team-a) hides"), std::string::npos) << shown;
}

TEST_F(ListWorld, AnEmptyListIsAnEmptyList) {
  EXPECT_EQ(call(*tool, R"({"namespace":"team-a"})").text, R"({"events":[]})");
  event("a", 1);
  EXPECT_EQ(call(*tool, R"({"namespace":"team-a","types":["Warning"]})").text, R"({"events":[]})");
}

TEST_F(ListWorld, FiltersIgnoreCaseAndMustAllFit) {
  event("normal", 1, "Normal", "Pod", "web-0");
  event("warning", 2, "Warning", "Pod", "web-1");
  event("odd", 3, "Strange", "Node", "web-1");
  EXPECT_EQ(events(R"(,"types":["warning"])"), (Names{"warning"}));
  EXPECT_EQ(events(R"(,"types":["WARNING","normal"])"), (Names{"normal", "warning"}));
  EXPECT_EQ(events(R"(,"types":[])"), (Names{"normal", "warning", "odd"}));
  EXPECT_EQ(events(R"(,"forKind":"pod")"), (Names{"normal", "warning"}));
  EXPECT_EQ(events(R"(,"forName":"WEB-1")"), (Names{"warning", "odd"}));
  EXPECT_EQ(events(R"(,"forName":"WEB-1","forKind":"node")"), (Names{"odd"}));
  EXPECT_EQ(events(R"(,"forName":"web")"), Names{});
}

// Bug: names as kubectl takes them, and types that no event has, gave an empty list without a word.
TEST_F(ListWorld, KindsAreFoundByTheirNamesAndWhatIsNoneIsRefused) {
  event("a", 1, "Normal", "Pod", "web-0");
  event("b", 2, "Normal", "Node", "n1");
  for (const char* name : {"pods", "POD", "v1/Pod"})
    EXPECT_EQ(events(R"(,"forKind":")" + std::string(name) + '"'), Names{"a"}) << name;
  const auto error = [&](const std::string& more) {
    return call(*tool, R"({"namespace":"team-a",)" + more + "}").text;
  };
  const std::string none = error(R"("forKind":"pdos")");
  EXPECT_TRUE(none.starts_with("error: list events: 'forKind': ")) << none;
  EXPECT_NE(none.find("pods"), std::string::npos) << none;
  EXPECT_EQ(error(R"("types":["Warning","Bad"])"),
            "error: 'types' has \"bad\": events are of type Normal or Warning");
}

TEST_F(ListWorld, ACallerThatMayNotAskWhatIsServedMeansWhatItSays) {
  event("a", 1, "Normal", "Pod", "web-0");
  answer("", "/apis", {.code = 403, .reason = "Forbidden", .message = "no"}, 10);
  EXPECT_EQ(events(R"(,"forKind":"pod")"), Names{"a"});
  EXPECT_EQ(events(R"(,"forKind":"pods")"), Names{});
}

TEST_F(ListWorld, TheLimitKeepsTheNewestAndSaysWhatItLeftOut) {
  for (int i = 0; i < 10; ++i)
    event("e" + std::to_string(i), 10 * ((i * 7) % 10) + 1);
  EXPECT_EQ(events(R"(,"limit":3)"), (Names{"e0", "e3", "e6"}));
  EXPECT_EQ(omitted, 7);
  EXPECT_EQ(events(R"(,"limit":10)").size(), 10u);
  EXPECT_EQ(omitted, 0);
  for (const char* all : {"0", "-5", "null", "1000000000000"}) {
    EXPECT_EQ(events(std::string(R"(,"limit":)") + all).size(), 10u) << all;
  }
}

TEST_F(ListWorld, SinceLeavesOutWhatIsOlder) {
  event("new", 59);
  event("edge", 60);
  event("old", 61);
  EXPECT_EQ(events(R"(,"sinceSeconds":60)"), (Names{"new", "edge"}));
  EXPECT_EQ(omitted, 0);
  for (const char* all : {"0", "-1", "null", "9223372036854775807"}) {
    EXPECT_EQ(events(std::string(R"(,"sinceSeconds":)") + all).size(), 3u) << all;
  }
}

TEST_F(ListWorld, CoreEventsTakeOverWhereTheNewApiIsRefused) {
  event("a", 1);
  deny("list", "events", "events.k8s.io");
  EXPECT_EQ(events(), (Names{"a"}));
  EXPECT_EQ(api.count("list", kV1), 1);
  EXPECT_EQ(api.count("list", kCore), 1);
  // Nothing of it is remembered: once it is allowed again it is used again.
  allow_all();
  api.forget_seen();
  EXPECT_EQ(events(), (Names{"a"}));
  EXPECT_EQ(api.count("list", kV1), 1);
  EXPECT_EQ(api.count("list", kCore), 0);
}

TEST_F(ListWorld, CoreEventsTakeOverWhereTheNewApiIsNotServed) {
  event("a", 1);
  answer("", "/apis/events.k8s.io/v1", sim::not_found({}, "v1"));
  EXPECT_EQ(events(), (Names{"a"}));
  EXPECT_EQ(api.count("list", kV1), 0);
  EXPECT_EQ(api.count("list", kCore), 1);
}

TEST_F(ListWorld, WhatBothApisRefuseIsSaidInTheServersWords) {
  deny("list", "events");
  const Names refused = events();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(refused[0].starts_with("error: list events: events is forbidden")) << refused[0];
  EXPECT_NE(refused[0].find("team-a"), std::string::npos);
}

TEST_F(ListWorld, AServerErrorIsNoReasonToAskTheOtherApi) {
  answer("list", kV1, sim::internal_error("etcd is away"), -1);
  const Names refused = events();
  EXPECT_NE(refused[0].find("etcd is away"), std::string::npos) << refused[0];
  EXPECT_EQ(api.count("list", kCore), 0);
}

TEST_F(ListWorld, ManyEventsComePageByPageAndStayInOrder) {
  for (int i = 0; i < 1203; ++i)
    event("e" + std::to_string(i), i);
  const Names all = events(kMost);
  ASSERT_EQ(all.size(), 1000u);
  EXPECT_EQ(omitted, 203);
  EXPECT_EQ(all.front(), "e0");
  EXPECT_EQ(all.back(), "e999");
  EXPECT_EQ(api.count("list", kV1), 3);
}

TEST_F(ListWorld, AListThatExpiresOnItsWayBeginsAnewAndShowsNothingTwice) {
  for (int i = 0; i < 600; ++i)
    event("e" + std::to_string(i), i);
  answer("list", kV1, sim::expired("the continue token is too old"), 1, 1);
  EXPECT_EQ(events(R"(,"limit":3)"), (Names{"e0", "e1", "e2"}));
  EXPECT_EQ(omitted, 597);
  EXPECT_EQ(events(kMost).size(), 600u);
}

TEST_F(ListWorld, AnAnswerHoldsAtMostAThousand) {
  for (int i = 0; i < 5010; ++i)
    event("e" + std::to_string(i), i);
  const Names some = events();
  EXPECT_GT(some.size(), 50u) << "as many as fit";
  EXPECT_EQ(some.front(), "e0");
  EXPECT_EQ(some.size() + static_cast<std::size_t>(omitted), 5010u);
  const Names most = events(std::string(R"(,"limit":5001)") + kMost);
  EXPECT_EQ(most.size(), 1000u);
  EXPECT_EQ(most.size() + static_cast<std::size_t>(omitted), 5010u);
}

TEST_F(ListWorld, ACutAnswerGoesOnWithTheNextOlderEvent) {
  for (int i = 0; i < 20; ++i)
    event("e" + std::to_string(i), i + 10);
  EXPECT_EQ(events(R"(,"limit":8)").back(), "e7");
  event("new", 1);
  EXPECT_EQ(events(R"(,"limit":8,"continue":")" + go_on + "\"").front(), "e8");
  EXPECT_EQ(omitted, 4);
  EXPECT_EQ(events(R"(,"limit":8,"continue":")" + go_on + "\""),
            (Names{"e16", "e17", "e18", "e19"}));
  EXPECT_EQ(go_on, "");
}

TEST_F(ListWorld, TheCursorOfOtherEventsIsRefused) {
  for (int i = 0; i < 3; ++i)
    event("e" + std::to_string(i), i, "Warning");
  events(R"(,"limit":1,"types":["Warning"])");
  ASSERT_NE(go_on, "");
  for (const char* other : {R"("types":["Normal"])", R"("types":["Warning"],"forKind":"Pod")",
                            R"("types":["Warning"],"sinceSeconds":60)"}) {
    const Names refused =
        events(std::string(",\"limit\":1,") + other + ",\"continue\":\"" + go_on + "\"");
    ASSERT_EQ(refused.size(), 1u) << other;
    EXPECT_TRUE(refused[0].starts_with("error: ")) << refused[0];
  }
}

TEST_F(ListWorld, TheTextIsKubectlsTable) {
  event("a", 90, "Warning", "Pod", "web-0");
  event("b", 30, "Normal", "ReplicaSet", "web");
  events();
  EXPECT_EQ(shown,
            "LAST SEEN   TYPE      REASON   OBJECT           MESSAGE\n"
            "30s         Normal    R        replicaset/web   m\n"
            "90s         Warning   R        pod/web-0        m\n");
  events(R"(,"fields":["reason"])");
  EXPECT_TRUE(shown.starts_with("NAMESPACE   NAME   REASON\nteam-a      b      R\n")) << shown;
  EXPECT_EQ(events(R"(,"sortBy":"-LAST SEEN")"), (Names{"a", "b"}));
}

TEST_F(ListWorld, ARowHasEveryMemberOfTheEvent) {
  const char* v1 = R"({"metadata":{"name":"a","namespace":"team-a"},"regarding":{"kind":"Pod",)"
                   R"("name":"p","namespace":"team-a","uid":"u"},"reason":"R","note":"m",)"
                   R"("type":"Normal","reportingController":"c","reportingInstance":"i",)"
                   R"("deprecatedCount":2,"deprecatedFirstTimestamp":"2026-01-01T01:00:00+01:00",)"
                   R"("eventTime":"2026-01-01T00:00:00.5Z","series":{"count":3,)"
                   R"("lastObservedTime":"2026-01-01T00:00:09Z"}})";
  api.store().put(api.store().find("events.k8s.io", "v1", "events"), v1);
  const char* row =
      R"({"events":[{"name":"a","namespace":"team-a","reason":"R","message":"m","type":"Normal",)"
      R"("involvedObject":{"namespace":"team-a","name":"p","kind":"Pod","uid":"u"},)"
      R"("reportingController":"c","reportingInstance":"i","count":2,)"
      R"("firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:09Z",)"
      R"("eventTime":"2026-01-01T00:00:00.5Z",)"
      R"("series":{"count":3,"lastObservedTime":"2026-01-01T00:00:09Z"}}]})";
  EXPECT_EQ(call(*tool, R"({"namespace":"team-a"})").text, row);
  deny("list", "events", "events.k8s.io");
  EXPECT_EQ(call(*tool, R"({"namespace":"team-a"})").text, row) << "the same from core/v1";
}

TEST_F(ListWorld, TheFilterRefusesBeforeAnyRequest) {
  filter = *cluster::NamespaceFilter::parse("kcm-system");
  EXPECT_EQ(events(), (Names{"error: namespace 'team-a' is not allowed by this server's namespace "
                             "filter (kcm-system)"}));
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(ListWorld, ACallThatIsDroppedAsksNoMore) {
  TestReply reply(self());
  base::json::Document doc;
  const std::string arguments = R"({"namespace":"team-a"})";
  auto run = tool->begin(*doc.parse(arguments), reply);
  run.reset();
  settle();
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(api.count("list"), 0);
}

// ---- k0rdent://events/{namespace}, read

struct EventRead : ListWorld {
  events::Manager manager{managed()};
  std::unique_ptr<mcp::ResourceFamily> family = events::make_event_resource(*context, manager);
};

TEST_F(EventRead, GivesAllEventsAsJson) {
  event("a", 2);
  event("b", 1);
  for (const char* uri : {"k0rdent://events/team-a", "K0RDENT://Events/team-a/"}) {
    const TestReply reply = read(*family, uri);
    EXPECT_EQ(reply.mime_type, "application/json");
    EXPECT_TRUE(reply.text.starts_with(R"({"events":[{"name":"b",)")) << reply.text;
  }
}

TEST_F(EventRead, MistakesInTheUriAreInvalidParamsBeforeAnyRequest) {
  const struct {
    const char* uri;
    const char* why;
  } cases[] = {
      {"k0rdent://events", "URI must be k0rdent://events/{namespace}"},
      {"k0rdent://events/a/b", "URI must be k0rdent://events/{namespace}"},
      {"k0rdent://events/Team-A", "'namespace' must be a DNS label"},
      {"k0rdent://events/a%2Fb", "'namespace' must be a DNS label"},
      {"k0rdent://events/team-a?limit=1", "unknown parameter 'limit'"},
  };
  for (const auto& c : cases) {
    const TestReply reply = read(*family, c.uri);
    EXPECT_EQ(reply.code, -32602) << c.uri;
    EXPECT_NE(reply.text.find(c.why), std::string::npos) << reply.text;
  }
  filter = *cluster::NamespaceFilter::parse("kcm-system");
  EXPECT_EQ(read(*family, "k0rdent://events/team-a").code, -32603);
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(EventRead, ARefusalOfTheApiServerIsAnInternalErrorInItsWords) {
  deny("list", "events");
  const TestReply reply = read(*family, "k0rdent://events/team-a");
  EXPECT_EQ(reply.code, -32603);
  EXPECT_TRUE(reply.text.starts_with("error: list events: events is forbidden")) << reply.text;
}

// ---- namespaces

struct Namespaces : ToolsWorld {
  std::unique_ptr<mcp::Tool> tool = answer::make_list_tool(tools::lists().front(), *context);
};

TEST_F(Namespaces, AreSortedWithLabelsAndPhase) {
  const sim::View view{&api.store().of("Namespace"), 0};
  api.store().put(view, R"({"metadata":{"name":"a-team","labels":{"env":"prod","x":""}},)"
                        R"("status":{"phase":"Terminating"}})");
  api.store().put(view, R"({"metadata":{"name":"b-team"}})");
  filter = *cluster::NamespaceFilter::parse("[ab]-team|team-a");
  const std::string text = call(*tool, "{}").text;
  EXPECT_TRUE(text.starts_with(R"({"namespaces":[{"name":"a-team","labels":{"env":"prod","x":""},)"
                               R"("status":"Terminating"},{"name":"b-team","status":""},)"
                               R"({"name":"team-a",)"))
      << text;
  EXPECT_EQ(text.find("kcm-system"), std::string::npos);
}

TEST_F(Namespaces, NoneIsAnEmptyList) {
  filter = *cluster::NamespaceFilter::parse("none");
  const std::string text = call(*tool, "{}").text;
  EXPECT_TRUE(text.starts_with(R"({"namespaces":[],"notes":["objects left out)")) << text;
}

TEST_F(Namespaces, AListOfSeveralPagesIsOneAnswerAlsoWhenItStartsAnew) {
  for (int i = 0; i < 700; ++i)
    cluster.add_namespace("n" + std::to_string(i));
  answer("list", "/namespaces", sim::expired("too old"), 1, 1);
  base::json::Document doc;
  const std::string text = call(*tool, R"({"limit":1000,"maxBytes":1048576})").text;
  EXPECT_EQ((*doc.parse(text))["namespaces"].size(), 703u);
}

TEST_F(Namespaces, AFailureSaysWhatWasTriedAndWhy) {
  deny("list", "namespaces");
  const std::string refused = call(*tool, "{}").text;
  EXPECT_TRUE(refused.starts_with("error: list namespaces: namespaces is forbidden")) << refused;
  api.stop();
  const std::string down = call(*tool, "{}").text;
  EXPECT_TRUE(down.starts_with("error: list namespaces: ")) << down;
}

TEST_F(Namespaces, ACallersOwnTokenReplacesOurs) {
  api.users()["his-token"] = {.name = "alice", .uid = "1"};
  call(*tool, "{}", {"alice", "his-token"});
  EXPECT_EQ(api.seen().back().user, "alice");
  EXPECT_NE(call(*tool, "{}", {"bob", "unknown-token"}).text.find("error: list namespaces: "),
            std::string::npos);
}

}  // namespace
