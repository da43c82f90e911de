#include "change/room.h"

namespace change {

Room::Place::Place(Room& room, Fn fn)
    : room_(room), held_(room.changes_), waits_(room.bodies_), go_(room.loop_, "change", fn) {}

Room::Got Room::Place::take(std::size_t bytes, std::size_t waiting, std::string_view owner) {
  const std::size_t wanted = kCopies * bytes;
  if (at_work_ && grow(wanted)) return Got::room;
  release();
  size_ = wanted;
  owner_ = owner;
  if ((!large() || room_.large_.empty()) && room_.may_begin(*this)) {
    begin();
    return Got::room;
  }
  if (!waits_.take(waiting, owner)) return Got::none;
  (large() ? room_.large_ : room_.small_).add(*this);
  return Got::later;
}

// In place, if it could begin so beside the others.
bool Room::Place::grow(std::size_t wanted) {
  if (wanted <= size_) return true;
  end();
  size_ = wanted;
  const bool may = room_.may_begin(*this);
  begin();  // also for the release that follows, which lets others in
  return may;
}

void Room::Place::begin() {
  at_work_ = true;
  held_.force(room_.changes_.countable(size_));
  if (large()) room_.last_owner_ = owner_;
  ++(large() ? room_.large_at_work_ : room_.small_at_work_);
}

void Room::Place::end() {
  at_work_ = false;
  held_.release();
  --(large() ? room_.large_at_work_ : room_.small_at_work_);
}

void Room::Place::release() {
  const bool had = at_work_ || linked();
  go_.cancel();
  waits_.release();
  if (linked()) unlink();
  if (at_work_) end();
  if (had) room_.admit();
}

bool Room::may_begin(const Place& place) const {
  return (place.large() ? large_at_work_ : small_at_work_) == 0 || changes_.has_room(place.size_);
}

Room::Place* Room::next_large() {
  for (Place& place : large_)
    if (place.owner_ != last_owner_) return &place;
  return large_.first();
}

void Room::admit(Place& place) {
  place.unlink();
  place.waits_.release();
  place.begin();
  place.go_.schedule();
}

// What waits of a kind waits because another of it is at work, or before it: with the last one of
// these the next one begins.
void Room::admit() {
  for (Place& place : small_)
    if (may_begin(place)) admit(place);
  for (Place* place = next_large(); place && may_begin(*place); place = next_large())
    admit(*place);
}

}  // namespace change
