// EventWatch: one namespace's events, or those that a selector means, for one identity: the choice
// of API and the reflector. Internal to event_manager.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kube/reflector.h"
#include "tools/event_api.h"
#include "tools/event_feed.h"
#include "tools/event_selector.h"
#include "tools/shared_watch.h"
#include "tools/snapshot.h"

namespace tools {

// A snapshot's frames stay this long after the last newcomer, unless something changes: those who
// come together share them, and an idle watch does not hold its objects twice.
constexpr base::Duration kSnapshotKept = base::seconds(5);

class EventWatch final : public SharedWatch, private kube::ReflectorHandler {
 public:
  EventWatch(WatchManager& manager, Spec spec, EventSelector selector);

  const std::string& ns() const { return selector_.ns(); }
  // Everything there is, in the order the cluster recorded: frames as ADDED for those who ask by the
  // same URI, `framed`; else, and when the budget has no room for frames, the events themselves,
  // which the watch holds anyway: each reader frames them as it takes them. (One URI has many
  // spellings: a copy of everything for each would be a caller's to make.)
  Snapshot snapshot(const std::string& uri, bool& framed);

 private:
  void begin(kube::Attempt attempt) override;
  void close() override;
  bool ready() const override { return reflector_ && reflector_->synced(); }
  void use(const kube::Credentials& credentials) override;
  kube::WatchStatus status() const override;
  void on_joined(WatchFeed& feed) override;
  std::vector<Access> needs() const override;

  void on_api(const kube::Failure* failure, EventApi api);
  void watch(EventApi api, kube::Attempt attempt);
  void refuse(const kube::Failure& failure);
  void forget_snapshot();
  std::vector<base::Payload> in_order() const;
  Delta problem() const;

  base::Payload project(base::json::Value object) override;
  void on_change(kube::Change change, const std::string& key, const base::Payload& doc) override;
  void on_unreadable(std::size_t objects, const std::string& first) override;
  void on_synced() override;
  void on_denied(const kube::Failure& failure) override;
  void on_down(const kube::Failure& failure, base::Duration retry_in) override;
  void on_up() override;

  EventSelector selector_;
  EventApi api_ = EventApi::events_v1;
  EventApiChoice choice_;
  kube::Attempt attempt_;  // while the API is chosen
  std::unique_ptr<kube::Reflector> reflector_;
  std::string problem_;  // the API server refuses the watch, and why: was told
  std::string snapshot_uri_;
  Snapshot snapshot_;  // of the present state for that URI, while nothing changes
  Snapshot events_;    // the same without frames
  loop::Timer snapshot_timer_;
};

}  // namespace tools
