// Watch: one ClusterDeployment and the objects behind it, for one identity; the phase that follows
// from them (deployments/phase.h), as an update for subscribers. Internal to Manager.
//
//   the ClusterDeployment's first list is whole    it is not there: all that wait are refused, with
//                                                    the nearest names
//     and its parts are settled, or late           else all are accepted, with the present update
//   the update is another than the last one        it is sent: throttled by change, not by time.
//                                                    What waits too long becomes a trouble without a
//                                                    change at the API server: it is looked again
//   it is terminal, or the ClusterDeployment       it is the last one: the subscriptions end
//     is deleted
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/nearest_names.h"
#include "cluster/served.h"
#include "cluster/watch.h"
#include "fanout/shared_watch.h"
#include "mcp/need.h"
#include "monitor/part.h"
#include "monitor/request.h"

namespace monitor {

// How long newcomers wait for the objects behind the ClusterDeployment.
constexpr base::Duration kPartsPatience = base::seconds(5);
// How often it is looked whether the last of those that wait for their access check was let in: one
// that is turned away instead is not reported.
constexpr base::Duration kLastWordPause = base::seconds(1);

// How often it is looked what has come to wait too long: the shortest such time is a minute.
constexpr base::Duration kLookAgain = base::minutes(1);

class Watch final : public fanout::SharedWatch, private kube::watch::Store {
 public:
  Watch(fanout::Manager& manager, Spec spec, Request request);

  const Request& request() const { return request_; }
  // The present update; "" while there is none.
  const std::string& update() const { return update_; }
  // It is sent as last words.
  bool over() const { return over_; }
  std::string last_words(std::string_view reason) const;
  // The last update of a subscriber whose time is over.
  std::string timeout_words(base::Duration timeout) const;

 private:
  void begin(kube::watch::Attempt attempt) override;
  void close() override;
  bool ready() const override { return accepting_; }
  void use(const kube::config::Credentials& credentials) override;
  kube::watch::WatchStatus status() const override;
  std::string_view task() const override { return "watch the ClusterDeployment"; }
  std::vector<auth::Access> needs() const override;
  void on_ready() override;
  void on_joined(fanout::Feed&) override;

  // Store: the ClusterDeployment.
  using Kept = kube::watch::ItemOf<std::string>;
  std::unique_ptr<kube::watch::Item> read(base::json::Value object) override;
  std::size_t bytes(const kube::watch::Item& item) const override { return Kept::in(item).size(); }
  void put(kube::watch::Change change, const std::string& key,
           std::unique_ptr<kube::watch::Item>& item) override;
  void remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) override;

  void on_version(const kube::Failure* failure, kube::Resource resource);
  void on_part();
  void on_late();
  void look();
  void assess();
  void on_nearest(const std::vector<std::string>& names);
  void finish();
  std::string what() const { return "ClusterDeployment " + request_.ns + "/" + request_.name; }
  std::string system_update(std::string_view phase, std::string_view reason,
                            const std::string& message, bool terminal) const;

  std::array<Part*, 5> parts() {
    return {&cluster_, &release_, &sveltos_, &service_sets_, &provider_};
  }
  std::array<const Part*, 5> parts() const {
    return {&cluster_, &release_, &sveltos_, &service_sets_, &provider_};
  }

  const Request request_;
  Part cluster_, release_, sveltos_, service_sets_, provider_;
  std::string deployment_;              // kept_json(); "": not there
  std::string update_, plain_, phase_;  // plain_: without its time
  bool listed_ = false, accepting_ = false, over_ = false, late_ = false;
  kube::watch::Attempt attempt_;  // held while the version is chosen
  cluster::VersionChoice version_;
  kube::watch::Collection collection_;
  std::unique_ptr<cluster::Watch> reflector_;
  bool searching_ = false;  // the nearest names, as there is none of this one
  cluster::NearestNames nearest_;
  loop::Deferred look_;
  loop::Timer late_timer_, again_timer_;
};

// What the watch of a monitor asks the API server for.
mcp::Needs watch_needs();

}  // namespace monitor
