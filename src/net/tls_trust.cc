#include "net/tls_trust.h"

#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/check.h"
#include "base/file.h"
#include "net/tls_openssl.h"

namespace net {

namespace {

// The largest distribution bundle has about 220 KiB; a company's, with its own additions, stays
// below this.
constexpr std::size_t kSystemBundleBytes = 4 * 1024 * 1024;
constexpr const char* kSystemDirectory = "/etc/ssl/certs";  // Debian, SUSE, Alpine
constexpr const char* kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine without the bundle, BSDs
};
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

// Whether OpenSSL finds authorities in `directory` by the hash of their names ("5ed36f99.0").
bool has_hash_links(const char* directory) {
  DIR* dir = ::opendir(directory);
  if (dir == nullptr) return false;
  bool found = false;
  while (const dirent* entry = found ? nullptr : ::readdir(dir)) {
    const std::string_view name = entry->d_name;
    found = name.size() == 10 && name.substr(8) == ".0" &&
            name.find_first_not_of("0123456789abcdef") == 8;
  }
  ::closedir(dir);
  return found;
}

}  // namespace

// As in Go, a variable replaces the usual places. A directory comes before a bundle: a handshake
// reads only the file that it needs.
TlsTrust::TlsTrust(std::string ca_pem) : system_(ca_pem.empty()), pem_(std::move(ca_pem)) {
  openssl::init();
  store_ = X509_STORE_new();
  CHECK(store_ != nullptr);
  if (!system_) return;
  const char* file = std::getenv("SSL_CERT_FILE");
  const char* directory = std::getenv("SSL_CERT_DIR");
  const bool file_given = file != nullptr && *file != '\0';
  if (directory == nullptr || *directory == '\0')
    directory = !file_given && has_hash_links(kSystemDirectory) ? kSystemDirectory : nullptr;
  found_ = directory != nullptr && X509_STORE_load_path(store_, directory) == 1;
  ERR_clear_error();
  bundles_.assign(std::rbegin(kSystemBundles), std::rend(kSystemBundles));
  if (!file_given) return;
  auto pem = base::read_regular_file(file, kSystemBundleBytes);
  if (pem) {
    pem_ = *std::move(pem);
  } else {
    verdict_ = std::move(pem).error().within("SSL_CERT_FILE");
    done_ = true;
  }
}

TlsTrust::~TlsTrust() {
  X509_STORE_free(store_);
}

bool TlsTrust::end(std::string problem) {
  pem_ = {};
  done_ = true;
  if (!problem.empty()) verdict_ = base::Error(base::Errc::invalid_argument, std::move(problem));
  return true;
}

bool TlsTrust::step(std::size_t certificates) {
  while (!done_) {
    std::size_t until = at_;
    for (std::size_t n = 0; n < certificates && until < pem_.size(); ++n) {
      const std::size_t mark = pem_.find(kEnd, until);
      until = mark == pem_.npos ? pem_.size() : mark + kEnd.size();
    }
    for (const auto& each :
         openssl::parse_certificates(std::string_view(pem_).substr(at_, until - at_))) {
      X509_STORE_add_cert(store_, each.get());
      found_ = true;
    }
    ERR_clear_error();
    at_ = until;
    if (at_ < pem_.size()) return false;
    if (found_) return end({});
    if (!system_) return end("CA bundle: no certificate in it");
    if (!next_source()) return end("no CA bundle given, and this system has none");
  }
  return true;
}

bool TlsTrust::next_source() {
  while (!bundles_.empty()) {
    auto pem = base::read_regular_file(bundles_.back(), kSystemBundleBytes);
    bundles_.pop_back();
    if (!pem) continue;
    pem_ = *std::move(pem);
    at_ = 0;
    return true;
  }
  return false;
}

}  // namespace net
