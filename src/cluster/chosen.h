// Chosen: a Reader of a list of any length that keeps, of the objects that an answer is about, what
// the answer needs. A list that keeps PartLimits without one keeps the first objects, and those that
// are looked for may come behind them.
//
//   struct Users final : cluster::Chosen {            // names of the clusters with a Credential
//     void take(Value object, std::string& out) const override {
//       if (object["spec"]["credential"].str() == credential)
//         base::json::append_string(out, object["metadata"]["name"].str());
//     }
//   };
//   Part& part = gather.list("cluster deployments", {kind, ns}, need, &users);
//   …                                                 // later
//   users.count(); users.objects();                   // the whole truth if part.known()
#pragma once

#include <cstddef>
#include <string>

#include "base/json.h"
#include "base/limits.h"
#include "cluster/gather.h"

namespace cluster {

// Limits on what is kept: an answer has at most 1 MiB, and names and states have some 100 bytes.
constexpr PartLimits kChosenLimits{10000, 2 * base::limits::kMiB};

class Chosen : public Part::Reader {
 public:
  // Masks secrets in what is kept, as `cluster` wants it, and must not outlive it.
  explicit Chosen(const Cluster& cluster, PartLimits limits = kChosenLimits)
      : cluster_(cluster), limits_(limits) {}

  // All that were chosen, also those beyond the limits.
  std::size_t count() const { return count_; }
  bool full() const { return count_ > kept_; }
  // An array of what take() wrote. Valid until the list begins again; it is parsed at the first call.
  base::json::Value objects();

  void on_object(base::json::Value object) final;
  void on_restart() final;

 protected:
  // Appends what is needed of `object`, as JSON; nothing: the answer is not about it.
  virtual void take(base::json::Value object, std::string& out) const = 0;

 private:
  const Cluster& cluster_;
  const PartLimits limits_;
  std::string text_;
  std::size_t count_ = 0, kept_ = 0;
  bool parsed_ = false;
  base::json::Document doc_;
};

}  // namespace cluster
