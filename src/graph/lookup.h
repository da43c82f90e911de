// Lookups: finds out whether single objects exist that others name (Secrets, ConfigMaps,
// Deployments …). Requests only their metadata, so that no secret's content ever comes here. An
// object is looked up when something names it, again when the naming object changes, and every
// kLookupEvery. lookup_round.h describes the requests and their retries.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/get.h"
#include "graph/lookup_round.h"
#include "graph/model/reader.h"
#include "graph/model/store.h"

namespace graph {

// Most requests in flight for one graph: enough for hundreds of answers in the time of a list, and
// no burden on the API server.
constexpr std::size_t kLookupsAtOnce = 8;
// Most objects that are looked up for one graph; others are left out, and its notes say so.
constexpr std::size_t kLookupObjects = 10000;
// An answer no older than this is reused when the naming object changes again.
constexpr base::Duration kLookupFresh = base::seconds(10);
// All objects are looked up again after this: nothing notifies us of their changes.
constexpr base::Duration kLookupEvery = base::minutes(5);
// How often old answers are searched for (plus 0-20 %), and when a refused request is retried.
constexpr base::Duration kLookupRetry = base::seconds(30);
// Limit of one response: an object's metadata is at most some 256 KiB of annotations and managed
// fields.
constexpr std::size_t kLookupBytes = 2 * std::size_t{1024} * 1024;

class Lookups {
 public:
  using Fn = base::Delegate<void()>;
  // All must outlive this. `key`: the graph watch's; the keys of the look-ups begin with it.
  // `changed`: runs when an answer came.
  Lookups(cluster::Cluster& cluster, std::string key, model::Kinds& kinds, model::Reader& reader,
          model::Store& store, Fn changed);
  ~Lookups();

  // Looks up nodes that the store has named since the last time. Kinds that were not found yet are
  // skipped; ask_kind() makes up for it when they are.
  void ask(const std::vector<model::NodeIndex>& nodes);
  void ask_kind(model::KindId kind);
  void set_credentials(const kube::config::Credentials& credentials);
  void stop();
  bool idle() const;
  // Some objects of the kind may not be read; there are more objects than are looked up.
  bool forbidden(model::KindId kind) const;
  bool overfull() const { return overfull_; }

 private:
  friend class KindLookups;
  void ask(model::NodeIndex index);
  KindLookups& round_of(model::KindId kind);
  void go();
  void on_time();
  base::Duration spread(base::Duration delay);

  // Called by the rounds.
  bool has_room() const;
  // What to request for it; nullopt: nothing names it any more.
  std::optional<cluster::GetQuery> query_of(const std::string& id);
  void want_again(const std::string& id);
  void on_found(const std::string& id, base::json::Value object);
  void on_absent(const std::string& id);
  void on_unseen(const std::string& id);
  void on_progress();

  cluster::Cluster& cluster_;
  const std::string key_;
  model::Kinds& kinds_;
  model::Reader& reader_;
  model::Store& store_;
  Fn changed_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::unordered_map<std::string, base::TimePoint> asked_;
  std::map<model::KindId, std::unique_ptr<KindLookups>> rounds_;
  std::set<std::pair<model::KindId, std::string>> forbidden_;  // ids
  bool overfull_ = false;
  kube::watch::RetryTable::Use retry_;  // for its random numbers
  loop::Timer timer_;
};

}  // namespace graph
