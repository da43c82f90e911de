// Watch: the events of one namespace that a selector selects, for one identity: the kind that it
// names, the choice of API, then the collection. Internal to Manager.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/kind_query.h"
#include "events/api_choice.h"
#include "events/selector.h"
#include "fanout/collection_watch.h"

namespace events {

class Watch final : public fanout::CollectionWatch {
 public:
  Watch(fanout::Manager& manager, Spec spec, Selector selector);

 private:
  const std::string& ns() const { return selector_.ns(); }
  void begin(kube::watch::Attempt attempt) override;
  void close() override;
  std::string_view task() const override { return "watch events"; }
  std::vector<auth::Access> needs() const override;
  void on_denied(const kube::Failure& failure) override;
  std::string view(base::json::Value object) override;
  bool before(const Entry& a, const Entry& b) const override;

  void on_kind(const cluster::KindAnswer& answer);
  void choose_api();
  void on_api(const kube::Failure* failure, Api api);
  void watch(Api api, kube::watch::Attempt attempt);

  Selector selector_;
  Api api_ = Api::events_v1;
  bool kind_known_ = false;
  cluster::KindQuery kind_;
  ApiChoice choice_;
  kube::watch::Attempt attempt_;  // held while kind and API are chosen
};

}  // namespace events
