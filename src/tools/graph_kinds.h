// The kinds of the resource graph: the group and versions where each is looked for, its scope, and
// how it is known: watched always (when served), watched once something names the kind, watched
// while a reader's filter names it (Machines and what is made for each: there may be thousands), or
// looked up object by object (Secrets, ConfigMaps and the like are never listed or watched).
//
// Flux' objects are watched with KCM's label "managed" and without: one that lacks it would seem to
// be missing where something names it.
//
// Of several versions the first served one counts: no field that the graph reads was renamed
// between them. A kind that only a reference names (an infrastructure provider of its own) is added
// at run time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kube/resource.h"

namespace tools {

using KindId = std::uint16_t;
constexpr KindId kNoKind = UINT16_MAX;
// Kinds added at run time, at the most: real clusters name a handful.
constexpr std::size_t kGraphAddedKinds = 64;

enum class KindPolicy : unsigned char { always, named, asked, lookup };

// What is known of a kind's objects.
enum class KindState : unsigned char {
  unknown,     // not asked, or not answered yet
  known,       // those in the store are all there are
  single,      // looked up one by one
  not_served,  // no such kind in the API
  forbidden,   // may not be seen
};

struct GraphKind {
  std::string type;   // "ClusterDeployment": unique, the node's type
  std::string group;  // "" is core
  std::vector<std::string> versions;
  bool namespaced = true;
  KindPolicy policy = KindPolicy::always;
  KindState state = KindState::unknown;
  kube::Resource resource;  // once found in the API

  bool k0rdent() const;
  bool cluster_api() const;  // cluster.x-k8s.io and the groups under it
};

class GraphKinds {
 public:
  GraphKinds();  // the table

  std::size_t size() const { return kinds_.size(); }
  GraphKind& operator[](KindId id) { return kinds_[id]; }
  const GraphKind& operator[](KindId id) const { return kinds_[id]; }

  KindId find(std::string_view type) const;                          // kNoKind
  KindId find(std::string_view group, std::string_view kind) const;  // kNoKind
  // Finds it or adds it as a named one. `version`: where to look first; "" unknown. kNoKind: too
  // many were added, or no kind's name.
  KindId add(std::string_view group, std::string_view version, std::string_view kind,
             bool namespaced);

 private:
  std::vector<GraphKind> kinds_;
  std::size_t fixed_ = 0;
};

// The types of the table, in its order: what a filter may name.
const std::vector<std::string_view>& graph_types();

}  // namespace tools
