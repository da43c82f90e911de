// A part of the graph that fits into an answer.
#include "graph/page.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using base::json::Value;
using graph::Page;

// `count` deployments in a chain, each with a template and a missing credential.
std::string picture(int count) {
  std::string nodes, edges;
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(1000 + i);
    const std::string id = "ClusterDeployment:team-a/c" + n;
    nodes += (i > 0 ? "," : "") + std::string(R"({"id":")") + id +
             R"(","type":"ClusterDeployment","name":"c)" + n +
             R"(","namespace":"team-a","uid":"u","labels":{"a":"b"},"state":"ready"})";
    edges += (i > 0 ? "," : "") + std::string(R"({"id":"e","from":")") + id +
             R"(","to":"Credential:team-a/k","type":"uses-credential","resolved":false,)"
             R"("derivedFrom":".spec.credential"})";
    if (i > 0) {
      edges += R"(,{"id":"x","from":")" + id + R"(","to":"ClusterDeployment:team-a/c)" +
               std::to_string(1000 + i - 1) +
               R"(","type":"hosted-on","resolved":true,"derivedFrom":"x"})";
    }
  }
  return R"({"nodes":[)" + nodes + R"(],"edges":[)" + edges + R"(],"notes":["one \"note\""]})";
}

struct Answer {
  base::json::Document doc;
  Value root;
  std::string text;
  std::size_t bytes = 0;
};
Answer answer(const Page& page, const std::string& go_on = "next") {
  Answer out;
  const mcp::ToolResult result = page.result(go_on);
  out.root = *out.doc.parse(result.structured_json);
  if (!result.content.empty()) out.text = result.content.front().text;
  std::string escaped;
  base::json::append_string(escaped, out.text.empty() ? result.structured_json : out.text);
  out.bytes = result.structured_json.size() + escaped.size();
  return out;
}

TEST(GraphPage, ANodeIsOnALineWithItsEdgesBelowIt) {
  base::json::Document doc;
  const Value whole = *doc.parse(picture(2));
  const Answer a = answer(Page(whole, Page::Form::compact, 32768, {}));
  EXPECT_EQ(a.text,
            "ClusterDeployment:team-a/c1000  ready\n"
            "  uses-credential -> Credential:team-a/k  (does not exist)\n"
            "ClusterDeployment:team-a/c1001  ready\n"
            "  uses-credential -> Credential:team-a/k  (does not exist)\n"
            "  hosted-on -> ClusterDeployment:team-a/c1000\n"
            "\nNote: one \"note\"\n");
  EXPECT_EQ(a.root["nodes"].at(0).to_json(),
            R"({"id":"ClusterDeployment:team-a/c1000","type":"ClusterDeployment","name":"c1000",)"
            R"("namespace":"team-a","state":"ready"})");
  EXPECT_EQ(a.root["edges"].at(2).to_json(),
            R"({"from":"ClusterDeployment:team-a/c1001","to":"ClusterDeployment:team-a/c1000",)"
            R"("type":"hosted-on","resolved":true})");
  const Answer json = answer(Page(whole, Page::Form::json, 32768, {}));
  EXPECT_EQ(json.text, "");
  EXPECT_EQ(json.root["nodes"].to_json(), whole["nodes"].to_json());
  EXPECT_EQ(json.root["edges"].to_json(), whole["edges"].to_json());
}

// So no page has an edge to a node that comes later.
TEST(GraphPage, AnEdgeComesWithTheLaterOfItsNodes) {
  base::json::Document doc;
  const Value whole = *doc.parse(
      R"({"nodes":[{"id":"Pod:x/a","type":"Pod","name":"a"},{"id":"Pod:x/b","type":"Pod",)"
      R"("name":"b"}],"edges":[{"from":"Pod:x/a","to":"Pod:x/b","type":"owns","resolved":true}]})");
  EXPECT_EQ(answer(Page(whole, Page::Form::compact, 32768, {})).text,
            "Pod:x/a\nPod:x/b\n  <- owns Pod:x/a\n");
}

