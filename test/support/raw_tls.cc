#include "support/raw_tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/check.h"
#include "net/socket.h"

namespace test {

static int select_h2(SSL*, const unsigned char** out, unsigned char* size, const unsigned char*,
                     unsigned, void*) {
  static constexpr unsigned char kH2[] = {'h', '2'};
  *out = kH2;
  *size = 2;
  return SSL_TLSEXT_ERR_OK;
}

static int refuse(SSL*, const unsigned char**, unsigned char*, const unsigned char*, unsigned,
                  void*) {
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

RawTls::RawTls(base::Fd fd, const TestCerts& certs, const Options& options)
    : fd_(std::move(fd)), ctx_(SSL_CTX_new(TLS_server_method())) {
  // Without NODELAY a second small write waits for the first one's acknowledgement, 40 ms of real
  // time.
  net::set_stream_options(fd_.get());
  BIO* in = BIO_new_mem_buf(certs.server_cert_pem.data(), -1);
  X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  in = BIO_new_mem_buf(certs.server_key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  CHECK(SSL_CTX_use_certificate(ctx_, certificate) == 1);
  CHECK(SSL_CTX_use_PrivateKey(ctx_, key) == 1);
  X509_free(certificate);
  EVP_PKEY_free(key);
  SSL_CTX_set_mode(ctx_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (options.select_h2) SSL_CTX_set_alpn_select_cb(ctx_, select_h2, nullptr);
  if (options.refuse_alpn) SSL_CTX_set_alpn_select_cb(ctx_, refuse, nullptr);
  if (options.max_version != 0) {
    SSL_CTX_set_security_level(ctx_, 0);
    SSL_CTX_set_min_proto_version(ctx_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(ctx_, options.max_version);
  }
  if (options.ciphers != nullptr) CHECK(SSL_CTX_set_cipher_list(ctx_, options.ciphers) == 1);
  ssl_ = SSL_new(ctx_);
  SSL_set_fd(ssl_, fd_.get());
  SSL_set_accept_state(ssl_);
}

RawTls::~RawTls() {
  SSL_free(ssl_);
  SSL_CTX_free(ctx_);
  ERR_clear_error();
}

bool RawTls::write(const std::string& bytes) {
  ERR_clear_error();
  return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
}

std::string RawTls::read() {
  std::string got;
  char buffer[16384];
  ERR_clear_error();
  for (int n; (n = SSL_read(ssl_, buffer, sizeof buffer)) > 0;)
    got.append(buffer, static_cast<std::size_t>(n));
  return got;
}

}  // namespace test
