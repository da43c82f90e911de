// Subscriptions to the progress of one cluster: the present update, each change once, one last word.
#include "monitor/manager.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "monitor/resource.h"
#include "support/tools_world.h"

namespace {

using base::seconds;
using test::TestReply;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

constexpr const char* kUri = "k0rdent://cluster-monitor/kcm-system/aws-dev";

struct MonitorTest : ToolsWorld {
  MonitorTest() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    manager.start();
    family = monitor::make_monitor_resource(*context, manager);
  }
  ~MonitorTest() override {
    subscribers.clear();
    manager.stop();
    loop.run_once();
  }
  TestSubscriber& subscribe(const std::string& uri = kUri, mcp::Caller caller = self()) {
    subscribers.push_back(std::make_unique<TestSubscriber>(uri, std::move(caller)));
    TestSubscriber& one = *subscribers.back();
    one.feed = family->subscribe(one);
    EXPECT_TRUE(run_until([&] { return one.answered(); })) << uri;
    settle();
    return one;
  }
  void put(const std::string& group, const std::string& version, const std::string& plural,
           const std::string& json) {
    api.store().put(api.store().find(group, version, plural), json);
    settle();
  }
  // aws-dev as KCM sees it, with the Cluster's conditions.
  void cluster_is(const std::string& conditions, const std::string& version = "v1beta2") {
    put("cluster.x-k8s.io", version, "clusters",
        R"({"kind":"Cluster","metadata":{"name":"aws-dev","namespace":"kcm-system","labels":{)"
        R"("helm.toolkit.fluxcd.io/name":"aws-dev"}},"status":{"conditions":[)" +
            conditions + "]}}");
  }
  void ready() {
    put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
        R"({"kind":"ClusterDeployment","metadata":{"name":"aws-dev","namespace":"kcm-system"},)"
        R"("spec":{"template":"aws-standalone-cp-1-0-43"},"status":{"conditions":[{)"
        R"("type":"HelmReleaseReady","status":"True"},{"type":"Ready","status":"True",)"
        R"("reason":"Succeeded"}]}})");
  }
  // aws-dev up, with its Cluster, and what its spec and status say of its services.
  void ready_with_service(const std::string& spec, const std::string& status) {
    cluster_is(is("InfrastructureReady", "True") + "," + is("ControlPlaneInitialized", "True"));
    put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
        R"({"kind":"ClusterDeployment","metadata":{"name":"aws-dev","namespace":"kcm-system"},)"
        R"("spec":{"template":"aws-standalone-cp-1-0-43","serviceSpec":{)" +
            spec + R"(}},"status":{"services":[)" + status + R"(],"conditions":[)" +
            is("HelmReleaseReady", "True") + "," + is("Ready", "True", "Succeeded") + "]}}");
  }
  static std::string line(const std::string& delta) {
    base::json::Document doc;
    const auto root = doc.parse(delta);
    if (!root) return "no JSON: " + delta;
    if (const auto action = (*root)["action"].str(); !action.empty()) return std::string(action);
    std::string out((*root)["phase"].str());
    out.append(" ").append(std::to_string((*root)["progress"].int_or(-1)));
    out.append(" ").append((*root)["reason"].str());
    if ((*root)["terminal"].bool_or(false)) out += " terminal";
    return out;
  }
  static Told told(const TestSubscriber& one) {
    Told out;
    for (const std::string& delta : one.deltas)
      out.push_back(line(delta));
    return out;
  }
  static std::string is(const char* type, const char* status, const char* reason = "x") {
    return std::string(R"({"type":")") + type + R"(","status":")" + status + R"(","reason":")" +
           reason + "\"}";
  }

  static std::string good() {
    return is("InfrastructureReady", "True") + "," + is("ControlPlaneInitialized", "True");
  }
  // From now on: objects are answered with the API server's bare page, discovery with a Status.
  void not_served(const std::string& path) {
    for (const char* verb : {"list", "watch"}) {
      sim::AnswerFault fault;
      fault.match = {.verb = verb, .path = path, .count = -1};
      fault.answer = sim::Answer{404, "404 page not found\n", "text/plain"};
      api.faults().add(std::move(fault));
    }
    answer("", path, {.code = 404, .reason = "NotFound"}, -1);
    api.end_streams(path);
  }

  monitor::Manager manager{managed()};
  std::unique_ptr<mcp::ResourceFamily> family;
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