TEST(GraphPage, PagesFitAndTogetherAreTheWhole) {
  base::json::Document doc;
  const Value whole = *doc.parse(picture(400));
  for (const auto form : {Page::Form::compact, Page::Form::json, Page::Form::mermaid}) {
    std::multiset<std::string> nodes, edges;
    Page::End after;
    std::size_t pages = 0, charted = 0;
    for (;; ++pages) {
      const Page page(whole, form, 8192, after);
      const Answer a = answer(page);
      EXPECT_LE(a.bytes, 8192u);
      for (const Value each : a.root["nodes"].array())
        nodes.emplace(each["id"].str());
      for (const Value each : a.root["edges"].array())
        edges.insert(std::string(each["from"].str()) + " " + std::string(each["type"].str()));
      for (std::size_t at = 0; (at = a.text.find("|hosted-on|", at)) != a.text.npos; ++at)
        ++charted;
      EXPECT_EQ(a.root["truncated"].bool_or(false), page.cut());
      if (!page.cut()) break;
      EXPECT_GT(a.root["leftOut"]["ClusterDeployment"].int_or(0), 0);
      EXPECT_EQ(a.root["continue"].str(), "next");
      after = page.end();
      ASSERT_LT(pages, 200u);
    }
    EXPECT_GT(pages, 3u);
    if (form == Page::Form::mermaid) {
      EXPECT_EQ(charted, 399u);
      continue;
    }
    EXPECT_EQ(nodes.size(), 400u);
    EXPECT_EQ(std::set<std::string>(nodes.begin(), nodes.end()).size(), 400u);
    EXPECT_EQ(edges.size(), 799u);
    EXPECT_EQ(std::set<std::string>(edges.begin(), edges.end()).size(), 799u);
  }
}

TEST(GraphPage, AChartIsAFencedBlock) {
  base::json::Document doc;
  const Answer a = answer(Page(*doc.parse(picture(2)), Page::Form::mermaid, 32768, {}));
  EXPECT_TRUE(a.text.starts_with(
      "```mermaid\nflowchart LR\n  n0[\"ClusterDeployment<br/>team-a/c1000\"]\n"))
      << a.text;
  EXPECT_NE(a.text.find("  n2[\"Credential<br/>team-a/k (missing)\"]:::missing\n"), a.text.npos);
  EXPECT_NE(a.text.find("  n0 -.->|uses-credential| n2\n"), a.text.npos) << a.text;
  EXPECT_NE(a.text.find("  n1 -->|hosted-on| n0\n"), a.text.npos);
  EXPECT_NE(a.text.find("classDef missing stroke-dasharray: 5 5\n```\n"), a.text.npos);
  EXPECT_EQ("```mermaid\n" + std::string(a.root["mermaid"].str()) + "```\n",
            a.text.substr(0, a.text.find("\nNote")));
}

TEST(GraphPage, AnIdThatIsGoneContinuesAtItsPlace) {
  base::json::Document doc;
  const Value whole = *doc.parse(picture(10));
  const Answer a =
      answer(Page(whole, Page::Form::compact, 32768, {"ClusterDeployment:team-a/gone", 7}));
  EXPECT_EQ(a.root["nodes"].size(), 3u);
  EXPECT_EQ(answer(Page(whole, Page::Form::compact, 32768, {"ClusterDeployment:team-a/c1008", 1}))
                .root["nodes"]
                .size(),
            1u);
  base::json::Document none;
  EXPECT_EQ(answer(Page(*none.parse(R"({"nodes":[],"edges":[],"notes":[]})"), Page::Form::compact,
                        32768, {}))
                .text,
            "The graph is empty.\n");
}

