// Derives a caller's identity from a SelfSubjectReview.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace auth {

// The request that creates one: POST, application/json. It stores nothing.
constexpr char kReviewPath[] = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
constexpr char kReviewBody[] =
    R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})";

// How a token's user is called: "NAME/", with "token:" before a name that callers without tokens
// have (token/own_names.h).
std::string called(std::string_view user);

// `user_info`: the review's status.userInfo. Returns NAME/DIGEST: the user as called() says,
// and a digest of name, uid, groups and extra, each with its length before it, so that no name
// chosen at an identity provider can make two users one. Returns "" when the review names no user
// or the anonymous one: then a proxy on the way dropped the token.
std::string identity_of(base::json::Value user_info);

}  // namespace auth
