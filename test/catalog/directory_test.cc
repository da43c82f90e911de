// A file or directory of an air-gapped site in place of the URL.
#include "catalog/catalog.h"
#include "support/tools_world.h"

namespace {

struct Told {
  explicit Told(catalog::Catalog& of)
      : query(of, catalog::Query::Fn::bind<&Told::on_known>(this)) {}
  void on_known(const catalog::Known& known) {
    ++times;
    addon = known.index ? known.index->addons.at(0).name : "none";
    problem = known.problem;
  }
  int times = 0;
  std::string addon, problem;
  catalog::Query query;
};

struct CatalogDirectory : test::ToolsWorld {
  void ask(bool refresh = false) {
    Told told(own);
    told.query.start(refresh);
    EXPECT_EQ(told.times, 0) << "told inside start()";
    EXPECT_TRUE(run_until([&] { return told.times > 0; }));
    addon = told.addon;
    problem = told.problem;
  }
  void put(const std::string& name, const std::string& generated) {
    dir.write("site/index.json", R"({"metadata":{"generated":")" + generated +
                                     R"("},"addons":[{"name":")" + name +
                                     R"(","charts":[{"name":"c","versions":["1.0.0"]}]}]})");
  }
  std::string addon, problem;
  catalog::Catalog own{loop, resolver, {.url = dir.path("site")}};
};

TEST_F(CatalogDirectory, IsReadAgainWhenItChanges) {
  ask();
  EXPECT_EQ(addon, "none");
  EXPECT_NE(problem.find("No such file"), std::string::npos) << problem;
  dir.make_dir("site");
  put("one", "2026-01-01T00:00:00Z");
  ask();
  EXPECT_EQ(addon, "one") << "read when it is there, without a pause";
  put("another", "2020-01-01T00:00:00Z");
  ask();
  EXPECT_EQ(addon, "another") << "what the operator puts there counts";
  EXPECT_EQ(problem, "");
}

TEST_F(CatalogDirectory, ABrokenOneLeavesWhatWasRead) {
  dir.make_dir("site");
  put("one", "2026-01-01T00:00:00Z");
  ask();
  dir.write("site/index.json", "{");
  for (const bool refresh : {false, true}) {
    ask(refresh);
    EXPECT_EQ(addon, "one");
    EXPECT_NE(problem.find("no JSON"), std::string::npos) << problem;
  }
  dir.write("site/index.json", std::string(catalog::kIndexBytes + 1, ' '));
  ask();
  EXPECT_NE(problem.find("more than 1048576 bytes"), std::string::npos) << problem;
  dir.remove("site/index.json");
  dir.make_dir("site/index.json");
  ask();
  EXPECT_EQ(addon, "one");
  EXPECT_NE(problem.find("no regular file"), std::string::npos) << problem;
}

}  // namespace
