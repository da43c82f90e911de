#include "auth/review_turns.h"

#include <algorithm>

#include "base/check.h"

namespace auth {

constexpr std::string_view kOwn = "own";

ReviewTurns::ReviewTurns(std::size_t most)
    : most_(std::max<std::size_t>(most, 4)), per_peer_(most_ / 4) {}

bool ReviewTurns::enter(Place& place, std::string_view peer, bool own) {
  const bool told_apart = !peer.empty();
  if (own) peer = kOwn;
  auto at = peers_.find(peer);
  const bool share =
      !told_apart || at == peers_.end() || at->second.waiting < kReviewsWaitingPerPeer;
  if (!own && (strangers_waiting_ >= kReviewsWaiting || !share)) return false;
  if (at == peers_.end()) {
    at = peers_.try_emplace(std::string(peer)).first;
    at->second.own = own;
    at->second.told_apart = told_apart;
    at->second.name = at->first;
  }
  place.peer = &at->second;
  place.started = false;
  at->second.line.add(place);
  ++at->second.waiting;
  ++waiting_;
  if (!own) ++strangers_waiting_;
  return true;
}

bool ReviewTurns::has_room(const Peer& peer) const {
  if (started_ >= most_ || peer.waiting == 0) return false;
  if (peer.own) return true;
  const bool share = !peer.told_apart || peer.started < per_peer_;
  return share && strangers_started_ < most_ - most_ / 4;
}

ReviewTurns::Place* ReviewTurns::start_of(Peers::iterator at) {
  Peer& peer = at->second;
  Place* place = peer.line.pop();
  place->started = true;
  --peer.waiting;
  --waiting_;
  ++peer.started;
  ++started_;
  if (!peer.own) {
    --strangers_waiting_;
    ++strangers_started_;
    last_ = at->first;
  }
  return place;
}

ReviewTurns::Place* ReviewTurns::next() {
  if (started_ >= most_ || waiting_ == 0) return nullptr;
  if (const auto own = peers_.find(kOwn); own != peers_.end() && has_room(own->second)) {
    return start_of(own);
  }
  const auto after = peers_.upper_bound(last_);
  for (auto at = after; at != peers_.end(); ++at) {
    if (has_room(at->second)) return start_of(at);
  }
  for (auto at = peers_.begin(); at != after; ++at) {
    if (has_room(at->second)) return start_of(at);
  }
  return nullptr;
}

void ReviewTurns::leave(Place& place) {
  CHECK(place.entered());
  Peer& peer = *place.peer;
  place.peer = nullptr;
  if (place.started) {
    --peer.started;
    --started_;
    if (!peer.own) --strangers_started_;
  } else {
    place.unlink();
    --peer.waiting;
    --waiting_;
    if (!peer.own) --strangers_waiting_;
  }
  if (peer.waiting + peer.started == 0) peers_.erase(peers_.find(peer.name));
}

}  // namespace auth
