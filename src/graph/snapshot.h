// SnapshotMaker: makes the snapshot of one view piece by piece over several turns of the loop:
// for a large graph it is megabytes. When the view changes meanwhile the owner begins again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/budget.h"
#include "base/payload.h"
#include "fanout/snapshot.h"
#include "graph/model/view.h"

namespace graph {

class SnapshotMaker {
 public:
  // `store` and `budget` (nullptr: no limit) outlive it.
  SnapshotMaker(const model::Store& store, base::Budget* budget, std::string owner,
                std::string notes);

  enum class Made : unsigned char { whole, more, no_room };
  // Goes on until `looked`, which grows by what it costs, reaches `most`. Requires: `view` was
  // updated after the last change, and is as it was.
  // no_room: the budget is full, or the owner's share of it: again later.
  Made make(const model::View& view, std::size_t& looked, std::size_t most);
  // Bytes that it holds of the budget.
  std::size_t charged() const { return charge_ ? charge_->size() : 0; }
  // Requires: make() returned whole.
  fanout::Snapshot take();

 private:
  bool keep(const std::vector<model::Delta>& deltas);
  bool pay();
  const model::Store& store_;
  std::unique_ptr<base::Charge> charge_;
  const std::string owner_, notes_;
  std::size_t node_ = 0, edge_ = 0;  // the next ones
  model::Cutter cutter_{"snapshot", "added"};
  std::vector<base::Payload> made_;
  std::size_t unpaid_ = 0;  // bytes of made_ that are not charged yet
  bool finished_ = false;
};

}  // namespace graph
