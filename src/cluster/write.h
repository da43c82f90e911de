// Write: one write to the cluster as a caller: made, changed or removed once (kube/write_call.h). It
// applies identity, the namespace filter and the operator's policy (the client's gate), and writes
// the audit lines: one before the write is sent, without which it is not sent, and one with its
// result. Dry runs leave no line. The body is made, the policy asked and the write sent in a turn of
// the loop each: an object of a megabyte takes some 5 ms in each of them. The query's own
// texts are given up meanwhile.
//
// The object in the outcome has its secrets: nothing of it may be shown before clean().
#pragma once

#include <optional>
#include <string>

#include "audit/log.h"
#include "base/delegate.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "cluster/collection.h"
#include "cluster/served.h"
#include "kube/write_call.h"
#include "loop/loop.h"

namespace cluster {

struct WriteQuery {
  kube::WriteSpec::Verb verb = kube::WriteSpec::Verb::apply;
  Collection what;
  std::string kind;  // "ClusterDeployment"; for apply and create
  std::string ns;    // "": the kind is cluster-scoped
  std::string name;
  // A JSON object. apply and create: without apiVersion and kind, metadata.name and
  // metadata.namespace are added. remove: "".
  std::string body;
  std::string field_manager;
  bool force = false, dry_run = false;
  // Preconditions, not for create; "": none.
  std::string uid, resource_version;
  std::string before;  // the object as it was read, with its secrets; "": there was none
  kube::WriteSpec::Propagation propagation = kube::WriteSpec::Propagation::background;
  std::string diff_digest;  // for the audit log
};

// One at a time; a member of its owner. The destructor cancels; a cancelled write may still be
// executed.
class Write {
 public:
  // Runs once, never inside start(), as the last statement.
  using Fn = base::Delegate<void(kube::WriteOutcome)>;
  Write(Cluster& cluster, Fn fn);  // `cluster` must outlive this
  ~Write();
  Write(const Write&) = delete;
  Write& operator=(const Write&) = delete;
  // Errors: the namespace is not allowed; Errc::invalid_argument.
  // Requires: not active.
  base::Result<void> start(const mcp::Caller& caller, WriteQuery query);
  void cancel();
  bool active() const {
    return version_.active() || next_ != Next::nothing || call_.active() || refused_;
  }

 private:
  void on_version(const kube::Failure* failure, const kube::Resource& resource);
  kube::WriteSpec take_spec();
  bool decide(const kube::WriteSpec& spec);
  void prepare(const kube::Resource& resource);
  void go_on();
  void send();
  void on_outcome(kube::WriteOutcome outcome);
  void on_refused();
  void tell_cancelled();
  audit::Entry entry(audit::Entry::Stage stage) const;
  Cluster& cluster_;
  Fn fn_;
  WriteQuery query_;
  mcp::Caller caller_;
  std::string request_id_;  // of the audit lines; "": none was written
  std::string rule_;        // of the policy, which decided
  base::TimePoint sent_{};
  enum class Next : unsigned char { nothing, make, decide, send };
  Next next_ = Next::nothing;
  kube::Resource resource_;  // in the version that is served
  kube::WriteSpec spec_;     // until it is sent
  bool allowed_ = false;
  VersionChoice version_;
  kube::WriteCall call_;
  std::optional<kube::WriteOutcome> refused_;  // before anything was sent
  loop::Deferred again_, refuse_;
};

// The body with apiVersion, kind, metadata.name and metadata.namespace. Pure.
std::string whole_body(const WriteQuery& query, const kube::Resource& resource);

}  // namespace cluster
