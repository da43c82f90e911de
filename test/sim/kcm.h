// Kcm: stands in for k0rdent's controllers, Flux, Cluster API and the service controller, as far as
// they show in the management cluster: it moves a ClusterDeployment on after a write, one step at a
// time.
//
//   step  after a create or a change of spec               after a deletion
//   0     finalizer, observedGeneration, CredentialReady,  Deleting: WaitingForClusterDeletion
//         TemplateReady, HelmChartReady, availableUpgrades
//   1     HelmRelease; HelmReleaseReady Unknown             the Cluster is gone
//   2     HelmReleaseReady True; Cluster;                   the HelmRelease is gone
//         CAPIClusterSummary False
//   3     CAPIClusterSummary True                           the ServiceSet is gone
//   4     ServiceSet; services Provisioning                 the finalizer and the object are gone
//   5     services Deployed
//
// Ready follows from the other conditions by k0rdent's rules. A Credential (in a deletion, too) or a
// ClusterTemplate that is missing or not ready stops it at step 0, until one of that kind changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "loop/loop.h"
#include "sim/cluster.h"
#include "sim/conditions.h"

namespace sim {

class Kcm {
 public:
  // All must outlive it. Takes ApiServer::on_stored.
  Kcm(loop::Loop& loop, ApiServer& api, Cluster& cluster);
  // From now on, for each ClusterDeployment that is created, changed or deleted. Those that are
  // there stay as they are until then.
  void start(base::Duration step = base::seconds(2));
  // Holds every ClusterDeployment where `condition` would become True: it stays False with this
  // message, until let_go().
  void hold(std::string condition, std::string message);
  void let_go();
  // No ClusterDeployment is on its way; one that is held or blocked does not count.
  bool idle() const;

 private:
  struct Work {
    std::string ns, name;
    std::int64_t generation = 0;
    int step = 0;
    bool deleting = false, active = true, blocked = false;
  };
  struct Deployment;  // the object as it is

  void on_stored(const Change& change);
  void on_step();
  void wake();
  void advance(Work& work);
  void build(Work& work, const Deployment& is);
  void take_down(Work& work, const Deployment& is);
  bool check(Work& work, const Deployment& is, Conditions& conditions);
  void release(const Deployment& is, bool ready);
  void capi_cluster(const Deployment& is, bool ready);
  std::string services(const Deployment& is, bool deployed, Conditions& conditions);
  std::string upgrades(const Deployment& is) const;
  void set_status(const Deployment& is, Conditions conditions, std::string more);
  void edit(View view, const std::string& key, std::string_view patch, bool status);
  void emit(const Deployment& is, const char* reason, const std::string& message);
  bool held(const std::string& condition) const { return condition == hold_; }
  View view(std::string_view kind) { return {&api_.store().of(kind), 0}; }
  const Object* find(std::string_view kind, const std::string& key) {
    return api_.store().get(view(kind), key);
  }

  loop::Loop& loop_;
  ApiServer& api_;
  Cluster& cluster_;
  base::Duration step_{};
  std::map<std::string, Work> works_;
  std::string hold_, hold_message_;
  loop::Timer timer_;
};

}  // namespace sim
