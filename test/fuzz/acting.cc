// What a caller sends to change something: confirmation tokens and manifests.
#include <set>
#include <string_view>

#include "base/seal.h"
#include "change/clean.h"
#include "change/confirm.h"
#include "change/diff.h"
#include "change/json_patch.h"
#include "change/merge.h"
#include "fuzz/fuzz.h"
#include "objects/manifest.h"

namespace fuzz {

namespace {

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr base::WallTime kNow{1'700'000'000'000'000'000};

// Has an object in it two members of one name? The API server sends none, and refuses them.
bool has_twins(base::json::Value value) {
  std::set<std::string_view> names;
  for (const base::json::Member member : value.object())
    if (!names.insert(member.key).second || has_twins(member.value)) return true;
  for (const base::json::Value element : value.array())
    if (has_twins(element)) return true;
  return false;
}

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
      HOLDS(change::diff({*object, *object}, {}, "us").empty());
      HOLDS(change::merged({}, *object).size() <= each.json.size());
      const auto again = change::clean_wish(*object);
      HOLDS(again.has_value() && again->dropped.empty());
    }
  }
}

// {"target":…,"patch":…}: the merge patch of what a patch makes makes the same of the object.
void json_patch(std::string_view input) {
  base::json::Document doc, after_doc, merge_doc, again_doc;
  const auto root = doc.parse(input);
  if (!root) return;
  const base::json::Value target = (*root)["target"], patch = (*root)["patch"];
  if (!target.is(base::json::Type::object) || has_twins(*root) ||
      !change::json_patch_problem(patch).empty())
    return;
  const auto after = change::json_patched(target, patch);
  if (!after) return;
  const auto whole = after_doc.parse(*after);
  HOLDS(whole.has_value() && whole->is(base::json::Type::object));
  const auto merge = change::merge_between(target, *whole);
  if (!merge) return;
  const auto parsed = merge_doc.parse(*merge);
  HOLDS(parsed.has_value());
  const std::string made = change::merged(target, *parsed);
  const auto again = again_doc.parse(made);
  HOLDS(again.has_value());
  // A null that the object had already stays out of a merge.
  if (after->find("null") == std::string::npos && input.find("null") == std::string_view::npos)
    HOLDS(change::diff({*whole, *again}, {}, "us").empty());
}

}  // namespace fuzz
