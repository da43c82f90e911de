// The resource graph of the whole server on the simulated cluster: reading, subscribing, changes,
// outages, what may not be seen and what is not served.
#include <algorithm>

#include "support/graph_world.h"
#include "support/story_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::GraphMirror;
using test::McpSession;
using test::StoryWorld;
using Rows = std::set<std::string>;

constexpr const char* kUri = "k0rdent://graph";
constexpr const char* kFixtures = "test/fixtures/k0rdent";

std::string spelled(std::string_view id) {
  std::string out(id);
  const std::size_t colon = out.find(':');
  out[colon] = '/';
  if (out[colon + 1] == '/') out.erase(colon, 1);
  return out;
}

struct StoryGraph : StoryWorld {
  void load() {
    const auto loaded = api.store().load_folder(kFixtures);
    ASSERT_TRUE(loaded.has_value());
  }
  std::string object(const std::string& kind, const std::string& ns, const std::string& name,
                     const std::string& spec, const std::string& labels = "") {
    return R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":")" + kind +
           R"(","metadata":{"name":")" + name + "\"" +
           (ns.empty() ? "" : R"(,"namespace":")" + ns + "\"") + R"(,"labels":{)" + labels +
           R"(}},"spec":{)" + spec + "}}";
  }
  sim::View view(const std::string& kind) { return {&api.store().of(kind), 0}; }
  void put(const std::string& kind, const std::string& ns, const std::string& name,
           const std::string& spec, const std::string& labels = "") {
    api.store().put(view(kind), object(kind, ns, name, spec, labels));
  }
  void define(const std::string& kind, bool namespaced = true,
              const std::string& group = "k0rdent.mirantis.com",
              const std::string& version = "v1beta1") {
    sim::Type type;
    type.group = group;
    type.version = version;
    type.kind = kind;
    type.plural = sim::plural_of(kind);
    type.namespaced = namespaced;
    type.custom = true;
    api.store().define(type);
  }
  void subscribe(const std::string& uri = kUri) {
    session = connect();
    ASSERT_TRUE(session->subscribe(uri)) << session->error().to_json();
    settle();
  }
  // What the session was told, applied; numbers without a gap.
  GraphMirror told(McpSession& to) {
    GraphMirror mirror;
    std::int64_t last = 0;
    for (const McpSession::Update& update : to.updates()) {
      base::json::Document doc;
      const auto delta = *doc.parse(update.delta);
      if (delta["sequence"].present()) {
        EXPECT_EQ(delta["sequence"].int_or(0), ++last) << update.delta.substr(0, 200);
        EXPECT_TRUE(delta["nodes"].is(base::json::Type::array));
        EXPECT_TRUE(delta["edges"].is(base::json::Type::array));
      }
      mirror.apply(update.delta);
    }
    return mirror;
  }
  std::string read_text(McpSession& by, const std::string& uri = kUri) {
    by.ask("resources/read", R"({"uri":")" + uri + R"("})");
    EXPECT_TRUE(by.result().present()) << by.error().to_json();
    return std::string(by.result()["contents"].at(0)["text"].str());
  }
  GraphMirror read(McpSession& by, const std::string& uri = kUri) {
    GraphMirror mirror;
    std::string text = read_text(by, uri);
    if (!text.empty()) mirror.apply(text.insert(1, R"("action":"snapshot",)"));
    return mirror;
  }
  void expect_same(McpSession& by, const std::string& uri = kUri) {
    settle();
    const GraphMirror fresh = read(by, uri), mirror = told(by);
    EXPECT_EQ(mirror.nodes(), fresh.nodes());
    EXPECT_EQ(mirror.edges(), fresh.edges());
  }
  Rows rows(const GraphMirror& mirror) {
    Rows out;
    for (const auto& [id, json] : mirror.edges()) {
      base::json::Document doc;
      const auto edge = *doc.parse(json);
      out.insert(spelled(edge["from"].str()) + " " + std::string(edge["type"].str()) + " " +
                 spelled(edge["to"].str()) + (edge["resolved"].bool_or(false) ? " yes " : " no ") +
                 std::string(edge["derivedFrom"].str()));
    }
    return out;
  }
  // The tool's structured answer.
  base::json::Value tool(McpSession& by, const std::string& arguments) {
    by.ask("tools/call", R"({"name":"k0rdent.mgmt.graph.snapshot","arguments":)" + arguments + "}");
    EXPECT_FALSE(by.result()["isError"].bool_or(false)) << by.result().to_json().substr(0, 500);
    return by.result()["structuredContent"];
  }
  std::string notes(McpSession& by) {
    base::json::Document doc;
    return (*doc.parse(read_text(by)))["notes"].to_json();
  }
  std::unique_ptr<McpSession> session;
};

