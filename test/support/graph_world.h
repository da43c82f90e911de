// What tests of the graph's model share: the sample objects, a store fed with them, and a client
// that applies deltas.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "graph/model/reader.h"
#include "graph/model/store.h"
#include "graph/model/view.h"
#include "graph/snapshot.h"

namespace test {

// Objects of a folder's YAML files as JSON, sub-folders too.
std::vector<std::string> fixture_objects(const std::string& folder);

// "from edge to resolved derived_from" of rows of expected-edges.tsv in these layers.
std::set<std::string> expected_edges(const std::set<std::string>& layers);

// What one has and the other lacks: "+ row" and "- row"; printable, however many there are.
std::set<std::string> difference(const std::set<std::string>& have,
                                 const std::set<std::string>& want);

struct GraphWorld {
  // `served`: the state of every kind that is not looked up one by one.
  explicit GraphWorld(graph::model::KindState served = graph::model::KindState::known,
                      std::string_view allowed = {});

  void put(std::string_view json);
  void remove(std::string_view json);
  void settle() {
    store.prune();
    store.settle();
  }
  graph::model::KindId kind_of(base::json::Value object);
  // Single look-ups are answered from these objects; what is not among them is absent.
  void answer_lookups(const std::vector<std::string>& objects = {});
  // In the form of expected_edges, of drawn edges of these types (all when empty).
  std::set<std::string> edges(const std::set<std::string>& types = {}) const;

  cluster::NamespaceFilter filter;
  graph::model::Kinds kinds;
  graph::model::IdentityPaths identities;
  graph::model::Reader reader{kinds, identities, "kcm-system"};
  graph::model::Store store{kinds, filter};
};

// What the filter shows now.
graph::model::View view_of(const graph::model::Store& store, graph::model::Filter filter = {});

// What a view tells of these turns; what it tells a newcomer, as deltas in JSON.
std::vector<graph::model::Delta> update(const graph::model::Store& store, graph::model::View& view,
                                        const std::vector<const graph::model::Turn*>& turns);
std::vector<std::string> snapshot_of(const graph::model::Store& store,
                                     const graph::model::View& view);

// What a client has made of the deltas it was told.
class GraphMirror {
 public:
  void apply(const std::string& delta_json);
  const std::map<std::string, std::string>& nodes() const { return nodes_; }
  const std::map<std::string, std::string>& edges() const { return edges_; }
  bool operator==(const GraphMirror&) const = default;

 private:
  std::map<std::string, std::string> nodes_, edges_;
};

}  // namespace test
