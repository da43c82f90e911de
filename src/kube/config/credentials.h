// Credentials: the credentials of one request, of exactly one kind. A caller's bearer token
// replaces the whole value, so that none of the server's own credentials (certificate, exec, basic,
// impersonation) can accompany it: Client sends it over connections made without a client
// certificate. A caller that is impersonated has no token here: the request is made with the
// server's own credentials, and says for whom. A caller whose tokens are exchanged has a name here,
// for which the CallerTokens have a token at any time (caller_tokens.h).
//
// They also say on whose behalf the request is made (Origin). Two Credentials that differ only in
// that are equal: the API server sees the same request, so that watches, discovered resources and
// reviews may be shared; only the policy (kube/gate.h) and the audit log look at it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/payload.h"

namespace kube::config {

// What a caller is to the policy and the audit log. All are "" for what the server does for itself.
struct Origin {
  std::string identity;  // of the caller
  std::string tool;      // the tool that is called; "" for resources, prompts and subscriptions
  std::string client;    // the MCP client's name and version, as it states them
  std::string client_id = {}, token_id = {};  // of its access token
  bool writing = false;  // the request belongs to a write: the write, its dry run, a read for them
};

// With this begins what a caller acts as whose tokens are exchanged; other users' begins with the
// name of a header (impersonation.h).
constexpr std::string_view kExchanged = "exchanged ";

class Credentials {
 public:
  enum class Kind : unsigned char {
    none,          // anonymous
    configured,    // those of the kubeconfig or service account
    bearer,        // this token and no other credentials
    impersonated,  // those of the kubeconfig or service account, on behalf of this user
    exchanged,     // the token that stands for this caller's when the request is sent
  };
  static Credentials none() { return Credentials(Kind::none, {}); }
  static Credentials configured() { return Credentials(Kind::configured, {}); }
  static Credentials bearer(std::string token) {
    return Credentials(Kind::bearer, std::move(token));
  }

  // `lines`: from impersonation_lines() (impersonation.h).
  static Credentials impersonated(base::Payload lines) {
    Credentials out(Kind::impersonated, {});
    out.lines_ = std::move(lines);
    return out;
  }

  // `name`: kExchanged and what tells the caller from others.
  static Credentials exchanged(base::Payload name) {
    Credentials out(Kind::exchanged, {});
    out.lines_ = std::move(name);
    return out;
  }

  Kind kind() const { return kind_; }
  // The server's own are sent.
  bool ours() const { return kind_ == Kind::configured || kind_ == Kind::impersonated; }
  // They are a caller's: what the API server says to them holds for that caller alone.
  bool of_caller() const { return kind_ != Kind::none && kind_ != Kind::configured; }
  const std::string& token() const { return token_; }       // bearer
  std::string_view lines() const { return lines_.view(); }  // impersonated; exchanged: its name
  // Whose they are, among those of_caller(): the token, or the user.
  std::string_view key() const { return kind_ == Kind::bearer ? token_ : lines(); }
  const Origin& origin() const { return origin_; }
  Credentials&& from(Origin origin) && {
    origin_ = std::move(origin);
    return std::move(*this);
  }
  bool operator==(const Credentials& o) const {
    return kind_ == o.kind_ && token_ == o.token_ && lines() == o.lines();
  }

 private:
  Credentials(Kind kind, std::string token) : kind_(kind), token_(std::move(token)) {}
  Kind kind_;
  std::string token_;
  base::Payload lines_;
  Origin origin_;
};

}  // namespace kube::config
