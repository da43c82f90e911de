// List<T>: an intrusive list of objects that others own; T derives from base::Link, privately if it
// has List<T> as a friend. An object is in one list at most and leaves it by its unlink(); its owner
// must unlink it before destroying it. Nothing is allocated, and every step costs O(1).
#pragma once

#include "base/link.h"

namespace base {

template <class T>
class List {
 public:
  List() = default;
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return !head_.linked(); }
  // The first one; nullptr: none.
  T* first() { return empty() ? nullptr : static_cast<T*>(head_.next); }
  const T* first() const { return empty() ? nullptr : static_cast<const T*>(head_.next); }
  // The same, and takes it out.
  T* pop() {
    T* one = first();
    if (one) head_.next->unlink();
    return one;
  }
  // Appends. Requires: `one` is in no list.
  void add(T& one) { head_.push_back(one); }
  // Appends `one`, which leaves the list in which it is, if any.
  void move_here(T& one) {
    static_cast<Link&>(one).unlink();
    head_.push_back(one);
  }
  // Moves all of `from` here, in order. Requires: empty().
  void take(List& from) { head_.take(from.head_); }
  // Lets all go.
  void clear() {
    while (pop()) {
    }
  }

  // For loops that take nothing out but the object that they look at.
  template <class Of, class At>
  struct Iterator {
    explicit Iterator(At* link) : at(link), after(link->next) {}
    Of& operator*() const { return static_cast<Of&>(*at); }
    Iterator& operator++() {
      at = after;
      after = at->next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at != other.at; }
    At *at, *after;
  };
  auto begin() { return Iterator<T, Link>(head_.next); }
  auto end() { return Iterator<T, Link>(&head_); }
  auto begin() const { return Iterator<const T, const Link>(head_.next); }
  auto end() const { return Iterator<const T, const Link>(&head_); }

 private:
  Link head_;
};

}  // namespace base