TEST_F(StoryGraph, TheSampleHasAllItsEdgesAndNoOthers) {
  load();
  start_app();
  subscribe();
  EXPECT_EQ(
      test::difference(rows(told(*session)), test::expected_edges({"core", "extra", "external"})),
      Rows());
  EXPECT_EQ(told(*session).nodes().size(), 53u);
  expect_same(*session);
  EXPECT_EQ(api.count("list", "/secrets"), 0);
  EXPECT_EQ(api.count("watch", "/secrets"), 0);
  EXPECT_EQ(api.count("list", "/configmaps"), 0);
}

// Each object of a streamed first state was taken for the last one of it.
TEST_F(StoryGraph, AStreamedFirstStateHasAllItsObjects) {
  load();
  app::Settings settings;
  settings.watch_list = true;
  api.set_watch_list(true);
  start_app(settings);
  subscribe();
  EXPECT_EQ(api.count("list", "/clusterdeployments"), 0);
  EXPECT_EQ(
      test::difference(rows(told(*session)), test::expected_edges({"core", "extra", "external"})),
      Rows());
  api.store().compact();
  api.end_streams("/clusterdeployments", sim::ApiServer::End::cut);
  put("ClusterDeployment", "kcm-system", "aws-prod", R"("template":"gone")", R"("env":"dev")");
  api.store().compact();
  pass(minutes(2));
  expect_same(*session);
}

TEST_F(StoryGraph, WhatChangesIsToldAndComesToWhatARecentReadGives) {
  load();
  start_app();
  subscribe();
  put("Credential", "team-a", "team-a-azure", "");
  settle();
  EXPECT_TRUE(rows(told(*session))
                  .count("ClusterDeployment/team-a/azure-lost uses-credential "
                         "Credential/team-a/team-a-azure yes .spec.credential"));
  expect_same(*session);
  api.store().remove(view("ClusterDeployment"), "kcm-system/aws-prod");
  expect_same(*session);
  EXPECT_EQ(session->updates().back().delta.find("\"action\":\"snapshot\""), std::string::npos);
  put("ClusterDeployment", "kcm-system", "aws-prod", R"("template":"gone")", R"("env":"dev")");
  expect_same(*session);
  EXPECT_TRUE(rows(told(*session))
                  .count("ClusterDeployment/kcm-system/aws-prod uses-template "
                         "ClusterTemplate/kcm-system/gone no .spec.template"));
  EXPECT_TRUE(rows(told(*session))
                  .count("MultiClusterService/platform-baseline selects "
                         "ClusterDeployment/kcm-system/aws-prod yes "
                         ".spec.clusterSelector"));
}

TEST_F(StoryGraph, ManySubscribersAndReadersOfAnIdentityShareOneSetOfWatches) {
  load();
  start_app();
  std::vector<std::unique_ptr<McpSession>> sessions;
  for (const char* uri : {kUri, kUri, "k0rdent://graph?namespace=team-a",
                          "k0rdent://graph?kinds=ClusterDeployment,Credential"}) {
    sessions.push_back(connect());
    ASSERT_TRUE(sessions.back()->subscribe(uri)) << sessions.back()->error().to_json();
  }
  expect_same(*sessions[0]);
  put("Credential", "team-a", "team-a-azure", "");
  expect_same(*sessions[1]);
  expect_same(*sessions[2], "k0rdent://graph?namespace=team-a");
  expect_same(*sessions[3], "k0rdent://graph?kinds=ClusterDeployment,Credential");
  EXPECT_EQ(api.count("list", "/clusterdeployments"), 1);
  EXPECT_EQ(api.open_streams("/clusterdeployments"), 1);
  for (const auto& one : sessions)
    one->end();
  pass(seconds(6));
  EXPECT_EQ(api.open_streams(), 0);
  EXPECT_EQ(app->watches(), 0u);
}

