// Watch: the events of one namespace that a selector selects, for one identity: the choice of
// API and the reflector. Internal to Manager.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/watch.h"
#include "events/api_choice.h"
#include "events/selector.h"
#include "fanout/shared_watch.h"
#include "fanout/snapshot.h"

namespace events {

// How long a snapshot's frames are kept after the last newcomer, unless an event changes: newcomers
// that arrive together share them, and an idle watch does not hold its objects twice.
constexpr base::Duration kSnapshotKept = base::seconds(5);

class Watch final : public fanout::SharedWatch, private kube::watch::Store {
 public:
  Watch(fanout::Manager& manager, Spec spec, Selector selector);

  const std::string& ns() const { return selector_.ns(); }
  // All present events, in the order the cluster recorded: as ADDED frames for subscribers of the
  // URI that the cached frames were made for (`framed` is true); else, and when the budget has no
  // room for frames, the events themselves, which the watch holds anyway and each subscriber frames
  // as it takes them. (One URI has many spellings: otherwise a caller could make us hold a copy of
  // everything for each.)
  fanout::Snapshot snapshot(const std::string& uri, bool& framed);

 private:
  void begin(kube::watch::Attempt attempt) override;
  void close() override;
  bool ready() const override { return reflector_ && reflector_->synced(); }
  void use(const kube::config::Credentials& credentials) override;
  kube::watch::WatchStatus status() const override;
  std::string_view task() const override { return "watch events"; }
  void on_joined(fanout::Feed& feed) override;
  std::vector<auth::Access> needs() const override;
  void on_denied(const kube::Failure& failure) override;
  void on_up() override;

  void on_api(const kube::Failure* failure, Api api);
  void watch(Api api, kube::watch::Attempt attempt);
  void forget_snapshot();
  std::vector<base::Payload> in_order() const;
  fanout::Delta problem() const;

  void on_change(kube::watch::Change change, const std::string& key, const base::Payload& doc);

  // Store: an event is kept as its JSON for clients.
  using Kept = kube::watch::ItemOf<base::Payload>;
  std::unique_ptr<kube::watch::Item> read(base::json::Value object) override;
  std::size_t bytes(const kube::watch::Item& item) const override { return Kept::in(item).size(); }
  void put(kube::watch::Change change, const std::string& key,
           std::unique_ptr<kube::watch::Item>& item) override {
    on_change(change, key, Kept::in(*item));
  }
  void remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) override {
    on_change(kube::watch::Change::deleted, key, Kept::in(*last));
  }
  void on_unreadable(std::size_t objects, const std::string& first) override;

  Selector selector_;
  Api api_ = Api::events_v1;
  ApiChoice choice_;
  kube::watch::Attempt attempt_;  // held while the API is chosen
  kube::watch::Collection collection_;
  std::unique_ptr<cluster::Watch> reflector_;
  std::string problem_;  // why the API server refuses the watch, as subscribers were notified
  std::string snapshot_uri_;
  fanout::Snapshot snapshot_;  // frames of the present state for that URI, while nothing changes
  fanout::Snapshot events_;    // the same without frames
  loop::Timer snapshot_timer_;
};

}  // namespace events
