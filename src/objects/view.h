// View: what of an object a client of k0rdent://objects sees, as JSON, its secrets masked:
//
//   one object         the whole one, without managedFields and last-applied copies; what is too
//                      long is cut (answer/fitted.h)
//   one of a list      its name, namespace, createdAt, deletedAt, labels, its state word and the
//                      summary of its kind (kinds/table.h); of a kind that the table lacks phase and
//                      ready
//   with `fields`      name, namespace, and "fields": {PATH: VALUE, …}
#pragma once

#include <cstddef>
#include <string>

#include "base/json.h"
#include "base/limits.h"
#include "cluster/cluster.h"
#include "objects/kind_lookup.h"
#include "objects/request.h"

namespace objects {

// Limit on the view of one object: a quarter of what an event stream may hold, so that it always has room.
constexpr std::size_t kViewBytes = base::limits::kStreamQueueBytes / 4;
// Limit on each object of a list, which may have thousands.
constexpr std::size_t kListedBytes = 16 * base::limits::kKiB;

class View {
 public:
  View() = default;
  View(const cluster::Cluster& cluster, FoundKind kind, const Request& request);
  const FoundKind& kind() const { return kind_; }
  std::string json(base::json::Value object) const;
  // The same for an object that is masked already, as cluster::Get gives it.
  std::string masked_json(base::json::Value object) const;

 private:
  std::string shown(base::json::Value object) const;
  const cluster::Cluster* cluster_ = nullptr;  // outlives this
  FoundKind kind_;
  bool list_ = false;
  std::vector<std::string> fields_;
};

}  // namespace objects