TEST_F(StoryGraph, AFilterShowsItsNamespaceWithWhatTheClusterHasForIt) {
  load();
  start_app();
  subscribe("k0rdent://graph?namespace=team-a");
  const GraphMirror mirror = told(*session);
  EXPECT_TRUE(mirror.nodes().count("ClusterDeployment:team-a/azure-lost"));
  for (const auto& [id, json] : mirror.nodes())
    EXPECT_NE(id.find(":team-a/"), std::string::npos) << id;
  put("MultiClusterService", "", "staging",
      R"("clusterSelector":{"matchLabels":{"env":"staging"}})");
  settle();
  EXPECT_TRUE(told(*session).nodes().count("MultiClusterService:/staging"));
  expect_same(*session, "k0rdent://graph?namespace=team-a");
  put("ClusterDeployment", "team-a", "azure-lost", R"("template":"x")");
  settle();
  EXPECT_FALSE(told(*session).nodes().count("MultiClusterService:/staging"));
  expect_same(*session, "k0rdent://graph?namespace=team-a");
}

TEST_F(StoryGraph, WhatIsWrongWithAFilterIsSaidWithWhatWouldBeRight) {
  load();
  start_app();
  session = connect();
  for (const auto& [uri, text] : std::vector<std::pair<std::string, std::string>>{
           {"k0rdent://graph?kind=Secret", "parameters: namespace, kinds"},
           {"k0rdent://graph?kinds=Clusterdeployment", "did you mean ClusterDeployment"},
           {"k0rdent://graph?namespace=A_B", "namespace"},
           {"k0rdent://graph/x", "k0rdent://graph{?namespace,kinds}"}}) {
    EXPECT_FALSE(session->subscribe(uri));
    EXPECT_EQ(session->error()["code"].int_or(0), -32602) << uri;
    EXPECT_NE(std::string(session->error()["message"].str()).find(text), std::string::npos)
        << session->error().to_json();
    session->ask("resources/read", R"({"uri":")" + uri + R"("})");
    EXPECT_EQ(session->error()["code"].int_or(0), -32602) << uri;
  }
}

TEST_F(StoryGraph, TheToolShowsWhatIsAroundAnObject) {
  load();
  start_app();
  session = connect();
  auto graph = tool(*session, R"({"format":"json","maxBytes":1048576})");
  EXPECT_EQ(graph["nodes"].size(), 53u);
  graph = tool(*session, R"({"name":"azure-lost","depth":1,"direction":"downstream"})");
  Rows types;
  for (const auto edge : graph["edges"].array())
    types.insert(std::string(edge["type"].str()));
  EXPECT_EQ(types, (Rows{"uses-credential", "uses-template"}));
  EXPECT_EQ(graph["nodes"].size(), 2u) << "the missing Credential is no node";
  graph = tool(*session, R"({"name":"aws-cred","kinds":["Credential","ClusterDeployment"],)"
                         R"("direction":"upstream"})");
  EXPECT_EQ(graph["nodes"].size(), 3u);
  graph = tool(*session, R"({"name":"azure-lost","format":"mermaid"})");
  const std::string chart(graph["mermaid"].str());
  EXPECT_EQ(chart.find("flowchart LR\n"), 0u) << chart;
  EXPECT_NE(chart.find("-.->|uses-credential| "), std::string::npos) << chart;
  EXPECT_NE(chart.find("(missing)\"]:::missing"), std::string::npos) << chart;
  session->ask("tools/call", R"({"name":"k0rdent.mgmt.graph.snapshot","arguments":{"name":"no"}})");
  EXPECT_TRUE(session->result()["isError"].bool_or(false));
}

