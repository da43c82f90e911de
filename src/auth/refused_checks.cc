#include "auth/refused_checks.h"

#include <algorithm>
#include <utility>

namespace auth {

// As a bucket that leaks: `even` is when it will be empty.
struct RefusedChecks::Peer : base::Link {
  explicit Peer(std::string_view name) : key(name) {}
  ~Peer() { unlink(); }
  const std::string key;
  base::TimePoint even{};
};

namespace {

struct Bucket {
  base::Duration each;  // the time in which one leaks out
  base::Duration size;
};

Bucket bucket_of(std::string_view peer) {
  const bool head = peer == RefusedChecks::kAtHead;
  const int rate = head ? kRefusedAtHead : peer.empty() ? kRefusedUntold : kRefusedOfPeer;
  const int burst = head ? kRefusedAtHeadBurst : peer.empty() ? kRefusedUntoldBurst : kRefusedBurst;
  const base::Duration each = base::Duration(base::seconds(1)) / rate;
  return {each, each * burst};
}

}  // namespace

RefusedChecks::RefusedChecks() = default;
RefusedChecks::~RefusedChecks() = default;

bool RefusedChecks::allows(std::string_view peer, base::TimePoint now) const {
  const auto at = peers_.find(peer);
  if (at == peers_.end()) return true;
  const Bucket bucket = bucket_of(peer);
  return std::max(at->second->even, now) - now + bucket.each <= bucket.size;
}

void RefusedChecks::note(std::string_view peer, base::TimePoint now) {
  Peer& one = peer_of(peer);
  one.even = std::max(one.even, now) + bucket_of(peer).each;
}

RefusedChecks::Peer& RefusedChecks::peer_of(std::string_view key) {
  if (const auto at = peers_.find(key); at != peers_.end()) {
    order_.move_here(*at->second);
    return *at->second;
  }
  if (peers_.size() == kRefusedPeers) peers_.erase(peers_.find(order_.first()->key));
  auto made = std::make_unique<Peer>(key);
  Peer& out = *made;
  peers_.emplace(std::string_view(out.key), std::move(made));
  order_.add(out);
  return out;
}

}  // namespace auth
