// NearestNames: the names of objects of a kind that a caller may have meant, for an answer to a name
// that is not there. Only names that the caller may list; none when it may list none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/list.h"
#include "mcp/caller.h"

namespace cluster {

// A list of more is not read to its end: the names are advice.
constexpr std::size_t kNamesCompared = 5000;
constexpr std::size_t kNamesGiven = 3;

// The edits (insert, drop, replace) that make one of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The same, but 1 when one has the other as a part, however long it is: that is near, too.
std::size_t name_distance(std::string_view name, std::string_view asked);

// One at a time; a member of its owner; the destructor cancels.
class NearestNames : private ListHandler {
 public:
  // Runs once, never inside start(), as the last statement. The nearest first: "prod" in the same
  // namespace, "team-a/prod" in another.
  using Fn = base::Delegate<void(std::vector<std::string> names)>;
  NearestNames(Cluster& cluster, Fn fn);  // `cluster` must outlive this
  // Lists all namespaces, or `ns` alone when the caller may not. `name`: as asked for.
  void start(const mcp::Caller& caller, Collection what, std::string ns, std::string name);
  void cancel() { list_.cancel(); }

 private:
  struct Near {
    std::size_t distance;
    bool elsewhere;
    std::string name;
    bool operator<(const Near& o) const;
  };
  void on_object(base::json::Value object) override;
  void on_restart() override { near_.clear(); }
  void on_page(std::string_view next, std::optional<std::int64_t> remaining) override;
  void on_done(const kube::Failure* failure) override;
  bool list(std::string ns);  // false: the namespace filter refuses it
  void answer();

  Fn fn_;
  mcp::Caller caller_;
  Collection what_;
  std::string ns_, name_;
  bool narrowed_ = false;
  std::size_t seen_ = 0;
  std::vector<Near> near_;  // the nearest so far, in order
  List list_;
};

// "; the nearest that are there: a, b, c", or "".
std::string nearest_text(const std::vector<std::string>& names);

}  // namespace cluster
