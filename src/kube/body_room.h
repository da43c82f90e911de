// BodyRoom: bounds what the bodies of single answers hold while they are read, all together. A large
// body that finds the budget full stands: it is not read, and the API server waits with the rest. The
// first of those that stand goes on as soon as no other large one is read, room or not: else all could
// stand for ever, each with a part of its body.
#pragma once

#include <cstddef>

#include "base/budget.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "base/link.h"
#include "base/list.h"

namespace kube {

class BodyRoom {
 public:
  // A body of up to this size never stands: reviews of tokens, probes, most objects.
  static constexpr std::size_t kSmallBytes = 64 * base::limits::kKiB;

  BodyRoom() = default;
  BodyRoom(const BodyRoom&) = delete;
  BodyRoom& operator=(const BodyRoom&) = delete;
  // nullptr, the default: no limit. It must outlive what is held. Requires: nothing is held, or the
  // same budget.
  void set_budget(base::Budget* budget) { budget_ = budget; }

  class Place : private base::Link {
   public:
    // `go_on`: it stood, and may be read again. It must not call this room.
    using Fn = base::Delegate<void()>;
    Place(BodyRoom& room, Fn go_on) : room_(room), go_on_(go_on) {}
    ~Place() { release(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    // The body takes `bytes` in all. False: it has to stand until `go_on`.
    bool grow(std::size_t bytes);
    void release();

   private:
    friend class BodyRoom;
    friend class base::List<Place>;
    BodyRoom& room_;
    Fn go_on_;
    std::size_t size_ = 0, counted_ = 0;
    bool read_ = false;  // counts among the large ones that are read
  };

 private:
  void next();
  base::Budget* budget_ = nullptr;
  std::size_t read_ = 0;
  base::List<Place> standing_;
};

}  // namespace kube
