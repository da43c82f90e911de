// RowJoin: the objects of a list whose rows also depend on objects of another kind (ListRow::join). It
// sets them aside, reads the others as a Reader, and finds the one of the same namespace and name.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/limits.h"
#include "cluster/chosen.h"

namespace answer {

// Limit on what is set aside for one call, in bytes of JSON: some 500 objects, which is more than the
// rows of most answers, and as much as is kept of the others (kChosenLimits).
constexpr std::size_t kAsideBytes = 2 * base::limits::kMiB;

class RowJoin final : public cluster::Chosen {
 public:
  explicit RowJoin(const cluster::Cluster& cluster) : Chosen(cluster) {}

  // `key`: "namespace/name" of `object`. False: there is no room, and nothing changed.
  bool set_aside(const std::string& key, std::string object);
  void forget();
  bool empty() const { return aside_.empty(); }
  // After the list of the others: each object as JSON, with the member kJoinedMember where that is
  // known. `whole`: none of the others is missing in that list. Nothing is set aside any more.
  std::vector<std::string> joined(bool whole);

 private:
  void take(base::json::Value object, std::string& out) const override;
  std::map<std::string, std::string> aside_;
  std::size_t bytes_ = 0;
};

}  // namespace answer
