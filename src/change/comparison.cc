#include "change/comparison.h"

#include <limits>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "change/digest.h"

namespace change {

using base::json::Value;

namespace {

// Bytes of the objects and the wish up to which all is done in one turn: less than a millisecond.
constexpr std::size_t kSmallBytes = 64 * 1024;
// Bytes that a turn compares, at some 30 ns each: 2 ms.
constexpr std::size_t kTurnBytes = 64 * 1024;

// The large one that is at work, of all: there is one thread.
const Comparison* at_work = nullptr;

std::vector<std::string> updaters_of(Value managed) {
  std::vector<std::string> out;
  for (const Value entry : managed.array()) {
    if (entry["operation"].str() != "Update" || !entry["subresource"].str().empty()) continue;
    out.push_back(base::printable(entry["manager"].str(), 128));
  }
  return out;
}

bool parse(base::json::Document& doc, const std::string& text) {
  return static_cast<bool>(doc.parse(text.empty() ? "{}" : text));
}

}  // namespace

Comparison::Comparison(cluster::Cluster& cluster, const Step& step, const std::string& ours,
                       Tried& tried)
    : cluster_(cluster),
      step_(step),
      ours_(ours),
      tried_(tried),
      small_(tried.before.size() + tried.after.size() + step.body.size() <= kSmallBytes) {}

Comparison::~Comparison() {
  if (at_work == this) at_work = nullptr;
}

bool Comparison::may_work() {
  if (small_) return true;
  if (at_work == nullptr) at_work = this;
  return at_work == this;
}

bool Comparison::advance() {
  if (!may_work()) return false;
  do {
    switch (stage_) {
      case Stage::read_before:
        stage_ = read_before();
        break;
      case Stage::read_after:
        stage_ = read_after();
        break;
      case Stage::hash_before:
        stage_ = hash_before();
        break;
      case Stage::hash_after:
        stage_ = hash_after();
        break;
      case Stage::mask_before:
        was_ = tried_.before;
        cluster::clean(cluster_, was_);
        stage_ = Stage::mask_after;
        break;
      case Stage::mask_after:
        after_.release();
        is_ = tried_.after;
        cluster::clean(cluster_, is_);
        stage_ = Stage::look;
        break;
      case Stage::look:
        stage_ = look();
        break;
      case Stage::compare:
        stage_ = compare();
        break;
      case Stage::over:
        break;
    }
  } while (small_ && stage_ != Stage::over);
  return stage_ == Stage::over;
}

Comparison::Stage Comparison::read_before() {
  return parse(before_, tried_.before) ? Stage::read_after : Stage::over;
}

Comparison::Stage Comparison::read_after() {
  if (!parse(after_, tried_.after)) return Stage::over;
  if (!step_.body.empty() && !wish_.parse(step_.body)) wish_.release();
  return Stage::hash_before;
}

// The digest is one of the parts' hashes, so that no turn hashes all of them.
Comparison::Stage Comparison::hash_before() {
  const bool removes = step_.verb == Verb::remove;
  tried_.digest = hash_of((removes ? "remove\n" : "") + confirmed_before(before_.root()));
  return removes ? Stage::over : Stage::hash_after;
}

Comparison::Stage Comparison::hash_after() {
  tried_.digest += hash_of(confirmed_after(before_.root(), after_.root(), wish_.root()));
  tried_.digest = base::sha256_hex(tried_.digest + hash_of(step_.body));
  return Stage::mask_before;
}

// Without the moment at which the plan was made.
std::string Comparison::hash_of(std::string text) const {
  for (std::size_t at = 0; !step_.moment.empty() && at != std::string::npos;)
    if (at = text.find(step_.moment, at); at != std::string::npos)
      text.erase(at, step_.moment.size());
  return base::sha256_hex(text);
}

Comparison::Stage Comparison::look() {
  if (!parse(shown_before_, was_)) return Stage::over;
  std::string().swap(was_);
  if (!parse(shown_after_, is_)) return Stage::over;
  std::string().swap(is_);
  const bool whole = is_apply() && tried_.exists;
  differ_.emplace(States{tried_.exists ? shown_before_.root() : Value(), shown_after_.root(),
                         whole ? wish_.root() : Value(),
                         step_.verb == Verb::merge_patch ? wish_.root() : Value()},
                  before_.root()["metadata"]["managedFields"], ours_);
  return Stage::compare;
}

Comparison::Stage Comparison::compare() {
  const std::size_t all = std::numeric_limits<std::size_t>::max();
  if (!differ_->advance(small_ ? all : kTurnBytes)) return Stage::compare;
  finish();
  return Stage::over;
}

void Comparison::finish() {
  tried_.diff = differ_->take();
  if (is_apply()) tried_.updaters = updaters_of(before_.root()["metadata"]["managedFields"]);
  if (step_.verb != Verb::merge_patch) return;
  for (const Change& each : tried_.diff.contested)
    if (each.applied) tried_.conflicts.push_back({each.path, base::join(each.owners, ", "), {}});
}

}  // namespace change
