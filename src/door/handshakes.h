// Handshakes: connections to the listeners that speak TLS, until they can be handed to the HTTP
// server. A stranger gets little here:
//
//   state      means                                   left by
//   silent     the peer has sent nothing; costs a      its first byte → waiting, or refused if that
//              descriptor and some hundred bytes       is no TLS
//   waiting    its turn has not come                   at most kHandshakesATurn begin in a turn of
//                                                      the loop, so that a crowd does not delay
//                                                      other clients → shaking
//   shaking    the handshake is under way              done → the HTTP server has the connection;
//                                                      failure → closed
//   refused    it spoke HTTP and was told; what it     its end, kRefusalTime → closed
//              still sends is read and dropped
//
// All of it must be done kHandshakeTime after the connection was accepted, in however small pieces
// it comes. At most kHandshakes are under way, of one peer at most kHandshakesOfPeer (loopback is
// not limited). When all places are taken, one that has had its grace makes room: the oldest silent
// one (kSilentGrace), else the oldest of all (kHandshakeGrace); as long as none has, the doors accept
// nothing, and newcomers wait in the kernel's backlog. When those of the newcomer's peer are taken, one of
// that peer's makes room by the same rule; as long as none has had its grace, the newcomer is closed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/budgets.h"
#include "base/delegate.h"
#include "base/list.h"
#include "base/own_list.h"
#include "door/certificate_files.h"
#include "http/server.h"
#include "loop/loop.h"
#include "net/socket.h"
#include "net/tls.h"

namespace door {

// Each costs up to 60 KiB while it is shaking: 15 MiB.
constexpr std::size_t kHandshakes = 256;
constexpr std::size_t kHandshakesOfPeer = kHandshakes / 4;
// As kHeadTime: three round trips of the slowest link, and a retransmission.
constexpr base::Duration kHandshakeTime = base::seconds(10);
constexpr base::Duration kHandshakeGrace = base::seconds(2);
// A client's first bytes come with its connection or right after it, a round trip at most: 250 ms is one
// around the earth. So a crowd that says nothing leaves a thousand places a second to those that speak.
constexpr base::Duration kSilentGrace = base::milliseconds(250);
constexpr base::Duration kRefusalTime = base::seconds(2);
// A full handshake takes up to 1 ms (RSA-2048), so a turn with as many takes some ms.
constexpr std::size_t kHandshakesATurn = 4;

class Handshakes {
 public:
  enum class Result : unsigned char { full, resumed, failed, timeout, crowded, not_tls };
  static constexpr std::size_t kResults = 6;

  // All must outlive this.
  Handshakes(loop::Loop& loop, http::Server& server, CertificateFiles& files,
             base::Budgets& budgets);
  ~Handshakes();

  // A connection of `peer` that was accepted. Its requests carry `door`.
  void begin(base::Fd fd, const net::Address& peer, unsigned door);
  // Called with true when no place will be free for a newcomer for a while, then with false.
  // attach() may call it at once. Detached before what it calls is gone.
  struct Pause : base::Link {
    base::Delegate<void(bool)> fn;
  };
  void attach(Pause& pause);
  // The places of one peer; kHandshakes: peers are not told apart, as behind a proxy.
  void set_share(std::size_t places) { places_.set_share(places); }
  // Closes all that are under way.
  void stop();

  std::size_t under_way() const { return places_.used(); }
  std::uint64_t count(Result result) const { return counts_[static_cast<std::size_t>(result)]; }
  const CertificateFiles& files() const { return files_; }

 private:
  class Handshake;
  bool make_room(std::string_view peer_key);
  Handshake* oldest(bool silent, std::string_view of_peer = {});
  struct Next {
    Handshake* one;     // that makes room
    base::Duration in;  // when it has had its grace; zero: now
  };
  Next next_to_go(std::string_view of_peer = {});
  bool end_next(std::string_view of_peer = {});
  void wait(Handshake& one);
  void start_some();
  void end(Handshake& one, Result result);
  void on_places();
  void say_failure(std::string_view peer, std::string_view why);
  void say_crowded(const std::string& peer);

  loop::Loop& loop_;
  http::Server& server_;
  CertificateFiles& files_;
  base::Budgets& budgets_;
  base::Budget places_{kHandshakes};
  base::OwnList<Handshake> all_, waiting_;  // each is in one of them
  std::array<std::uint64_t, kResults> counts_{};
  base::List<Pause> doors_;
  bool full_ = false;  // the doors are told
  loop::Deferred turn_;
  loop::Timer grace_;                      // until the oldest may make room
  base::TimePoint said_{-base::hours(1)};  // when a failed handshake was last logged above DEBUG
  base::TimePoint said_crowded_{-base::hours(1)};  // and one that was cut
};

std::string_view to_string(Handshakes::Result result);

}  // namespace door