TEST_F(StoryGraph, AKindThatIsNotServedIsNotedAndComesWhenItsDefinitionDoes) {
  for (const char* kind : {"ClusterDeployment", "ServiceTemplate"})
    define(kind);
  define("MultiClusterService", false);
  start_app();
  put("ClusterDeployment", "team-a", "c", R"("template":"t","credential":"k")");
  subscribe();
  EXPECT_EQ(rows(told(*session)), Rows());
  EXPECT_NE(notes(*session).find("Credential: not served"), std::string::npos) << notes(*session);
  define("Credential");
  put("Credential", "team-a", "k", "");
  pass(seconds(37));
  EXPECT_EQ(rows(told(*session)),
            (Rows{"ClusterDeployment/team-a/c uses-credential Credential/team-a/k yes "
                  ".spec.credential"}));
  EXPECT_EQ(notes(*session).find("Credential"), std::string::npos);
  expect_same(*session);
}

TEST_F(StoryGraph, ADefinitionThatGoesTakesItsKindOutAndADanglingEdgeIsNotMadeOfIt) {
  load();
  start_app();
  subscribe();
  // As a real API server does it: the objects are deleted, then the collection is unknown.
  for (const char* name : {"aws-cred", "adopted-cred"})
    api.store().remove(view("Credential"), std::string("kcm-system/") + name);
  sim::AnswerFault gone;
  gone.match.path = "/credentials";
  gone.match.count = -1;
  gone.answer = sim::page_not_found();
  api.faults().add(gone);
  sim::AnswerFault unknown;
  unknown.match.path = "/apis/k0rdent.mirantis.com/v1beta1";
  unknown.match.count = -1;
  unknown.edit = [](std::string& body) {
    for (std::size_t at = 0; (at = body.find("\"Credential\"", at)) != body.npos;)
      body.replace(at, 12, "\"Credentiam\"");
  };
  api.faults().add(unknown);
  api.end_streams("/credentials");
  pass(minutes(2));
  const Rows all = rows(told(*session));
  EXPECT_TRUE(std::none_of(all.begin(), all.end(), [](const std::string& row) {
    return row.find(" uses-credential ") != std::string::npos;
  }));
  EXPECT_NE(notes(*session).find("Credential: not served"), std::string::npos) << notes(*session);
  expect_same(*session);
}

// A kind that came up by name while its group was being asked for another waited for the next
// round.
TEST_F(StoryGraph, AKindNamedWhileItsGroupIsAskedForAnotherIsThereFromTheStart) {
  load();
  sim::AnswerFault slow;
  slow.match.path = "/apis/infrastructure.cluster.x-k8s.io";
  slow.delay = base::milliseconds(500);
  api.faults().add(slow);
  start_app();
  subscribe();
  EXPECT_EQ(
      test::difference(rows(told(*session)), test::expected_edges({"core", "extra", "external"})),
      Rows());
}

TEST_F(StoryGraph, WithoutK0rdentTheGraphIsEmptyAndSaysWhy) {
  start_app();
  subscribe();
  EXPECT_EQ(told(*session).nodes().size(), 0u);
  EXPECT_NE(notes(*session).find("ClusterDeployment: not served"), std::string::npos);
}

