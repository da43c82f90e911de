// What the simulated API server makes of writes. test/e2e/sim_writes.test.mjs asks the real one the
// same.
#include "support/sim_world.h"

namespace {

using base::seconds;
using base::json::Value;
using test::SimWorld;

constexpr const char* kApply = "application/apply-patch+yaml";
constexpr const char* kMerge = "application/merge-patch+json";
constexpr const char* kMap = "/api/v1/namespaces/team-a/configmaps/a";
constexpr const char* kCluster =
    "/apis/k0rdent.mirantis.com/v1beta1/namespaces/team-a/clusterdeployments/c";

struct SimWrite : SimWorld {
  SimWrite() {
    sim::Type cluster{"k0rdent.mirantis.com", "v1beta1", "clusterdeployments", "ClusterDeployment"};
    cluster.custom = true;
    api.store().define(cluster);
  }
  auto merge(const std::string& path, const std::string& body) {
    return ask("PATCH", path, body, sim::ApiServer::kAdminToken, kMerge);
  }
  auto apply(const std::string& path, const std::string& manager, const std::string& inner,
             const std::string& more = {}) {
    const bool map = path.find("configmaps") != path.npos;
    const std::string head =
        map ? R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"})"
            : R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":)"
              R"("ClusterDeployment","metadata":{"name":"c"})";
    return ask("PATCH", path + "?fieldManager=" + manager + more, head + "," + inner + "}",
               sim::ApiServer::kAdminToken, kApply);
  }
  // "us Apply {…}; they Update {…}"
  std::string owners(const std::string& path) {
    std::string out;
    auto call = get(path);
    for (const Value one : call->json()["metadata"]["managedFields"].array()) {
      out += (out.empty() ? "" : "; ") + std::string(one["manager"].str()) + " " +
             std::string(one["operation"].str()) + " " + one["fieldsV1"].to_json();
    }
    return out;
  }
  std::int64_t generation() { return get(kCluster)->json()["metadata"]["generation"].int_or(0); }
  std::string version_of(const std::string& path) {
    return std::string(get(path)->json()["metadata"]["resourceVersion"].str());
  }
  void make_map() {
    ask("POST", "/api/v1/namespaces/team-a/configmaps?fieldManager=one",
        R"({"metadata":{"name":"a"},"data":{"x":"1","y":"1"}})");
  }
};

TEST_F(SimWrite, EachWriterOwnsWhatItWroteAndVanishesWithItsLastField) {
  make_map();
  EXPECT_EQ(owners(kMap), R"(one Update {"f:data":{".":{},"f:x":{},"f:y":{}}})");
  merge(std::string(kMap) + "?fieldManager=two", R"({"data":{"x":"2"}})");
  EXPECT_EQ(owners(kMap),
            R"(one Update {"f:data":{".":{},"f:y":{}}}; two Update {"f:data":{"f:x":{}}})");
  apply(kMap, "us", R"("data":{"x":"2"})");
  EXPECT_EQ(owners(kMap).substr(0, 31), R"(us Apply {"f:data":{"f:x":{}}};)") << "shared";
  merge(std::string(kMap) + "?fieldManager=three", R"({"data":{"x":"3"}})");
  EXPECT_EQ(owners(kMap),
            R"(one Update {"f:data":{".":{},"f:y":{}}}; three Update {"f:data":{"f:x":{}}})");
}

TEST_F(SimWrite, AListElementWithKeysGoesWithItsLastOwner) {
  const std::string both =
      R"("spec":{"serviceSpec":{"services":[{"name":"s","template":"x"},{"name":"r","template":"x"}]}})";
  const std::string one = R"("spec":{"serviceSpec":{"services":[{"name":"s","template":"x"}]}})";
  EXPECT_EQ(apply(kCluster, "us", both)->status, 201);
  EXPECT_EQ(apply(kCluster, "them", one)->status, 200);
  const auto names = [&] {
    std::string out;
    auto call = get(kCluster);
    for (const Value service : call->json()["spec"]["serviceSpec"]["services"].array())
      out +=
          std::string(service["name"].str()) + "/" + std::string(service["namespace"].str()) + " ";
    return out;
  };
  EXPECT_EQ(names(), "s/default r/default ");
  apply(kCluster, "us", R"("spec":{"serviceSpec":{}})");
  EXPECT_EQ(names(), "s/default ") << "another owns this one";
  apply(kCluster, "them", R"("spec":{})");
  EXPECT_EQ(names(), "");
  EXPECT_EQ(apply(kCluster, "us", one)->status, 200);
  auto taken = apply(kCluster, "new",
                     R"("spec":{"serviceSpec":{"services":[{"name":"s","template":"y"}]}})");
  EXPECT_EQ(taken->status, 409);
  EXPECT_EQ(taken->json()["details"]["causes"].at(0)["field"].str(),
            R"(.spec.serviceSpec.services[name="s",namespace="default"].template)");
}

TEST_F(SimWrite, GenerationRisesWithTheSpecAndStatusHasItsOwnDoor) {
  apply(kCluster, "us", R"("spec":{"template":"a"},"status":{"observedGeneration":9})");
  EXPECT_EQ(generation(), 1);
  EXPECT_FALSE(get(kCluster)->json()["status"].present());
  merge(kCluster, R"({"metadata":{"labels":{"l":"1"}},"status":{"observedGeneration":9}})");
  EXPECT_EQ(generation(), 1);
  EXPECT_FALSE(get(kCluster)->json()["status"].present());
  merge(kCluster, R"({"spec":{"template":"b"}})");
  EXPECT_EQ(generation(), 2);
  const std::string before = version_of(kCluster);
  merge(kCluster, R"({"spec":{"template":"b"}})");
  EXPECT_EQ(version_of(kCluster), before) << "nothing changed";
  auto status = merge(std::string(kCluster) + "/status?fieldManager=kcm",
                      R"({"spec":{"template":"z"},"status":{"observedGeneration":2}})");
  EXPECT_EQ(status->status, 200);
  auto now = get(std::string(kCluster) + "/status");
  EXPECT_EQ(now->json()["status"]["observedGeneration"].int_or(0), 2);
  EXPECT_EQ(now->json()["spec"]["template"].str(), "b");
  EXPECT_EQ(generation(), 2);
  EXPECT_NE(now->body.find(R"("subresource":"status")"), std::string::npos);
}

TEST_F(SimWrite, ADryRunChangesNothing) {
  make_map();
  const std::uint64_t version = api.store().version();
  const std::size_t history = api.store().history().size();
  const std::string map(kMap), maps = map.substr(0, map.size() - 2);
  auto made = ask("POST", maps + "?dryRun=All", R"({"metadata":{"name":"b"},"data":{"k":"1"}})");
  EXPECT_EQ(made->status, 201);
  EXPECT_TRUE(made->json()["metadata"]["uid"].present());
  EXPECT_FALSE(made->json()["metadata"]["resourceVersion"].present());
  EXPECT_EQ(made->json()["kind"].str(), "ConfigMap");
  EXPECT_EQ(ask("PUT", map + "?dryRun=All", R"({"data":{"x":"9"}})")->json()["data"]["x"].str(),
            "9");
  auto tried = merge(map + "?dryRun=All&fieldManager=two", R"({"data":{"x":"9"}})");
  EXPECT_EQ(tried->json()["data"]["x"].str(), "9");
  EXPECT_NE(tried->body.find(R"("manager":"two")"), std::string::npos);
  EXPECT_EQ(apply(map, "us", R"("data":{"x":"9"})", "&force=true&dryRun=All")->status, 200);
  EXPECT_EQ(apply(map, "us", R"("data":{"x":"9"})", "&dryRun=All")->status, 409);
  EXPECT_EQ(ask("DELETE", map + "?dryRun=All")->json()["status"].str(), "Success");
  const std::string options = R"({"kind":"DeleteOptions","dryRun":["All"]})";
  EXPECT_EQ(ask("DELETE", map, options)->json()["details"]["uid"].str(),
            api.store().get({&api.store().of("ConfigMap"), 0}, "team-a/a")->uid);
  EXPECT_EQ(api.store().version(), version);
  EXPECT_EQ(api.store().history().size(), history);
  merge(map, R"({"metadata":{"finalizers":["example.test/hold"]}})");
  const std::uint64_t held = api.store().version();
  auto going = ask("DELETE", map, options);
  EXPECT_TRUE(going->json()["metadata"]["deletionTimestamp"].present());
  EXPECT_EQ(api.store().version(), held);
}

TEST_F(SimWrite, ScaleIsADoorToReplicas) {
  api.store().put({&api.store().of("Deployment"), 0},
                  R"({"metadata":{"name":"d","namespace":"team-a"},"spec":{"replicas":2,)"
                  R"("selector":{"matchLabels":{"app":"d"}}}})");
  const std::string path = "/apis/apps/v1/namespaces/team-a/deployments/d";
  auto scale = get(path + "/scale");
  EXPECT_EQ(scale->json()["kind"].str(), "Scale");
  EXPECT_EQ(scale->json()["spec"]["replicas"].int_or(0), 2);
  EXPECT_EQ(scale->json()["status"]["selector"].str(), "app=d");
  const std::string stale = R"({"metadata":{"resourceVersion":"1"},"spec":{"replicas":5}})";
  EXPECT_EQ(merge(path + "/scale", stale)->status, 409);
  auto done = merge(path + "/scale", R"({"spec":{"replicas":0}})");
  EXPECT_EQ(done->json()["spec"]["replicas"].int_or(9), 0);
  EXPECT_EQ(get(path)->json()["spec"]["replicas"].int_or(9), 0);
  EXPECT_EQ(get(path)->json()["metadata"]["generation"].int_or(0), 2);
}

TEST_F(SimWrite, AnAdmissionRefusesOrWarnsAndSeesBothObjects) {
  make_map();
  const std::uint64_t version = api.store().version();
  sim::Admission hook;
  hook.resource = "configmaps";
  hook.warnings = {"the \"old\" way"};
  hook.decide = [](const sim::AdmissionReview& what) -> std::optional<sim::Status> {
    if (what.after.present() && what.after["data"]["x"].str() != "bad") return std::nullopt;
    return sim::webhook_denied("maps.example.test", what.before["data"]["x"].str());
  };
  api.admissions().add(hook);
  auto refused = merge(kMap, R"({"data":{"x":"bad"}})");
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(refused->json()["message"].str(),
            "admission webhook \"maps.example.test\" denied the request: 1");
  EXPECT_EQ(ask("DELETE", kMap)->status, 403);
  EXPECT_EQ(api.store().version(), version);
  EXPECT_EQ(merge(kMap, R"({"data":{"x":"good"}})")->status, 200);
  api.admissions().clear();
  api.admissions().add(sim::immutable_field("configmaps", "data.y"));
  EXPECT_EQ(merge(kMap, R"({"data":{"x":"1"}})")->status, 200);
  auto fixed = merge(kMap, R"({"data":{"y":"2"}})");
  EXPECT_EQ(fixed->status, 422);
  EXPECT_EQ(fixed->json()["details"]["causes"].at(0)["field"].str(), "data.y");
}

TEST_F(SimWrite, AWriteCanBeLostBeforeDuringAndAfterItsExecution) {
  make_map();
  const auto x = [&] { return std::string(get(kMap)->json()["data"]["x"].str()); };
  api.faults().add(sim::request_lost("patch", "/configmaps"));
  EXPECT_FALSE(merge(kMap, R"({"data":{"x":"2"}})")->whole());
  EXPECT_EQ(x(), "1");
  api.faults().add(sim::answer_lost("patch", "/configmaps"));
  EXPECT_FALSE(merge(kMap, R"({"data":{"x":"3"}})")->whole());
  EXPECT_EQ(x(), "3");
  api.faults().add(sim::executed_late(seconds(5), "patch", "/configmaps"));
  EXPECT_FALSE(merge(kMap, R"({"data":{"x":"4"}})")->whole());
  EXPECT_EQ(x(), "3");
  pass(seconds(5));
  EXPECT_EQ(x(), "4");
}

TEST_F(SimWrite, EveryAnswerHasAnAuditId) {
  const std::string seen = (get(kMap), api.seen().back().audit_id);
  EXPECT_FALSE(seen.empty());
  get("/version");
  EXPECT_NE(api.seen().back().audit_id, seen);
}

}  // namespace
