#include "net/tls_peer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/utf8.h"
#include "net/tls_openssl.h"

namespace net::openssl {

// ---- names -------------------------------------------------------------------------------------

namespace {

// The text as UTF-8; "" when it is none, or holds what could end a line or a header.
std::string text_of(const ASN1_STRING* from) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, from);
  std::string out;
  if (size > 0) out.assign(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  ERR_clear_error();
  const bool good = out.size() <= kNameBytesOfUser && base::valid_utf8(out) &&
                    std::none_of(out.begin(), out.end(), [](char c) {
                      const auto u = static_cast<unsigned char>(c);
                      return u < 0x20 || u == 0x7F;
                    });
  return good ? out : std::string();
}

// Every text of this kind in the subject; false: one of them is not readable.
bool subject_texts(const X509* certificate, int nid, std::vector<std::string>& out) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, nid, at)) >= 0;) {
    out.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
    if (out.back().empty() || out.size() > kGroups) return false;
  }
  return true;
}

bool alternative_texts(const X509* certificate, int kind, std::vector<std::string>& out) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool good = true;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && good; ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    if (type != kind) continue;
    out.push_back(text_of(static_cast<const ASN1_STRING*>(value)));
    good = !out.back().empty() && out.size() <= kGroups;
  }
  GENERAL_NAMES_free(names);
  ERR_clear_error();
  return good;
}

struct Field {
  const char* name;
  int kind;  // NID of the subject's part, or the kind of alternative name
};
Field field_of(UserField user) {
  switch (user) {
    case UserField::uri:
      return {"URI", GEN_URI};
    case UserField::dns:
      return {"DNS name", GEN_DNS};
    case UserField::email:
      return {"e-mail address", GEN_EMAIL};
    case UserField::common_name:
      break;
  }
  return {"common name (CN)", NID_commonName};
}

// With each part's length before it, so that no name can make two identities one.
std::string digest_of(const PeerIdentity& peer, const X509* certificate) {
  std::string all = "client certificate\n";
  const auto add = [&all](std::string_view part) {
    all.append(std::to_string(part.size())).append(":").append(part);
  };
  add(peer.user);
  for (const std::string& group : peer.groups)
    add(group);
  if (!peer.problem.empty()) {
    unsigned char print[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), print, &size);
    add(std::string_view(reinterpret_cast<char*>(print), size));
  }
  return base::sha256_hex(all).substr(0, 32);
}

}  // namespace

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm tm{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1)
    return std::numeric_limits<std::int64_t>::min();
  return std::min(static_cast<std::int64_t>(timegm(&tm)), kLastSecond);
}

std::unique_ptr<PeerIdentity> identity_of_peer(const SSL* ssl, UserField user) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return nullptr;
  auto peer = std::make_unique<PeerIdentity>();
  peer->by = PeerIdentity::By::certificate;
  peer->expires = seconds_of(X509_get0_notAfter(certificate));
  const Field field = field_of(user);
  std::vector<std::string> names;
  const bool readable = user == UserField::common_name
                            ? subject_texts(certificate, field.kind, names)
                            : alternative_texts(certificate, field.kind, names);
  if (!readable || names.size() != 1) {
    peer->problem = std::string("the client's certificate has ") +
                    (names.empty() ? "no "
                     : readable    ? "more than one "
                                   : "an unreadable ") +
                    field.name;
  } else if (!subject_texts(certificate, NID_organizationName, peer->groups)) {
    peer->problem = "the client's certificate has an unreadable organization (O)";
  } else {
    peer->user = names[0];
  }
  std::sort(peer->groups.begin(), peer->groups.end());
  peer->groups.erase(std::unique(peer->groups.begin(), peer->groups.end()), peer->groups.end());
  peer->text = "certificate of " + base::printable(peer->user, kNameBytes);
  peer->id =
      "cert:" + base::printable(peer->user, kNameBytes) + "/" + digest_of(*peer, certificate);
  return peer;
}

// ---- tickets -----------------------------------------------------------------------------------

namespace {

std::int64_t now_of(SSL* ssl) {
  return static_cast<std::int64_t>(X509_VERIFY_PARAM_get_time(SSL_get0_param(ssl)));
}

// The end of a session, in s since 1970, as its ticket carries it; 0: it carries none.
std::int64_t end_of(SSL_SESSION* session) {
  void* data = nullptr;
  std::size_t size = 0;
  std::int64_t end = 0;
  if (SSL_SESSION_get0_ticket_appdata(session, &data, &size) == 1 && size == sizeof end)
    std::memcpy(&end, data, size);
  return end;
}

// Called before a ticket is made. A resumed session keeps the end of the first one.
int set_end(SSL* ssl, void*) {
  SSL_SESSION* session = SSL_get_session(ssl);
  std::int64_t end = SSL_session_reused(ssl) == 1 ? end_of(session) : 0;
  if (end == 0) {
    end = now_of(ssl) + base::to_ms(kSessionTime) / 1000;
    for (const X509* each : {SSL_get_certificate(ssl), SSL_SESSION_get0_peer(session)}) {
      if (each != nullptr) end = std::min(end, seconds_of(X509_get0_notAfter(each)));
    }
  }
  return SSL_SESSION_set1_ticket_appdata(session, &end, sizeof end);
}

// NOLINTNEXTLINE(readability-function-size): the signature is OpenSSL's
SSL_TICKET_RETURN check_end(SSL* ssl, SSL_SESSION* session, const unsigned char*, std::size_t,
                            SSL_TICKET_STATUS status, void*) {
  if (status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT)
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  if (now_of(ssl) >= end_of(session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
  return status == SSL_TICKET_SUCCESS_RENEW ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

}  // namespace

void bound_tickets(SSL_CTX* ctx) {
  // OpenSSL's own limit, by its own clock, must not be the shorter one.
  SSL_CTX_set_timeout(ctx, base::to_ms(kSessionTime) / 1000);
  SSL_CTX_set_session_ticket_cb(ctx, set_end, check_end, nullptr);
}

}  // namespace net::openssl
