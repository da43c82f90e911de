#include "auth/token/identity_claims.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/names.h"
#include "base/text.h"

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;
using Texts = std::vector<std::string>;

std::string text_of(const ClaimPath& path, const char* what) {
  return "claim " + base::printable(base::join(path, "."), 100) + ": " + what;
}
// Another token of the user may be better.
Error wrong(const ClaimPath& path, const char* what) {
  return Error(Errc::unauthorized, text_of(path, what));
}
// It is so in each of the user's tokens.
Error unfit(const ClaimPath& path, const char* what) {
  return Error(Errc::forbidden, text_of(path, what));
}

Value at(Value payload, const ClaimPath& path) {
  for (const std::string& name : path)
    payload = payload[name];
  return payload;
}

bool is_reserved(std::string_view name) {
  constexpr std::string_view kReserved = "system:";
  return base::iequals(name.substr(0, kReserved.size()), kReserved);
}

// The claim's texts: a string is one. Absent or null: none.
Result<Texts> texts_at(Value payload, const ClaimPath& path) {
  const Value claim = at(payload, path);
  if (path.empty() || !claim.present() || claim.is(Type::null)) return Texts();
  if (claim.is(Type::string)) return Texts{std::string(claim.str())};
  if (!claim.is(Type::array)) return wrong(path, "neither a string nor a list of strings");
  Texts texts;
  for (const Value each : claim.array()) {
    if (!each.is(Type::string)) return wrong(path, "a list with something else than strings");
    texts.emplace_back(each.str());
  }
  return texts;
}

void sort_unique(Texts& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// A claim of one text that is fit for a name.
Result<std::string> name_at(Value payload, const ClaimPath& path) {
  const Value claim = at(payload, path);
  if (!claim.is(Type::string)) return wrong(path, "missing, or no string");
  if (!base::is_identity_name(claim.str())) return unfit(path, "empty, or not fit for a name");
  return std::string(claim.str());
}

Result<std::string> read_user(Value payload, const IssuerSettings& settings) {
  if (settings.user_claim == ClaimPath{"email"} && !payload["email_verified"].bool_or(false))
    return wrong(settings.user_claim, "not verified (email_verified)");
  auto name = name_at(payload, settings.user_claim);
  if (!name) return name;
  std::string user = settings.user_prefix + *name;
  if (is_reserved(user)) return unfit(settings.user_claim, "a system: name");
  return user;
}

Result<Texts> read_groups(Value payload, const IssuerSettings& settings) {
  auto groups = texts_at(payload, settings.groups_claim);
  if (!groups) return groups;
  if (groups->size() > kGroups) return unfit(settings.groups_claim, "too many");
  for (std::string& group : *groups) {
    if (!base::is_identity_name(group))
      return unfit(settings.groups_claim, "one is not fit for a name");
    group.insert(0, settings.groups_prefix);
    if (is_reserved(group)) return unfit(settings.groups_claim, "a system: name");
  }
  sort_unique(*groups);
  return groups;
}

// RFC 9068 section 2.2.3: scope, a string with blanks between; scp of Entra ID and Okta: the same,
// or a list.
Result<Texts> read_scopes(Value payload, const IssuerSettings& settings) {
  ClaimPath path = settings.scopes_claim;
  if (path.empty()) path = {payload["scope"].present() ? "scope" : "scp"};
  auto texts = texts_at(payload, path);
  if (!texts) return texts;
  Texts scopes;
  for (const std::string& text : *texts)
    for (const std::string_view word : base::split(text, ' '))
      if (!word.empty()) scopes.emplace_back(word);
  if (scopes.size() > kScopes) return wrong(path, "too many");
  sort_unique(scopes);
  return scopes;
}

}  // namespace

Result<void> read_identity(Value payload, const IssuerSettings& settings, Claims& claims) {
  auto user = read_user(payload, settings);
  if (!user) return std::move(user).error();
  auto groups = read_groups(payload, settings);
  if (!groups) return std::move(groups).error();
  auto scopes = read_scopes(payload, settings);
  if (!scopes) return std::move(scopes).error();
  if (!settings.uid_claim.empty() && at(payload, settings.uid_claim).present()) {
    auto uid = name_at(payload, settings.uid_claim);
    if (!uid) return std::move(uid).error();
    claims.uid = *std::move(uid);
  }
  for (const auto& [key, path] : settings.extra) {
    auto texts = texts_at(payload, path);
    if (!texts) return std::move(texts).error();
    for (const std::string& text : *texts)
      if (!base::is_identity_name(text)) return unfit(path, "one is not fit for a name");
    if (!texts->empty()) claims.extra[key] = *std::move(texts);
  }
  claims.user = *std::move(user);
  claims.groups = *std::move(groups);
  claims.scopes = *std::move(scopes);
  return {};
}

}  // namespace auth::token