TEST_F(MonitorTest, ThePresentUpdateThenEachChangeThenTheEnd) {
  cluster_is(is("InfrastructureReady", "False", "NotReady"));
  TestSubscriber& one = subscribe();
  EXPECT_EQ(one.accepts, 1);
  EXPECT_EQ(told(one), Told{"Provisioning 25 NotReady"});
  cluster_is(is("InfrastructureReady", "True") + "," +
             is("ControlPlaneInitialized", "False", "NotInitialized"));
  // The same again is no update, however often it is written.
  cluster_is(is("InfrastructureReady", "True") + "," +
             is("ControlPlaneInitialized", "False", "NotInitialized"));
  cluster_is(is("InfrastructureReady", "True") + "," + is("ControlPlaneInitialized", "True"));
  EXPECT_EQ(one.ends, 0);
  ready();
  EXPECT_EQ(one.ends, 1);
  const Told all = told(one);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1], "Bootstrapping 50 NotInitialized");
  EXPECT_EQ(all[2].substr(0, 10), "Installing") << all[2];
  EXPECT_EQ(all[3], "Ready 100 Succeeded terminal");
}

// KCM's Ready is True while machines are replaced: the subscription must not end.
TEST_F(MonitorTest, AClusterWhoseMachinesAreReplacedIsFollowed) {
  ready();
  const std::string good =
      is("InfrastructureReady", "True") + "," + is("ControlPlaneInitialized", "True");
  cluster_is(good + "," + is("RollingOut", "True", "RollingOut"));
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Scaling 85 RollingOut"});
  EXPECT_EQ(one.ends, 0);
  cluster_is(good + "," + is("RollingOut", "False"));
  EXPECT_EQ(told(one).back(), "Ready 100 Succeeded terminal");
  EXPECT_EQ(one.ends, 1);
}

TEST_F(MonitorTest, APausedServiceSetIsTold) {
  cluster_is(is("InfrastructureReady", "True") + "," + is("ControlPlaneInitialized", "True"));
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"kind":"ClusterDeployment","metadata":{"name":"aws-dev","namespace":"kcm-system"},)"
      R"("spec":{"serviceSpec":{"services":[{"name":"a","template":"a-1"}]}},"status":{)"
      R"("conditions":[{"type":"HelmReleaseReady","status":"True"},{"type":"Ready",)"
      R"("status":"True","reason":"Succeeded"}]}})");
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Installing 90 ServicesNotReady"});
  const auto set = [&](const char* annotations, const char* suspended) {
    put("k0rdent.mirantis.com", "v1beta1", "servicesets",
        std::string(R"({"kind":"ServiceSet","metadata":{"name":"aws-dev","namespace":"kcm-system",)"
                    R"("annotations":{)") +
            annotations +
            R"(}},"spec":{"cluster":"aws-dev","provider":{"name":"ksm"},"services":[)"
            R"({"name":"a","values":"large: true"}]},"status":{"provider":{)"
            R"("ready":true,"suspended":)" +
            suspended + "}}}");
  };
  set(R"("k0rdent.mirantis.com/service-set-paused":"true")", "false");
  EXPECT_EQ(told(one).back(), "Installing 90 Paused");
  set("", "true");
  EXPECT_EQ(told(one).back(), "Installing 90 Suspended");
  EXPECT_NE(one.deltas.back().find("StateManagementProvider ksm of ServiceSet aws-dev"),
            std::string::npos);
  set("", "false");
  EXPECT_EQ(told(one).back(), "Installing 90 ServicesNotReady");
}

// The subscription said Ready and ended, while a read of the same URI said Paused: only the ServiceSet
// with the cluster's own name was watched. That of a MultiClusterService has another.
TEST_F(MonitorTest, APausedServiceSetOfAMultiClusterServiceIsTold) {
  ready_with_service(R"("services":[])", R"({"name":"a","template":"a-1","state":"Deployed"})");
  const auto set = [&](const char* name, const char* cluster) {
    put("k0rdent.mirantis.com", "v1beta1", "servicesets",
        std::string(R"({"kind":"ServiceSet","metadata":{"name":")") + name +
            R"(","namespace":"kcm-system","annotations":{)"
            R"("k0rdent.mirantis.com/service-set-paused":"true"}},"spec":{"cluster":")" +
            cluster + R"(","multiClusterService":"m","provider":{"name":"ksm-projectsveltos"}}})");
  };
  set("aws-prod-1aca2ae7", "aws-prod");
  set("aws-dev-1aca2ae7", "aws-dev");
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Ready 100 Paused"});
  EXPECT_NE(one.deltas.back().find("ServiceSet aws-dev-1aca2ae7"), std::string::npos);
  EXPECT_EQ(line(read(*family, kUri).text), "Ready 100 Paused");
  EXPECT_EQ(one.ends, 0);
  api.store().remove(api.store().find("k0rdent.mirantis.com", "v1beta1", "servicesets"),
                     "kcm-system/aws-dev-1aca2ae7");
  settle();
  EXPECT_EQ(told(one).back(), "Ready 100 Succeeded terminal");
}

