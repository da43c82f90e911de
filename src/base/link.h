// Link: a node of an intrusive, circular, doubly linked list. A Link that is not in a list is the
// head of an empty one. Linking and unlinking allocate nothing and cost O(1). The owner of a
// node must unlink it before destroying it.
#pragma once

namespace base {

struct Link {
  Link* prev = this;
  Link* next = this;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool linked() const { return next != this; }
  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = next = this;
  }
  // On a head: appends `n`. Requires: !n.linked().
  void push_back(Link& n) {
    n.prev = prev;
    n.next = this;
    prev->next = &n;
    prev = &n;
  }
  // On a head: moves every node of `from` to this list, in order. Requires: !linked().
  void take(Link& from) {
    if (!from.linked()) return;
    next = from.next;
    prev = from.prev;
    next->prev = this;
    prev->next = this;
    from.prev = from.next = &from;
  }
};

}  // namespace base
