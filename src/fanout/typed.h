// The manager, the guests and the feeds of one kind of watch, typed: thin layers over the classes
// that do the work, which are compiled once for all kinds. What keeps the casts right: only open()
// of a ManagerOf<Watch> makes its watches, and a guest joins the watch that it was made for, or one
// of the same manager (SharedWatch::hand_over).
#pragma once

#include <memory>
#include <string>

#include "fanout/feed.h"
#include "fanout/manager.h"
#include "fanout/shared_watch.h"

namespace fanout {

// All watches are of type Watch.
template <class Watch>
class ManagerOf : public Manager {
 protected:
  using Manager::Manager;
  // The first watch of `slot` for which fits(watch) holds; nullptr: none.
  template <class Fits>
  Watch* find(const std::string& slot, Fits fits) const {
    return static_cast<Watch*>(Manager::find(
        slot, [&](const SharedWatch& one) { return fits(static_cast<const Watch&>(one)); }));
  }
  Watch* find(const std::string& slot) const {
    return find(slot, [](const Watch&) { return true; });
  }
  // Takes ownership of `watch` and starts it.
  Watch* open(std::unique_ptr<Watch> watch) {
    Watch* const out = watch.get();
    add(std::move(watch));
    return out;
  }
};

// A Guest, or a Feed, of a watch of type Watch.
template <class Watch, class Base>
class Of : public Base {
 protected:
  using Base::Base;
  Watch* watch() const { return static_cast<Watch*>(Base::watch()); }
};
template <class Watch>
using GuestOf = Of<Watch, Guest>;
template <class Watch>
using FeedOf = Of<Watch, Feed>;

// A SharedWatch whose feeds are of type Member.
template <class Member>
class WatchOf : public SharedWatch {
 protected:
  using SharedWatch::SharedWatch;
  template <class Fn>
  void for_each_feed(Fn fn) {
    SharedWatch::for_each_feed([&](Feed& each) { fn(static_cast<Member&>(each)); });
  }
};

}  // namespace fanout
