// RowJoin: reads the objects that rows of a list also depend on (ListRow::join), by namespace and name.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cluster/chosen.h"

namespace answer {

class RowJoin final : public cluster::Chosen {
 public:
  // `wanted`: objects of the list by "namespace/name"; must outlive it.
  RowJoin(const cluster::Cluster& cluster, const std::map<std::string, std::string>& wanted)
      : Chosen(cluster), wanted_(wanted) {}
  // By "namespace/name": {"metadata", "status"} of those that are wanted. Valid as objects() is.
  std::map<std::string, base::json::Value> found();
  // `object` with `joined` as the member of that name, both JSON.
  static std::string merged(std::string object, std::string_view joined);

 private:
  void take(base::json::Value object, std::string& out) const override;
  const std::map<std::string, std::string>& wanted_;
};

}  // namespace answer
