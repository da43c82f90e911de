// Which events are meant: selectors in the names of either API, one key for those that mean the
// same, and errors that say what would be right.
#include "events/selector.h"

#include <gtest/gtest.h>

#include "answer/list_tool.h"
#include "cluster/label_selector.h"
#include "events/field_selector.h"
#include "events/list_row.h"
#include "events/manager.h"
#include "events/resource.h"
#include "support/tools_world.h"

namespace {

using events::Api;
using events::FieldSelector;
using events::Selector;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

TEST(FieldSelector, AreSaidInTheNamesOfTheApiThatIsAsked) {
  const auto fields = FieldSelector::parse(
      "involvedObject.kind=Pod, "
      "regarding.name==web-0,reason!=Pulled,reportingController=k,type=Normal");
  ASSERT_TRUE(fields.has_value()) << fields.error().what();
  EXPECT_EQ(fields->text(Api::core_v1),
            "involvedObject.kind=Pod,involvedObject.name=web-0,reason!=Pulled,"
            "reportingComponent=k,type=Normal");
  EXPECT_EQ(fields->text(Api::events_v1),
            "reason!=Pulled,regarding.kind=Pod,regarding.name=web-0,reportingController=k,"
            "type=Normal");
  EXPECT_FALSE(fields->core_only());
  EXPECT_TRUE(FieldSelector::parse("source=kubelet")->core_only());
}

TEST(FieldSelector, EscapesStayAsTheyAre) {
  EXPECT_EQ(FieldSelector::parse(R"(reason=a\,b\=c\\)")->text(Api::core_v1), R"(reason=a\,b\=c\\)");
}

TEST(FieldSelector, MistakesAreNamed) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"reason", "is not a comparison"},
      {"reason!Pulled", "is not a comparison"},
      {"reason=a,", "is not a comparison"},
      {"involvedObject.color=red", "events have no field label 'involvedObject.color'"},
      {"status.phase=x", "known: involvedObject.kind"},
      {"reason=a=b", "with a backslash"},
      {"reason=a\\b", "with a backslash"},
  };
  for (const auto& c : cases) {
    const auto fields = FieldSelector::parse(c.text);
    ASSERT_FALSE(fields.has_value()) << c.text;
    EXPECT_NE(fields.error().what().find(c.why), std::string::npos) << fields.error().what();
    EXPECT_EQ(fields.error().code(), base::Errc::invalid_argument);
  }
}

TEST(LabelSelector, HasOneForm) {
  const auto canonical = cluster::canonical_label_selector(
      " team notin (b, a,a) ,app == web,!old, example.com/x ,n>3,m!=, app=web");
  ASSERT_TRUE(canonical.has_value()) << canonical.error().what();
  EXPECT_EQ(*canonical, "!old,app=web,example.com/x,m!=,n>3,team notin (a,b)");
  EXPECT_EQ(*cluster::canonical_label_selector(" "), "");
}

TEST(LabelSelector, MistakesAreNamed) {
  for (const char* text : {"a b", "=x", "a=b c", "a in b", "a near (b)", "a in (b", "!", "a!b",
                           "a>b", "-a=b", "a,,b", "/a=b"}) {
    const auto canonical = cluster::canonical_label_selector(text);
    ASSERT_FALSE(canonical.has_value()) << text << " gave " << *canonical;
    EXPECT_TRUE(canonical.error().what().starts_with("labelSelector: "))
        << canonical.error().what();
  }
}

TEST(Selector, ThoseThatMeanTheSameHaveOneKey) {
  const auto key = [](const char* uri) {
    const auto selector = Selector::from_uri(uri);
    return selector ? selector->key() : "error: " + selector.error().what();
  };
  EXPECT_EQ(key("k0rdent://events/a"), "");
  EXPECT_EQ(key("k0rdent://events/a?types="), "");
  EXPECT_EQ(key("k0rdent://events/a?types=Warning,normal"),
            key("K0RDENT://events/a/?types=NORMAL,,Warning"));
  EXPECT_EQ(key("k0rdent://events/a?forKind=POD&forName=Web-0"),
            key("k0rdent://events/a?forKind=pod&forName=web-0"));
  EXPECT_EQ(
      key("k0rdent://events/a?labelSelector=x%3D1,y&fieldSelector=regarding.kind%3DPod"),
      key("k0rdent://events/a?fieldSelector=involvedObject.kind%3D%3DPod&labelSelector=y,x=1"));
  EXPECT_NE(key("k0rdent://events/a?types=Warning"), key("k0rdent://events/a?types=Normal"));
  EXPECT_TRUE(
      key("k0rdent://events/a?types=x&types=y").ends_with("parameter 'types' is given twice"));
  EXPECT_EQ(key("k0rdent://events/a?kind=x"),
            "error: unknown parameter 'kind' (known: fieldSelector, forKind, forName, "
            "labelSelector, types)");
}

