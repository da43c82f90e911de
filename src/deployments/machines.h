// The Machines of a cluster, counted while their list is read: there may be thousands.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/gather.h"

namespace deployments {

// Machines that are not as they should be, and addresses, in one answer; the rest is counted.
constexpr std::size_t kMachinesNamed = 20, kAddresses = 12;

class Machines final : public cluster::Part::Reader {
 public:
  struct Troubled {
    std::string name, role, phase, reason, message;
  };
  void on_object(base::json::Value machine) override;
  void on_restart() override;

  std::size_t total() const { return total_; }
  std::size_t ready() const { return ready_; }
  const std::map<std::string, std::size_t>& phases() const { return phases_; }
  const std::map<std::string, std::size_t>& versions() const { return versions_; }
  // Those that are not running or not ready.
  const std::vector<Troubled>& troubled() const { return troubled_; }
  std::size_t troubled_total() const { return total_ - well_; }
  // Addresses of control plane machines: "203.0.113.7 (ExternalIP)".
  const std::vector<std::string>& addresses() const { return addresses_; }
  // Whether an event about this object is about one of them: "Machine/x", "AWSMachine/x".
  bool has(std::string_view kind, std::string_view name) const;

  // {"total":…,"ready":…,"byState":{…},"byVersion":{…}}
  std::string json() const;
  std::string text() const;  // "5: 4 Running, 1 Provisioning"

 private:
  std::size_t total_ = 0, ready_ = 0, well_ = 0;
  std::map<std::string, std::size_t> phases_, versions_;
  std::vector<Troubled> troubled_;
  std::vector<std::string> addresses_;
  std::set<std::string, std::less<>> names_;  // "Kind/name"
};

}  // namespace deployments
