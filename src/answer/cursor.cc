#include "answer/cursor.h"

#include "base/hash.h"
#include "base/json.h"

namespace answer {

namespace {

using base::Errc;
using base::Error;
using base::json::Value;

constexpr std::size_t kDigest = 8;  // bytes: enough to notice a change, none is a secret

std::string context_of(const CursorOwner& owner) {
  return "list cursor of " + std::string(owner.tool) + " for " + std::string(owner.identity);
}

std::string digest(std::string_view value) {
  return base::sha256_hex(value).substr(0, 2 * kDigest);
}

}  // namespace

std::string seal_cursor(const base::Seal& seal, const Cursor& cursor, const CursorOwner& owner,
                        base::WallTime now) {
  std::string text;
  base::json::Writer w(text);
  w.begin_object().field("t", cursor.token).field("k", cursor.last_key);
  w.field_if("s", cursor.last_sort).key("a").begin_object();
  for (const auto& [name, value] : owner.arguments) {
    if (!value.empty()) w.field(name, digest(value));
  }
  w.end_object().end_object();
  return seal.seal(text, context_of(owner), base::WallTime{now.ns + kCursorTime.count()});
}

base::Result<Cursor> open_cursor(const base::Seal& seal, std::string_view text,
                                 const CursorOwner& owner, base::WallTime now) {
  const auto opened = seal.open(text, context_of(owner), now);
  if (!opened && opened.error().code() == Errc::gone) {
    return Error(Errc::invalid_argument, "'continue' has expired: list again without it");
  }
  base::json::Document doc;
  const auto root = opened ? doc.parse(*opened) : base::Result<Value>(opened.error());
  if (!root) {
    return Error(Errc::invalid_argument,
                 "'continue' must be the value that this tool returned to this caller (and the "
                 "server was not restarted since): list again without it");
  }
  for (const auto& [name, value] : owner.arguments) {
    if ((*root)["a"][name].str() == (value.empty() ? std::string() : digest(value))) continue;
    return Error(Errc::invalid_argument, "'continue' belongs to another value of '" + name +
                                             "': repeat the arguments of the first call");
  }
  return Cursor{std::string((*root)["t"].str()), std::string((*root)["k"].str()),
                std::string((*root)["s"].str())};
}

}  // namespace answer
