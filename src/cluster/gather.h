// Gather: several lists and gets for one answer, side by side, as one caller. A part that fails is
// a note in words and fails no other part.
//
//   Gather gather(cluster, caller, Fn::bind<&Run::on_gathered>(this));
//   Part& release = gather.get("HelmRelease", {kHelmReleases, ns, name});
//   Part& sets = gather.list("ServiceSets", {kServiceSets, ns});
//   …                       // later, once: on_gathered(); it may add more parts, for which it is
//                           // called again
//
// Bounds: a list keeps PartLimits; what is beyond is left out and counted in a note. A Reader sees
// each object of a list as it comes, and nothing is kept. A part without an answer after kPartTime
// is given up. Kept objects lack managedFields and last-applied copies, which no answer shows, but for
// a get with Form::for_writing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "base/json.h"
#include "base/limits.h"
#include "cluster/cluster.h"
#include "cluster/get.h"
#include "cluster/list.h"
#include "kube/failure.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace cluster {

// A client waits a minute at most; an answer without one part is worth more than none.
constexpr base::Duration kPartTime = base::seconds(20);
// One answer shows tens of objects of a kind; one object has some 5 KiB.
struct PartLimits {
  std::size_t objects = 200;
  std::size_t bytes = 512 * base::limits::kKiB;
};
// etcd takes 1.5 MiB; escapes enlarge it.
constexpr std::size_t kPartObjectBytes = 4 * base::limits::kMiB;

class Gather;

class Part : private ListHandler {
 public:
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual void on_object(base::json::Value object) = 0;
    virtual void on_restart() = 0;  // the objects so far are void
  };
  // optional: a kind that is not served, or an object that is not there, is no note.
  // silent: nothing is; the answer says itself what is not known.
  enum class Need : unsigned char { noted, optional, silent };

  ~Part() override;
  // Valid until the Gather goes, once the part has ended.
  base::json::Value object() const;   // of a get; absent: there is none, or it failed
  base::json::Value objects() const;  // of a list: an array; absent when it failed
  const kube::Failure* failure() const { return failure_ ? &*failure_ : nullptr; }
  // The API server said so; not that it failed, or does not serve the kind.
  bool absent() const { return failure_ && failure_->says(404); }
  // Whether the answer is the whole truth: not a failure other than absent(), nothing left out.
  bool known() const;
  // Objects that the namespace filter left out.
  std::size_t hidden() const { return hidden_; }
  // What to tell of it: its failure, what was left out. Empty: nothing.
  std::vector<std::string> notes() const;
  // What failed, in words. Requires: failure().
  std::string failure_text() const;

 private:
  friend class Gather;
  Part(Gather& gather, std::string what, Need need);
  void start(const mcp::Caller& caller, GetQuery query);
  void start(const mcp::Caller& caller, ListQuery query, Reader* reader, PartLimits limits);
  void give_up();

  void on_get(const kube::Failure* failure, base::json::Value object);
  void on_object(base::json::Value object) override;
  void on_restart() override;
  void on_unreadable(const std::string& which) override;
  void on_page(std::string_view next, std::optional<std::int64_t> remaining) override;
  void on_done(const kube::Failure* failure) override;
  void keep(base::json::Value object);
  void finish(const kube::Failure* failure);

  Gather& gather_;
  const std::string what_;
  const Need need_;
  std::string verb_, ns_, name_;
  Collection collection_;
  PartLimits limits_;
  Reader* reader_ = nullptr;
  bool active_ = false, more_ = false, raw_ = false;
  std::size_t kept_ = 0, left_ = 0, unreadable_ = 0, hidden_ = 0;
  std::optional<kube::Failure> failure_;
  std::string unreadable_first_;  // which of them, and why
  std::string text_;
  base::json::Document doc_;
  std::optional<Get> get_;
  std::optional<List> list_;
};

class Gather {
 public:
  using Fn = base::Delegate<void()>;
  // `cluster` must outlive this. `fn` runs when all parts have ended, never inside a call; it may
  // destroy this.
  Gather(Cluster& cluster, mcp::Caller caller, Fn fn);
  Gather(const Gather&) = delete;
  Gather& operator=(const Gather&) = delete;

  // `what`: the name of the part in notes. A Reader must outlive this.
  Part& get(std::string what, GetQuery query, Part::Need need = Part::Need::noted);
  Part& list(std::string what, ListQuery query, Part::Need need = Part::Need::noted,
             Part::Reader* reader = nullptr, PartLimits limits = {});
  // The notes of all parts, in the order in which they were added; before them at once what the API
  // server forbids, of three parts or more.
  std::vector<std::string> notes() const;
  Cluster& cluster() const { return cluster_; }

 private:
  friend class Part;
  Part& add(std::string what, Part::Need need);
  void ended();
  void on_done();
  void on_time();

  Cluster& cluster_;
  const mcp::Caller caller_;
  const Fn fn_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::size_t active_ = 0;
  loop::Deferred done_;
  loop::Timer time_;
};

}  // namespace cluster
