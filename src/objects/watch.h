// Watch: the objects that one request names, for one identity: the look for their kind, then the
// collection. Internal to Manager.
//
//   the kind is not served, cannot be watched,    all that wait are refused, in words
//     or may not be
//   one object: the first list lacks it           refused, with the nearest names
//   it is deleted later                           DELETED; the subscription goes on, and ADDED
//                                                 follows if it is made again
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/nearest_names.h"
#include "fanout/collection_watch.h"
#include "objects/kind_lookup.h"
#include "objects/request.h"
#include "objects/view.h"

namespace objects {

// {"action":"ADDED"|"MODIFIED"|"DELETED","object":VIEW}
std::string object_delta(kube::watch::Change change, std::string_view view_json);
// {"action":"ERROR","about":…,"message":…}
std::string object_error_delta(std::string_view about, std::string_view message);

class Watch final : public fanout::CollectionWatch {
 public:
  Watch(fanout::Manager& manager, Spec spec, Request request);

 private:
  void begin(kube::watch::Attempt attempt) override;
  void close() override;
  bool ready() const override { return present_ && CollectionWatch::ready(); }
  std::string_view task() const override { return task_; }
  std::vector<auth::Access> needs() const override;
  void on_ready() override;
  void on_denied(const kube::Failure& failure) override;
  std::string view(base::json::Value object) override { return view_.json(object); }

  void on_kind(const kube::Failure* failure, const FoundKind& kind);
  void on_nearest(const std::vector<std::string>& names);

  const Request request_;
  const std::string task_;
  View view_;
  bool present_ = false;  // what was asked for was there; a list always is
  KindLookup lookup_;
  cluster::NearestNames nearest_;
  kube::watch::Attempt attempt_;  // held while the kind is looked for
};

}  // namespace objects
