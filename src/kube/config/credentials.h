// Credentials: the credentials of one request, of exactly one kind. A caller's bearer token
// replaces the whole value, so that none of the server's own credentials (certificate, exec, basic,
// impersonation) can accompany it: Client sends it over connections made without a client
// certificate.
//
// They also say on whose behalf the request is made (Origin). Two Credentials that differ only in
// that are equal: the API server sees the same request, so that watches, discovered resources and
// reviews may be shared; only the policy (kube/gate.h) and the audit log look at it.
#pragma once

#include <string>
#include <utility>

namespace kube::config {

// What a caller is to the policy. Both are "" for what the server does for itself.
struct Origin {
  std::string identity;  // of the caller
  std::string tool;      // the tool that is called; "" for resources, prompts and subscriptions
  std::string client;    // the MCP client's name and version, as it states them
};

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
  const Origin& origin() const { return origin_; }
  Credentials&& from(Origin origin) && {
    origin_ = std::move(origin);
    return std::move(*this);
  }
  bool operator==(const Credentials& o) const { return kind_ == o.kind_ && token_ == o.token_; }

 private:
  Credentials(Kind kind, std::string token) : kind_(kind), token_(std::move(token)) {}
  Kind kind_;
  std::string token_;
  Origin origin_;
};

}  // namespace kube::config
