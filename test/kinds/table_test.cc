// The table of kinds against the CRDs, and how its rows are found.
#include "kinds/table.h"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"

namespace {

using kinds::Kind;

TEST(KindTable, EachKindIsThereOnceAndHasAVersion) {
  std::set<std::string_view> seen;
  for (const Kind& kind : kinds::all()) {
    EXPECT_TRUE(seen.insert(kind.kind).second) << kind.kind;
    EXPECT_FALSE(kind.versions.empty()) << kind.kind;
    EXPECT_EQ(kind.plural, base::to_lower(kind.plural)) << kind.kind;
    EXPECT_EQ(kinds::find(kind.kind), &kind);
    EXPECT_EQ(kinds::find(kind.group, kind.kind), &kind);
    EXPECT_EQ(kinds::find("other.io", kind.kind), nullptr);
  }
}

TEST(KindTable, WhatItSaysOfK0rdentsKindsIsWhatTheirDefinitionsSay) {
  int checked = 0;
  for (const auto& file : std::filesystem::directory_iterator("test/crds")) {
    if (file.path().extension() != ".yaml") continue;
    const auto text = base::read_file(file.path().string(), 4 << 20);
    ASSERT_TRUE(text);
    auto crd = base::yaml::parse_first(*text);
    ASSERT_TRUE(crd) << file.path();
    const base::yaml::Node* spec = crd->find("spec");
    ASSERT_TRUE(spec && spec->find("names")) << file.path();
    const base::yaml::Node& names = *spec->find("names");
    const Kind* kind = kinds::find(names.str("kind"));
    ASSERT_TRUE(kind) << file.path();
    EXPECT_EQ(kind->group, spec->str("group"));
    EXPECT_EQ(kind->plural, names.str("plural"));
    EXPECT_EQ(kind->namespaced, spec->str("scope") == "Namespaced") << kind->kind;
    ++checked;
  }
  EXPECT_GE(checked, 10);
}

}  // namespace
