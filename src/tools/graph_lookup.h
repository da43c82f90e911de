// GraphLookups: whether single objects are there that others name (Secrets, ConfigMaps, Deployments
// …): one GET each, of their metadata alone, so that no secret's content ever comes here. Asked
// when something names the object, again when that something changes, and every kLookupEvery.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/delegate.h"
#include "kube/client.h"
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
// Without an answer it is tried again after this.
constexpr base::Duration kLookupRetry = base::seconds(30);
// The metadata of an object are at most some 256 KiB of annotations and managed fields.
constexpr std::size_t kLookupBytes = 2 * std::size_t{1024} * 1024;

class GraphLookups {
 public:
  using Fn = base::Delegate<void()>;
  // All outlive it. `changed`: an answer came.
  GraphLookups(KubeContext& context, GraphKinds& kinds, GraphReader& reader, GraphStore& store,
               Fn changed);
  ~GraphLookups();

  // What the store names since the last time. Kinds not found yet are passed over; ask_kind() when
  // they are.
  void ask(const std::vector<NodeIndex>& nodes);
  void ask_kind(KindId kind);
  void set_credentials(const kube::Credentials& credentials) { credentials_ = credentials; }
  void stop();
  bool idle() const { return queue_.empty() && active_.empty(); }
  // Some may not be seen; there are more than are looked up.
  bool forbidden(KindId kind) const;
  bool overfull() const { return overfull_; }

 private:
  struct Get;
  void ask(NodeIndex index);
  void next();
  void on_answer(Get& get, kube::ApiGet::Outcome outcome);
  void on_time();

  KubeContext& context_;
  GraphKinds& kinds_;
  GraphReader& reader_;
  GraphStore& store_;
  Fn changed_;
  kube::Credentials credentials_ = kube::Credentials::none();
  std::deque<std::string> queue_;  // ids
  std::unordered_map<std::string, base::TimePoint> asked_;
  std::vector<std::unique_ptr<Get>> active_;
  std::set<std::pair<KindId, std::string>> forbidden_;  // ids
  bool overfull_ = false;
  base::json::Document doc_;
  loop::Timer timer_;
};

}  // namespace tools
