// The door to the cluster: each operation refuses or leaves out what the namespace filter hides,
// finds the version that is served, and sends the caller's identity.
#include <gtest/gtest.h>

#include "cluster/get.h"
#include "cluster/list.h"
#include "cluster/log.h"
#include "cluster/watch.h"
#include "support/tools_world.h"
#include "tools/register.h"

namespace {

using base::json::Value;
using Names = std::vector<std::string>;

constexpr cluster::ListedKind kCredential{"credentials", "k0rdent.mirantis.com",
                                          "v1beta1,v1alpha1"};

std::string name_of(Value object) {
  const Value metadata = object["metadata"];
  const std::string ns(metadata["namespace"].str());
  return (ns.empty() ? "" : ns + "/") + std::string(metadata["name"].str());
}

struct Listed final : cluster::ListHandler {
  void on_object(Value object) override { names.push_back(name_of(object)); }
  void on_restart() override { names.clear(); }
  void on_done(const kube::Failure* failure) override {
    ++ends;
    if (failure) error = failure->message;
  }
  Names names;
  std::string error;
  int ends = 0;
};

struct Got {
  void on_object(const kube::Failure* failure, Value object) {
    ++ends;
    if (failure) {
      code = failure->code;
      error = failure->message;
    } else {
      json = object.to_json();
    }
  }
  std::string json, error;
  std::optional<base::Errc> code;
  int ends = 0;
};

struct Watched final : kube::watch::Store, kube::watch::Health {
  using Kept = kube::watch::ItemOf<std::string>;
  std::unique_ptr<kube::watch::Item> read(Value object) override {
    return std::make_unique<Kept>(name_of(object));
  }
  std::size_t bytes(const kube::watch::Item& item) const override { return Kept::in(item).size(); }
  void put(kube::watch::Change, const std::string&,
           std::unique_ptr<kube::watch::Item>& item) override {
    told.push_back("+" + Kept::in(*item));
  }
  void remove(const std::string&, std::unique_ptr<kube::watch::Item> last) override {
    told.push_back("-" + Kept::in(*last));
  }
  void on_ready() override { synced = true; }
  void on_denied(const kube::Failure& failure) override { told.push_back(failure.message); }
  void on_down(const kube::Failure& failure, base::Duration) override {
    told.push_back(failure.message);
  }
  void on_up() override {}
  Names told;
  bool synced = false;
  kube::watch::Collection collection{*this};
};

struct Door : test::ToolsWorld {
  Door() {
    for (const char* name : {"team-b", "hidden"})
      cluster.add_namespace(name);
    for (const char* ns : {"team-a", "team-b", "hidden"})
      cluster.set_pod({.ns = ns, .name = "web"});
    settle();
    api.forget_seen();
  }
  void serve(const std::string& version) {
    api.store().define({.group = "k0rdent.mirantis.com",
                        .version = version,
                        .plural = "credentials",
                        .kind = "Credential",
                        .namespaced = true,
                        .custom = true});
    api.store().put(api.store().find("k0rdent.mirantis.com", version, "credentials"),
                    R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{"region":"r"}})");
  }
  void hide() { filter = *cluster::NamespaceFilter::parse("team-.*"); }

  Listed list(cluster::ListQuery query, const mcp::Caller& caller = self()) {
    Listed out;
    cluster::List call(*context, out);
    const auto ok = call.start(caller, std::move(query));
    if (!ok) {
      out.error = "refused: " + std::string(ok.error().what());
    } else {
      EXPECT_EQ(out.ends, 0) << "never inside";
      EXPECT_TRUE(run_until([&] { return out.ends > 0; }));
    }
    hidden = call.hidden();
    return out;
  }
  Got get(cluster::GetQuery query, const mcp::Caller& caller = self()) {
    Got out;
    cluster::Get call(*context, cluster::Get::Fn::bind<&Got::on_object>(&out));
    const auto ok = call.start(caller, std::move(query));
    if (!ok) {
      out.code = ok.error().code();
      out.error = "refused: " + std::string(ok.error().what());
    } else {
      EXPECT_EQ(out.ends, 0) << "never inside";
      EXPECT_TRUE(run_until([&] { return out.ends > 0; }));
    }
    return out;
  }
  std::size_t hidden = 0;
};

TEST_F(Door, AListLeavesOutWhatTheFilterHidesAndCountsIt) {
  hide();
  EXPECT_EQ(list({kube::kPods, ""}).names, (Names{"team-a/web", "team-b/web"}));
  EXPECT_EQ(hidden, 1u);
  const Names namespaces = list({kube::kNamespaces, ""}).names;
  EXPECT_EQ(namespaces, (Names{"team-a", "team-b"}));
  EXPECT_GT(hidden, 1u) << "hidden, default, kube-system …";
}

