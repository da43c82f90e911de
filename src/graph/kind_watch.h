// KindWatch: the objects of one kind, from the API server into the store.
//
//   first list whole                 known
//   refused before that (403, 404)   forbidden, not_served, at once
//   refused later, or not answered   its objects stay as last seen, and problem() gives the reason:
//                                    what cannot be seen is not gone. A kind that may be listed but
//                                    not watched is as of its last list
//   not served any more              Source decides that, by discovery, and drops the watch
//   allowed again                    it continues
//
// It is the store of its Reflector, which outlives it: after relist() the next one compares with
// what is known, and what it does not find leaves the graph.
#pragma once

#include <memory>
#include <string>

#include "cluster/watch.h"
#include "fanout/watch_info.h"
#include "graph/model/reader.h"
#include "graph/model/store.h"

namespace graph {

class Source;

class KindWatch final : private kube::watch::Store, private kube::watch::Health {
 public:
  // What the kinds of one graph share; all must outlive the watch.
  struct Shared {
    cluster::Cluster& cluster;
    loop::Scope& scope;
    model::Kinds& kinds;
    model::IdentityPaths& identities;
    model::Reader& reader;
    model::Store& store;
    Source& source;
  };
  // `retry` is the key's.
  KindWatch(const Shared& shared, model::KindId kind, kube::watch::RetryTable::Use retry,
            kube::config::Credentials credentials);

  // `begun`: the attempt of the key that led here, if there is one.
  void start(kube::watch::Attempt begun = {});
  void stop() { reflector_->stop(); }
  // Lists again, and reads every object again.
  void relist();
  void set_credentials(const kube::config::Credentials& credentials);

  model::KindId kind() const { return kind_; }
  // The first list is whole, or it was refused.
  bool answered() const { return shared_.kinds[kind_].state != model::KindState::unknown; }
  bool down() const { return down_; }
  bool listed_only() const { return listed_only_; }
  // Why its objects are only as last seen; "" while they are kept up to date.
  const std::string& problem() const { return problem_; }
  // How many of its objects cannot be read, and one of them; "" when all can.
  const std::string& unreadable() const { return unreadable_; }
  const cluster::Watch& reflector() const { return *reflector_; }
  kube::watch::Retry& retry() { return *retry_; }

 private:
  // Store
  std::unique_ptr<kube::watch::Item> read(base::json::Value object) override;
  std::size_t bytes(const kube::watch::Item& item) const override;
  void put(kube::watch::Change change, const std::string& key,
           std::unique_ptr<kube::watch::Item>& item) override;
  void remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) override;
  void on_unreadable(std::size_t objects, const std::string& first) override;
  // Health
  void on_ready() override;
  void on_denied(const kube::Failure& failure) override;
  void on_down(const kube::Failure& failure, base::Duration retry_in) override;
  void on_up() override;
  void make();
  void note_problem(const kube::Failure& failure);

  Shared shared_;
  const model::KindId kind_;
  const bool interfaces_;  // ProviderInterface
  kube::watch::RetryTable::Use retry_;
  kube::config::Credentials credentials_;
  int denials_ = 0;
  std::string problem_, unreadable_;
  bool down_ = false, confirmed_ = false, listed_only_ = false;
  kube::watch::Collection collection_;
  std::unique_ptr<cluster::Watch> reflector_;
};

}  // namespace graph
