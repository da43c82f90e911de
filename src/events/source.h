// Source: the events that a selector selects, in the API server's order: of one namespace, or of all
// that the caller may see.
//   1  find the kind that the selector names
//   2  choose the API
//   3  list page by page; a list of events.k8s.io/v1 that is refused begins again in core/v1
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "cluster/list.h"
#include "events/api_choice.h"
#include "events/selector.h"

namespace events {

class SourceHandler {
 public:
  virtual ~SourceHandler() = default;
  virtual void on_event(base::json::Value event, Api api) = 0;       // valid inside the call only
  virtual void on_events_restart() = 0;                              // the events so far are void
  virtual void on_event_unreadable(const std::string& /*which*/) {}  // one event is missing
  // Called once, as the last statement.
  virtual void on_events_end(const kube::Failure* failure) = 0;
};

class Source : private cluster::ListHandler {
 public:
  Source(cluster::Cluster& cluster, SourceHandler& handler);  // both must outlive this
  // `since_seconds` > 0: only events of the last N seconds. Never calls the handler inside. Errors:
  // the namespace is not allowed; nothing was requested. Call it once.
  base::Result<void> start(Selector selector, std::int64_t since_seconds,
                           const mcp::Caller& caller);
  // Events that the namespace filter left out so far.
  std::size_t hidden() const { return list_.hidden(); }

 private:
  void on_kind(const cluster::KindAnswer& answer);
  base::Result<void> choose_api();
  void on_api(const kube::Failure* failure, Api api);
  base::Result<void> list(Api api);
  void on_object(base::json::Value event) override;
  void on_restart() override { handler_.on_events_restart(); }
  void on_unreadable(const std::string& which) override { handler_.on_event_unreadable(which); }
  void on_done(const kube::Failure* failure) override;

  cluster::Cluster& cluster_;
  SourceHandler& handler_;
  Selector selector_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  Api api_ = Api::events_v1;
  base::WallTime oldest_{};
  cluster::KindQuery kind_;
  ApiChoice choice_;
  cluster::List list_;
};

}  // namespace events
