// What a TLS server knows of its clients: their certificates' identities, and the tickets with which
// they resume sessions. Only the tls*.cc files include this.
#pragma once

#include <cstdint>
#include <memory>

#include "net/peer_identity.h"
#include "net/tls.h"

// OpenSSL's ASN1_TIME, SSL, SSL_CTX.
struct asn1_string_st;
struct ssl_ctx_st;
struct ssl_st;

namespace net::openssl {

// Limits on what one certificate names; Kubernetes users are in some tens of groups.
constexpr std::size_t kGroups = 256;
constexpr std::size_t kNameBytesOfUser = 1024;

// s since 1970, at most kLastSecond; the least value when it is no time.
constexpr std::int64_t kLastSecond = 9'000'000'000;  // in ns it fits into 64 bits (year 2255)
std::int64_t seconds_of(const asn1_string_st* time);

// The identity of the certificate that the client has shown, in this handshake or in the one that
// it resumes; nullptr: none. `user` must occur once and be printable, else PeerIdentity::problem
// says why there is no user.
std::unique_ptr<PeerIdentity> identity_of_peer(const ssl_st* ssl, UserField user);

// Gives tickets the end that tls.h describes, at the time of the SSL's verification parameters (the
// loop's wall time), and ignores those that have ended: then the handshake is a full one.
void bound_tickets(ssl_ctx_st* ctx);

}  // namespace net::openssl
