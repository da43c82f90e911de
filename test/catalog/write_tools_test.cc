// install_from_catalog and serviceTemplates.delete, on the simulated API server with the sample
// objects.
#include "catalog/write_tools.h"

#include "catalog/install_objects.h"
#include "support/change_world.h"

namespace {

constexpr const char* kK0rdent = "k0rdent.mirantis.com";
constexpr const char* kFlux = "source.toolkit.fluxcd.io";
const std::string kInstall = "k0rdent.mgmt.serviceTemplates.install_from_catalog";
const std::string kDelete = "k0rdent.mgmt.serviceTemplates.delete";

std::string of(const std::string& app, const std::string& chart, const std::string& version,
               const std::string& more = {}) {
  return R"({"app":")" + app + R"(","template":")" + chart + R"(","version":")" + version + "\"" +
         more + "}";
}
const std::string kVelero = of("velero", "velero", "10.1.0");

struct CatalogWrites : test::ChangeWorld {
  CatalogWrites() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent/external").has_value());
    for (const char* ns : {"kcm-system", "team-a", "kube-system"})
      cluster.add_namespace(ns);
    add(catalog::make_write_tools(change, catalog));
    const auto& repositories = this->repositories();
    for (const char* key : {"kcm-system/k0rdent-catalog"}) {
      if (api.store().get(repositories, key)) api.store().remove(repositories, key);
    }
  }
  sim::View repositories() { return view(kFlux, "v1", "helmrepositories"); }
  sim::View templates() { return view(kK0rdent, "v1beta1", "servicetemplates"); }
  base::json::Value read(const sim::View& of, std::string_view key) {
    const auto root = doc_.parse(stored(of, key));
    return root ? *root : base::json::Value();
  }

 private:
  base::json::Document doc_;
};

