// Decides whether a peer's certificate is accepted, as Go's crypto/x509 does, whose rules the users
// of every cluster know. OpenSSL builds the chain and checks signatures, times, authorities and
// name constraints. Where it differs from Go, these rules apply:
//
//   issuers  among several of one name, the one whose key made the signature, whatever the key ids
//            and the order in the bundle
//   usage    extendedKeyUsage alone, along the whole chain: any, or serverAuth (for a client:
//            clientAuth); neither keyUsage nor nsCertType
//   names    a wildcard may stand for one leading label; '_' is allowed; an IP address needs an
//            IP SAN
//   keys     RSA from 1024 bits; no signatures with SHA-1
//
// Every certificate of the bundle is trusted as it is. Only the tls*.cc files include this.
#pragma once

#include <string>

// OpenSSL's SSL, SSL_CTX.
struct ssl_ctx_st;
struct ssl_st;

namespace net::openssl {

struct PeerRule {
  bool is_server = true;  // the peer's role
  std::string name;       // DNS name to verify, without a trailing dot; "": none
  std::string ip;         // IP address to verify, 4 or 16 bytes; "": none
  std::string expected;   // for error texts: "the IP address 10.0.0.1"
};

// Makes `ctx` verify peers by `rule`, which must outlive it. On a refusal the reason is in the
// std::string that is the SSL's app data.
void verify_as_go(ssl_ctx_st* ctx, PeerRule& rule);

// Whether the peer of the session that `ssl` is about to resume would be accepted now.
bool accepts_session(ssl_st* ssl, PeerRule& rule);

}  // namespace net::openssl
