// What is kept of an index, and what is refused or left out.
#include "catalog/index.h"

#include <chrono>

#include <gtest/gtest.h>
#include <malloc.h>

#include "base/file.h"
#include "catalog/search.h"

namespace {

using base::Errc;
using catalog::Index;

std::string fixture() {
  return *base::read_file("test/fixtures/catalog/index.json", catalog::kIndexBytes);
}

std::string index_of(const std::string& addons) {
  return R"({"metadata":{"generated":"2026-07-03T09:15:00.1+02:00","version":"1.10.0"},"addons":[)" +
         addons + "]}";
}

std::string addon(const std::string& name, const std::string& more = "",
                  const std::string& chart = R"("name":"c","versions":["1.0.0"])") {
  return R"({"name":")" + name + R"(","charts":[{)" + chart + "}]" + more + "}";
}

TEST(CatalogIndex, ReadsTheRealShape) {
  const auto index = catalog::read_index(fixture());
  ASSERT_TRUE(index) << index.error().what();
  EXPECT_EQ(index->version, "1.10.0");
  EXPECT_EQ(base::format_rfc3339(*index->generated, 6), "2026-07-03T09:15:00.123456Z");
  EXPECT_EQ(index->skipped, 0U);
  const catalog::Addon* nginx = catalog::find_addon(*index, "ingress-nginx");
  ASSERT_TRUE(nginx);
  EXPECT_EQ(nginx->support, "community");
  EXPECT_EQ(nginx->tags, std::vector<std::string>{"Networking"});
  ASSERT_EQ(nginx->charts.size(), 1U);
  EXPECT_EQ(nginx->charts[0].repository, catalog::kUsualRepository);
  std::string versions;
  for (const auto& each : nginx->charts[0].versions)
    versions += each.version + "=" + each.app_version + " ";
  EXPECT_EQ(versions, "4.15.1=1.15.1 4.14.3=1.14.3 4.13.2=1.13.2 4.11.5=1.11.5 4.9.1=1.9.1 ")
      << "by version, not by text, each with its own app version";
  EXPECT_EQ(catalog::find_addon(*index, "istio")->charts[1].name, "istiod") << "in their order";
  EXPECT_EQ(catalog::find_addon(*index, "cert-manager")->charts[0].versions[0].version, "v1.18.2");
  EXPECT_EQ(catalog::find_addon(*index, "dex")->charts[0].versions[0].version, "0.24.0-rc.1");
  EXPECT_TRUE(catalog::find_addon(*index, "grafana-legacy")->deprecated);
  EXPECT_EQ(catalog::find_addon(*index, "nginx"), nullptr);
}

TEST(CatalogIndex, AnOldIndexWithoutRepositoriesMeansThePublicOne) {
  const auto index = catalog::read_index(index_of(addon("a")));
  ASSERT_TRUE(index);
  EXPECT_EQ(index->addons[0].charts[0].repository, "oci://ghcr.io/k0rdent/catalog/charts");
}

TEST(CatalogIndex, WhatCouldNotStandInAnObjectIsLeftOutAndCounted) {
  const struct {
    std::string addon;
    const char* why;
  } bad[] = {
      {addon("Upper"), "name"},
      {addon("a/b"), "name"},
      {addon(std::string(200, 'a')), "long name"},
      {addon("x", "", R"("name":"../c","versions":["1.0.0"])"), "chart name"},
      {addon("x", "", R"("name":"c d","versions":["1.0.0"])"), "chart name"},
      {addon("x", "", R"("name":"c","versions":[])"), "no version"},
      {addon("x", "", R"("name":"c","versions":["1.0.0 --x","a b","",7,null])"), "versions"},
      {addon("x", "", R"("name":"c","versions":["1.0.0"],"repository":"http://a/b")"), "http"},
      {addon("x", "", R"("name":"c","versions":["1.0.0"],"repository":"oci://u:p@a/b")"), "user"},
      {addon("x", "", R"("name":"c","versions":["1.0.0"],"repository":"file:///etc")"), "file"},
      {addon("x", "", R"("name":"c","versions":["1.0.0"],"repository":"oci://a/b\nc")"), "line"},
      {addon("x", "", R"("name":"c","versions":["latest","1.x","1.2","*","v","1.2.3.4","1.0.0-"])"),
       "versions that move"},
      {addon("x", "", R"("name":"../../c","versions":["../../x"])"), "a way up"},
      {addon("../../x"), "a way up"},
      {R"({"name":"x"})", "no charts"},
      {R"({"name":"x","charts":"none"})", "charts"},
      {R"("x")", "no object"},
      {"null", "no object"},
  };
  for (const auto& each : bad) {
    const auto index = catalog::read_index(index_of(each.addon + "," + addon("good")));
    ASSERT_TRUE(index) << each.why;
    EXPECT_EQ(index->addons.size(), 1U) << each.why;
    EXPECT_GE(index->skipped, 1U) << each.why;
    const auto alone = catalog::read_index(index_of(each.addon));
    ASSERT_FALSE(alone) << each.why;
    EXPECT_EQ(alone.error().code(), Errc::protocol) << each.why;
  }
}

TEST(CatalogIndex, OfOneNameTheFirstCountsAndTextsAreCut) {
  const auto index = catalog::read_index(
      index_of(addon("a", R"(,"description":"one\u0000\u001btwo )" + std::string(5000, 'x') +
                              R"(","metadata":{"tags":["T",7,""]})") +
               "," + addon("a", R"(,"description":"second")")));
  ASSERT_TRUE(index);
  ASSERT_EQ(index->addons.size(), 1U);
  EXPECT_EQ(index->skipped, 1U);
  EXPECT_LE(index->addons[0].summary.size(), catalog::kTextBytes);
  EXPECT_EQ(index->addons[0].summary.find('\0'), std::string::npos);
  EXPECT_EQ(index->addons[0].summary.find('\x1b'), std::string::npos);
  EXPECT_EQ(index->addons[0].tags, std::vector<std::string>{"T"});
}

TEST(CatalogIndex, HugeTagsAndTextsAreCut) {
  std::string tags;
  for (int i = 0; i < 200; ++i)
    tags += (i == 0 ? "\"" : ",\"") + std::string(4000, 't') + std::to_string(i) + "\"";
  const auto index =
      catalog::read_index(index_of(addon("a", R"(,"metadata":{"tags":[)" + tags + "]}")));
  ASSERT_TRUE(index);
  EXPECT_EQ(index->addons[0].tags.size(), catalog::kTagsEach);
  for (const std::string& tag : index->addons[0].tags)
    EXPECT_LE(tag.size(), catalog::kNameBytes);
}

TEST(CatalogIndex, WhatIsNoIndexIsRefused) {
  for (const char* text : {"", "<html>", "[]", "{}", R"({"addons":{}})", R"({"addons":[]})", "null",
                           "{\"addons\":[", "\"addons\""}) {
    const auto index = catalog::read_index(text);
    ASSERT_FALSE(index) << text;
    EXPECT_EQ(index.error().code(), Errc::protocol) << text;
  }
}

TEST(CatalogIndex, LimitsBoundWhatIsKept) {
  EXPECT_EQ(catalog::read_index(std::string(catalog::kIndexBytes + 1, ' ')).error().code(),
            Errc::too_large);
  std::string many;
  for (std::size_t i = 0; i <= catalog::kAddons; ++i)
    many += (i == 0 ? "" : ",") + addon("a" + std::to_string(i));
  EXPECT_EQ(catalog::read_index(index_of(many)).error().code(), Errc::too_large);
  std::string versions;
  for (std::size_t i = 0; i <= catalog::kVersions; ++i)
    versions += (i == 0 ? "\"1." : ",\"1.") + std::to_string(i) + "\"";
  EXPECT_EQ(
      catalog::read_index(index_of(addon("a", "", R"("name":"c","versions":[)" + versions + "]")))
          .error()
          .code(),
      Errc::too_large);
}

TEST(CatalogIndex, SearchLooksInNamesTagsChartsAndTexts) {
  const auto index = catalog::read_index(fixture());
  ASSERT_TRUE(index);
  const auto names = [&](const catalog::Search& search) {
    std::string out;
    for (const catalog::Addon* each : catalog::find(*index, search))
      out += each->name + " ";
    return out;
  };
  EXPECT_EQ(names({.query = "NGINX"}), "ingress-nginx ");
  EXPECT_EQ(names({.query = "rook-"}), "ceph ") << "a chart's name";
  EXPECT_EQ(names({.query = "traffic  http"}), "ingress-nginx ") << "each word, in any order";
  EXPECT_EQ(names({.query = "storage"}), "ceph minio ");
  EXPECT_EQ(names({.tag = "secur"}), "cert-manager dex istio kyverno kyverno-enterprise ");
  EXPECT_EQ(names({.query = "mesh", .tag = "network"}), "istio ");
  EXPECT_EQ(names({.app = "kyverno"}), "kyverno ");
  EXPECT_EQ(names({.app = "Kyverno"}), "");
  EXPECT_EQ(names({.query = "nothing like it"}), "");
}

TEST(CatalogIndex, NamesTheNearest) {
  const auto index = catalog::read_index(fixture());
  ASSERT_TRUE(index);
  using Names = std::vector<std::string>;
  EXPECT_EQ(catalog::nearest_addons(*index, "ingres-nginx", 3), Names{"ingress-nginx"});
  EXPECT_EQ(catalog::nearest_addons(*index, "nginx", 3), Names{"ingress-nginx"});
  EXPECT_EQ(catalog::nearest_addons(*index, "istiod", 3), Names{"istio"}) << "has that chart";
  EXPECT_EQ(catalog::nearest_addons(*index, "Velera", 3), Names{"velero"});
  EXPECT_EQ(catalog::nearest_addons(*index, "zzzzzzzz", 3), Names{});
  EXPECT_EQ(catalog::nearest_addons(*index, "", 3), Names{});
}

// The size of the published index: 111 add-ons, 123 charts, 263 versions, 113 kB.
TEST(CatalogIndex, ARealSizeIsReadInAMillisecondAndKeptInAHundredKilobytes) {
  std::string addons;
  for (int i = 0; i < 111; ++i) {
    addons +=
        (i == 0 ? "" : ",") +
        addon("addon-" + std::to_string(i),
              R"(,"description":")" + std::string(180, 'd') + R"(","logo":")" +
                  std::string(300, 'l') + R"(","docsUrl":")" + std::string(120, 'u') +
                  R"(","metadata":{"tags":["Monitoring"],"x":")" + std::string(60, 'x') + R"("})",
              R"("name":"chart-)" + std::to_string(i) +
                  R"(","versions":["4.15.1","4.14.3","4.13.2"],"appVersions":["1.1","1.2",)"
                  R"("1.3"],"repository":"oci://ghcr.io/k0rdent/catalog/charts")");
  }
  const std::string text = index_of(addons);
  ASSERT_TRUE(catalog::read_index(text));  // the parser keeps memory to work in
  const auto before = mallinfo2().uordblks;
  const auto begin = std::chrono::steady_clock::now();
  const auto index = catalog::read_index(text);
  const auto took = std::chrono::steady_clock::now() - begin;
  const auto kept = mallinfo2().uordblks - before;
  ASSERT_TRUE(index);
  std::printf(
      "  %zu bytes read in %lld us, %zu bytes kept\n", text.size(),
      static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()),
      kept);
  EXPECT_LT(kept, 150000U);
}

}  // namespace
