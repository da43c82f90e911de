#include "net/tls_dates.h"

#include <ctime>

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "net/tls_openssl.h"

namespace net {

std::vector<CertificateEnd> certificate_ends(std::string_view pem) {
  openssl::init();
  std::vector<CertificateEnd> out;
  for (const auto& certificate : openssl::parse_certificates(pem)) {
    std::tm time{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &time) != 1) continue;
    char name[openssl::kNameBytes] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                              sizeof(name));
    // A time beyond WallTime's range is not one that a user waits for.
    auto ends = base::parse_rfc3339("9999-12-31T00:00:00Z");
    const std::time_t seconds = ::timegm(&time);
    if (seconds < ends->ns / 1000000000) ends->ns = std::int64_t{seconds} * 1000000000;
    out.push_back({base::printable(name, sizeof(name)), *ends});
  }
  return out;
}

}  // namespace net
