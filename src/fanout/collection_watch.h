// CollectionWatch: a SharedWatch of the objects of one collection, whatever they are. A newcomer is
// sent all present objects as ADDED, then each change of what clients see of an object, once.
//
// A kind of watch adds what clients see of an object (view), how its deltas are written (Words), and
// which collection it is: its begin() leads to follow().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/watch.h"
#include "fanout/shared_watch.h"
#include "fanout/snapshot.h"

namespace fanout {

// How long a snapshot's frames are kept after the last newcomer, unless an object changes: newcomers
// that arrive together share them, and an idle watch does not hold its objects twice.
constexpr base::Duration kSnapshotKept = base::seconds(5);

// How a kind of watch writes its deltas.
struct Words {
  std::string (*delta)(kube::watch::Change change, std::string_view doc);
  // About the watch itself: it has a problem, or the subscription ends. `about`: the member below.
  std::string (*error)(std::string_view about, std::string_view message);
  std::string about;      // what is watched, e.g. its namespace
  std::string_view noun;  // "events": what cannot be read; a literal
};

class CollectionWatch : public SharedWatch, private kube::watch::Store {
 public:
  CollectionWatch(Manager& manager, Spec spec, Words words);

  const Words& words() const { return words_; }
  // All present objects, in order: as ADDED frames for subscribers of the URI that the cached
  // frames were made for (`framed` is true); else, and when the budget has no room for frames, the
  // objects themselves, which the watch holds anyway and each subscriber frames as it takes them.
  // (One URI has many spellings: otherwise a caller could make us hold a copy of everything for
  // each.)
  Snapshot snapshot(const std::string& uri, bool& framed);

 protected:
  // What clients see of an object, as JSON; "": the object is none of theirs.
  virtual std::string view(base::json::Value object) = 0;
  // Whether `a` comes before `b` in a snapshot. The default: by namespace and name.
  using Entry = kube::watch::Collection::Entries::value_type;
  virtual bool before(const Entry& a, const Entry& b) const { return a.first < b.first; }

  // Watches this collection, from its first list on, instead of the one before.
  void follow(cluster::WatchSpec spec, kube::watch::Attempt attempt);
  bool empty() const { return collection_.entries().empty(); }

  void close() override;
  bool ready() const override { return reflector_ && reflector_->synced(); }
  void use(const kube::config::Credentials& credentials) override;
  kube::watch::WatchStatus status() const override;
  void on_joined(Feed& feed) override;
  void on_denied(const kube::Failure& failure) override;
  void on_up() override;

 private:
  void forget_snapshot();
  std::vector<base::Payload> in_order() const;
  Delta problem() const;
  void on_change(kube::watch::Change change, const std::string& key, const base::Payload& doc);

  // Store: what clients see of an object. `same`: of a modified one, they see no difference.
  struct Seen {
    base::Payload doc;
    bool same = false;
  };
  using Kept = kube::watch::ItemOf<Seen>;
  std::unique_ptr<kube::watch::Item> read(base::json::Value object) final;
  std::size_t bytes(const kube::watch::Item& item) const final { return Kept::in(item).doc.size(); }
  void put(kube::watch::Change change, const std::string& key,
           std::unique_ptr<kube::watch::Item>& item) final;
  void remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) final;
  void on_unreadable(std::size_t objects, const std::string& first) final;

  const Words words_;
  kube::watch::Collection collection_;
  std::unique_ptr<cluster::Watch> reflector_;
  std::string problem_;  // why the API server refuses the watch, as subscribers were notified
  std::string snapshot_uri_;
  Snapshot snapshot_;  // frames of the present state for that URI, while nothing changes
  Snapshot objects_;   // the same without frames
  loop::Timer snapshot_timer_;
};

}  // namespace fanout
