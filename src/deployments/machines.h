// The Machines of a cluster, counted while their list is read: there may be thousands.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "cluster/gather.h"

namespace deployments {

// Machines that are not as they should be, and addresses, in one answer; the rest is counted.
constexpr std::size_t kMachinesNamed = 20, kAddresses = 12;

class Machines final : public cluster::Part::Reader {
 public:
  struct Troubled {
    std::string name, role, phase, reason, message;
    std::string since = {};      // the last change of the condition that says it
    std::string reference = {};  // its infrastructureRef, JSON
    // It has a failureReason or failureMessage: `reason` and `message` are these.
    bool given_up = false;
  };
  // A Machine, or its infrastructure object, of which the Machine alone is read.
  struct Known {
    std::string uid;  // "": not known
    base::WallTime created;
    base::WallTime well;  // its last step that went well; 0: not known
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
  // The object that an event of this name is about, "Machine", "AWSMachine"; nullptr: none of them.
  const Known* find(std::string_view kind, std::string_view name) const;

  // {"total":…,"ready":…,"byState":{…},"byVersion":{…}}
  std::string json() const;
  std::string text() const;  // "5: 4 Running, 1 Provisioning"

 private:
  std::size_t total_ = 0, ready_ = 0, well_ = 0;
  std::map<std::string, std::size_t> phases_, versions_;
  std::vector<Troubled> troubled_;
  std::vector<std::string> addresses_;
  std::map<std::string, Known, std::less<>> known_;  // by "Kind/name"
};

// Why a MachineSet cannot create a Machine: its condition MachinesCreated, False. Cluster API 1.13
// has it in the deprecated block alone, v1beta1 among the others. Absent: it can.
base::json::Value creation_failure(base::json::Value machine_set);

}  // namespace deployments
