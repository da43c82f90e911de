// Room: bounds what all changes that are at work hold together. A change of an object of a megabyte
// holds some ten until it is written: the wish, the object as it was and as it will be, the request.
//
// A change has a Place, and takes by it what it will hold, before it holds it:
//   small (kSmallBytes)   while there is room in the budget, past the large ones that wait
//   large                 in the order of arrival, but no two of one caller while another waits
// Without room one small and one large change are at work nevertheless, so that none is too large for
// ever, and none waits for what only others could give back.
//
// What a change that waits holds meanwhile, its arguments, is charged to the budget of bodies; without
// room for that it is refused.
//
// A change that turns out to be larger than it said takes again. If there is no room for that it has
// to let go of the objects that it read, and to begin anew when it has its turn: of two that wait for
// each other neither would go on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/budget.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "base/link.h"
#include "base/list.h"
#include "loop/loop.h"

namespace change {

// How often each byte of the wish and of the object is held while a change is at work. Measured with
// objects of 0.8 MB.
constexpr std::size_t kCopies = 5;

class Room {
 public:
  // A charge up to which a change is small.
  static constexpr std::size_t kSmallBytes = kCopies * 128 * base::limits::kKiB;

  // All must outlive this.
  Room(loop::Loop& loop, base::Budget& changes, base::Budget& bodies)
      : loop_(loop), changes_(changes), bodies_(bodies) {}
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  enum class Got : unsigned char {
    room,
    later,  // it has given back what it had; its function will run, with the room taken
    none,   // too many wait
  };

  class Place : private base::Link {
   public:
    using Fn = base::Delegate<void()>;
    // `room` must outlive this. `fn` runs in a turn of its own.
    Place(Room& room, Fn fn);
    ~Place() { release(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // `bytes`: of wish and objects, in all. `waiting`: what it keeps while it waits, for `owner`
    // ("": no owner).
    Got take(std::size_t bytes, std::size_t waiting, std::string_view owner);
    void release();

   private:
    friend class Room;
    friend class base::List<Place>;
    bool large() const { return size_ > kSmallBytes; }
    bool grow(std::size_t wanted);
    void begin();
    void end();
    Room& room_;
    std::size_t size_ = 0;  // what it wants, or has
    std::string owner_;
    bool at_work_ = false;
    base::Charge held_, waits_;
    loop::Deferred go_;
  };

 private:
  bool may_begin(const Place& place) const;
  Place* next_large();
  void admit(Place& place);
  void admit();
  loop::Loop& loop_;
  base::Budget& changes_;
  base::Budget& bodies_;
  std::size_t small_at_work_ = 0, large_at_work_ = 0;
  std::string last_owner_;           // of the large one that was let in last
  base::List<Place> small_, large_;  // that wait
};

}  // namespace change
