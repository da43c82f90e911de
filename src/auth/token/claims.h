// Claims: what a verified access token says of its caller, as the issuer's settings read it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace auth::token {

// No token is meant to last beyond the year 2200, and nanoseconds since 1970 overflow later on.
constexpr double kLatestEnd = 7'258'118'400;

// `user` and each group carry the issuer's prefix; none begins with "system:", none has a control
// character, or a blank at its ends. `groups` and `scopes` are sorted, without duplicates.
struct Claims {
  std::string issuer, subject;  // iss and sub, as the token has them
  std::string user;             // the Kubernetes user name
  std::string uid;              // "": the settings name no claim for it
  std::string client_id;        // client_id, else azp; "": neither; for logs
  std::string token_id;         // jti; "": none; for logs, never part of an identity
  std::vector<std::string> groups, scopes;
  std::map<std::string, std::vector<std::string>> extra;
  std::int64_t expires = 0;  // exp, in whole seconds since 1970 (rounded down); at most kLatestEnd
};

}  // namespace auth::token
