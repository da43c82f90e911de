// TLS configuration. Only the tls*.cc files include OpenSSL; its SHA-256 is here for other folders.
//
// Both roles: TLS 1.2 or later, always with forward secrecy (ECDHE), without renegotiation or
// compression. ALPN is http/1.1 only; a peer that selects another protocol is refused. Certificates
// are checked at the wall time. OpenSSL's configuration file is not read, and nothing is loaded at
// run time.
//
// Client: unless `insecure`, the server's name or IP address is always verified, as Go does
// (tls_verify.h). CN is never consulted; an IP address needs an IP SAN and sends no SNI; every
// certificate of the bundle is a trust anchor (intermediates too). Sessions are resumed only within
// one TlsContext, which belongs to one endpoint and one identity, so that a ticket can never cross
// them; before a resumption the peer's certificates are verified again.
//
// Server: the same rules for clients' certificates; only ciphers with authenticated encryption; one
// certificate for every name that clients ask for (SNI). Its streams do not need the TlsContext any
// more once they are made: it may be replaced while they live.
//
// A session is in a ticket that the client keeps, encrypted with keys of this TlsContext alone: with
// another certificate or other authorities there is another TlsContext, which no ticket opens. A
// ticket is good for kSessionTime after the full handshake, but not beyond the end of our certificate
// or the client's. It holds the client's certificate, so that a resumed connection has the identity
// that was verified, and no other.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace net {

class TlsTrust;

struct TlsClientOptions {
  std::string ca_pem;       // bundle; empty: the system's (SSL_CERT_FILE, SSL_CERT_DIR, ...)
  std::string cert_pem;     // chain, leaf first; empty: none
  std::string key_pem;      // PKCS#1, SEC1 or PKCS#8, not encrypted; with cert_pem or not at all
  std::string verify_name;  // DNS name (a trailing dot is dropped), also the SNI; or IP address
  bool insecure = false;    // verifies nothing; refused together with ca_pem
  // Instead of ca_pem: complete, without a problem; must live until client() returns.
  const TlsTrust* trust = nullptr;
};

// The part of a client's certificate that is its user's name (PeerIdentity::user).
enum class UserField : unsigned char { common_name, uri, dns, email };

struct TlsServerOptions {
  std::string cert_pem;
  std::string key_pem;
  std::string client_ca_pem;    // if set, clients are asked for a certificate
  bool require_client = false;  // and refused without one
  UserField user = UserField::common_name;
};

// After this a client makes a full handshake again.
constexpr base::Duration kSessionTime = base::hours(1);

namespace openssl {
struct PeerRule;
}

class TlsContext {
 public:
  // Errors (invalid_argument) name the part at fault: "client certificate: no certificate in it",
  // "CA bundle: no certificate in it", "client key: it does not match the certificate". Blocks of a
  // CA bundle that cannot be parsed are skipped as long as one can be.
  static base::Result<std::unique_ptr<TlsContext>> client(const TlsClientOptions& options);
  static base::Result<std::unique_ptr<TlsContext>> server(const TlsServerOptions& options);
  // Requires: a client's. Makes another one for the same peer that trusts the same authorities and
  // shows no certificate. It reads and parses nothing again, so it fails for want of memory only.
  base::Result<std::unique_ptr<TlsContext>> without_certificate() const;
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  bool is_server() const { return server_; }
  // A server's: when its certificate begins and ends to be valid, in s since 1970.
  std::int64_t valid_from() const { return valid_from_; }
  std::int64_t valid_until() const { return valid_until_; }

 private:
  friend class TlsStream;
  TlsContext();
  static int on_session(ssl_st* ssl, ssl_session_st* session);  // OpenSSL's callback, owns session
  static base::Result<std::unique_ptr<TlsContext>> new_client();
  base::Result<void> verify_peer_as(const TlsClientOptions& options);

  ssl_ctx_st* ctx_ = nullptr;
  ssl_session_st* session_ = nullptr;  // client: the latest session
  bool server_ = false;
  UserField user_ = UserField::common_name;
  std::int64_t valid_from_ = 0, valid_until_ = 0;
  std::string sni_;                          // client: the server's name, empty for an IP address
  std::unique_ptr<openssl::PeerRule> rule_;  // nullptr: the peer is not verified
};

}  // namespace net
