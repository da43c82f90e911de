// TLS configuration, behind one door: the tls*.cc files alone include OpenSSL. Also SHA-256, for whom it is needed above.
//
// TLS 1.2 or later, no renegotiation, no compression, ALPN http/1.1 only (a peer that selects anything else is refused).
// Forward secrecy always (ECDHE). Client: the name or IP address is always verified unless `insecure`, as Go does (tls_verify.h); CN is never
// consulted; IP addresses need an IP SAN and get no SNI; any certificate of the bundle is a trust anchor (intermediates too). Sessions are
// resumed within one TlsContext: it belongs to one endpoint and one identity, so a ticket can never cross them; before that the peer's
// certificates are judged again. Certificates are judged by the loop's wall clock.
// Server: the same rules for clients' certificates; session tickets, nothing kept per client.
// OpenSSL's configuration file is not read, and nothing is loaded at run time.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace net {

struct TlsClientOptions {
  std::string ca_pem;       // bundle; empty: the system's (found at run time: SSL_CERT_FILE and SSL_CERT_DIR, else the usual places)
  std::string cert_pem;     // chain, leaf first; empty: none
  std::string key_pem;      // PKCS#1, SEC1 or PKCS#8, not encrypted; with cert_pem or not at all
  std::string verify_name;  // DNS name (a trailing dot is dropped) or IP address to verify, and SNI when it is a name
  bool insecure = false;    // verify nothing; refused together with ca_pem
};

struct TlsServerOptions {
  std::string cert_pem;
  std::string key_pem;
  std::string client_ca_pem;  // when set: ask for a client certificate
  bool require_client = false;
};

namespace openssl {
struct PeerRule;
}

class TlsContext {
 public:
  // Errors (invalid_argument) say which part was wrong: "client certificate: no certificate in it", "CA bundle: no certificate in it",
  // "client key: it does not match the certificate". Blocks of a CA bundle that cannot be parsed are passed over as long as one can.
  static base::Result<std::unique_ptr<TlsContext>> client(const TlsClientOptions& options);
  static base::Result<std::unique_ptr<TlsContext>> server(const TlsServerOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  bool is_server() const { return server_; }

 private:
  friend class TlsStream;
  TlsContext();
  static int on_session(ssl_st* ssl, ssl_session_st* session);  // OpenSSL's: takes it over
  base::Result<void> verify_peer_as(const TlsClientOptions& options);

  ssl_ctx_st* ctx_ = nullptr;
  ssl_session_st* session_ = nullptr;  // client: the last resumable one
  bool server_ = false;
  std::string sni_;  // client: the name, empty for an IP address
  std::unique_ptr<openssl::PeerRule> rule_;  // nullptr: the peer is not verified
};

std::array<unsigned char, 32> sha256(std::string_view bytes);

}  // namespace net
