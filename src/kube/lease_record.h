// LeaseRecord: the content of a Lease object, and the object that takes, renews or releases it.
// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/time.h"

namespace kube {

struct LeaseRecord {
  std::string holder;  // "" : none
  base::Duration duration{};
  std::string acquired;  // acquireTime as it is written there
  std::int64_t transitions = 0;
  // Written back unchanged: the metadata as it was read, including its resourceVersion ("" : there
  // is no object yet), and the spec's members that we do not set.
  std::string metadata, others;
  std::string raw;  // the whole spec; a change means that the holder is alive

  static LeaseRecord of(base::json::Value lease);

  // The object with which `who` holds the lease from `now` on; acquireTime and leaseTransitions
  // stay when `who` is the holder already. who "" : the lease is released.
  std::string written(const std::string& ns, const std::string& name, const std::string& who,
                      base::Duration lease, base::WallTime now) const;
};

}  // namespace kube
