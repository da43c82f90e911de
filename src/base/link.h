// Link: a node of an intrusive, circular, doubly linked list; a lone Link is a list head that is empty.
// Joining and leaving allocate nothing and cost O(1); a node's destructor must have unlinked it (its owner does).
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
  // As a head: adds `n` at the end. Requires: !n.linked().
  void push_back(Link& n) {
    n.prev = prev;
    n.next = this;
    prev->next = &n;
    prev = &n;
  }
  // As a head: moves every node of `from` to this list, in order. Requires: !linked().
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
