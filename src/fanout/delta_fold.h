// DeltaFold: folds deltas that were not sent yet to those that a client still needs, per object, in
// the order in which the objects first changed:
//
//   ADDED, MODIFIED      → ADDED with the later state
//   MODIFIED, MODIFIED   → MODIFIED with the later state
//   anything, DELETED    → DELETED; nothing when the client never knew the object and
//                          Unknown::forgotten was chosen
//   DELETED, ADDED       → both: it is another object of the same name
//
// A client that applies the folded deltas ends in the same state as with all of them.
#pragma once

#include <cstddef>
#include <list>
#include <string_view>
#include <unordered_map>

#include "fanout/delta.h"

namespace fanout {

class DeltaFold {
 public:
  // Whether an object that was added and deleted before the client heard of it is reported as
  // DELETED (told) or not at all (forgotten). With forgotten, a fold holds no more objects than the
  // client knows plus those that exist.
  enum class Unknown : unsigned char { told, forgotten };
  explicit DeltaFold(Unknown unknown) : unknown_(unknown) {}

  // Requires: delta.key is not empty. Returns how many deltas it made superfluous, 0 to 2.
  std::size_t add(const Delta& delta);
  bool empty() const { return order_.empty(); }
  std::size_t objects() const { return order_.size(); }
  // The delta to send next; without a frame when its change differs from that of the one added.
  // Requires: !empty().
  Delta front() const;
  void pop();

 private:
  struct Object {
    Delta deleted;       // to send first, if it has a key
    Delta state;         // to send next, if it has a key; `change` as it was added
    bool known = false;  // the client knows the object
  };
  using Order = std::list<Object>;
  void erase(Order::iterator at);
  Unknown unknown_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> by_key_;  // views into the deltas' keys
};

}  // namespace fanout
