// Comparison: what a dry run says that a step changes. It is made in pieces, a turn of the loop each:
// to parse, mask, hash and compare two objects of a megabyte takes some 100 ms.
//
// It holds up to ten times the bytes of the objects while it works. So of all large comparisons of the
// process one is at work; the others wait, and hold nothing but their objects.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/json.h"
#include "change/plan.h"
#include "change/tried.h"
#include "cluster/cluster.h"

namespace change {

class Comparison {
 public:
  // `tried`: with what the dry run answered; its digest, diff, updaters and conflicts are set.
  // `ours`: the field manager of the write. All must outlive this.
  Comparison(cluster::Cluster& cluster, const Step& step, const std::string& ours, Tried& tried);
  ~Comparison();
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;

  // Does as much as a turn may take: a few milliseconds, or one pass over one of the texts. True: it
  // is over. Small objects take one call. While another one is at work it does nothing: call it again
  // in the next turn.
  bool advance();
  bool small() const { return small_; }

 private:
  enum class Stage : unsigned char {
    read_before,
    read_after,
    hash_before,
    hash_after,
    mask_before,
    mask_after,
    look,
    compare,
    over
  };
  bool may_work();
  Stage read_before();
  Stage read_after();
  Stage hash_before();
  Stage hash_after();
  std::string hash_of(std::string text) const;
  Stage look();
  Stage compare();
  void finish();
  bool is_apply() const { return step_.verb == Verb::apply; }

  cluster::Cluster& cluster_;
  const Step& step_;
  const std::string& ours_;
  Tried& tried_;
  Stage stage_ = Stage::read_before;
  const bool small_;
  base::json::Document before_, after_, wish_;       // as they are; after_ until it is hashed
  std::string was_, is_;                             // the same, masked, until they are parsed
  base::json::Document shown_before_, shown_after_;  // of those
  std::optional<Differ> differ_;
};

}  // namespace change
