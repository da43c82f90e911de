// DeltaFold: deltas that were not told yet, folded to what a client still has to be told per
// object, in the order in which the objects were first changed:
//   ADDED, MODIFIED            → ADDED with the later state
//   MODIFIED, MODIFIED         → the later
//   anything, DELETED          → DELETED; or nothing at all when the client never knew the object
//                                and Unknown::forgotten was chosen
//   DELETED, ADDED             → both: another object of that name
// A client that applies what comes out ends where it would have ended with what went in.
#pragma once

#include <cstddef>
#include <list>
#include <string_view>
#include <unordered_map>

#include "tools/delta.h"

namespace tools {

class DeltaFold {
 public:
  // Of an object that was added and deleted before the client heard of it. Forgotten: what is kept
  // is bounded by the objects that the client knows and those that there are.
  enum class Unknown : unsigned char { told, forgotten };
  explicit DeltaFold(Unknown unknown) : unknown_(unknown) {}

  // Requires: a key. Returns how many deltas it made superfluous, 0 to 2.
  std::size_t add(const Delta& delta);
  bool empty() const { return order_.empty(); }
  std::size_t objects() const { return order_.size(); }
  // What is told next; without a frame when the one that came in says something else. Requires:
  // !empty().
  Delta front() const;
  void pop();

 private:
  struct Object {
    Delta deleted;  // to be told first, if it has a key
    Delta state;    // then this, if it has a key; change as it came in
    bool known = false;
  };
  using Order = std::list<Object>;
  void erase(Order::iterator at);
  Unknown unknown_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> by_key_;  // views into the deltas' keys
};

}  // namespace tools