TEST_F(CatalogWrites, MakesTheRepositoryAndTheTemplateAndThenNothing) {
  const Answer made = ask(kInstall, kVelero);
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_EQ(made["template"].str(), "velero-10-1-0");
  const auto repository = read(repositories(), "kcm-system/k0rdent-catalog");
  EXPECT_EQ(repository["spec"].to_json(),
            R"({"type":"oci","url":"oci://ghcr.io/k0rdent/catalog/charts"})");
  EXPECT_EQ(repository["metadata"]["labels"]["k0rdent.mirantis.com/managed"].str(), "true");
  const auto made_template = read(templates(), "kcm-system/velero-10-1-0");
  EXPECT_EQ(made_template["spec"]["helm"]["chartSpec"].to_json(),
            R"({"chart":"velero","version":"10.1.0","interval":"10m0s","sourceRef":)"
            R"({"kind":"HelmRepository","name":"k0rdent-catalog"}})");
  EXPECT_EQ(made_template["metadata"]["annotations"]["helm.sh/resource-policy"].str(), "keep");
  EXPECT_TRUE(made.says("values of a service of this template go below the key \"velero\""));
  const std::string before = now_version();
  const Answer again = ask(kInstall, kVelero);
  EXPECT_EQ(again.status(), "unchanged") << again.text();
  EXPECT_TRUE(again.says("velero-10-1-0 is there and is not checked by k0rdent yet"))
      << again.text();
  EXPECT_EQ(now_version(), before);
  const Answer other = ask(kInstall, of("velero", "velero", "9.2.0"));
  EXPECT_EQ(other.status(), "created");
  EXPECT_EQ(other["objects"].size(), 1U) << "the repository is shared";
}

TEST_F(CatalogWrites, ADryRunWritesNothing) {
  const std::string before = now_version();
  const Answer shown = ask(kInstall, of("velero", "velero", "10.1.0", R"(,"dryRun":true)"));
  EXPECT_EQ(shown.status(), "dry_run") << shown.text();
  EXPECT_TRUE(shown.says("oci://ghcr.io/k0rdent/catalog/charts")) << shown.text();
  EXPECT_EQ(now_version(), before);
}

TEST_F(CatalogWrites, AnEnterpriseChartHasItsOwnRepository) {
  const Answer made = ask(kInstall, of("kyverno-enterprise", "kyverno-guardrails", "1.1.0"));
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_EQ(read(repositories(), "kcm-system/k0rdent-enterprise-catalog")["spec"]["url"].str(),
            "oci://registry.mirantis.com/k0rdent-enterprise-catalog");
  EXPECT_EQ(
      read(templates(),
           "kcm-system/kyverno-guardrails-1-1-0")["spec"]["helm"]["chartSpec"]["sourceRef"]["name"]
          .str(),
      "k0rdent-enterprise-catalog");
}

TEST_F(CatalogWrites, ALabelThatIsMissingIsAdded) {
  put(kFlux, "v1", "helmrepositories",
      R"({"metadata":{"name":"k0rdent-catalog","namespace":"kcm-system"},)"
      R"("spec":{"type":"oci","url":"oci://ghcr.io/k0rdent/catalog/charts","interval":"1h"}})");
  const Answer made = ask(kInstall, kVelero);
  EXPECT_EQ(made.status(), "updated") << made.text();
  const auto repository = read(repositories(), "kcm-system/k0rdent-catalog");
  EXPECT_EQ(repository["metadata"]["labels"]["k0rdent.mirantis.com/managed"].str(), "true");
  EXPECT_EQ(repository["spec"]["interval"].str(), "1h") << "the rest stays";
}

TEST_F(CatalogWrites, WhatIsThereAndDiffersIsRefusedInWords) {
  put(kFlux, "v1", "helmrepositories",
      R"({"metadata":{"name":"k0rdent-catalog","namespace":"kcm-system"},)"
      R"("spec":{"type":"oci","url":"oci://mirror.example/charts"}})");
  const std::string before = now_version();
  Answer answer = ask(kInstall, kVelero);
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(
      answer.says("HelmRepository kcm-system/k0rdent-catalog is there with the URL "
                  "oci://mirror.example/charts"))
      << answer.text();
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"velero-10-1-0","namespace":"team-a"},"spec":{"helm":{"chartSpec":)"
      R"({"chart":"velero","version":"10.1.0","sourceRef":{"kind":"HelmRepository","name":"own"}}}}})");
  answer = ask(kInstall, of("velero", "velero", "10.1.0", R"(,"namespace":"team-a")"));
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("is of chart velero 10.1.0 of HelmRepository own")) << answer.text();
  EXPECT_TRUE(answer.says("a template's spec cannot change"));
  EXPECT_NE(now_version(), before);
  EXPECT_EQ(stored(repositories(), "team-a/k0rdent-catalog"), "");
}

TEST_F(CatalogWrites, WhatTheCatalogHasNotIsAnsweredWithTheNearest) {
  const struct {
    std::string arguments;
    const char* says;
  } rows[] = {
      {of("velera", "velero", "10.1.0"), "the nearest that are there: velero"},
      {of("ceph", "ceph", "1.17.6"), "has no chart \"ceph\"; it has rook-ceph"},
      {of("velero", "velero", "10.1"), "has no version \"10.1\"; it has 10.1.0, 9.2.0"},
      {of("cert-manager", "cert-manager", "1.18.2"), "it has v1.18.2, v1.17.1, v1.9.1"},
      {of("", "velero", "10.1.0"), "must not be empty"},
      {of("velero", "velero", "-"), "give no name"},
      {of("velero", "velero", "10.1.0", R"(,"namespace":"a","all_namespaces":true)"),
       "exclude each other"},
  };
  const std::string before = now_version();
  for (const auto& row : rows) {
    const Answer answer = ask(kInstall, row.arguments);
    EXPECT_TRUE(answer.failed()) << row.arguments;
    EXPECT_TRUE(answer.says(row.says)) << answer.text();
  }
  EXPECT_EQ(now_version(), before);
}

TEST_F(CatalogWrites, AllNamespacesAreThoseThatTakeClusters) {
  const Answer made = ask(kInstall, of("velero", "velero", "10.1.0", R"(,"all_namespaces":true)"));
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_NE(stored(templates(), "team-a/velero-10-1-0"), "");
  EXPECT_NE(stored(templates(), "kcm-system/velero-10-1-0"), "");
  EXPECT_EQ(stored(templates(), "kube-system/velero-10-1-0"), "");
  EXPECT_TRUE(made.says("namespace kube-system is left out")) << made.text();
  for (std::size_t i = 0; i < 60; ++i)
    cluster.add_namespace("many-" + std::to_string(i));
  const Answer many = ask(kInstall, of("velero", "velero", "10.1.0", R"(,"all_namespaces":true)"));
  EXPECT_TRUE(many.failed());
  EXPECT_TRUE(many.says("50 at most")) << many.text();
}

TEST_F(CatalogWrites, WhatIsUsedIsNotDeletedAndItsUsersAreNamed) {
  const std::string before = now_version();
  Answer answer = ask(kDelete, of("cert-manager", "cert-manager", "v1.18.2"));
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("is used by ClusterDeployment kcm-system/aws-prod")) << answer.text();
  answer = ask(kDelete, of("ingress-nginx", "ingress-nginx", "4.15.1"));
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("ServiceTemplateChain kcm-system/ingress-nginx-chain")) << answer.text();
  EXPECT_EQ(now_version(), before);
  ask(kInstall, kVelero);
  put(kK0rdent, "v1beta1", "multiclusterservices",
      R"({"metadata":{"name":"backups"},"spec":{"serviceSpec":{"services":[)"
      R"({"name":"v","template":"velero-10-1-0"}]}}})");
  answer = ask(kDelete, kVelero);
  EXPECT_TRUE(answer.says("MultiClusterService backups")) << answer.text();
  // A copy elsewhere that uses the chart of this one, as AccessManagement makes them.
  ask(kInstall, of("minio", "minio", "14.1.2"));
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"minio-14-1-2","namespace":"kcm-system"},"spec":{"helm":{"chartSpec":)"
      R"({"chart":"minio","version":"14.1.2","sourceRef":{"kind":"HelmRepository","name":)"
      R"("k0rdent-catalog"}}}},"status":{"chartRef":{"kind":"HelmChart","name":"minio-14-1-2",)"
      R"("namespace":"kcm-system"}}})");
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"minio-14-1-2","namespace":"team-a"},"spec":{"helm":{"chartRef":)"
      R"({"kind":"HelmChart","name":"minio-14-1-2","namespace":"kcm-system"}}}})");
  answer = ask(kDelete, of("minio", "minio", "14.1.2"));
  EXPECT_TRUE(answer.says("is used by ServiceTemplate team-a/minio-14-1-2")) << answer.text();
}

