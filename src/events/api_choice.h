// ApiChoice: chooses the event API for a caller: events.k8s.io/v1 where it is served and
// allowed, else core/v1.
//   1  discovery says whether v1 is served and can be watched
//   2  a list of v1 that is refused with 403 or 404 falls back to core (the caller does the list)
// The choice holds for one request; nothing is remembered beyond Discovery's own cache.
#pragma once

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/served.h"
#include "events/view.h"
#include "kube/failure.h"
#include "kube/resource.h"
#include "mcp/need.h"

namespace events {

inline const kube::Resource& event_resource(Api api) {
  return api == Api::events_v1 ? kube::kEventsV1 : kube::kCoreEvents;
}

// A list or watch of `api` was refused: returns whether the other API is worth a try.
inline bool falls_back(Api api, const kube::Failure& failure) {
  return api == Api::events_v1 && (failure.says(403) || failure.says(404));
}

// Both APIs: which one is asked is known only then.
inline mcp::Needs list_needs(std::string_view verbs = "list") {
  return {{std::string(verbs), kube::kEventsV1.group, kube::kEventsV1.plural},
          {std::string(verbs), kube::kCoreEvents.group, kube::kCoreEvents.plural}};
}

class ApiChoice {
 public:
  // Runs once, never inside start(). A failure of discovery (API server down, 401) is passed on.
  using Fn = base::Delegate<void(const kube::Failure*, Api)>;
  ApiChoice(cluster::Cluster& cluster, Fn fn)
      : fn_(fn), query_(cluster, kube::DiscoveryQuery::Fn::bind<&ApiChoice::on_answer>(this)) {}
  void start(const kube::config::Credentials& credentials) {
    query_.start(kube::kEventsV1.group, kube::kEventsV1.version, credentials);
  }
  void cancel() { query_.cancel(); }

 private:
  void on_answer(kube::DiscoveryQuery::Outcome outcome) {
    if (outcome.failure) return fn_(&*outcome.failure, Api::core_v1);
    const kube::ServedResource* events = outcome.group.find(kube::kEventsV1.plural);
    const bool v1 = outcome.group.served && events && events->can("watch");
    fn_(nullptr, v1 ? Api::events_v1 : Api::core_v1);
  }
  Fn fn_;
  cluster::ServedQuery query_;
};

}  // namespace events