TEST_F(StoryGraph, WhatMayNotBeSeenIsLeftOutAndNotedUntilItMay) {
  load();
  sim::User& admin = api.users()[std::string(sim::ApiServer::kAdminToken)];
  sim::User::Rule no_credentials, no_secrets;
  no_credentials.resource = "credentials";
  no_secrets.resource = "secrets";
  admin.denied = {no_credentials, no_secrets};
  start_app();
  subscribe();
  const auto leads = [&](const std::string& to) {
    const Rows all = rows(told(*session));
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& row) { return row.find(to) != std::string::npos; });
  };
  EXPECT_FALSE(leads("Credential/"));
  EXPECT_FALSE(leads("Secret/"));
  const std::string said = notes(*session);
  EXPECT_NE(said.find("Credential: may not be listed"), std::string::npos) << said;
  EXPECT_NE(said.find("Secret: some may not be read"), std::string::npos) << said;
  admin.denied = {};
  pass(minutes(10));
  EXPECT_EQ(
      test::difference(rows(told(*session)), test::expected_edges({"core", "extra", "external"})),
      Rows());
  EXPECT_EQ(notes(*session).find("may not"), std::string::npos) << notes(*session);
  // What was seen is not gone because it may not be seen any more.
  admin.denied = {no_credentials};
  api.end_streams("/credentials");
  pass(minutes(2));
  EXPECT_TRUE(leads("Credential/"));
  EXPECT_NE(notes(*session).find("Credential: cannot be seen now"), std::string::npos);
  expect_same(*session);
  admin.denied = {};
  pass(minutes(11));
  EXPECT_TRUE(leads("Credential/"));
  EXPECT_EQ(notes(*session).find("cannot be seen"), std::string::npos) << notes(*session);
  expect_same(*session);
}

TEST_F(StoryGraph, ThreeForbiddenKindsRefuseTheSubscription) {
  load();
  sim::User::Rule none;
  none.group = "k0rdent.mirantis.com";
  none.any_group = false;
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {none};
  start_app();
  session = connect();
  EXPECT_FALSE(session->subscribe(kUri));
  EXPECT_NE(std::string(session->error()["message"].str()).find("forbidden"), std::string::npos)
      << session->error().to_json();
  settle();
  EXPECT_EQ(app->watches(), 0u);
}

TEST_F(StoryGraph, TheServersNamespaceFilterHidesAsIfNothingWereThere) {
  load();
  app::Settings settings;
  settings.namespace_filter = "team-a";
  start_app(settings);
  subscribe();
  const GraphMirror mirror = told(*session);
  for (const auto& [id, json] : mirror.nodes())
    EXPECT_EQ(id.find("kcm-system"), std::string::npos) << id;
  for (const auto& [id, json] : mirror.edges())
    EXPECT_EQ(id.find("kcm-system"), std::string::npos) << id;
  EXPECT_NE(notes(*session).find("namespace filter"), std::string::npos);
  EXPECT_FALSE(session->subscribe("k0rdent://graph?namespace=kcm-system"));
}

TEST_F(StoryGraph, WhatClusterScopedObjectsNameIsWhereK0rdentRuns) {
  load();
  app::Settings settings;
  settings.system_namespace = "k0rdent";
  start_app(settings);
  subscribe();
  bool there = false;
  const GraphMirror mirror = told(*session);
  for (const auto& [id, json] : mirror.edges()) {
    if (json.find("MultiClusterService:/podinfo-rollout") == std::string::npos) continue;
    EXPECT_EQ(json.find("ServiceTemplate:kcm-system/podinfo-6-9-1"), std::string::npos) << json;
    if (json.find("ServiceTemplate:k0rdent/podinfo-6-9-1") == std::string::npos) continue;
    there = json.find(R"("resolved":false)") != std::string::npos;
  }
  EXPECT_TRUE(there);
}

TEST_F(StoryGraph, ASelectorOverNamespacesFollowsThemAndSaysWhenItMayNotSeeThem) {
  load();
  define("AccessManagement", false);
  const auto label = [&](const std::string& name, const std::string& team) {
    api.store().put(view("Namespace"), R"({"metadata":{"name":")" + name +
                                           R"(","labels":{"team":")" + team + R"("}}})");
  };
  label("team-b", "x");
  put("AccessManagement", "", "kcm",
      R"("accessRules":[{"targetNamespaces":{"stringSelector":"team=x"},"resources":[)"
      R"({"kind":"ServiceTemplateChain"},{"kind":"ConfigMap"}]}])");
  start_app();
  subscribe();
  const std::string into =
      "AccessManagement/kcm into Namespace/team-b yes "
      ".spec.accessRules[0].targetNamespaces";
  EXPECT_TRUE(rows(told(*session)).count(into));
  EXPECT_TRUE(rows(told(*session))
                  .count("AccessManagement/kcm distributes "
                         "ServiceTemplateChain/kcm-system/ingress-nginx-chain yes "
                         ".spec.accessRules[0].resources[0]"));
  EXPECT_NE(notes(*session).find("ConfigMap: never listed"), std::string::npos) << notes(*session);
  EXPECT_EQ(api.count("list", "/configmaps"), 0);
  label("team-b", "y");
  settle();
  EXPECT_FALSE(rows(told(*session)).count(into));
  label("team-b", "x");
  expect_same(*session);
  EXPECT_TRUE(rows(told(*session)).count(into));
  sim::User::Rule no_namespaces;
  no_namespaces.resource = "namespaces";
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {no_namespaces};
  api.end_streams("/namespaces");
  pass(minutes(2));
  EXPECT_TRUE(rows(told(*session)).count(into)) << "what cannot be seen now is not gone";
  EXPECT_NE(notes(*session).find("Namespace: cannot be seen now"), std::string::npos)
      << notes(*session);
  expect_same(*session);
}

