// What a caller sends to change something: confirmation tokens and manifests.
#include "base/seal.h"
#include "change/clean.h"
#include "change/confirm.h"
#include "change/diff.h"
#include "change/merge.h"
#include "fuzz/fuzz.h"
#include "objects/manifest.h"

namespace fuzz {

namespace {

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr base::WallTime kNow{1'700'000'000'000'000'000};

}  // namespace

// First line: the digest of what is confirmed; second: the caller. Rest: the token; @T@: a good one.
void confirmation(std::string_view input) {
  const std::string digest(take_line(input)), caller(take_line(input));
  const base::Seal seal{std::string(kKey)};
  change::Confirmations tokens(seal);
  const std::string good = tokens.token(digest, caller, kNow);
  std::string token(input);
  if (const std::size_t at = token.find("@T@"); at != std::string::npos) token.replace(at, 3, good);
  HOLDS(!tokens.use(token, digest + "x", caller, kNow).has_value());
  HOLDS(!tokens.use(token, digest, caller + "x", kNow).has_value());
  const base::WallTime late{kNow.ns + (change::kConfirmTime + base::seconds(1)).count()};
  HOLDS(!tokens.use(token, digest, caller, late).has_value());
  const bool taken = tokens.use(token, digest, caller, kNow).has_value();
  HOLDS(taken == (token.find(good) != std::string::npos && taken));
  HOLDS(!tokens.use(token, digest, caller, kNow).has_value());
}

// A manifest as an argument: what is taken has names, and nothing that only the API server writes.
void manifest(std::string_view input) {
  std::string quoted;
  base::json::append_string(quoted, input);
  for (const std::string& given : {quoted, std::string(input)}) {
    const auto objects = objects::read_manifest(given);
    if (!objects) continue;
    HOLDS(!objects->empty() && objects->size() <= objects::kManifestObjects);
    for (const objects::ManifestObject& each : *objects) {
      base::json::Document a, b;
      const auto object = a.parse(each.json);
      HOLDS(object.has_value());
      HOLDS(!(*object)["status"] && !(*object)["metadata"]["managedFields"]);
      HOLDS(!each.kind.empty() && !each.name.empty());
      HOLDS(change::diff(*object, *object, {}, "us").empty());
      HOLDS(change::merged({}, *object).size() <= each.json.size());
      const auto again = change::clean_wish(*object);
      HOLDS(again.has_value() && again->dropped.empty());
    }
  }
}

}  // namespace fuzz
