// KindLookups: the look-ups of one kind for one graph, in rounds. A round is an attempt of the key
// "GRAPH'S KEY look-ups of TYPE" (retry.h): it begins with one request; when that is answered
// several are in flight at once. A failure ends the round: what was not answered waits for the next
// round, and that for the key's Retry. A single object is requested by GET; when many of one
// namespace are wanted their list is cheaper, unless it is forbidden or too long.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/get.h"
#include "cluster/list.h"
#include "graph/model/kinds.h"
#include "kube/watch/retry.h"
#include "loop/loop.h"

namespace graph {

class Lookups;

// From this many wanted in one namespace on they are listed: one request or a few, some 2 KiB an
// object.
constexpr std::size_t kLookupListFrom = 16;
// A list with more items than this for each object wanted costs more than it saves.
constexpr std::size_t kLookupListItems = 250;

class KindLookups final : private cluster::ListHandler {
 public:
  // `owner` must outlive this.
  KindLookups(Lookups& owner, model::KindId kind, kube::watch::RetryTable::Use retry);
  ~KindLookups() override;

  // Adds an object to those wanted, unless it is requested already. Requires: a node of the kind.
  void add(std::string_view ns, const std::string& id);
  // Sends as many requests as may be in flight now.
  void go();
  void stop();
  // The credentials changed: what was refused to the former ones is requested again.
  void on_credentials();
  // Nothing is wanted or in flight, or everything waits for a delay to end.
  bool idle() const { return wait_timer_.armed() || (in_flight() == 0 && wanted_.empty()); }
  std::size_t in_flight() const { return gets_.size() + (list_.active() ? 1 : 0); }

 private:
  struct Get;
  bool begin_round();
  void ask_one(const std::string& id);
  void ask_list(const std::string& ns);
  void on_get(Get& get, const kube::Failure* failure, base::json::Value object);
  void answered();  // the API server is proven to answer
  void fail(const kube::Failure& failure);
  void on_wait_over();
  void want_list();

  void on_object(base::json::Value object) override;
  void on_restart() override {}
  void on_done(const kube::Failure* failure) override;

  Lookups& owner_;
  const model::KindId kind_;
  kube::watch::RetryTable::Use retry_;
  kube::watch::Attempt attempt_;  // the round's
  bool in_round_ = false, proven_ = false;
  bool lists_refused_ = false;  // get is allowed, list is not
  bool denied_ = false;         // waits because the credentials were refused
  std::map<std::string, std::set<std::string>> wanted_;  // ids by namespace
  std::set<std::string> long_lists_;                     // namespaces whose list is too long
  std::vector<std::unique_ptr<Get>> gets_;
  std::string list_ns_;
  std::set<std::string> listed_;  // ids that the list in flight is for
  std::size_t list_items_ = 0, list_cap_ = 0;
  cluster::List list_;
  loop::Timer wait_timer_;
};

}  // namespace graph
