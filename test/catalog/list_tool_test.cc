// k0rdent.catalog.serviceTemplates.list: what it answers, as JSON and as text.
#include "catalog/list_tool.h"

#include "base/file.h"
#include "support/certs.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;

struct CatalogList : test::ToolsWorld {
  ~CatalogList() override { catalog.close(); }
  Value list(const std::string& arguments, catalog::Catalog* of = nullptr) {
    auto tool = catalog::make_catalog_list_tool(of ? *of : catalog, *context);
    auto reply = call(*tool, arguments);
    shown = reply.shown;
    text = reply.text;
    return *doc.parse(text.starts_with("{") ? text : "{}");
  }
  std::string names(Value answer) {
    std::string out;
    for (const Value each : answer["entries"].array())
      out += std::string(each["slug"].str()) + " ";
    return out;
  }
  std::string text, shown;
  base::json::Document doc;
};

TEST_F(CatalogList, AnEntryHasTheOriginalsFieldsAndMore) {
  const Value entry = list(R"({"app":"dex","format":"json"})")["entries"].at(0);
  EXPECT_EQ(
      entry.to_json(),
      R"({"slug":"dex","title":"dex","summary":"Logs users in with the identity provider that )"
      R"(they have.","tags":["Authentication","Security"],"support_type":"community",)"
      R"("versions":[{"name":"dex","version":"0.24.0-rc.1",)"
      R"("repository":"oci://ghcr.io/k0rdent/catalog/charts","app_version":"2.43.0"},)"
      R"({"name":"dex","version":"0.23.0",)"
      R"("repository":"oci://ghcr.io/k0rdent/catalog/charts","app_version":"2.42.1"}]})");
  EXPECT_EQ(list(R"({"app":"grafana-legacy"})")["entries"].at(0)["deprecated"].as_bool(), true);
  EXPECT_EQ(list(R"({"app":"kyverno-enterprise"})")["entries"].at(0)["support_type"].str(),
            "enterprise");
}

TEST_F(CatalogList, TheTextIsATableWithTheNewestVersions) {
  list(R"({"query":"nginx"})");
  EXPECT_NE(shown.find("ingress-nginx   ingress-nginx 4.15.1, 4.14.3, 4.13.2 (+2)   community"),
            std::string::npos)
      << shown;
  list(R"({"app":"ingress-nginx"})");
  EXPECT_NE(shown.find("4.13.2, 4.11.5, 4.9.1   "), std::string::npos) << "all of one: " << shown;
  list(R"({"query":"mesh"})");
  EXPECT_NE(shown.find("istio-base 1.27.1, 1.26.4; istiod 1.27.1, 1.26.4; istio-gateway 1.27.1"),
            std::string::npos)
      << shown;
  list(R"({"tag":"monitoring"})");
  EXPECT_NE(shown.find("community, deprecated"), std::string::npos) << shown;
}

TEST_F(CatalogList, ACutAnswerGoesOnWhereItWasCut) {
  std::string all, go_on;
  int answers = 0;
  do {
    const Value answer = list(R"({"limit":3,"format":"json","continue":")" + go_on + R"("})");
    all += names(answer);
    go_on = answer["continue"].str();
    EXPECT_EQ(answer["truncated"].bool_or(false), !go_on.empty());
  } while (!go_on.empty() && ++answers < 10);
  EXPECT_EQ(all,
            "ceph cert-manager dex grafana-legacy ingress-nginx istio kyverno kyverno-enterprise "
            "minio velero ");
  const Value first = list(R"({"limit":1})");
  EXPECT_EQ(first["remaining"].int_or(0), 9);
  list(R"({"limit":1,"query":"x","continue":")" + std::string(first["continue"].str()) + R"("})");
  EXPECT_NE(text.find("error: "), std::string::npos) << "a cursor of another search: " << text;
}

TEST_F(CatalogList, WhatIsNotThereIsAnsweredWithTheNearest) {
  Value answer = list(R"({"app":"nginx"})");
  EXPECT_EQ(answer["entries"].size(), 0U);
  EXPECT_EQ(answer["notes"].at(0).str(),
            "the catalog has no add-on \"nginx\"; the nearest that are there: ingress-nginx");
  EXPECT_NE(shown.find("No add-ons found"), std::string::npos) << shown;
  answer = list(R"({"query":"velera"})");
  EXPECT_NE(answer["notes"].at(0).str().find("velero"), std::string::npos);
  answer = list(R"({"tag":"nets"})");
  EXPECT_EQ(answer["notes"].at(0).str(),
            "the catalog has these tags: Authentication, Backup and Recovery, Monitoring, "
            "Networking, Security, Storage");
}

TEST_F(CatalogList, AnIndexThatCannotBeReadAgainIsStillShownAndSaysSo) {
  catalog::Settings settings;
  settings.url =
      dir.write("own.json", *base::read_file("test/fixtures/catalog/index.json", 1 << 20));
  catalog::Catalog own(loop, resolver, settings);
  EXPECT_EQ(list(R"({"app":"dex"})", &own)["notes"].size(), 0U);
  dir.remove("own.json");
  const Value answer = list(R"({"app":"dex"})", &own);
  EXPECT_EQ(names(answer), "dex ");
  const std::string note(answer["notes"].at(0).str());
  EXPECT_TRUE(note.starts_with("The index is of 2026-01-01T00:00:00Z; it could not be refreshed: "))
      << note;
  EXPECT_NE(shown.find(note), std::string::npos) << shown;
  dir.write("own.json",
            R"({"addons":[{"name":"a","charts":[{"name":"c","versions":["1.0.0"]}]},7]})");
  EXPECT_EQ(list("{}", &own)["notes"].at(0).str(),
            "1 add-ons and charts of the index are malformed and left out");
}

TEST_F(CatalogList, WithoutAnIndexItSaysWhyAndWhenItIsAskedAgain) {
  catalog::Settings settings;
  settings.url = "https://127.0.0.1:1/index.json?key=secret";
  settings.ca_file = dir.write("ca.pem", test::shared_certs().ca_pem);
  catalog::Catalog own(loop, resolver, settings);
  list("{}", &own);
  EXPECT_TRUE(
      text.starts_with("error: the catalog https://127.0.0.1:1/index.json cannot be read: "
                       "connect 127.0.0.1:1: "))
      << text;
  EXPECT_TRUE(text.ends_with("; it is asked again in 1m at the earliest")) << text;
  own.close();
}

}  // namespace