// ---- against the API server

struct EventSelection : ToolsWorld {
  EventSelection() { manager.start(); }
  ~EventSelection() override {
    one.feed.reset();
    manager.stop();
    loop.run_once();
  }
  TestSubscriber& subscribed(const std::string& query) {
    subscriber = std::make_unique<TestSubscriber>("k0rdent://events/team-a?" + query);
    subscriber->feed = family->subscribe(*subscriber);
    EXPECT_TRUE(run_until([&] { return subscriber->answered(); }));
    if (subscriber->accepts) {
      EXPECT_TRUE(run_until([&] { return api.open_streams("/events") > 0; }));
    }
    return *subscriber;
  }
  void emit(const std::string& name, const std::string& type, const std::string& kind = "Pod") {
    cluster.emit(
        {.ns = "team-a", .name = name, .message = "m", .type = type, .kind = kind, .object = name});
  }
  // The query of the last request of that verb, decoded enough to look into it.
  bool asked(const char* verb, const char* part) {
    for (const auto& each : api.seen()) {
      if (each.verb == verb && (each.path + "?" + each.query).find(part) != std::string::npos)
        return true;
    }
    return false;
  }
  TestSubscriber one{"unused"};
  events::Manager manager{managed()};
  std::unique_ptr<mcp::ResourceFamily> family = events::make_event_resource(*context, manager);
  std::unique_ptr<mcp::Tool> tool = answer::make_list_tool(events::list_row(), *context);
  std::unique_ptr<TestSubscriber> subscriber;
};

TEST_F(EventSelection, OneKnownTypeIsPushedToTheApiServer) {
  emit("a", "Warning");
  emit("b", "Normal");
  TestSubscriber& is = subscribed("types=warning");
  emit("c", "Normal");
  emit("d", "Warning");
  ASSERT_TRUE(run_until([&] { return is.deltas.size() == 2; }));
  EXPECT_EQ(is.told(), (Told{"ADDED a m", "ADDED d m"}));
  EXPECT_TRUE(asked("list", "fieldSelector=type%3DWarning"));
  EXPECT_TRUE(asked("watch", "fieldSelector=type%3DWarning"));
}

TEST_F(EventSelection, SeveralTypesAreSortedOutHere) {
  emit("a", "Warning");
  emit("b", "Strange");
  TestSubscriber& is = subscribed("types=Warning,Normal");
  emit("c", "Strange");
  emit("d", "Normal");
  ASSERT_TRUE(run_until([&] { return is.deltas.size() == 2; }));
  EXPECT_EQ(is.told(), (Told{"ADDED a m", "ADDED d m"}));
  EXPECT_FALSE(asked("list", "fieldSelector"));
}

TEST_F(EventSelection, ARefusedReadSaysTheRuleThatWouldAllowIt) {
  deny("list", "events");
  const std::string text = read(*family, "k0rdent://events/team-a").text;
  EXPECT_NE(text.find("in a Role of namespace team-a: {apiGroups: [\"\"], resources: [events], "
                      "verbs: [list]}"),
            std::string::npos)
      << text;
}

TEST_F(EventSelection, SelectorsAreTranslatedWhenTheOldApiTakesOver) {
  deny("", "events", "events.k8s.io");
  emit("a", "Normal", "Pod");
  emit("b", "Normal", "Node");
  TestSubscriber& is = subscribed("fieldSelector=regarding.kind%3DNode");
  emit("c", "Normal", "Node");
  ASSERT_TRUE(run_until([&] { return is.deltas.size() == 2; }));
  EXPECT_EQ(is.told(), (Told{"ADDED b m", "ADDED c m"}));
  EXPECT_TRUE(asked("list", "fieldSelector=regarding.kind%3DNode")) << "first the new one";
  EXPECT_TRUE(asked("watch", "fieldSelector=involvedObject.kind%3DNode"));
}