// Bug: the first node of a page was given whole, whatever its labels and edges were; then what had no
// room of its edges was in no page.
TEST(GraphPage, ANodeThatAloneHasNoRoomIsCutAndItsEdgesGoOn) {
  std::string labels, edges;
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    labels.append(i > 0 ? ",\"" : "\"").append("label-").append(n).append(R"(":"a-value")");
    edges += (i > 0 ? "," : "") + std::string(R"({"id":"e)") + n +
             R"(","from":"Service:/s","to":"Cluster:t/c)" + n +
             R"(","type":"matches","resolved":false,"derivedFrom":".status"})";
  }
  const std::string text =
      R"({"nodes":[{"id":"Service:/s","type":"Service","name":"s","labels":{)" + labels +
      R"(}},{"id":"Service:/t"}],"edges":[)" + edges + "]}";
  base::json::Document doc;
  const Value whole = *doc.parse(text);
  for (const auto form : {Page::Form::compact, Page::Form::json, Page::Form::mermaid}) {
    for (const std::size_t most : {4096U, 8192U, 32768U}) {
      std::vector<std::string> given;
      std::size_t nodes = 0, pages = 1;
      Page::End after;
      for (;; ++pages) {
        const Page page(whole, form, most, after);
        const Answer a = answer(page);
        EXPECT_LE(a.bytes, most);
        ASSERT_EQ(a.root["truncated"].bool_or(false), page.cut() || pages == 1);
        nodes += a.root["nodes"].size();
        for (const Value edge : a.root["edges"].array())
          given.emplace_back(edge["to"].str());
        for (std::size_t at = 0; (at = a.text.find("|matches|", at)) != a.text.npos; ++at)
          if (form == Page::Form::mermaid) given.emplace_back(std::to_string(given.size()));
        if (pages == 1) {
          EXPECT_TRUE(a.root["notes"].at(0).str().starts_with("Service:/s: its edges 1 to "))
              << a.root["notes"].to_json();
        }
        if (!page.cut()) break;
        after = page.end();
        ASSERT_LT(pages, 1000U);
      }
      EXPECT_GE(pages, 2U);
      EXPECT_EQ(given.size(), 300U);
      EXPECT_EQ(std::set<std::string>(given.begin(), given.end()).size(), 300U) << "none twice";
      if (form != Page::Form::mermaid) {
        EXPECT_EQ(nodes, 2U);
      }
    }
  }
}

// Edges that came or went meanwhile: the page goes on after the last one given, by its name.
TEST(GraphPage, EdgesGoOnAfterTheLastOneGiven) {
  base::json::Document doc;
  const auto picture_of = [](std::initializer_list<int> ids) {
    std::string edges;
    for (const int id : ids) {
      edges += (edges.empty() ? "" : ",") + std::string(R"({"id":"e)") + std::to_string(id) +
               R"(","from":"Service:/s","to":"Cluster:t/)" + std::to_string(id) +
               R"(","type":"matches","resolved":false})";
    }
    return R"({"nodes":[{"id":"Service:/s"}],"edges":[)" + edges + R"(],"notes":[]})";
  };
  const auto rest = [&](std::initializer_list<int> ids, const Page::End& after) {
    std::string out;
    const Answer a = answer(Page(*doc.parse(picture_of(ids)), Page::Form::compact, 32768, after));
    EXPECT_EQ(a.root["nodes"].size(), 0U) << "it was given before";
    for (const Value edge : a.root["edges"].array())
      out.append(edge["to"].str().substr(10)).append(" ");
    return out;
  };
  const Page::End after{"Service:/s", 1, "e3", 3};
  EXPECT_EQ(rest({1, 2, 3, 4, 5}, after), "4 5 ");
  EXPECT_EQ(rest({0, 1, 2, 3, 4, 5}, after), "4 5 ");
  EXPECT_EQ(rest({1, 2, 4, 5}, after), "5 ") << "it is gone: at its place";
  EXPECT_EQ(rest({1, 2, 3}, after), "");
}

}  // namespace
