#include "tools/review_turns.h"

#include <algorithm>

#include <arpa/inet.h>

#include "base/check.h"
#include "base/text.h"

namespace tools {

constexpr std::size_t kNetworkBytes = 8;  // of an IPv6 address

ReviewTurns::ReviewTurns(std::size_t most)
    : most_(std::max<std::size_t>(most, 4)), per_peer_(most_ / 4) {}

bool ReviewTurns::enter(Place& place, std::string_view peer) {
  auto at = peers_.find(peer);
  const bool own = peer.empty();
  if (!own && (strangers_waiting_ >= kReviewsWaiting ||
               (at != peers_.end() && at->second.waiting >= kReviewsWaitingPerPeer))) {
    return false;
  }
  if (at == peers_.end()) {
    at = peers_.try_emplace(std::string(peer)).first;
    at->second.own = own;
    at->second.name = at->first;
  }
  place.peer = &at->second;
  place.started = false;
  at->second.line.push_back(place);
  ++at->second.waiting;
  ++waiting_;
  if (!own) ++strangers_waiting_;
  return true;
}

bool ReviewTurns::has_room(const Peer& peer) const {
  if (started_ >= most_ || peer.waiting == 0) return false;
  if (peer.own) return true;
  return peer.started < per_peer_ && strangers_started_ < most_ - most_ / 4;
}

ReviewTurns::Place* ReviewTurns::start_of(Peers::iterator at) {
  Peer& peer = at->second;
  auto* place = static_cast<Place*>(peer.line.next);
  place->unlink();
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
  if (const auto own = peers_.find(""); own != peers_.end() && has_room(own->second)) {
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

std::string review_peer(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));  // the zone names the link, not the peer
  in6_addr v6{};
  if (inet_pton(AF_INET6, std::string(host).c_str(), &v6) != 1)
    return std::string(host.empty() ? peer : host);
  const std::string_view bytes(reinterpret_cast<const char*>(v6.s6_addr), kNetworkBytes);
  return base::hex(bytes) + "::/64";
}

}  // namespace tools