// A suspension that no ServiceSet reports yet.
TEST_F(MonitorTest, ASuspendedStateManagementProviderIsTold) {
  const auto provider = [&](const char* name, const char* suspend) {
    put("k0rdent.mirantis.com", "v1beta1", "statemanagementproviders",
        std::string(R"({"kind":"StateManagementProvider","metadata":{"name":")") + name +
            R"("},"spec":{"suspend":)" + suspend + "}}");
  };
  provider("another", "true");
  provider("own", "false");
  ready_with_service(R"("provider":{"name":"own"},"services":[{"name":"a","template":"a-1"}])",
                     R"({"name":"a","template":"a-1","state":"Pending"})");
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Installing 90 ServicesNotReady"});
  provider("own", "true");
  EXPECT_EQ(told(one).back(), "Installing 90 Suspended");
  EXPECT_NE(one.deltas.back().find("StateManagementProvider own"), std::string::npos);
}

// A cluster that is done has one update, and its subscription is over at once.
TEST_F(MonitorTest, OfACompleteClusterTheUpdateIsTheLastWord) {
  const TestSubscriber& one = subscribe("k0rdent://cluster-monitor/kcm-system/aws-prod");
  EXPECT_EQ(told(one), Told{"Ready 100 Succeeded terminal"});
  EXPECT_EQ(one.ends, 1);
  // Another subscription is another watch, not a silent nothing (B9).
  const TestSubscriber& two = subscribe("k0rdent://cluster-monitor/kcm-system/aws-prod");
  EXPECT_EQ(told(two), Told{"Ready 100 Succeeded terminal"});
}

TEST_F(MonitorTest, SubscribersShareAWatchAndLeaveAlone) {
  cluster_is(is("InfrastructureReady", "False", "NotReady"));
  TestSubscriber& one = subscribe();
  TestSubscriber& two = subscribe("k0rdent://Cluster-Monitor/kcm-system/aws-dev?timeout=60");
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(told(two), Told{"Provisioning 25 NotReady"});
  one.feed.reset();
  settle();
  cluster_is(is("InfrastructureReady", "True") + "," +
             is("ControlPlaneInitialized", "False", "NotInitialized"));
  EXPECT_EQ(told(two).back(), "Bootstrapping 50 NotInitialized");
  EXPECT_EQ(told(one).size(), 1u);
}

TEST_F(MonitorTest, ADeletionIsTheEnd) {
  cluster_is(is("InfrastructureReady", "False", "NotReady"));
  const TestSubscriber& one = subscribe();
  api.store().remove(api.store().find("k0rdent.mirantis.com", "v1beta1", "clusterdeployments"),
                     "kcm-system/aws-dev");
  settle();
  EXPECT_EQ(told(one).back(), "Provisioning -1 Deleted terminal");
  EXPECT_EQ(one.ends, 1);
}

// Bug: it was told with the next change at the API server, which may be none.
TEST_F(MonitorTest, WhatComesToWaitTooLongIsToldByItself) {
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"kind":"ClusterDeployment","metadata":{"name":"aws-dev","namespace":"kcm-system",)"
      R"("deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"conditions":[)" +
          is("Deleting", "True", "Deleting") + "]}}");
  const TestSubscriber& one = subscribe();
  const auto severity = [&] {
    base::json::Document doc;
    const auto root = doc.parse(one.deltas.back());
    return root ? std::string((*root)["severity"].str()) : one.deltas.back();
  };
  EXPECT_EQ(severity(), "info");
  pass(base::minutes(29));
  EXPECT_EQ(one.deltas.size(), 1u) << "nothing has changed";
  pass(base::minutes(3));
  EXPECT_EQ(one.deltas.size(), 2u);
  EXPECT_EQ(severity(), "warning");
  pass(base::minutes(5));
  EXPECT_EQ(one.deltas.size(), 2u);
}

TEST_F(MonitorTest, WhatIsNotThereIsRefused) {
  const TestSubscriber& one = subscribe("k0rdent://cluster-monitor/kcm-system/nothing");
  EXPECT_EQ(one.refusals, 1);
  EXPECT_EQ(static_cast<int>(one.refusal.code), -32002);
  // A read named the nearest, a subscription did not.
  EXPECT_EQ(one.refusal.message,
            "there is no ClusterDeployment kcm-system/nothing; the nearest that are there: "
            "aws-dev, aws-prod, adopted-edge");
}