TEST_F(EventSelection, ALabelThatOnlyTheOldApiKnowsIsAskedThere) {
  emit("a", "Normal");
  EXPECT_EQ(subscribed("fieldSelector=source%21%3Dkubelet").accepts, 1);
  EXPECT_FALSE(asked("list", "events.k8s.io"));
  EXPECT_TRUE(asked("watch", "fieldSelector=source%21%3Dkubelet"));
}

TEST_F(EventSelection, DifferentSelectorsAreDifferentWatches) {
  TestSubscriber a("k0rdent://events/team-a"), b("k0rdent://events/team-a?types=Warning");
  TestSubscriber c("k0rdent://events/team-a?types=WARNING");
  for (TestSubscriber* each : {&a, &b, &c})
    each->feed = family->subscribe(*each);
  EXPECT_EQ(manager.active(), 2u);
  for (TestSubscriber* each : {&a, &b, &c})
    each->feed.reset();
  settle();
}

TEST_F(EventSelection, ABadSelectorIsInvalidParamsBeforeAnyRequest) {
  for (const char* query :
       {"fieldSelector=nothing", "fieldSelector=spec.x%3D1", "labelSelector=a%20b", "limit=1"}) {
    EXPECT_EQ(subscribed(query).refusal.code, mcp::RpcCode::invalid_params) << query;
    EXPECT_EQ(read(*family, std::string("k0rdent://events/team-a?") + query).code, -32602);
  }
  const test::TestReply reply = call(*tool, R"({"namespace":"team-a","fieldSelector":"spec.x=1"})");
  EXPECT_TRUE(reply.text.starts_with("error: ")) << reply.text;
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(EventSelection, ReadAndToolTakeThemToo) {
  emit("a", "Warning", "Pod");
  emit("b", "Normal", "Node");
  const std::string by_uri = read(*family, "k0rdent://events/team-a?forKind=node").text;
  EXPECT_NE(by_uri.find(R"("name":"b")"), std::string::npos) << by_uri;
  EXPECT_EQ(by_uri.find(R"("name":"a")"), std::string::npos) << by_uri;
  const std::string by_tool =
      call(*tool, R"({"namespace":"team-a","fieldSelector":"involvedObject.kind=Pod"})").text;
  EXPECT_NE(by_tool.find(R"("name":"a")"), std::string::npos) << by_tool;
  EXPECT_EQ(by_tool.find(R"("name":"b")"), std::string::npos) << by_tool;
  EXPECT_TRUE(asked("list", "fieldSelector=regarding.kind%3DPod"));
}

// Bug: names as kubectl takes them, and types that no event has, gave nothing without a word.
TEST_F(EventSelection, KindsAreFoundByTheirNamesAndWhatIsNoneIsRefused) {
  emit("a", "Warning", "Pod");
  emit("b", "Normal", "Node");
  const std::string pods = read(*family, "k0rdent://events/team-a?forKind=pods").text;
  EXPECT_NE(pods.find(R"("name":"a")"), std::string::npos) << pods;
  EXPECT_EQ(pods.find(R"("name":"b")"), std::string::npos) << pods;
  TestSubscriber& is = subscribed("forKind=pods");
  emit("c", "Normal", "Node");
  emit("d", "Normal", "Pod");
  ASSERT_TRUE(run_until([&] { return is.deltas.size() == 2; }));
  EXPECT_EQ(is.told(), (Told{"ADDED a m", "ADDED d m"}));
  for (const char* query : {"forKind=pdos", "types=Bad", "types=Warning,Bad"}) {
    EXPECT_EQ(subscribed(query).refusal.code, mcp::RpcCode::invalid_params) << query;
    EXPECT_EQ(read(*family, std::string("k0rdent://events/team-a?") + query).code, -32602) << query;
  }
  EXPECT_NE(subscribed("forKind=pdos").refusal.message.find("pods"), std::string::npos);
}

TEST_F(EventSelection, AnEventThatStopsFittingIsDeleted) {
  emit("a", "Warning");
  TestSubscriber& is = subscribed("types=Warning");
  emit("a", "Normal");
  ASSERT_TRUE(run_until([&] { return is.deltas.size() == 2; }));
  EXPECT_TRUE(is.told()[1].starts_with("DELETED a")) << is.told()[1];
}

}  // namespace