TEST_F(StoryGraph, BackupsAreNotedWhenNobodyServesThemAndComeWhenSomeoneDoes) {
  load();
  define("ManagementBackup", false);
  put("ManagementBackup", "", "daily", R"("schedule":"@daily")");
  start_app();
  subscribe();
  EXPECT_NE(notes(*session).find("Backup: not served"), std::string::npos) << notes(*session);
  define("Backup", true, "velero.io", "v1");
  api.store().put(view("Backup"), R"({"metadata":{"name":"one","namespace":"kcm-system","labels":{)"
                                  R"("k0rdent.mirantis.com/management-backup":"daily"}}})");
  pass(seconds(37));
  EXPECT_TRUE(rows(told(*session))
                  .count("ManagementBackup/daily backup Backup/kcm-system/one yes label "
                         "k0rdent.mirantis.com/management-backup"));
  EXPECT_EQ(notes(*session).find("Backup: not served"), std::string::npos) << notes(*session);
  expect_same(*session);
}

// ---- Machines are watched while someone asks for them

struct StoryGraphMachines : StoryGraph {
  static constexpr const char* kMachines = "k0rdent://graph?kinds=Cluster,Machine";
  static constexpr const char* kPartOf =
      "Machine/kcm-system/aws-prod-0 part-of Cluster/kcm-system/aws-prod yes .spec.clusterName";
  void define_machines() {
    define("Machine", true, "cluster.x-k8s.io", "v1beta2");
    machine("aws-prod-0");
  }
  void machine(const std::string& name) {
    api.store().put(view("Machine"), R"({"metadata":{"name":")" + name +
                                         R"(","namespace":"kcm-system"},"spec":{"clusterName":)"
                                         R"("aws-prod"},"status":{"phase":"Running","nodeRef":)"
                                         R"({"name":"ip-1"}}})");
  }
};

TEST_F(StoryGraphMachines, NobodyAsksNobodyListsThem) {
  load();
  define_machines();
  start_app();
  subscribe();
  EXPECT_EQ(
      test::difference(rows(told(*session)), test::expected_edges({"core", "extra", "external"})),
      Rows());
  EXPECT_EQ(api.count("list", "/machines"), 0);
}

TEST_F(StoryGraphMachines, OneReadHasThemWholeAndOthersAreNotTold) {
  load();
  define_machines();
  start_app();
  subscribe();
  auto other = connect();
  EXPECT_TRUE(rows(read(*other, kMachines)).count(kPartOf));
  auto graph = tool(*other, R"({"format":"json","kinds":["Machine"],"name":"aws-prod-0"})");
  ASSERT_EQ(graph["nodes"].size(), 1u);
  EXPECT_EQ(graph["nodes"].at(0)["state"].str(), "running");
  EXPECT_EQ(graph["nodes"].at(0)["summary"]["node"].str(), "ip-1");
  EXPECT_EQ(api.count("list", "/machines"), 1);
  machine("aws-prod-1");
  settle();
  const GraphMirror mirror = told(*session);
  for (const auto& [id, json] : mirror.nodes())
    EXPECT_EQ(id.find("Machine:"), std::string::npos) << id;
  expect_same(*session);
  pass(minutes(5));
  EXPECT_EQ(api.open_streams("/machines"), 0) << "nobody has asked for a while";
  EXPECT_TRUE(rows(read(*other, kMachines)).count(kPartOf)) << "and asked again they are there";
  EXPECT_EQ(api.count("list", "/machines"), 2);
  expect_same(*session);
}