TEST_F(CatalogWrites, DeletesAfterAConfirmationAndLeavesASharedRepository) {
  ask(kInstall, kVelero);
  const Answer gone = confirmed(kDelete, kVelero);
  EXPECT_EQ(gone.status(), "deleted") << gone.text();
  EXPECT_EQ(stored(templates(), "kcm-system/velero-10-1-0"), "");
  EXPECT_NE(stored(repositories(), "kcm-system/k0rdent-catalog"), "");
  EXPECT_TRUE(gone.says("HelmRepository kcm-system/k0rdent-catalog stays: ServiceTemplate"))
      << gone.text();
  const Answer again = ask(kDelete, kVelero);
  EXPECT_EQ(again.status(), "not_found") << again.text();
}

TEST_F(CatalogWrites, TheRepositoryGoesWithTheLastThatRefersToIt) {
  const std::string there = of("velero", "velero", "10.1.0", R"(,"namespace":"team-a")");
  ask(kInstall, there);
  put(kFlux, "v1", "helmcharts",
      R"({"metadata":{"name":"own","namespace":"team-a"},"spec":{"chart":"x","sourceRef":)"
      R"({"kind":"HelmRepository","name":"k0rdent-catalog"}}})");
  const Answer shown = ask(kDelete, there);
  EXPECT_EQ(shown.status(), "confirmation_required");
  EXPECT_TRUE(shown.says("stays: HelmChart team-a/own refer to it")) << shown.text();
  put(kFlux, "v1", "helmcharts",
      R"({"metadata":{"name":"own","namespace":"team-a","ownerReferences":[{"kind":)"
      R"("ServiceTemplate","name":"velero-10-1-0"}]},"spec":{"chart":"x","sourceRef":)"
      R"({"kind":"HelmRepository","name":"k0rdent-catalog"}}})");
  const Answer gone = confirmed(kDelete, there);
  EXPECT_EQ(gone.status(), "deleted") << gone.text();
  EXPECT_EQ(stored(templates(), "team-a/velero-10-1-0"), "");
  EXPECT_EQ(stored(repositories(), "team-a/k0rdent-catalog"), "");
  EXPECT_TRUE(gone.says("nothing else refers to HelmRepository team-a/k0rdent-catalog"));
}

