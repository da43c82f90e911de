#include "auth/token_user.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "auth/caller_identity.h"
#include "auth/token_hash.h"
#include "base/encoding.h"
#include "base/text.h"
#include "kube/config/credentials.h"
#include "kube/config/impersonation.h"

namespace auth {

using base::Result;
using base::json::Value;
using kube::config::Impersonation;

namespace {

constexpr std::size_t kDigestBytes = 16;  // of SHA-256's 32: enough to rule out collisions
// What the API server says in `extra` about a token, not about its user.
constexpr std::string_view kOfToken = "authentication.kubernetes.io/";

using Texts = std::vector<std::string>;

// With the count and the lengths: no text can look like the end of another.
void append(std::string& out, const Texts& texts) {
  out.append(std::to_string(texts.size())).append(";");
  for (const std::string& text : texts)
    out.append(std::to_string(text.size())).append(":").append(text);
}

Texts texts_of(base::json::Array array) {
  Texts out;
  for (const Value each : array)
    out.emplace_back(each.str());
  std::sort(out.begin(), out.end());
  return out;
}

std::string digest_of(std::string_view text) {
  const auto digest = token_hash(text);
  return base::hex({reinterpret_cast<const char*>(digest.data()), kDigestBytes});
}

// `more`: what makes the user another one, besides what the cluster is told.
Result<TokenUser> make(const Impersonation& who, const Texts& more) {
  auto lines = kube::config::impersonation_lines(who);
  if (!lines) return std::move(lines).error();
  std::string all;
  append(all, more);
  append(all, {std::string(lines->view())});
  return TokenUser{called(who.user) + digest_of(all), *std::move(lines)};
}

}  // namespace

base::Payload exchanged_user(const TokenUser& user, const Claims& claims) {
  std::string all;
  append(all, {user.identity, claims.client_id});
  append(all, claims.scopes);
  return base::Payload::concat(kube::config::kExchanged, digest_of(all));
}

Result<TokenUser> user_of(const Claims& claims) {
  return make({claims.user, claims.uid, claims.groups, claims.extra},
              {"issuer", claims.issuer, claims.subject});
}

Result<TokenUser> user_of(Value user) {
  Impersonation who{std::string(user["username"].str())};
  const std::string uid(user["uid"].str());
  if (kube::config::is_service_account(who.user)) return make(who, {"service account", uid});
  who.uid = uid;
  for (std::string& group : texts_of(user["groups"].array()))
    if (group != "system:authenticated") who.groups.push_back(std::move(group));
  for (const base::json::Member member : user["extra"].object())
    if (!member.key.starts_with(kOfToken))
      who.extra[std::string(member.key)] = texts_of(member.value.array());
  return make(who, {"review"});
}

}  // namespace auth
