// ReviewTurns: decides which of the tokens that wait is reviewed next, so that a flood of made-up
// tokens is no flood of requests to the API server, and no client that sends them locks out the
// others; and which is exchanged next (exchanged_tokens.h), so that no caller takes the places of the
// others: there a peer is a caller. Pure: no clock, no requests.
//
// At most `most` reviews are in flight at once; for_reviews() divides them:
//   of one peer       a quarter at most (peer key "": peers are not told apart, no such limit)
//   of all peers      three quarters at most
//   the server's own  the rest is reserved for them (tokens that were accepted before: they are in
//                     use)
// The server's own come first, then the peers in turn, each peer's in the order they came.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/list.h"

namespace auth {

// Reviews that may wait, of one peer and of all peers: more than the connections that a load
// balancer opens at once; each one that waits holds a token and its request.
constexpr std::size_t kReviewsWaitingPerPeer = 256;
constexpr std::size_t kReviewsWaiting = 1024;

class ReviewTurns {
 public:
  struct Limits {
    std::size_t most;           // in flight
    std::size_t of_peer;        // of these, of one peer
    std::size_t of_peers;       // of these, of all peers: all but the server's own
    std::size_t peers_waiting;  // that wait, of one peer
    std::size_t waiting;        // that wait, of all peers
  };
  static Limits for_reviews(std::size_t most);
  enum class Entered : unsigned char {
    yes,
    peer_full,  // too many of this peer wait
    full,       // too many of all peers wait
  };
  struct Place;
  struct Peer {
    base::List<Place> line;  // the places that wait
    std::size_t waiting = 0, started = 0;
    bool own = false, told_apart = true;
    std::string_view name;  // the map's key
  };
  // One review. Must leave() before it is destroyed.
  struct Place : base::Link {
    Peer* peer = nullptr;
    bool started = false;
    bool entered() const { return peer != nullptr; }
  };
  explicit ReviewTurns(const Limits& limits) : limits_(limits) {}

  // `peer`: from net::peer_key(). `own`: the server's own, whatever the peer, of which any number may
  // wait.
  Entered enter(Place& place, std::string_view peer, bool own = false);
  // The review to start next, which counts as started from now on; nullptr: none may start.
  Place* next();
  // One that waits; nullptr: none does.
  Place* first_waiting();
  // The review is over, or no longer wanted. Requires: entered().
  void leave(Place& place);

  std::size_t started() const { return started_; }
  std::size_t waiting() const { return waiting_; }

 private:
  using Peers = std::map<std::string, Peer, std::less<>>;
  Place* start_of(Peers::iterator at);
  bool has_room(const Peer& peer) const;

  const Limits limits_;
  std::size_t started_ = 0, strangers_started_ = 0, waiting_ = 0, strangers_waiting_ = 0;
  Peers peers_;       // those with a review; the server's own as one whose name is no address
  std::string last_;  // the peer that had the last turn
};

}  // namespace auth
