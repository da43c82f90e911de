#include "auth/caller_identity.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "auth/token/own_names.h"
#include "auth/token_hash.h"
#include "base/encoding.h"

namespace auth {

using base::json::Value;

namespace {

constexpr std::size_t kDigestBytes = 16;  // of SHA-256's 32: enough to rule out collisions
// Differs between tokens of one user, so it is left out.
constexpr std::string_view kCredentialId = "authentication.kubernetes.io/credential-id";

// Appends a list of strings with its count and their lengths: no string can look like its end.
void append_list(std::string& out, const std::vector<std::string_view>& parts) {
  out.append(std::to_string(parts.size())).append(";");
  for (const std::string_view part : parts)
    out.append(std::to_string(part.size())).append(":").append(part);
}

std::vector<std::string_view> sorted(base::json::Array array) {
  std::vector<std::string_view> out;
  for (const Value each : array)
    out.push_back(each.str());
  std::sort(out.begin(), out.end());
  return out;
}

void append_extra(std::string& out, Value extra) {
  std::vector<base::json::Member> members;
  for (const base::json::Member member : extra.object()) {
    if (member.key != kCredentialId) members.push_back(member);
  }
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  for (const base::json::Member& member : members) {
    append_list(out, {member.key});
    append_list(out, sorted(member.value.array()));
  }
}

bool is_nobody(Value user) {
  if (user["username"].str().empty() || user["username"].str() == "system:anonymous") return true;
  const auto groups = sorted(user["groups"].array());
  return std::find(groups.begin(), groups.end(), "system:unauthenticated") != groups.end();
}

}  // namespace

std::string called(std::string_view user) {
  std::string out(token::is_own_name(user) ? token::kTokenUser : std::string_view());
  return out.append(user).append("/");
}

std::string identity_of(Value user) {
  if (is_nobody(user)) return {};
  const std::string_view name = user["username"].str();
  std::string all;
  append_list(all, {name, user["uid"].str()});
  append_list(all, sorted(user["groups"].array()));
  append_extra(all, user["extra"]);
  const auto digest = auth::token_hash(all);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), kDigestBytes);
  return called(name).append(base::hex(bytes));
}

}  // namespace auth
