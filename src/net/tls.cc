#include "net/tls.h"

#include <cstdint>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "net/socket.h"
#include "net/tls_openssl.h"
#include "net/tls_peer.h"
#include "net/tls_trust.h"
#include "net/tls_verify.h"

namespace net {

using openssl::Ptr;

// For TLS 1.2, as Go's clients since 1.22: only with forward secrecy, so that a server key stolen
// later decrypts no recorded traffic. TLS 1.3 has no others.
static constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES+SHA1";

// Servers: these only, all with authenticated encryption.
static constexpr const char* kServerCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// As NIST SP 800-57 and public authorities require.
static constexpr int kGoodRsaBits = 2048;

static constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

static base::Error invalid(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

// Replaces OpenSSL's password prompt on the terminal, which would block the loop.
static int no_password(char*, int, int, void*) {
  return -1;
}

// ---- parts of both roles -----------------------------------------------------------------------

static base::Result<SSL_CTX*> new_context(const SSL_METHOD* method) {
  openssl::init();
  ERR_clear_error();
  SSL_CTX* ctx = SSL_CTX_new(method);
  if (ctx == nullptr) return base::Error(base::Errc::internal, "TLS: " + openssl::take_error());
  SSL_CTX_set_security_level(ctx, openssl::kSecurityLevel);
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (SSL_CTX_set_cipher_list(ctx, kCiphers) != 1) {
    SSL_CTX_free(ctx);
    return base::Error(base::Errc::internal, "TLS: " + openssl::take_error());
  }
  // Streams retry a write from another address and with more bytes after it; idle ones free their
  // 34 KiB of buffers.
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  return ctx;
}

static base::Result<Ptr<EVP_PKEY>> parse_key(const std::string& pem) {
  const Ptr<BIO> in = openssl::memory(pem);
  Ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  if (key) return key;
  const std::string error = openssl::take_error();
  const bool encrypted = pem.find("ENCRYPTED") != std::string::npos;
  return invalid(encrypted ? "it is encrypted, which is not supported"
                           : "no private key in it that can be read (" + error + ")");
}

// `who` is "client" or "server".
static base::Result<void> use_identity(SSL_CTX* ctx, const std::string& who,
                                       const std::string& cert_pem, const std::string& key_pem) {
  const auto chain = openssl::parse_certificates(cert_pem);
  if (chain.empty()) return invalid(who + " certificate: no certificate in it");
  auto key = parse_key(key_pem);
  if (!key) return std::move(key).error().within(who + " key");
  // Checked first: SSL_CTX_use_PrivateKey() silently drops a certificate that does not match.
  if (X509_check_private_key(chain[0].get(), key->get()) != 1) {
    ERR_clear_error();
    return invalid(who + " key: it does not match the certificate");
  }
  bool good = SSL_CTX_use_certificate(ctx, chain[0].get()) == 1;
  for (std::size_t i = 1; good && i < chain.size(); ++i) {
    good = SSL_CTX_add1_chain_cert(ctx, chain[i].get()) == 1;
  }
  if (!good) return invalid(who + " certificate: " + openssl::take_error());
  if (SSL_CTX_use_PrivateKey(ctx, key->get()) != 1) {
    return invalid(who + " key: " + openssl::take_error());
  }
  return {};
}

static std::size_t trust(SSL_CTX* ctx, std::string_view pem) {
  const auto certificates = openssl::parse_certificates(pem);
  X509_STORE* store = SSL_CTX_get_cert_store(ctx);
  for (const auto& certificate : certificates)
    X509_STORE_add_cert(store, certificate.get());
  ERR_clear_error();
  return certificates.size();
}

// ---- client ------------------------------------------------------------------------------------

int TlsContext::on_session(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  SSL_SESSION_free(self->session_);
  self->session_ = session;
  return 1;
}

base::Result<void> TlsContext::verify_peer_as(const TlsClientOptions& options) {
  std::string name = options.verify_name;
  const auto ip = parse_address(name, 0);
  if (!ip && !name.empty() && name.back() == '.') name.pop_back();
  if (!ip) sni_ = name;
  if (options.insecure) {
    if (!options.ca_pem.empty()) return invalid("a CA bundle and skipping verification at once");
    SSL_CTX_set_verify(ctx_, SSL_VERIFY_NONE, nullptr);
    return {};
  }
  if (name.empty()) return invalid("no name to verify the server's certificate for");
  if (name.find('\0') != std::string::npos)
    return invalid("not a name that can be verified: " + base::printable(name, 100));
  rule_ = std::make_unique<openssl::PeerRule>();
  if (ip) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&ip->storage);
    const auto* four = reinterpret_cast<const sockaddr_in*>(&ip->storage);
    const void* bytes = ip->is_v6() ? static_cast<const void*>(&six->sin6_addr) : &four->sin_addr;
    rule_->ip.assign(static_cast<const char*>(bytes), ip->is_v6() ? 16 : 4);
    rule_->expected = "the IP address " + name;
  } else {
    rule_->name = name;
    rule_->expected = "the DNS name " + name;
  }
  if (options.trust) {
    SSL_CTX_set1_cert_store(ctx_, options.trust->store_);
  } else {
    TlsTrust trust(options.ca_pem);
    trust.step(SIZE_MAX);
    if (auto ok = trust.verdict(); !ok) return ok;
    SSL_CTX_set1_cert_store(ctx_, trust.store_);
  }
  SSL_CTX_set_verify(ctx_, SSL_VERIFY_PEER, openssl::explain_verification);
  openssl::verify_as_go(ctx_, *rule_);
  return {};
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::new_client() {
  auto ctx = new_context(TLS_client_method());
  if (!ctx) return std::move(ctx).error();
  std::unique_ptr<TlsContext> self(new TlsContext);
  self->ctx_ = *ctx;
  SSL_CTX_set_app_data(self->ctx_, self.get());
  SSL_CTX_set_alpn_protos(self->ctx_, kAlpn, sizeof kAlpn);
  SSL_CTX_set_session_cache_mode(self->ctx_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(self->ctx_, &TlsContext::on_session);
  return self;
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::client(const TlsClientOptions& options) {
  auto self = new_client();
  if (!self) return self;
  if (auto done = (*self)->verify_peer_as(options); !done) return std::move(done).error();
  if (options.cert_pem.empty() && options.key_pem.empty()) return self;
  auto done = use_identity((*self)->ctx_, "client", options.cert_pem, options.key_pem);
  if (!done) return std::move(done).error();
  return self;
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::without_certificate() const {
  CHECK(!server_);
  auto twin = new_client();
  if (!twin) return twin;
  TlsContext& other = **twin;
  other.sni_ = sni_;
  SSL_CTX_set1_cert_store(other.ctx_, SSL_CTX_get_cert_store(ctx_));
  if (rule_) {
    other.rule_ = std::make_unique<openssl::PeerRule>(*rule_);
    openssl::verify_as_go(other.ctx_, *other.rule_);
  }
  SSL_CTX_set_verify(other.ctx_, SSL_CTX_get_verify_mode(ctx_), SSL_CTX_get_verify_callback(ctx_));
  return twin;
}

// ---- server ------------------------------------------------------------------------------------

// NOLINTNEXTLINE(readability-function-size): the signature is OpenSSL's
static int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size,
                       const unsigned char* in, unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kAlpn, sizeof kAlpn, in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key with which no client of TLS 1.2 or 1.3 shakes hands is worse than none: it would replace a good
// one. A weak one is used by the operator's will.
static base::Result<void> check_server_key(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1) {
    if (const int bits = EVP_PKEY_get_bits(key); bits < kGoodRsaBits)
      LOG_WARN("the server's certificate has a weak RSA key: clients may refuse it",
               {"bits", bits});
    return {};
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1 || EVP_PKEY_is_a(key, "ED448") == 1) return {};
  char curve[80] = "";
  if (EVP_PKEY_is_a(key, "EC") == 1 &&
      EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) == 1) {
    for (const char* each : {"prime256v1", "secp384r1", "secp521r1"})
      if (std::string_view(curve) == each) return {};
  }
  ERR_clear_error();
  return invalid("server certificate: its key" +
                 (*curve ? " on the curve " + std::string(curve) : std::string()) +
                 " is of a kind that clients do not accept: use ECDSA on P-256, P-384 or P-521, "
                 "RSA, or Ed25519");
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::server(const TlsServerOptions& options) {
  auto ctx = new_context(TLS_server_method());
  if (!ctx) return std::move(ctx).error();
  std::unique_ptr<TlsContext> self(new TlsContext);
  self->ctx_ = *ctx;
  self->server_ = true;
  self->user_ = options.user;
  SSL_CTX_set_cipher_list(self->ctx_, kServerCiphers);
  SSL_CTX_set_options(self->ctx_, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // One message of the peer a turn: endless KeyUpdates would hold the loop.
  SSL_CTX_clear_mode(self->ctx_, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_alpn_select_cb(self->ctx_, select_alpn, nullptr);
  // Sessions are in tickets, one per handshake: the server stores nothing. Client certificates
  // require a session id context; any will do, since the keys are this context's own.
  SSL_CTX_set_session_cache_mode(self->ctx_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(self->ctx_, 1);
  openssl::bound_tickets(self->ctx_);
  static constexpr unsigned char kContext[] = {'k'};
  SSL_CTX_set_session_id_context(self->ctx_, kContext, sizeof kContext);
  auto done = use_identity(self->ctx_, "server", options.cert_pem, options.key_pem);
  if (!done) return std::move(done).error();
  X509* own = SSL_CTX_get0_certificate(self->ctx_);
  if (auto ok = check_server_key(X509_get0_pubkey(own)); !ok) return std::move(ok).error();
  self->valid_from_ = openssl::seconds_of(X509_get0_notBefore(own));
  self->valid_until_ = openssl::seconds_of(X509_get0_notAfter(own));
  if (options.client_ca_pem.empty()) {
    if (options.require_client) return invalid("client certificates required, but no CA for them");
    return self;
  }
  if (trust(self->ctx_, options.client_ca_pem) == 0) {
    return invalid("client CA bundle: no certificate in it");
  }
  for (const auto& certificate : openssl::parse_certificates(options.client_ca_pem))
    SSL_CTX_add_client_CA(self->ctx_, certificate.get());
  // The same for all; handshakes may outlive the TlsContext.
  static openssl::PeerRule rule_of_clients{false, {}, {}, {}};
  openssl::verify_as_go(self->ctx_, rule_of_clients);
  const int require = options.require_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(self->ctx_, SSL_VERIFY_PEER | require, openssl::explain_verification);
  return self;
}

TlsContext::TlsContext() = default;

TlsContext::~TlsContext() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(ctx_);
}

}  // namespace net
