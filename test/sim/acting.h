// What the API server does for servers that act for others: impersonation and TokenReview.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "http/message.h"
#include "sim/answer.h"
#include "sim/request.h"

namespace sim {

// The audience of the API server itself: its default --api-audiences.
constexpr const char* kApiAudience = "https://kubernetes.default.svc.cluster.local";

// A token that only TokenReview knows; no request can be made with it.
struct Reviewed {
  User user;
  std::vector<std::string> audiences = {};  // empty: the API server's own, as of a static token
};
using ReviewedTokens = std::map<std::string, Reviewed, std::less<>>;

// Impersonate-User and the like: `request.user` becomes that user, one of `users` if it has the
// name. False: the user may not impersonate it (a rule that denies "impersonate").
bool impersonate(ApiRequest& request, const http::Headers& headers,
                 const std::map<std::string, User, std::less<>>& users);

// A TokenReview (authentication.k8s.io/v1).
Answer answer_token_review(const ApiRequest& request, const ReviewedTokens& tokens);

// userInfo's members.
void write_user(base::json::Writer& w, const User& user);

}  // namespace sim
