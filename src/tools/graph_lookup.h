// GraphLookups: whether single objects are there that others name (Secrets, ConfigMaps, Deployments
// …): their metadata alone are asked for, so that no secret's content ever comes here. Asked when
// something names the object, again when that something changes, and every kLookupEvery. How they
// are asked for, and when after a failure: graph_lookup_round.h.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/delegate.h"
#include "kube/client.h"
#include "tools/graph_lookup_round.h"
#include "tools/graph_reader.h"
#include "tools/graph_store.h"
#include "tools/kube_context.h"

namespace tools {

// At once, for one graph: enough to answer hundreds in the time of a list, and no burden.
constexpr std::size_t kLookupsAtOnce = 8;
// Objects that are looked up for one graph at the most; others are left out and said in its notes.
constexpr std::size_t kLookupObjects = 10000;
// An answer this old is good enough when the naming object changes again.
constexpr base::Duration kLookupFresh = base::seconds(10);
// All are asked again after this: nothing tells us of their changes.
constexpr base::Duration kLookupEvery = base::minutes(5);
// How often it is looked which are old (plus 0-20 %), and when what is refused is tried again.
constexpr base::Duration kLookupRetry = base::seconds(30);
// The metadata of an object are at most some 256 KiB of annotations and managed fields.
constexpr std::size_t kLookupBytes = 2 * std::size_t{1024} * 1024;

class GraphLookups {
 public:
  using Fn = base::Delegate<void()>;
  // All outlive it. `key`: of the graph's watch; those of the look-ups begin with it. `changed`: an
  // answer came.
  GraphLookups(KubeContext& context, std::string key, GraphKinds& kinds, GraphReader& reader,
               GraphStore& store, Fn changed);
  ~GraphLookups();

  // What the store names since the last time. Kinds not found yet are passed over; ask_kind() when
  // they are.
  void ask(const std::vector<NodeIndex>& nodes);
  void ask_kind(KindId kind);
  void set_credentials(const kube::Credentials& credentials);
  void stop();
  bool idle() const;
  // Some may not be seen; there are more than are looked up.
  bool forbidden(KindId kind) const;
  bool overfull() const { return overfull_; }

 private:
  friend class KindLookups;
  void ask(NodeIndex index);
  KindLookups& round_of(KindId kind);
  void go();
  void on_time();
  base::Duration spread(base::Duration delay);

  // For the rounds.
  bool has_room() const;
  // False: it is not asked for (named no more, or no name that an object could have).
  bool path_of(const std::string& id, std::string& path);
  void want_again(const std::string& id);
  void on_object(const std::string& id, std::string_view body);
  void on_found(const std::string& id, base::json::Value object);
  void on_absent(const std::string& id);
  void on_unseen(const std::string& id);
  void on_progress();

  KubeContext& context_;
  const std::string key_;
  GraphKinds& kinds_;
  GraphReader& reader_;
  GraphStore& store_;
  Fn changed_;
  kube::Credentials credentials_ = kube::Credentials::none();
  std::unordered_map<std::string, base::TimePoint> asked_;
  std::map<KindId, std::unique_ptr<KindLookups>> rounds_;
  std::set<std::pair<KindId, std::string>> forbidden_;  // ids
  bool overfull_ = false;
  base::json::Document doc_;
  kube::RetryTable::Use retry_;  // for its chances
  loop::Timer timer_;
};

}  // namespace tools
