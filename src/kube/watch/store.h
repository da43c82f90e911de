// Store: where the objects of a Reflector's collection go. It decides what is kept of an object and
// what a change of it causes; what changed is found by the Collection (collection.h), which calls
// it.
//
//   read()          an object arrives: in a page of a list, in a streamed list, as an event
//   put(), remove() the object is, or is not any more, part of the collection. For an object of a
//                   streamed list that comes later than its read(), when the list is whole, or never
//
// In put(), remove() and on_unreadable() the Reflector may be stopped, started again or retired, and
// the Collection cleared.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/json.h"
#include "kube/watch/change.h"

namespace kube::watch {

// What a store made of one object.
class Item {
 public:
  virtual ~Item() = default;
};

// The items of a store that makes Docs.
template <class Doc>
struct ItemOf final : Item {
  explicit ItemOf(Doc made) : doc(std::move(made)) {}
  // Requires: `item` is an ItemOf<Doc>, as all items of one store are.
  static Doc& in(Item& item) { return static_cast<ItemOf&>(item).doc; }
  static const Doc& in(const Item& item) { return static_cast<const ItemOf&>(item).doc; }
  Doc doc;
};

class Store {
 public:
  virtual ~Store() = default;
  // Returns what is kept of `object`, which is valid inside the call only; nullptr: the object is
  // skipped.
  virtual std::unique_ptr<Item> read(base::json::Value object) = 0;
  // The memory that the object will take, wherever the store keeps it.
  virtual std::size_t bytes(const Item& item) const = 0;
  // `change`: added or modified. The Collection keeps `item`, unless the store moves it away.
  virtual void put(Change change, const std::string& key, std::unique_ptr<Item>& item) = 0;
  // `last`: the last known state; nullptr when it was moved away and the API server sent no other.
  virtual void remove(const std::string& key, std::unique_ptr<Item> last) = 0;
  // The number of objects that cannot be parsed, and the first of them with the reason ("ns/name:
  // …"). Called when that changes; 0: all can be parsed again. Their last known state stays.
  virtual void on_unreadable(std::size_t /*objects*/, const std::string& /*first*/) {}
};

}  // namespace kube::watch
