// RefusedChecks: how many tokens each peer may have refused in a time. A check costs processor time (a
// signature: 30 to 800 us) or a request to the API server whether the token is good or made up; a good
// one costs one a minute, so that those are limited that are refused:
//
//   of a peer that is told apart   kRefusedOfPeer a second, kRefusedBurst at once
//   of all others together         kRefusedUntold a second, kRefusedUntoldBurst at once: peers on
//                                  this machine, all that come by a proxy here
//   at once, from a request's      kRefusedAtHead a second: the peer is not known there; beyond it a
//     head alone                   token waits for a check of its peer's
//
// A peer beyond its rate gets 429, and its tokens are not looked at; those that were accepted before
// are, they are in use. Behind a proxy on another machine all callers are one peer: while a stranger
// among them floods, logging in there may take more than one try, and what is logged in goes on; let
// the proxy limit each of its own peers.
//
// kRefusedPeers are remembered; the one refused longest ago makes room, with its burst.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/list.h"
#include "base/time.h"

namespace auth {

// With the usual algorithms half a percent of the processor for one peer, 4 % with the slowest. No
// office has more users a second whose tokens have just ended.
constexpr int kRefusedOfPeer = 50, kRefusedBurst = 100;
constexpr int kRefusedUntold = 200, kRefusedUntoldBurst = 400;
constexpr int kRefusedAtHead = 100, kRefusedAtHeadBurst = 100;
constexpr std::size_t kRefusedPeers = 1024;  // some 150 bytes each

class RefusedChecks {
 public:
  // Instead of a peer: checks of a head alone. Never a peer's key.
  static constexpr std::string_view kAtHead = "at head";
  RefusedChecks();
  ~RefusedChecks();
  RefusedChecks(const RefusedChecks&) = delete;
  RefusedChecks& operator=(const RefusedChecks&) = delete;

  // `peer`: from net::peer_key(). May one more of its tokens be checked?
  bool allows(std::string_view peer, base::TimePoint now) const;
  // One was refused.
  void note(std::string_view peer, base::TimePoint now);
  std::size_t peers() const { return peers_.size(); }

 private:
  struct Peer;
  Peer& peer_of(std::string_view key);

  std::unordered_map<std::string_view, std::unique_ptr<Peer>> peers_;  // key: in the Peer
  base::List<Peer> order_;                                             // refused longest ago first
};

}  // namespace auth
