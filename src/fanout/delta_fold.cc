#include "fanout/delta_fold.h"

#include <utility>

namespace fanout {

using kube::watch::Change;

// The map's key must not outlive the payload it points into, so all later deltas of an object take
// the key of its first one.
static Delta with_key(const Delta& delta, const base::Payload& key) {
  Delta out = delta;
  out.key = key;
  return out;
}

std::size_t DeltaFold::add(const Delta& delta) {
  auto found = by_key_.find(delta.key.view());
  if (found == by_key_.end()) {
    Object object;
    object.known = delta.change != Change::added;
    (delta.change == Change::deleted ? object.deleted : object.state) = delta;
    order_.push_back(std::move(object));
    by_key_.emplace(delta.key.view(), std::prev(order_.end()));
    return 0;
  }
  Object& object = *found->second;
  const base::Payload key = object.deleted.key.empty() ? object.state.key : object.deleted.key;
  const std::size_t before =
      (object.deleted.key.empty() ? 0 : 1) + (object.state.key.empty() ? 0 : 1);
  if (delta.change != Change::deleted) {
    object.state = with_key(delta, key);
  } else if (object.known || unknown_ == Unknown::told) {
    object.deleted = with_key(delta, key);
    object.state = {};
  } else {
    erase(found->second);
    return before + 1;
  }
  const std::size_t after =
      (object.deleted.key.empty() ? 0 : 1) + (object.state.key.empty() ? 0 : 1);
  return before + 1 - after;
}

Delta DeltaFold::front() const {
  const Object& object = order_.front();
  if (!object.deleted.key.empty()) return object.deleted;
  Delta out = object.state;
  out.change = object.known ? Change::modified : Change::added;
  if (out.change != object.state.change) out.frame = {};
  return out;
}

void DeltaFold::pop() {
  Object& object = order_.front();
  if (object.deleted.key.empty() || object.state.key.empty()) return erase(order_.begin());
  object.deleted = {};
  object.known = false;
}

void DeltaFold::erase(Order::iterator at) {
  by_key_.erase(at->deleted.key.empty() ? at->state.key.view() : at->deleted.key.view());
  order_.erase(at);
}

}  // namespace fanout
