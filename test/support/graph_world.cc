#include "support/graph_world.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"

namespace test {

using base::json::Document;
using base::json::Value;
using graph::model::KindPolicy;
using graph::model::KindState;

std::vector<std::string> fixture_objects(const std::string& folder) {
  std::vector<std::string> files, out;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.path().extension() == ".yaml") files.push_back(file.path().string());
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    const auto text = base::read_file(file, 1 << 20);
    EXPECT_TRUE(text.has_value()) << file;
    const auto documents = base::yaml::parse(*text);
    EXPECT_TRUE(documents.has_value()) << file;
    for (const base::yaml::Node& node : *documents) {
      if (!node.str("kind").empty()) out.push_back(base::yaml::to_json(node));
    }
  }
  return out;
}

std::set<std::string> expected_edges(const std::set<std::string>& layers) {
  const auto text = base::read_file("test/fixtures/k0rdent/expected-edges.tsv", 1 << 20);
  EXPECT_TRUE(text.has_value());
  std::set<std::string> out;
  for (const std::string_view line : base::split(*text, '\n')) {
    const std::size_t tab = line.find('\t');
    if (tab == line.npos || !layers.count(std::string(line.substr(0, tab)))) continue;
    std::string row(line.substr(tab + 1));
    std::replace(row.begin(), row.end(), '\t', ' ');
    out.insert(row);
  }
  return out;
}

std::set<std::string> difference(const std::set<std::string>& have,
                                 const std::set<std::string>& want) {
  std::set<std::string> out;
  for (const std::string& row : have) {
    if (!want.count(row)) out.insert("+ " + row);
  }
  for (const std::string& row : want) {
    if (!have.count(row)) out.insert("- " + row);
  }
  return out;
}

graph::model::View view_of(const graph::model::Store& store, graph::model::Filter filter) {
  graph::model::View view(store, std::move(filter));
  std::size_t looked = 0;
  view.begin(looked);
  return view;
}

GraphWorld::GraphWorld(KindState served, std::string_view allowed) {
  auto parsed = cluster::NamespaceFilter::parse(allowed);
  EXPECT_TRUE(parsed.has_value());
  filter = *std::move(parsed);
  for (graph::model::KindId i = 0; i < kinds.size(); ++i) {
    if (kinds[i].policy != KindPolicy::lookup || !kinds[i].group.empty())
      kinds[i].state = kinds[i].policy == KindPolicy::lookup ? KindState::single : served;
  }
}

graph::model::KindId GraphWorld::kind_of(Value object) {
  const std::string_view api = object["apiVersion"].str();
  const std::size_t slash = api.find('/');
  return kinds.find(slash == api.npos ? std::string_view() : api.substr(0, slash),
                    object["kind"].str());
}

void GraphWorld::put(std::string_view json) {
  Document doc;
  const auto object = doc.parse(json);
  ASSERT_TRUE(object.has_value()) << json;
  const graph::model::KindId kind = kind_of(*object);
  ASSERT_NE(kind, graph::model::kNoKind) << json;
  store.put(reader.read(kind, *object));
}

void GraphWorld::remove(std::string_view json) {
  Document doc;
  const auto object = doc.parse(json);
  ASSERT_TRUE(object.has_value()) << json;
  const Value metadata = (*object)["metadata"];
  store.remove(kind_of(*object), metadata["namespace"].str(), metadata["name"].str());
}

void GraphWorld::answer_lookups(const std::vector<std::string>& objects) {
  for (std::vector<graph::model::NodeIndex> open = store.take_lookups(); !open.empty();
       open = store.take_lookups()) {
    for (const graph::model::NodeIndex index : open) {
      const graph::model::Node& node = store.node(index);
      if (!node.id || node.exists) continue;
      bool found = false;
      for (const std::string& json : objects) {
        Document doc;
        const Value object = *doc.parse(json);
        if (kind_of(object) != node.kind || object["metadata"]["name"].str() != node.name() ||
            object["metadata"]["namespace"].str() != node.ns())
          continue;
        found = true;
        put(json);
        break;
      }
      if (!found) store.set_absent(index);
    }
  }
}

static std::string row_name(std::string_view id) {
  std::string out(id);
  const std::size_t colon = out.find(':');
  out[colon] = '/';
  if (out[colon + 1] == '/') out.erase(colon, 1);
  return out;
}

std::set<std::string> GraphWorld::edges(const std::set<std::string>& types) const {
  std::set<std::string> out;
  for (graph::model::EdgeIndex i = 0; i < store.edge_slots(); ++i) {
    if (store.edge(i).from == graph::model::kNone || !store.edge(i).drawn) continue;
    std::string json;
    store.append_edge(json, i);
    Document doc;
    const Value edge = *doc.parse(json);
    const std::string type(edge["type"].str());
    if (!types.empty() && !types.count(type)) continue;
    out.insert(row_name(edge["from"].str()) + " " + type + " " + row_name(edge["to"].str()) + " " +
               (edge["resolved"].bool_or(false) ? "yes " : "no ") +
               std::string(edge["derivedFrom"].str()));
  }
  return out;
}

void GraphMirror::apply(const std::string& delta_json) {
  Document doc;
  const auto delta = doc.parse(delta_json);
  ASSERT_TRUE(delta.has_value()) << delta_json;
  const std::string_view action = (*delta)["action"].str();
  if (action == "snapshot") nodes_.clear(), edges_.clear();
  const auto take = [&](Value list, std::map<std::string, std::string>& into) {
    for (const Value one : list.array()) {
      const std::string id(one["id"].str());
      if (action == "deleted") {
        EXPECT_EQ(into.erase(id), 1u) << "deleted, and never told: " << id;
      } else {
        const bool had = !into.insert_or_assign(id, one.to_json()).second;
        EXPECT_EQ(had, action == "modified") << action << " " << id;
      }
    }
  };
  take((*delta)["edges"], edges_);
  take((*delta)["nodes"], nodes_);
}

std::vector<graph::model::Delta> update(const graph::model::Store& store, graph::model::View& view,
                                        const std::vector<const graph::model::Turn*>& turns) {
  graph::model::Text text(store);
  std::size_t looked = 0;
  return view.update(turns, text, looked);
}

std::vector<std::string> snapshot_of(const graph::model::Store& store,
                                     const graph::model::View& view) {
  graph::SnapshotMaker maker(store, nullptr, {}, {});
  std::size_t looked = 0;
  maker.make(view, looked, SIZE_MAX);
  const fanout::Snapshot made = maker.take();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < made.size(); ++i)
    out.push_back(graph::model::Delta::numbered(made[i].view(), 1));
  return out;
}

}  // namespace test
