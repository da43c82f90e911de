// LeaseRecord: what a Lease object says, and the object that takes, renews or gives it away. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/time.h"

namespace kube {

struct LeaseRecord {
  std::string holder;  // "" : nobody
  base::Duration duration{};
  std::string acquired;  // as it stands there
  std::int64_t transitions = 0;
  // To be written back: the metadata as it was read, its resourceVersion with it ("" : there is no
  // object yet), and members of the spec that are not ours.
  std::string metadata, others;
  std::string raw;  // the whole spec: another one means that its holder is alive

  static LeaseRecord of(base::json::Value lease);

  // The object with which `who` holds it from `now` on: acquireTime and leaseTransitions stay when
  // it held it already. who "": given away.
  std::string written(const std::string& ns, const std::string& name, const std::string& who,
                      base::Duration lease, base::WallTime now) const;
};

}  // namespace kube
