// Upgrades: where the template of a cluster can go: the upgrades that k0rdent offers
// (status.availableUpgrades), which of them are valid, and the way over several of them, along the
// ClusterTemplateChains of the namespace.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cluster/chosen.h"
#include "cluster/gather.h"

namespace deploy {

class Upgrades {
 public:
  // Asks for what round `round` (from 0) needs; false: nothing more is needed. `wanted`: "": none yet.
  bool ask(cluster::Gather& gather, const std::string& ns, base::json::Value deployment,
           const std::string& wanted, int round);
  // Why the templates cannot be read; "": they can.
  std::string failure() const;
  // "available upgrades: a, b (not valid: no such chart)", or that there are none.
  std::string offered_text() const;
  bool offers(std::string_view name) const;
  // "upgrade to b first, then to c"; "": the chains have no way to `wanted`, or all are not valid. Or why
  // the chains cannot be read.
  std::string way_text(const std::string& wanted) const;
  // The templates that are offered, or on the way: an array for choose_template().
  base::json::Value templates() { return known_->objects(); }

 private:
  // The steps of chains: {"from", "to": [name, …]}.
  class Steps final : public cluster::Chosen {
   public:
    using Chosen::Chosen;

   private:
    void take(base::json::Value object, std::string& out) const override;
  };
  // What says whether a template can be taken.
  class Templates final : public cluster::Chosen {
   public:
    Templates(const cluster::Cluster& cluster, std::set<std::string, std::less<>> names)
        : Chosen(cluster), names_(std::move(names)) {}

   private:
    void take(base::json::Value object, std::string& out) const override;
    const std::set<std::string, std::less<>> names_;
  };
  using Ways = std::map<std::string, std::set<std::string>, std::less<>>;

  void read_steps();
  // Each template that can be reached: the one before it. `valid`: by valid ones only.
  std::map<std::string, std::string, std::less<>> reached(bool valid) const;
  // "": it can be taken.
  std::string problem_of(std::string_view name) const;

  std::string now_;
  std::vector<std::string> offered_;
  Ways ways_;
  std::map<std::string, std::string, std::less<>> problems_;  // of those that are there
  std::optional<Steps> steps_;
  std::optional<Templates> known_;
  cluster::Part* part_ = nullptr;
  cluster::Part* chains_ = nullptr;
};

}  // namespace deploy
