// Where the index is, and where a redirect leads.
#include "catalog/source.h"

#include <gtest/gtest.h>

namespace {

TEST(CatalogSource, AUrlOrAFile) {
  const auto url = catalog::parse_source("https://mirror.example:8443/a/index.json?key=secret");
  ASSERT_TRUE(url);
  EXPECT_FALSE(url->is_file());
  EXPECT_EQ(url->host, "mirror.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/index.json?key=secret");
  EXPECT_EQ(url->name, "https://mirror.example:8443/a/index.json") << "shown without its query";
  EXPECT_EQ(catalog::parse_source("https://a")->target, "/");
  EXPECT_EQ(catalog::parse_source("/srv/catalog")->path, "/srv/catalog/index.json");
  EXPECT_EQ(catalog::parse_source("/srv/catalog/")->path, "/srv/catalog/index.json");
  EXPECT_EQ(catalog::parse_source("file:///srv/c.json")->path, "/srv/c.json");
  EXPECT_FALSE(catalog::parse_source("http://127.0.0.1:8000/i")->tls);
  for (const char* no : {"", "http://mirror.example/i", "ftp://a/b", "index.json", "https://",
                         "file://host/x", "https://u:p@a/b"}) {
    const auto source = catalog::parse_source(no);
    ASSERT_FALSE(source) << no;
    EXPECT_TRUE(source.error().what().starts_with("must be https://")) << source.error().what();
  }
}

TEST(CatalogSource, ARedirectIsResolvedAsBrowsersDo) {
  const auto from = *catalog::parse_source("https://a.example/x/y?z=1");
  const std::pair<const char*, const char*> cases[] = {
      {"https://b.example/c", "https://b.example/c"},
      {"/c?d", "https://a.example/c?d"},
      {"c", "https://a.example/x/c"},
      {"//b.example:444/c", "https://b.example:444/c"},
      {"c?to=http://b", "https://a.example/x/c?to=http://b"},
      {"https://b.example/c#part", "https://b.example/c"},
  };
  for (const auto& [location, expected] : cases) {
    const auto to = catalog::redirected(from, location);
    ASSERT_TRUE(to) << location << ": " << to.error().what();
    EXPECT_EQ(to->url, expected) << location;
  }
  for (const char* no : {"", "#x", "http://a.example/x/y", "ftp://a/b", "https://u@b.example/",
                         "https://a b/", "javascript://x"})
    EXPECT_FALSE(catalog::redirected(from, no)) << no;
}

}  // namespace
