// Searched: a list of any length that is searched for some objects: these are kept whole, and of the others
// the names, for an answer that says what there is. Internal to the folder.
#pragma once

#include <string>
#include <utility>

#include "base/json.h"
#include "cluster/chosen.h"

namespace deploy {

// Names beyond these are advice that no caller reads; what is searched for always has room.
constexpr std::size_t kOthersKept = 2000;
constexpr cluster::PartLimits kSearchedLimits{5000, 16 * base::limits::kMiB};

// `IsWanted`: bool(base::json::Value object).
template <class IsWanted>
class Searched final : public cluster::Chosen {
 public:
  Searched(const cluster::Cluster& cluster, IsWanted is_wanted)
      : Chosen(cluster, kSearchedLimits), is_wanted_(std::move(is_wanted)) {}

 private:
  void take(base::json::Value object, std::string& out) const override {
    if (is_wanted_(object)) {
      out += object.to_json();
    } else if (others_ < kOthersKept) {
      ++others_;
      base::json::Writer w(out);
      w.begin_object().key("metadata").begin_object();
      w.field("name", object["metadata"]["name"].str()).end_object();
      w.key("status").begin_object();
      w.field("valid", object["status"]["valid"].bool_or(false)).end_object().end_object();
    }
  }
  const IsWanted is_wanted_;
  mutable std::size_t others_ = 0;  // not of one reading only: an advice may be shorter
};

}  // namespace deploy