TEST_F(StoryGraphMachines, ASubscriberIsToldOfThemForAsLongAsItStays) {
  load();
  define_machines();
  start_app();
  subscribe();
  auto other = connect();
  ASSERT_TRUE(other->subscribe(kMachines)) << other->error().to_json();
  settle();
  EXPECT_TRUE(rows(told(*other)).count(kPartOf));
  pass(minutes(7));
  EXPECT_EQ(api.open_streams("/machines"), 1);
  machine("aws-prod-1");
  expect_same(*other, kMachines);
  EXPECT_TRUE(told(*other).nodes().count("Machine:kcm-system/aws-prod-1"));
  api.store().remove(view("Machine"), "kcm-system/aws-prod-0");
  expect_same(*other, kMachines);
  EXPECT_FALSE(rows(told(*other)).count(kPartOf));
  ASSERT_TRUE(other->unsubscribe(kMachines));
  pass(minutes(5));
  EXPECT_EQ(api.open_streams("/machines"), 0);
  expect_same(*session);
}

TEST_F(StoryGraphMachines, ThoseNotServedOrNotAllowedAreNoted) {
  load();
  start_app();
  subscribe();
  EXPECT_NE(read_text(*session, kMachines).find("Machine: not served"), std::string::npos);
  EXPECT_EQ(notes(*session).find("MachineSet"), std::string::npos) << "nobody has asked for those";
  define_machines();
  pass(seconds(37));
  EXPECT_TRUE(rows(read(*session, kMachines)).count(kPartOf));
  sim::User::Rule no_machines;
  no_machines.resource = "machines";
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {no_machines};
  pass(minutes(5));
  EXPECT_NE(read_text(*session, kMachines).find("Machine: may not be listed"), std::string::npos);
}

// ---- outages

TEST_F(StoryGraph, AfterACrashWithChangesInItEveryDifferenceIsTold) {
  load();
  start_app();
  subscribe();
  api.stop();
  settle();
  api.store().remove(view("ClusterDeployment"), "kcm-system/aws-dev");
  api.store().remove(view("Cluster"), "kcm-system/aws-dev");
  put("ClusterDeployment", "team-a", "born", R"("template":"t")");
  pass(minutes(2));
  const std::size_t before = session->updates().size();
  ASSERT_TRUE(api.start().has_value());
  pass(minutes(3));
  expect_same(*session);
  EXPECT_TRUE(told(*session).nodes().count("ClusterDeployment:team-a/born"));
  EXPECT_FALSE(told(*session).nodes().count("Cluster:kcm-system/aws-dev"));
  Rows actions;
  for (std::size_t i = before; i < session->updates().size(); ++i) {
    base::json::Document doc;
    actions.insert(std::string((*doc.parse(session->updates()[i].delta))["action"].str()));
  }
  EXPECT_TRUE(actions.count("deleted"));
  EXPECT_FALSE(actions.count("snapshot")) << "differences, not everything again";
  EXPECT_TRUE(actions.count("FRESH"));
}

TEST_F(StoryGraph, ACursorThatLeftTheHistoryIsRepairedByARelist) {
  load();
  start_app();
  subscribe();
  api.stop();
  api.store().remove(view("Credential"), "kcm-system/aws-cred");
  put("ClusterDeployment", "team-a", "born", R"("template":"t")");
  api.store().compact();
  ASSERT_TRUE(api.start().has_value());
  pass(minutes(3));
  expect_same(*session);
  EXPECT_TRUE(rows(told(*session))
                  .count("ClusterDeployment/kcm-system/aws-prod uses-credential "
                         "Credential/kcm-system/aws-cred no .spec.credential"));
}

