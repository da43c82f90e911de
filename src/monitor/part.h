// Part: the watch of the objects of one kind behind a ClusterDeployment: its Cluster, HelmRelease,
// SveltosCluster, ServiceSets or StateManagementProvider. What it cannot see makes the monitor know
// less, and ends nothing.
//
//   kind not served           settled; known: there is none. Asked again every kProbeEvery, as
//                             when discovery fails. One that was watched is gone when discovery
//                             says so twice, kGoneAfter apart; until then it is as it was last seen
//   first list whole          settled; known
//   forbidden (403)           settled; not known, until it is allowed (again)
//   anything else             settled; as it was last seen, if it was, and doubtful until it is read
//                             again. After a 404 discovery says whether the kind is served still,
//                             and in which version: that is watched
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/check.h"
#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/collection.h"
#include "cluster/served.h"
#include "cluster/watch.h"
#include "kinds/kind.h"
#include "kube/watch/health.h"
#include "kube/watch/retry.h"

namespace monitor {

// A CRD may be installed any time; the answer is remembered for all (kube/discovery.h).
constexpr base::Duration kProbeEvery = base::minutes(1);
// From a watch's 404 to the look at what is served, and from its first word that the kind is gone to
// the second: one of several API servers may not have read its definition yet.
constexpr base::Duration kGoneAfter = base::seconds(20);

class Part final : private kube::watch::Store, private kube::watch::Health {
 public:
  struct Spec {
    const kinds::Kind& kind;
    std::string ns = {}, field_selector = {}, label_selector = {};
    // Only those with this spec.cluster, which no selector can name; "": all.
    std::string of_cluster = {};
  };
  using Fn = base::Delegate<void()>;
  // All must outlive this. `key`: the monitor's; `changed`: what is known changed.
  Part(cluster::Cluster& cluster, loop::Scope& scope, const std::string& key, Spec spec,
       Fn changed);
  ~Part() override;
  void start(const kube::config::Credentials& credentials);
  void stop();
  void set_credentials(const kube::config::Credentials& credentials);

  bool settled() const { return settled_; }
  bool known() const { return known_; }
  // What it says may not be true just now: it could not be read yet, or is as it was last seen.
  bool doubtful() const { return !settled_ || doubtful_; }
  std::string_view kind() const { return spec_.kind.kind; }
  // kept_json() of the object; "": none. With several, the first by name.
  const std::string& json() const { return json_; }
  // All of them by name, as a JSON array.
  std::string list() const;
  // What a subscriber must be allowed to see it; no verb: nothing is seen.
  std::vector<auth::Access> needs() const;

 private:
  using Kept = kube::watch::ItemOf<std::string>;
  std::unique_ptr<kube::watch::Item> read(base::json::Value object) override;
  std::size_t bytes(const kube::watch::Item& item) const override { return Kept::in(item).size(); }
  void put(kube::watch::Change change, const std::string& key,
           std::unique_ptr<kube::watch::Item>& item) override;
  void remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) override;
  void on_ready() override { set(true, false); }
  void on_denied(const kube::Failure& failure) override;
  void on_down(const kube::Failure& failure, base::Duration retry_in) override;
  void on_up() override { set(reflector_->synced(), !reflector_->synced()); }
  void probe();
  void on_version(const kube::Failure* failure, kube::Resource resource);
  void set(bool known, bool doubtful);
  void refused(const kube::Failure& failure);
  void doubt_served(const kube::Failure& failure);
  void retire_reflector();
  std::vector<const std::string*> sorted() const;
  void pick();

  cluster::Cluster& cluster_;
  loop::Scope& scope_;
  const Spec spec_;
  const Fn changed_;
  kube::watch::RetryTable::Use retry_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  bool settled_ = false, known_ = false, doubtful_ = false;
  bool suspect_ = false;  // discovery said once that the kind, which was watched, is not served
  std::string json_;
  cluster::VersionChoice version_;
  kube::watch::Collection collection_;
  std::unique_ptr<cluster::Watch> reflector_;
  loop::Timer probe_timer_;
};

}  // namespace monitor