TEST_F(Door, NoOperationAsksForAHiddenNamespace) {
  hide();
  EXPECT_TRUE(list({kube::kPods, "hidden"}).error.starts_with("refused: namespace 'hidden'"));
  EXPECT_EQ(get({kube::kPods, "hidden", "web"}).code, base::Errc::forbidden);
  EXPECT_EQ(get({kube::kNamespaces, "", "hidden"}).code, base::Errc::forbidden);

  Watched handler;
  kube::watch::RetryTable::Use retry = retries.use("door");
  cluster::WatchSpec pods;
  pods.resource = kube::kPods;
  pods.ns = "hidden";
  EXPECT_FALSE(cluster::watch(*context, {scope, *retry, handler.collection, handler}, pods));

  struct Log final : cluster::LogCallHandler, kube::watch::Health, cluster::LogSink {
    void on_log(std::string_view) override {}
    void on_log_end(const kube::Failure*) override {}
    void on_ready() override {}
    void on_denied(const kube::Failure&) override {}
    void on_line(const cluster::LogLine&) override {}
    void on_marker(std::string_view, std::string_view) override {}
    void on_down(const kube::Failure&, base::Duration) override {}
    void on_up() override {}
    void on_end(const cluster::LogEnd&) override {}
  } log;
  cluster::LogSpec spec;
  spec.ns = "hidden";
  spec.pod = "web";
  spec.container = "app";
  cluster::LogCall call(*context, log);
  EXPECT_FALSE(call.start(spec));
  EXPECT_FALSE(cluster::follow_log(*context, {scope, *retry, log, log}, spec));
  settle();
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(Door, ASubscriptionToAHiddenNamespaceIsRefusedBeforeAnyRequest) {
  hide();
  tools::Managers managers{managed()};
  mcp::Registry registry;
  tools::register_all(registry, *context, managers, catalog);
  managers.for_each([](fanout::Manager& manager) { manager.start(); });
  for (const char* uri : {"k0rdent://events/hidden", "k0rdent://podlogs/hidden/web/app",
                          "k0rdent://podlogs/hidden/web", "k0rdent://graph?namespace=hidden"}) {
    test::TestSubscriber subscriber(uri);
    mcp::ResourceFamily* family = registry.find_family(uri);
    ASSERT_TRUE(family) << uri;
    EXPECT_EQ(family->subscribe(subscriber), nullptr) << uri;
    EXPECT_EQ(subscriber.accepts, 0);
    EXPECT_TRUE(subscriber.refusal.message.starts_with("namespace 'hidden' is not allowed"))
        << uri << ": " << subscriber.refusal.message;
    EXPECT_EQ(read(*family, uri).code, -32603) << uri;
  }
  EXPECT_TRUE(api.seen().empty());
  managers.for_each([](fanout::Manager& manager) { manager.stop(); });
  loop.run_once();
}

TEST_F(Door, AWatchNeverShowsAHiddenNamespacesObject) {
  hide();
  Watched handler;
  kube::watch::RetryTable::Use retry = retries.use("door");
  cluster::WatchSpec pods;
  pods.resource = kube::kPods;
  auto watch = cluster::watch(*context, {scope, *retry, handler.collection, handler}, pods);
  ASSERT_TRUE(watch);
  (*watch)->start();
  ASSERT_TRUE(run_until([&] { return handler.synced; }));
  std::sort(handler.told.begin(), handler.told.end());
  EXPECT_EQ(handler.told, (Names{"+team-a/web", "+team-b/web"}));
  handler.told.clear();
  cluster.set_pod({.ns = "hidden", .name = "new"});
  cluster.set_pod({.ns = "team-b", .name = "new"});
  ASSERT_TRUE(run_until([&] { return !handler.told.empty(); }));
  EXPECT_EQ(handler.told, Names{"+team-b/new"});
  EXPECT_EQ(handler.collection.entries().count("hidden/web"), 0u) << "not even kept";
}

TEST_F(Door, AGetReturnsTheObjectInTheVersionThatIsServed) {
  serve("v1alpha1");
  const Got got = get({kCredential, "team-a", "aws"});
  EXPECT_NE(got.json.find(R"("region":"r")"), std::string::npos) << got.json << got.error;
  EXPECT_EQ(api.count("get", "/v1alpha1/namespaces/team-a/credentials/aws"), 1);
  EXPECT_EQ(list({kCredential, "team-a"}).names, Names{"team-a/aws"});
}

TEST_F(Door, AnExactResourceAsksForNothingElse) {
  serve("v1beta1");
  const kube::Resource exact{"k0rdent.mirantis.com", "v1beta1", "credentials", true};
  EXPECT_FALSE(get({exact, "team-a", "aws"}).json.empty());
  EXPECT_EQ(list({exact, ""}).names, Names{"team-a/aws"});
  EXPECT_EQ(api.seen().size(), 2u);
}

TEST_F(Door, AKindThatIsNotServedIsSaidToBe) {
  const std::string words =
      "this cluster does not serve credentials.k0rdent.mirantis.com (no such CRD is installed)";
  const Got got = get({kCredential, "team-a", "aws"});
  EXPECT_EQ(got.error, words);
  EXPECT_EQ(got.code, base::Errc::not_found);
  EXPECT_EQ(list({kCredential, ""}).error, words);
}

// A CRD that was installed after its group was asked for was said not to be there, up to ten minutes
// long.
TEST_F(Door, AKindThatWasInstalledMeanwhileIsFound) {
  serve("v1beta1");
  EXPECT_EQ(list({kCredential, ""}).names, Names{"team-a/aws"});
  const cluster::ListedKind gadgets{"gadgets", "k0rdent.mirantis.com", "v1beta1"};
  const auto asked = [&] {
    const std::string path = "/apis/k0rdent.mirantis.com/v1beta1";
    return api.count("", path) - api.count("list", path);
  };
  EXPECT_EQ(list({gadgets, ""}).error.substr(0, 33), "this cluster does not serve gadge");
  EXPECT_EQ(list({gadgets, ""}).error.substr(0, 33), "this cluster does not serve gadge");
  EXPECT_EQ(asked(), 2) << "one that is still not there is not asked for each time";
  pass(base::seconds(31));
  api.store().define({.group = "k0rdent.mirantis.com",
                      .version = "v1beta1",
                      .plural = "gadgets",
                      .kind = "Gadget",
                      .namespaced = true,
                      .custom = true});
  EXPECT_EQ(list({gadgets, ""}).error, "");
  EXPECT_EQ(asked(), 3);
  // Callers that make up names.
  for (int i = 0; i < 100; ++i) {
    const std::string name = "made-up-" + std::to_string(i);
    EXPECT_FALSE(
        list({cluster::ListedKind{name, "k0rdent.mirantis.com", "v1beta1"}, ""}).error.empty());
  }
  EXPECT_EQ(asked(), 3 + static_cast<int>(kube::kDiscoveryAfresh) - 1);
}

TEST_F(Door, AGetsFailureIsTheApiServersOwn) {
  EXPECT_EQ(get({kube::kPods, "team-a", "none"}).error, "pods \"none\" not found");
  deny("get", "pods");
  const Got denied = get({kube::kPods, "team-a", "web"});
  EXPECT_EQ(denied.code, base::Errc::forbidden);
  EXPECT_NE(denied.error.find("cannot get resource \"pods\""), std::string::npos) << denied.error;
}

TEST_F(Door, AnAnswerThatIsNoObjectIsAFailure) {
  for (const char* body : {"[1]", R"({"kind":"Status","status":"Success","metadata":{}})",
                           R"({"kind":"PodList","metadata":{},"items":[]})",
                           R"({"kind":"Pod","metadata":{"name":"another"}})"}) {
    sim::AnswerFault fault;
    fault.match = {"get", "/pods/web", {}, 0, 1};
    fault.answer = sim::Answer{.body = body, .type = "application/json"};
    api.faults().add(std::move(fault));
    const Got got = get({kube::kPods, "team-a", "web"});
    EXPECT_EQ(got.code, base::Errc::protocol) << body;
    EXPECT_TRUE(got.error.starts_with("the answer is not the object")) << got.error;
  }
}

TEST_F(Door, ANameThatNoObjectCanHaveIsRefusedAtOnce) {
  for (const char* name : {"", "..", "a/b", "%2e"})
    EXPECT_EQ(get({kube::kPods, "team-a", name}).code, base::Errc::invalid_argument) << name;
  EXPECT_EQ(get({kube::kPods, "", "web"}).error, "refused: pods are in a namespace: give it");
  EXPECT_EQ(get({kube::kNamespaces, "team-a", "x"}).error,
            "refused: namespaces are not in a namespace");
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(Door, TheCallersOwnTokenIsSent) {
  const Got got = get({kube::kPods, "team-a", "web"}, {"stranger", "no-such-token"});
  EXPECT_EQ(got.code, base::Errc::unauthorized) << got.error;
  EXPECT_FALSE(list({kube::kPods, ""}, {"stranger", "no-such-token"}).error.empty());
}

TEST_F(Door, MetadataAloneCanBeAskedFor) {
  cluster::GetQuery query{kube::kPods, "team-a", "web", cluster::Form::metadata};
  const Got got = get(query);
  EXPECT_NE(got.json.find("PartialObjectMetadata"), std::string::npos) << got.json;
  EXPECT_EQ(got.json.find("\"spec\""), std::string::npos);
}

}  // namespace