TEST_F(CatalogWrites, WhatCannotBeKnownIsNotDeleted) {
  ask(kInstall, kVelero);
  deny("list", "multiclusterservices");
  const Answer answer = ask(kDelete, kVelero);
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("cannot be known")) << answer.text();
  EXPECT_NE(stored(templates(), "kcm-system/velero-10-1-0"), "");
  allow_all();
  deny("list", "helmcharts");
  const Answer shown = ask(kDelete, kVelero);
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("stays: what refers to it cannot be known")) << shown.text();
}

// A cluster that serves ServiceTemplates and no other kind of k0rdent's or Flux's.
struct CatalogWithoutFlux : test::ChangeWorld {
  CatalogWithoutFlux() {
    EXPECT_TRUE(
        api.store().load("apiVersion: k0rdent.mirantis.com/v1beta1\n"
                         "kind: ServiceTemplate\n"
                         "metadata: {name: velero-10-1-0, namespace: kcm-system}\n"
                         "spec: {helm: {chartSpec: {chart: velero, version: 10.1.0,\n"
                         "  sourceRef: {kind: HelmRepository, name: k0rdent-catalog}}}}\n"));
    add(catalog::make_write_tools(change, catalog));
  }
};

TEST_F(CatalogWithoutFlux, NothingIsInstalledAndWhatIsThereCanGo) {
  const Answer refused = ask(kInstall, of("velero", "velero", "9.2.0"));
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("does not serve helmrepositories")) << refused.text();
  const Answer gone = confirmed(kDelete, kVelero);
  EXPECT_EQ(gone.status(), "deleted") << gone.text();
}

TEST_F(CatalogWrites, AForeignTemplateOfThatNameIsLeftAlone) {
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"velero-10-1-0","namespace":"kcm-system"},"spec":{"kustomize":{}}})");
  const Answer answer = ask(kDelete, kVelero);
  EXPECT_TRUE(answer.failed());
  EXPECT_TRUE(answer.says("is of no chart of a repository, not of velero 10.1.0")) << answer.text();
}

TEST(InstallObjects, NamesAreThoseOfTheCatalogsOwnInstaller) {
  EXPECT_EQ(catalog::template_name("ingress-nginx", "4.14.3"), "ingress-nginx-4-14-3");
  EXPECT_EQ(catalog::template_name("cert-manager", "v1.18.2"), "cert-manager-v1-18-2");
  EXPECT_EQ(catalog::template_name("x", "1.0.0+Build_7"), "x-1-0-0-build-7");
  EXPECT_EQ(catalog::template_name("x", "1."), "");
  EXPECT_EQ(catalog::repository_name("oci://ghcr.io/k0rdent/catalog/charts/"), "k0rdent-catalog");
  const std::string other = catalog::repository_name("oci://mirror.example/charts");
  EXPECT_TRUE(other.starts_with("k0rdent-catalog-") && other.size() == 24) << other;
  EXPECT_NE(catalog::repository_name("oci://mirror.example/chart"), other);
  EXPECT_EQ(catalog::repository_body("https://mirror.example/charts").find("oci"),
            std::string::npos);
}

}  // namespace
