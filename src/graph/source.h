// Source: keeps one identity's model::Store equal to the cluster: discovers what is served,
// watches those kinds cluster-wide (some only once something names them, some only while a client
// requests them), and looks single objects up.
//
//   started  the group of the kinds that the graph is about is discovered, in the watch's first
//            attempt, which continues with the first kind's list; once that group is answered,
//            probes of every other group, and a watch for each kind found …
//   settled  … once every request is answered (a refusal is an answer), or kGraphSettleTime is
//            over; the notes name what is still missing then, and it comes as a change. Again after
//            demand(): the kinds requested are listed first
//   refused  the three kinds that the graph is about cannot be read: the API server does not
//            answer, or forbids all three
//
// Every request is an attempt of a key (retry.h): the watch's, a kind's, that of a group's
// discovery or of a kind's look-ups.
//
// Kinds that are not served are looked for again every kGraphProbeEvery, plus 0-20 %: a CRD may be
// installed at any time. A kind that was served is gone when discovery says so twice, kGoneAfter
// apart: a server that is starting does not know all its definitions yet.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/check.h"
#include "graph/kind_watch.h"
#include "graph/lookup.h"
#include "graph/probe.h"
#include "kube/watch/health.h"
#include "mcp/need.h"

namespace graph {

// An MCP client waits a minute for an answer; what a healthy API server has not answered after this
// is no longer waited for.
constexpr base::Duration kGraphSettleTime = base::seconds(15);
// How long discovery remembers that something is not served.
constexpr base::Duration kGraphProbeEvery = kube::kDiscoveryMissTtl;

constexpr base::Duration kGoneAfter = base::seconds(20);

class Source final {
 public:
  // The store was touched, or the notes changed; once a turn. The owner settles the store.
  using ChangeFn = base::Delegate<void()>;
  // All must outlive this. `key`: the watch's, whose Retry also counts for the first kind; the keys
  // of the other kinds begin with it. `health`: ready each time it has settled; before the first
  // time, what is denied or down ends the attempt of all.
  Source(cluster::Cluster& cluster, loop::Scope& scope, std::string key,
         kube::watch::Health& health, ChangeFn on_graph);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();

  void start(const kube::config::Credentials& credentials, kube::watch::Attempt attempt);
  void stop();
  void set_credentials(const kube::config::Credentials& credentials);

  // Watches these kinds, too. Requires: their policy is `asked`.
  void demand(const std::vector<model::KindId>& kinds);
  // No client requests this kind any more.
  void drop_demand(model::KindId kind);

  bool settled() const { return settled_; }
  // Settled, and not waiting for kinds requested since.
  bool complete() const { return settled_ && !waiting_; }
  model::Store& store() { return store_; }
  const model::Store& store() const { return store_; }
  const model::Kinds& kinds() const { return kinds_; }
  // What is left out of the graph, and why, as a JSON array of strings.
  const std::string& notes() const { return notes_; }
  void describe(std::vector<fanout::WatchInfo>& out) const;
  // What a newcomer must be allowed to do to see what the store holds.
  std::vector<auth::Access> needs() const;
  // The key of the discovery that comes before all others.
  static std::string first_probe_key(const std::string& key);
  static std::string probe_key(const std::string& key, const std::string& group);
  const KindWatch* first() const { return watches_.empty() ? nullptr : watches_[0].get(); }

  // Called by its KindWatches: objects, or the state of their kind, changed; how they fare.
  void on_kind() { work_.schedule(); }
  void on_kind_denied(KindWatch& watch, const kube::Failure& failure);
  void on_kind_down(KindWatch& watch, const kube::Failure& failure, base::Duration retry_in);
  void on_kind_up();
  // A ProviderInterface changed what it defines for identities.
  void on_identities();

 private:
  void probe(model::KindId kind);
  void probe_all(bool afresh);
  bool wants(model::KindId id) const;
  void on_found(model::KindId id);
  void on_missing(model::KindId id);
  void on_probed(Probe& probe, const kube::Failure* failure, base::Duration retry_in);
  void suspect(const KindWatch& watch, const kube::Failure& failure);
  void on_probe_time();
  base::Duration probe_delay();
  void on_lookup() { work_.schedule(); }
  void work();
  void drop_unserved();
  void drop_watch(model::KindId kind);
  bool pending() const;
  bool any_down() const;
  void settle();
  bool is_core(model::KindId kind) const { return kind < kCoreKinds; }
  void write_notes();

  static constexpr model::KindId kCoreKinds = 3;  // the first of the table
  cluster::Cluster& cluster_;
  loop::Scope& scope_;  // of its watches
  std::string key_;
  kube::watch::Health& health_;
  ChangeFn on_graph_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  model::Kinds kinds_;
  model::IdentityPaths identities_;
  model::Reader reader_;
  model::Store store_;
  Lookups lookups_;
  std::vector<std::unique_ptr<Probe>> probes_;       // by group
  std::vector<std::unique_ptr<KindWatch>> watches_;  // of kinds found
  std::vector<bool> named_;                          // by kind
  std::set<model::KindId> demanded_;
  std::set<model::KindId> asked_;  // probed since the last probe of all
  // Known kinds that answered 404 lately: discovery decides whether they are served. The time:
  // since when it says that they are not.
  std::map<model::KindId, std::optional<base::TimePoint>> suspects_;
  kube::watch::Attempt attempt_;  // the watch's, until the first kind's watch takes it
  bool reached_ = false;          // the first group was answered
  bool unreached_ = false;        // it was not, as was reported
  bool running_ = false, settled_ = false, waiting_ = false, identities_changed_ = false;
  std::string notes_ = "[]";
  loop::Deferred work_;
  loop::Timer settle_timer_, probe_timer_;
};

// What the graph asks the API server for: each of its kinds, and those that references add. Without a
// right the graph lacks what is behind it, and says so.
mcp::Needs graph_needs();

}  // namespace graph