TEST_F(StoryGraph, AWatchCutAfterAnyByteLosesNothing) {
  load();
  start_app();
  subscribe();
  const std::string path = "/clusterdeployments";
  ASSERT_TRUE(run_until([&] { return api.open_streams(path) == 1; }));
  for (std::uint64_t at = 0; at < 2400; at += 37) {
    sim::ByteFault cut;
    cut.kind = sim::ByteFault::Kind::reset;
    cut.at = at;
    api.fault_in_streams(path, cut);
    put("ClusterDeployment", "team-a", "c",
        R"("template":"t)" + std::to_string(at) + R"(","credential":"k")");
    pass(minutes(2));
    ASSERT_TRUE(rows(told(*session))
                    .count("ClusterDeployment/team-a/c uses-template ClusterTemplate/team-a/t" +
                           std::to_string(at) + " no .spec.template"))
        << at;
  }
  expect_same(*session);
}

TEST_F(StoryGraph, AnApiServerThatIsAwayRefusesASubscriptionAndSaysSo) {
  load();
  start_app();
  api.stop();
  session = connect();
  EXPECT_FALSE(session->subscribe(kUri));
  EXPECT_TRUE(session->error().present());
  ASSERT_TRUE(api.start().has_value());
  pass(seconds(40));
  EXPECT_TRUE(session->subscribe(kUri)) << session->error().to_json();
  expect_same(*session);
}

TEST_F(StoryGraph, ASlowSubscriberIsToldThatItMissedAndEndsRight) {
  load();
  app::Settings settings;
  start_app(settings);
  session = connect();
  auto other = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(other->subscribe(kUri));
  settle();
  session->pause(true);
  const std::string label(4000, 'x');
  for (int i = 0; i < 3000; ++i) {
    put("ClusterDeployment", "team-a", "c" + std::to_string(i % 300),
        R"("template":"t)" + std::to_string(i) + "\"", R"("l":")" + label + "\"");
    if (i % 50 == 0) settle();
  }
  settle();
  session->pause(false);
  pass(seconds(5));
  const GraphMirror fresh = read(*other);
  GraphMirror mirror;
  bool dropped = false;
  for (const McpSession::Update& update : session->updates()) {
    dropped = dropped || update.delta.find(R"("action":"DROPPED")") != std::string::npos;
    mirror.apply(update.delta);
  }
  EXPECT_TRUE(dropped);
  EXPECT_EQ(mirror.nodes(), fresh.nodes());
  EXPECT_EQ(mirror.edges(), fresh.edges());
  EXPECT_EQ(told(*other).nodes(), fresh.nodes());
}

TEST_F(StoryGraph, AWatchSetThatLingersIsTakenUpAgainWithoutAList) {
  load();
  start_app();
  subscribe();
  ASSERT_TRUE(session->unsubscribe(kUri));
  pass(seconds(3));
  session->forget();
  ASSERT_TRUE(session->subscribe(kUri));
  EXPECT_EQ(api.count("list", "/clusterdeployments"), 1);
}

TEST_F(StoryGraph, AProviderInterfaceSaysWhatAnIdentityNeeds) {
  load();
  start_app();
  subscribe();
  define("ProviderInterface", false);
  put("ProviderInterface", "", "aws",
      R"("clusterIdentities":[{"group":"infrastructure.cluster.x-k8s.io","version":"v1beta2",)"
      R"("kind":"AWSClusterStaticIdentity","references":[{"version":"v1","kind":"ConfigMap",)"
      R"("nameFieldPath":"spec.secretRef"}]}])");
  pass(seconds(40));
  EXPECT_TRUE(rows(told(*session))
                  .count("AWSClusterStaticIdentity/aws-cluster-identity identity-secret "
                         "ConfigMap/kcm-system/aws-cluster-identity-secret no .spec.secretRef"));
  api.store().remove(view("ProviderInterface"), "aws");
  pass(seconds(5));
  EXPECT_EQ(
      test::difference(rows(told(*session)), test::expected_edges({"core", "extra", "external"})),
      Rows());
}

}  // namespace
