#include "change/weight.h"

#include <algorithm>
#include <utility>

#include "change/answer.h"
#include "change/weight_rows.h"

namespace change {

namespace {

// The garbage collector deletes what has an owner that is gone, or never was.
bool gets_an_owner(const Tried& tried) {
  const auto& all = tried.diff.changes;
  return tried.exists && std::any_of(all.begin(), all.end(), [](const Change& each) {
           return each.path.starts_with(".metadata.ownerReferences") &&
                  each.kind != Change::Kind::removed;
         });
}

// The rows of the table that a step matches, each with the first change that does.
std::vector<std::pair<const WeightRow*, const Change*>> rows_of(const Step& step,
                                                                const Tried& tried) {
  static const Change kMade{Change::Kind::added, {}, {}, {}, {}};
  std::vector<std::pair<const WeightRow*, const Change*>> out;
  if (step.verb == Verb::remove) return out;
  WeightRows rows(step, tried);
  const auto add = [&](const Change& change) {
    const WeightRow* const row = rows.of(change);
    const auto known = [row](const auto& each) { return each.first == row; };
    if (row && std::none_of(out.begin(), out.end(), known)) out.emplace_back(row, &change);
  };
  for (const Change& each : tried.diff.changes)
    add(each);
  if (!tried.exists) add(kMade);
  return out;
}

}  // namespace

std::vector<std::string> effects_of(const Plan& plan, const std::vector<Tried>& tried) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (const auto& [row, change] : rows_of(plan.steps[i], tried[i]))
      if (std::string text = effect_text(*row, plan.steps[i], *change); !text.empty())
        out.push_back(std::move(text));
    if (gets_an_owner(tried[i]))
      out.push_back(object_text(plan.steps[i]) +
                    " is deleted with its owner, and at once if that owner is not there.");
  }
  return out;
}

Weight weight_of(const Plan& plan, const std::vector<Tried>& tried, bool force) {
  Weight out = plan.weight;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const bool takes = plan.steps[i].verb == Verb::remove || tried[i].diff.removed > 0 ||
                       (force && !tried[i].diff.empty());
    // What is not shown could be anything.
    const bool hidden = tried[i].diff.left_out > 0;
    if ((tried[i].exists && (takes || hidden)) || gets_an_owner(tried[i]))
      out = Weight::destructive;
    for (const auto& [row, change] : rows_of(plan.steps[i], tried[i]))
      out = std::max(out, row->weight);
  }
  return out;
}

}  // namespace change
