// Joined: one ClusterDeployment and the objects behind it, read for one answer.
//
//   1 the ClusterDeployment. Failed: error() says why, a missing one with the nearest names
//   2 by its name: template, Credential, Cluster, HelmRelease, SveltosCluster, ServiceSets,
//     StateManagementProvider, Region, address claim, events; with `upgrades` their templates
//   3 by the Cluster's name and references: control plane, infrastructure, MachineDeployments,
//     MachinePools, Machines, ClusterSummaries; without a Cluster the ClusterSummaries of its
//     SveltosCluster
//   4 the infrastructure objects of Machines that are not as they should be
//
// Everything but 1 may fail: notes() says what, and known() whether nothing did.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "base/json.h"
#include "cluster/cluster.h"
#include "cluster/gather.h"
#include "cluster/nearest_names.h"
#include "deployments/machines.h"
#include "deployments/phase.h"
#include "mcp/caller.h"
#include "mcp/need.h"

namespace deployments {

// Keeps the objects of a list that fit; the others are not worth their bytes.
class Chosen : public cluster::Part::Reader {
 public:
  void on_object(base::json::Value object) override;
  void on_restart() override;
  // Parsed at the first call.
  base::json::Value objects();
  bool full() const { return full_; }

 protected:
  virtual bool fits(base::json::Value object) const = 0;

 private:
  std::string text_;
  std::size_t count_ = 0;
  bool full_ = false, parsed_ = false;
  base::json::Document doc_;
};

// ServiceSets of the ClusterDeployment.
class OwnServiceSets final : public Chosen {
 public:
  std::string deployment;

 private:
  bool fits(base::json::Value object) const override;
};

// Warnings about the ClusterDeployment, or an object whose name begins with its name and '-'; which
// of these are its objects is decided later.
class NearWarnings final : public Chosen {
 public:
  std::string deployment;

 private:
  bool fits(base::json::Value object) const override;
};

// MachineSets that cannot create a Machine: Cluster API says so nowhere else, and writes no event.
class StuckMachineSets final : public Chosen {
 private:
  bool fits(base::json::Value object) const override;
};

// Templates of available upgrades that are read: a chain offers a few.
constexpr std::size_t kUpgradesRead = 10;

// Infrastructure objects of machines in one answer: many fail alike.
constexpr std::size_t kMachineParts = 8;

class Joined {
 public:
  // own: with template and Credential only, and the SveltosCluster of an adopted cluster
  enum class Depth : unsigned char { own, all };
  using Fn = base::Delegate<void()>;
  // `cluster` must outlive this. `done` runs once, never inside start(); it may destroy this.
  Joined(cluster::Cluster& cluster, mcp::Caller caller, Fn done);
  void start(std::string ns, std::string name, Depth depth, bool upgrades = false);

  // nullptr: there is a deployment(). Errc::not_found: there is none of that name.
  const base::Error* error() const { return error_ ? &*error_ : nullptr; }
  base::json::Value deployment() const { return deployment_->object(); }
  base::json::Value cluster_template() const { return object(template_); }
  base::json::Value credential() const { return object(credential_); }
  base::json::Value release() const { return object(release_); }
  base::json::Value capi() const;  // the Cluster
  base::json::Value sveltos() const { return object(sveltos_); }
  // The StateManagementProvider of its services.
  base::json::Value provider() const { return object(provider_); }
  base::json::Value control_plane() const { return object(control_plane_); }
  base::json::Value infrastructure() const { return object(infrastructure_); }
  base::json::Value machine_deployments() const { return objects(machine_deployments_); }
  base::json::Value machine_pools() const { return objects(machine_pools_); }
  base::json::Value region_object() const { return object(region_); }
  base::json::Value address_claim() const { return object(claim_); }
  // The infrastructure objects of machines().troubled() that were read.
  const std::vector<base::json::Value>& machine_parts() const { return machine_parts_; }
  // ClusterSummaries of its Cluster, or of its SveltosCluster.
  std::vector<base::json::Value> summaries() const;
  base::json::Value service_sets() { return service_sets_.objects(); }
  base::json::Value stuck_sets() { return stuck_sets_.objects(); }
  base::json::Value warnings() { return warnings_.objects(); }
  const Machines& machines() const { return machines_; }

  // Why the upgrade of that place in status.availableUpgrades cannot be taken, which says what chains say;
  // "": it can, as far as is known.
  std::string upgrade_problem(std::size_t place) const;
  // Whether the template or Credential that is named is known not to be there.
  bool template_absent() const { return template_ && template_->absent(); }
  bool credential_absent() const { return credential_ && credential_->absent(); }
  // The Cluster: seen, or known not to be there. False: it may not be seen, or is elsewhere.
  bool capi_known() const { return clusters_ && clusters_->known(); }
  bool sveltos_known() const { return sveltos_ && sveltos_->known(); }
  bool machines_known() const { return machines_part_ && machines_part_->known(); }
  // What the phase is read from.
  Seen seen();
  // The Region whose cluster has the Cluster API objects; "": this one.
  std::string_view region() const { return deployment()["status"]["region"].str(); }
  std::vector<std::string> notes() const;

 private:
  enum class Step : unsigned char { deployment, named, behind, machines };
  static base::json::Value object(const cluster::Part* part) {
    return part ? part->object() : base::json::Value();
  }
  static base::json::Value objects(const cluster::Part* part) {
    return part ? part->objects() : base::json::Value();
  }
  void on_gathered();
  void on_deployment();
  void read_named();
  void read_upgrades();
  void read_clusters();
  void read_behind();
  void read_summaries(const std::string& cluster);
  // Whether there is any.
  bool read_machine_parts();
  void on_names(const std::vector<std::string>& names);

  const mcp::Caller caller_;
  const Fn done_;
  std::string ns_, name_;
  std::optional<base::Error> error_;
  Depth depth_ = Depth::own;
  bool with_upgrades_ = false;
  Step step_ = Step::deployment;
  Machines machines_;
  OwnServiceSets service_sets_;
  NearWarnings warnings_;
  StuckMachineSets stuck_sets_;
  std::vector<const cluster::Part*> machine_gets_, upgrades_;
  std::vector<base::json::Value> machine_parts_;
  cluster::Gather gather_;
  cluster::NearestNames names_;
  cluster::Part *deployment_ = nullptr, *template_ = nullptr, *credential_ = nullptr,
                *clusters_ = nullptr, *release_ = nullptr, *sveltos_ = nullptr,
                *provider_ = nullptr, *control_plane_ = nullptr, *infrastructure_ = nullptr,
                *machine_deployments_ = nullptr, *machine_pools_ = nullptr,
                *machines_part_ = nullptr, *region_ = nullptr, *claim_ = nullptr,
                *summaries_ = nullptr;
};

// What a Joined asks the API server for.
mcp::Needs joined_needs(Joined::Depth depth);

}  // namespace deployments