TEST_F(MonitorTest, TheFilterAndRbacRefuse) {
  deny("list", "clusterdeployments");
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(one.refusals, 1);
  EXPECT_NE(one.refusal.message.find("forbidden"), std::string::npos) << one.refusal.message;
  allow_all();
  filter = *cluster::NamespaceFilter::parse("team-.*");
  const TestSubscriber& two = subscribe();
  EXPECT_EQ(two.refusals, 1);
  EXPECT_NE(two.refusal.message.find("not allowed"), std::string::npos);
  EXPECT_NE(read(*family, kUri).text.find("not allowed"), std::string::npos) << "a read, too (B8)";
}

// Whoever may not list Clusters learns from KCM's own summary.
TEST_F(MonitorTest, APartThatMayNotBeSeenMakesItKnowLess) {
  deny("list", "clusters", "cluster.x-k8s.io");
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(one.accepts, 1);
  EXPECT_EQ(told(one).size(), 1u);
  EXPECT_EQ(told(one)[0].substr(0, 13), "Bootstrapping") << told(one)[0];
}

// A part that does not answer delays the first update by a few seconds, not for ever.
TEST_F(MonitorTest, ASilentPartIsNotWaitedFor) {
  sim::AnswerFault fault;
  fault.match = {.path = "/helmreleases", .count = -1};
  fault.never = true;
  api.faults().add(std::move(fault));
  const base::TimePoint begun = loop.now();
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(one.accepts, 1);
  EXPECT_EQ(told(one).size(), 1u);
  EXPECT_LT(loop.now() - begun, monitor::kPartsPatience + seconds(1));
}

TEST_F(MonitorTest, APartWhoseDiscoveryFailedIsAskedAgain) {
  answer("", "/apis/cluster.x-k8s.io/v1beta2", {.code = 500, .reason = "InternalError"}, 2);
  cluster_is(is("InfrastructureReady", "False", "NotReady"));
  const TestSubscriber& one = subscribe();
  ASSERT_EQ(told(one).size(), 1u);
  EXPECT_NE(told(one)[0], "Provisioning 25 NotReady");
  pass(base::minutes(3));
  EXPECT_EQ(told(one).back(), "Provisioning 25 NotReady");
}

// Bug: a cluster that rolled out was Ready, and its subscription over, as soon as one request about its
// Cluster failed.
TEST_F(MonitorTest, WhatCouldNotBeReadEndsNothing) {
  ready();
  cluster_is(is("InfrastructureReady", "True") + "," + is("ControlPlaneInitialized", "True") + "," +
             is("RollingOut", "True", "RollingOut"));
  answer("", "/apis/cluster.x-k8s.io/v1beta2", {.code = 503, .reason = "ServiceUnavailable"}, 2);
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Ready 100 Succeeded"});
  EXPECT_NE(one.deltas[0].find("could not be read just now: Cluster\""), std::string::npos)
      << one.deltas[0];
  pass(base::minutes(3));
  EXPECT_EQ(told(one).back(), "Scaling 85 RollingOut");
  // A refusal that is no verdict leaves it as it was last seen.
  for (const int code : {401, 404, 400}) {
    answer("watch", "/clusters", {.code = code, .reason = "x"});
    answer("list", "/clusters", {.code = code, .reason = "x"});
    api.end_streams("/clusters");
    pass(seconds(20));
    EXPECT_EQ(told(one).back(), "Scaling 85 RollingOut") << code;
  }
  EXPECT_EQ(one.ends, 0);
}

// Bug: a kind that came back in another version was as last seen, and doubtful, for ever; and the bare
// page with which the API server answers for a definition that went did not make it look what is served.
TEST_F(MonitorTest, AKindInAnotherVersionIsReadInThatOne) {
  ready();
  cluster_is(good() + "," + is("RollingOut", "True", "RollingOut"));
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Scaling 85 RollingOut"});
  not_served("/apis/cluster.x-k8s.io/v1beta2");
  api.store().define({"cluster.x-k8s.io", "v1beta1", "clusters", "Cluster", true, true});
  cluster_is(good() + "," + is("RollingOut", "True", "RollingOut"), "v1beta1");
  pass(base::minutes(3));
  EXPECT_EQ(told(one).back(), "Scaling 85 RollingOut");
  EXPECT_EQ(one.ends, 0);
  cluster_is(good() + "," + is("RollingOut", "False"), "v1beta1");
  EXPECT_EQ(told(one).back(), "Ready 100 Succeeded terminal");
  EXPECT_EQ(one.ends, 1);
}

