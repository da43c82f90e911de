#include "base/seal.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/text.h"

namespace base {

namespace {

constexpr std::size_t kKeyFileBytes = 4096;
constexpr std::int64_t kSecond = 1'000'000'000;  // ns

void append_sized(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).append(":").append(part);
}

}  // namespace

Seal::Seal(std::string key) : key_(std::move(key)) {
  CHECK(key_.size() >= kSealKeyBytes);
}

Seal Seal::random() {
  return Seal(secure_bytes(kSealKeyBytes));
}

Result<std::string> Seal::read_key(const std::string& path) {
  auto bytes = read_secret_file(path, kKeyFileBytes);
  if (!bytes) return std::move(bytes).error();
  const std::string_view key = trim(*bytes);
  if (key.size() < kSealKeyBytes) {
    return Error(Errc::invalid_argument,
                 path + " holds " + std::to_string(key.size()) + " bytes, a key needs at least " +
                     std::to_string(kSealKeyBytes) + " (openssl rand -base64 32)");
  }
  return std::string(key);
}

std::string Seal::mac(std::string_view text, std::string_view context,
                      std::string_view expiry) const {
  std::string all;
  all.reserve(text.size() + context.size() + expiry.size() + 32);
  append_sized(all, context);
  append_sized(all, expiry);
  append_sized(all, text);
  return hmac_sha256(key_, all);
}

std::string Seal::seal(std::string_view text, std::string_view context, WallTime expires) const {
  const std::string expiry = std::to_string(expires.ns / kSecond);
  std::string out = base64url(text);
  out.append(".").append(expiry).append(".");
  return out.append(base64url(mac(text, context, expiry)));
}

Result<std::string> Seal::open(std::string_view token, std::string_view context,
                               WallTime now) const {
  Error foreign(Errc::forbidden, "it was not made here for this");
  const auto parts = split(token, '.');
  if (parts.size() != 3) return foreign;
  auto text = parse_base64url(parts[0]);
  const auto expiry = parse_int(parts[1]);
  const auto given = parse_base64url(parts[2]);
  if (!text || !expiry || !given) return foreign;
  if (!equal_secrets(*given, mac(*text, context, parts[1]))) return foreign;
  if (*expiry < now.ns / kSecond) return Error(Errc::gone, "it has expired");
  return *std::move(text);
}

}  // namespace base
