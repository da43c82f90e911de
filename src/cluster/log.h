// A container's log: followed line by line (kube/watch/log_stream.h), or as it stands now. The pod's
// namespace must be one that the filter allows.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "cluster/cluster.h"
#include "kube/client.h"
#include "kube/watch/log_stream.h"
#include "loop/lifecycle.h"

namespace cluster {

using LogStream = kube::watch::LogStream;
using LogSink = kube::watch::LogSink;
using LogLine = kube::watch::LogLine;
using LogEnd = kube::watch::LogEnd;
using LogSpec = kube::watch::LogSpec;

// For what a stream belongs to: its own scope is below `scope`, and `retry` is its key's. All must
// outlive the stream.
struct LogOwner {
  loop::Scope& scope;
  kube::watch::Retry& retry;
  kube::watch::Health& health;
  LogSink& sink;
};

// Not started. Errors: the namespace is not allowed. `cluster` must outlive the stream.
base::Result<std::unique_ptr<LogStream>> follow_log(Cluster& cluster, const LogOwner& owner,
                                                    LogSpec spec);

class LogCallHandler {
 public:
  virtual ~LogCallHandler() = default;
  virtual void on_log(std::string_view bytes) = 0;
  // Called once, as the last statement. nullptr: the log is complete.
  virtual void on_log_end(const kube::Failure* failure) = 0;
};

// Reads a log once. One call at a time; a member of its owner; the destructor cancels.
class LogCall : private kube::ApiHandler {
 public:
  LogCall(Cluster& cluster, LogCallHandler& handler);  // both must outlive this
  // `spec.follow` is ignored. Never calls the handler inside. Errors: the namespace is not allowed,
  // or a name that no pod can have.
  base::Result<void> start(LogSpec spec);
  void cancel() { call_.cancel(); }

 private:
  void on_open(int) override {}
  void on_data(std::string_view bytes) override { handler_.on_log(bytes); }
  void on_end(const kube::Failure* failure) override { handler_.on_log_end(failure); }
  Cluster& cluster_;
  LogCallHandler& handler_;
  kube::ApiCall call_;
};

}  // namespace cluster
