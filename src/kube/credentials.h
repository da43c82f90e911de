// What one request travels with: a value with one kind in it. A caller's bearer replaces the whole value, so that nothing of ours (certificate,
// exec, basic, impersonation) can ride along: Client sends it over connections that were made without any client certificate.
#pragma once

#include <string>
#include <utility>

namespace kube {

class Credentials {
 public:
  enum class Kind : unsigned char {
    none,        // anonymous
    configured,  // what the kubeconfig or service account says
    bearer,      // this token and nothing else
  };
  static Credentials none() { return Credentials(Kind::none, {}); }
  static Credentials configured() { return Credentials(Kind::configured, {}); }
  static Credentials bearer(std::string token) { return Credentials(Kind::bearer, std::move(token)); }

  Kind kind() const { return kind_; }
  const std::string& token() const { return token_; }
  bool operator==(const Credentials&) const = default;

 private:
  Credentials(Kind kind, std::string token) : kind_(kind), token_(std::move(token)) {}
  Kind kind_;
  std::string token_;
};

}  // namespace kube
