#include "auth/token/key_set.h"

#include <algorithm>
#include <utility>

#include "auth/token/strict_json.h"
#include "base/hash.h"
#include "base/text.h"

namespace auth::token {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;

void KeySet::note(Value jwk, std::string_view why) {
  if (notes_.size() == kKeyNotes) return;
  notes_.push_back("key \"" + base::printable(jwk["kid"].str(), kKeyIdShown) + "\": ");
  notes_.back().append(why);
}

Result<KeySet> KeySet::parse(std::string_view json) {
  base::json::Document document;
  auto root = parse_strictly(document, json);
  if (!root) return std::move(root).error();
  const Value keys = (*root)["keys"];
  if (!keys.is(Type::array)) return Error(Errc::invalid_argument, "it has no array keys");
  if (keys.size() > kKeys)
    return Error(Errc::too_large, "it has more than " + std::to_string(kKeys) + " keys");
  KeySet set;
  std::vector<std::string> texts;
  for (const Value each : keys.array()) {
    auto jwk = read_jwk(each);
    if (!jwk) {
      set.note(each, jwk.error().what());
    } else if (*jwk) {
      set.keys_.push_back(std::move(**jwk));
      texts.push_back(base::sha256_hex(each.to_json()));
    }
  }
  if (set.keys_.empty() && !set.notes_.empty())
    return Error(Errc::invalid_argument, "none of its keys is usable: " + set.notes_.front());
  std::sort(texts.begin(), texts.end());
  set.digest_ = base::sha256_hex(base::join(texts, " "));
  return set;
}

KeySet::Match KeySet::verify(const Jwt& jwt) const {
  bool known = false;
  std::size_t tried = 0;
  for (const Jwk& each : keys_) {
    if (jwt.kid && each.id != jwt.kid) continue;
    known = known || jwt.kid;
    if ((each.algorithms & bit(jwt.algorithm)) == 0) continue;
    if (++tried > kKeysTried) break;
    known = true;
    if (each.key.verify(jwt.algorithm, jwt.signed_part, jwt.signature)) return Match::good;
  }
  return known ? Match::bad : Match::unknown;
}

std::vector<std::string> KeySet::names_not_in(const KeySet& other) const {
  std::vector<std::string> out;
  for (const Jwk& each : keys_) {
    const bool there = std::any_of(other.keys_.begin(), other.keys_.end(),
                                   [&](const Jwk& its) { return its.id == each.id; });
    if (each.id && !there) out.push_back(*each.id);
  }
  return out;
}

}  // namespace auth::token
