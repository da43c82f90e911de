// ReviewTurns: which of those who wait may ask the API server next about a token, so that a flood
// of made-up tokens is no flood at the API server's, and none of its senders keeps the others out.
// Pure: no clock, no requests.
//
//   of `most` under way at once   a quarter of them may be of one peer
//                                 a quarter of them is the server's own (tokens that were accepted
//                                 before: they are in use)
//   the own first, then the peers in turn, each in the order of its questions
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/link.h"

namespace tools {

// Of one peer, and of all: more connections than a balancer opens at once; each that waits holds a
// token, and its request.
constexpr std::size_t kReviewsWaitingPerPeer = 256;
constexpr std::size_t kReviewsWaiting = 1024;

class ReviewTurns {
 public:
  struct Peer {
    base::Link line;  // of those who wait
    std::size_t waiting = 0, started = 0;
    bool own = false;
    std::string_view name;  // the map's key
  };
  // One question. Left before it dies.
  struct Place : base::Link {
    Peer* peer = nullptr;
    bool started = false;
    bool entered() const { return peer != nullptr; }
  };
  explicit ReviewTurns(std::size_t most);

  // `peer`: as review_peer() says; "" : the server's own. False: too many wait.
  bool enter(Place& place, std::string_view peer);
  // Who may start now, and counts as started from here on; nullptr: nobody.
  Place* next();
  // It is over, or is not asked any more. Requires: entered().
  void leave(Place& place);

  std::size_t started() const { return started_; }
  std::size_t waiting() const { return waiting_; }
  std::size_t most_per_peer() const { return per_peer_; }

 private:
  using Peers = std::map<std::string, Peer, std::less<>>;
  Place* start_of(Peers::iterator at);
  bool has_room(const Peer& peer) const;

  const std::size_t most_, per_peer_;
  std::size_t started_ = 0, strangers_started_ = 0, waiting_ = 0, strangers_waiting_ = 0;
  Peers peers_;       // those with a question
  std::string last_;  // whose turn it was
};

// What counts as one peer: the address of "host:port" without its port; of IPv6 the network (/64),
// which is what one customer gets.
std::string review_peer(std::string_view peer);

}  // namespace tools
