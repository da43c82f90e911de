// The conditions of a k0rdent object, and what its Ready says of the others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace sim {

class Conditions {
 public:
  // `list`: status.conditions.
  Conditions(base::json::Value list, base::WallTime now, std::int64_t generation);
  // lastTransitionTime changes with the status alone.
  void set(std::string_view type, std::string_view status, std::string_view reason,
           std::string_view message = {});
  bool is_true(std::string_view type) const;
  // Ready of a ClusterDeployment, from the others, in order: deletion, failures, warnings (a
  // cluster that is not ready for up to 30 minutes, services), unknown ones.
  void set_ready();
  std::string json() const;

 private:
  struct One {
    std::string type = {}, status = {}, reason = {}, message = {}, since = {};
    std::int64_t generation = 0;
  };
  const One* find(std::string_view type) const;
  bool failed(const One& one) const;

  std::vector<One> list_;
  base::WallTime now_;
  std::int64_t generation_;
};

}  // namespace sim
