// Credentials: the credentials of one request, of exactly one kind. A caller's bearer token
// replaces the whole value, so that none of the server's own credentials (certificate, exec, basic,
// impersonation) can accompany it: Client sends it over connections made without a client
// certificate.
#pragma once

#include <string>
#include <utility>

namespace kube::config {

class Credentials {
 public:
  enum class Kind : unsigned char {
    none,        // anonymous
    configured,  // those of the kubeconfig or service account
    bearer,      // this token and no other credentials
  };
  static Credentials none() { return Credentials(Kind::none, {}); }
  static Credentials configured() { return Credentials(Kind::configured, {}); }
  static Credentials bearer(std::string token) {
    return Credentials(Kind::bearer, std::move(token));
  }

  Kind kind() const { return kind_; }
  const std::string& token() const { return token_; }
  bool operator==(const Credentials&) const = default;

 private:
  Credentials(Kind kind, std::string token) : kind_(kind), token_(std::move(token)) {}
  Kind kind_;
  std::string token_;
};

}  // namespace kube::config