TEST_F(MonitorTest, AKindIsGoneWhenDiscoverySaysSoTwice) {
  ready();
  cluster_is(good() + "," + is("RollingOut", "True", "RollingOut"));
  const TestSubscriber& one = subscribe();
  EXPECT_EQ(told(one), Told{"Scaling 85 RollingOut"});
  // One of several API servers did not know it yet.
  not_served("/apis/cluster.x-k8s.io/");
  pass(monitor::kGoneAfter + monitor::kGoneAfter / 2);
  api.faults().clear();
  pass(base::minutes(3));
  EXPECT_EQ(told(one).back(), "Scaling 85 RollingOut");
  EXPECT_EQ(one.ends, 0);
  not_served("/apis/cluster.x-k8s.io/");
  pass(base::minutes(3));
  EXPECT_EQ(told(one).back(), "Ready 100 Succeeded terminal");
}

TEST_F(MonitorTest, ASlowSubscriberGetsThePresentNotThePast) {
  cluster_is(is("InfrastructureReady", "False", "NotReady"));
  subscribers.push_back(std::make_unique<TestSubscriber>(kUri));
  TestSubscriber& one = *subscribers.back();
  one.room = 0;
  one.feed = family->subscribe(one);
  ASSERT_TRUE(run_until([&] { return one.answered(); }));
  cluster_is(is("InfrastructureReady", "True") + "," +
             is("ControlPlaneInitialized", "False", "NotInitialized"));
  one.make_room(10);
  settle();
  EXPECT_EQ(told(one), Told{"Bootstrapping 50 NotInitialized"});
}

TEST_F(MonitorTest, AReadIsThePresentUpdate) {
  const TestReply reply = read(*family, "k0rdent://cluster-monitor/team-a/azure-lost");
  EXPECT_EQ(reply.mime_type, "application/json");
  EXPECT_EQ(line(reply.text), "Failed 0 Failed");
  const TestReply none = read(*family, "k0rdent://cluster-monitor/team-a/azure-lst");
  EXPECT_EQ(none.code, -32002);
  EXPECT_NE(none.text.find("azure-lost"), std::string::npos) << none.text;
}

TEST_F(MonitorTest, UrisAreRefusedByWhatIsWrongInThem) {
  for (const char* uri :
       {"k0rdent://cluster-monitor/kcm-system", "k0rdent://cluster-monitor/kcm-system/a/b",
        "k0rdent://cluster-monitor/A_b/x", "k0rdent://cluster-monitor/a/x?timeout=0",
        "k0rdent://cluster-monitor/a/x?timeout=soon", "k0rdent://cluster-monitor/a/x?other=1"}) {
    EXPECT_EQ(read(*family, uri).code, -32602) << uri;
    EXPECT_EQ(subscribe(uri).refusals, 1) << uri;
  }
}

TEST_F(MonitorTest, AnApiServerThatIsAwayIsToldAndRecovers) {
  cluster_is(is("InfrastructureReady", "False", "NotReady"));
  const TestSubscriber& one = subscribe();
  api.stop();
  pass(seconds(20));
  EXPECT_EQ(told(one).back(), "STALE");
  cluster_is(is("InfrastructureReady", "True") + "," +
             is("ControlPlaneInitialized", "False", "NotInitialized"));
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  pass(base::minutes(3));
  const Told all = told(one);
  EXPECT_NE(std::find(all.begin(), all.end(), "FRESH"), all.end());
  EXPECT_EQ(std::count(all.begin(), all.end(), "Bootstrapping 50 NotInitialized"), 1);
  EXPECT_EQ(one.ends, 0);
}

// The others that share the watch go on.
TEST_F(MonitorTest, ATimeoutEndsItsOwnSubscriptionWithALastUpdate) {
  TestSubscriber& timed = subscribe(std::string(kUri) + "?timeout=60");
  TestSubscriber& other = subscribe();
  EXPECT_EQ(manager.active(), 1u);
  pass(seconds(58));
  EXPECT_EQ(timed.ends, 0);
  pass(seconds(4));
  EXPECT_EQ(timed.ends, 1);
  EXPECT_TRUE(told(timed).back().ends_with("Timeout terminal")) << told(timed).back();
  EXPECT_NE(timed.deltas.back().find("its timeout of 1m is over"), std::string::npos)
      << timed.deltas.back();
  EXPECT_EQ(other.ends, 0);
  ready();
  EXPECT_EQ(told(timed).size(), 2u);
}

}  // namespace
