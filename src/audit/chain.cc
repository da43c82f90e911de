#include "audit/chain.h"

#include "base/encoding.h"
#include "base/hash.h"
#include "base/json.h"

namespace audit {
namespace {

constexpr std::string_view kHashKey = ",\"hash\":\"";
constexpr std::size_t kHexDigits = 64;
constexpr std::size_t kSuffixBytes = kHashKey.size() + kHexDigits + 2;  // and "}

}  // namespace

std::string chain_hash(std::string_view key, std::string_view bytes) {
  if (!key.empty()) return base::hex(base::hmac_sha256(key, bytes));
  return base::sha256_hex(bytes);
}

std::string hash_suffix(std::string_view hash) {
  return std::string(kHashKey).append(hash).append("\"}");
}

std::optional<ChainLine> read_chain_line(std::string_view key, std::string_view line) {
  if (line.size() < kSuffixBytes) return std::nullopt;
  const std::string_view before = line.substr(0, line.size() - kSuffixBytes);
  ChainLine out;
  out.hash = chain_hash(key, before);
  if (!base::equal_secrets(line.substr(before.size()), hash_suffix(out.hash))) return std::nullopt;
  base::json::Document doc;
  const auto root = doc.parse(line);
  if (!root) return std::nullopt;
  const auto seq = (*root)["seq"].as_int();
  if (!seq || *seq < 1) return std::nullopt;
  out.seq = static_cast<std::uint64_t>(*seq);
  out.prev = (*root)["prev"].str();
  out.torn = (*root)["torn"].str();
  out.time = (*root)["time"].str();
  return out;
}

}  // namespace audit
