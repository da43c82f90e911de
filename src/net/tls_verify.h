// Whether a peer's certificate is accepted: decided as Go's crypto/x509 does, which is what the users of every cluster know. OpenSSL builds the
// chain and checks signatures, times, authorities and name constraints; what it decides otherwise than Go is here:
//   issuers    of several of one name that one whose key made the signature, whatever the key ids say and the bundle's order
//   usage      extendedKeyUsage alone, along the whole chain: any, or serverAuth (of a client: clientAuth); neither keyUsage nor nsCertType
//   names      a wildcard may stand before a single label; names with '_'; an IP address needs an IP SAN
//   keys       RSA from 1024 bits; SHA-1 signs nothing
// A certificate of the bundle is trusted as it stands. The tls*.cc files alone include this.
#pragma once

#include <string>

// OpenSSL's SSL, SSL_CTX.
struct ssl_ctx_st;
struct ssl_st;

namespace net::openssl {

struct PeerRule {
  bool is_server = true;  // the peer
  std::string name;       // DNS name to verify, without a trailing dot; "" : none
  std::string ip;         // or 4 or 16 bytes
  std::string expected;   // for people: "the IP address 10.0.0.1"
};

// Peers of `ctx` are verified by `rule`, which outlives it; on a refusal the reason is in the std::string that is the SSL's app data.
void verify_as_go(ssl_ctx_st* ctx, PeerRule& rule);

// Whether the peer of the session that `ssl` is about to resume would be accepted now.
bool accepts_session(ssl_st* ssl, PeerRule& rule);

}  // namespace net::openssl
