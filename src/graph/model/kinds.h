// The kinds of the resource graph: those of the table of kinds (kinds/table.h) that are nodes, and
// how the objects of each are found (KindPolicy):
//
//   always   watched when served
//   named    watched once something names the kind
//   asked    watched while a client's filter names the kind (Machines and what is made for each:
//            there may be thousands)
//   lookup   looked up when something names the object, metadata only (Secrets, ConfigMaps and the
//            like are never watched)
//
// Flux objects are watched with KCM's label "managed" and without: one that lacks the label would
// seem to be missing where something names it.
//
// A kind that only a reference names (an infrastructure provider's own) is added at run
// time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"
#include "kube/resource.h"

namespace graph::model {

using KindId = std::uint16_t;
constexpr KindId kNoKind = UINT16_MAX;
// Most kinds added at run time: real clusters name a handful.
constexpr std::size_t kGraphAddedKinds = 64;

enum class KindPolicy : unsigned char { always, named, asked, lookup };

// What is known of a kind's objects.
enum class KindState : unsigned char {
  unknown,     // not requested, or not answered yet
  known,       // the store has all there are
  single,      // looked up one by one
  not_served,  // the API has no such kind
  forbidden,   // may not be listed
};

struct Kind {
  const kinds::Kind* row = nullptr;  // nullptr: the table of kinds has none
  std::string type;                  // "ClusterDeployment": unique, the node's type
  std::string group;                 // "" is core
  std::vector<std::string> versions;
  bool namespaced = true;
  KindPolicy policy = KindPolicy::always;
  KindState state = KindState::unknown;
  kube::Resource resource;  // set once discovery has found it

  bool k0rdent() const;
  bool cluster_api() const;  // cluster.x-k8s.io and the groups under it
};

class Kinds {
 public:
  Kinds();  // the table

  std::size_t size() const { return kinds_.size(); }
  Kind& operator[](KindId id) { return kinds_[id]; }
  const Kind& operator[](KindId id) const { return kinds_[id]; }

  KindId find(std::string_view type) const;                          // kNoKind: none
  KindId find(std::string_view group, std::string_view kind) const;  // kNoKind: none
  // Finds the kind or adds it with the policy `named`. `version`: where to look first; "": unknown.
  // kNoKind: too many were added, or no kind can have that name.
  KindId add(std::string_view group, std::string_view version, std::string_view kind,
             bool namespaced);

 private:
  std::vector<Kind> kinds_;
  std::size_t fixed_ = 0;
};

// The types of the table, in its order: those that a filter can name.
const std::vector<std::string_view>& graph_types();

}  // namespace graph::model
