#include "auth/review_turns.h"

#include <algorithm>

#include "base/check.h"

namespace auth {

constexpr std::string_view kOwn = "own";

ReviewTurns::Limits ReviewTurns::for_reviews(std::size_t most) {
  most = std::max<std::size_t>(most, 4);
  return {most, most / 4, most - most / 4, kReviewsWaitingPerPeer, kReviewsWaiting};
}

ReviewTurns::Entered ReviewTurns::enter(Place& place, std::string_view peer, bool own) {
  const bool told_apart = !peer.empty();
  if (own) peer = kOwn;
  auto at = peers_.find(peer);
  const bool share =
      !told_apart || at == peers_.end() || at->second.waiting < limits_.peers_waiting;
  if (!own && !share) return Entered::peer_full;
  if (!own && strangers_waiting_ >= limits_.waiting) return Entered::full;
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
  return Entered::yes;
}

bool ReviewTurns::has_room(const Peer& peer) const {
  if (started_ >= limits_.most || peer.waiting == 0) return false;
  if (peer.own) return true;
  const bool share = !peer.told_apart || peer.started < limits_.of_peer;
  return share && strangers_started_ < limits_.of_peers;
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
  if (started_ >= limits_.most || waiting_ == 0) return nullptr;
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

ReviewTurns::Place* ReviewTurns::first_waiting() {
  for (auto& [name, peer] : peers_)
    if (Place* const place = peer.line.first()) return place;
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
