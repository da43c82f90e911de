#include "redact/mask.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/random.h"
#include "redact/chars.h"
#include "redact/work.h"

namespace redact {

namespace {

constexpr std::string_view kFront = "<redacted:", kMiddle = "B:", kBack = ">";
// 32 bits: two of a few thousand secrets collide once in a thousand processes.
constexpr std::size_t kFingerprintBytes = 4;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMostDigits = 20;  // of a size in bytes

}  // namespace

Mask::Mask(std::string key) : key_(std::move(key)) {
  CHECK(key_.size() >= kKeyBytes);
}

Mask Mask::random() {
  return Mask(base::secure_bytes(kKeyBytes));
}

std::string Mask::of(std::string_view secret) const {
  worked(kWorkOfMask + secret.size());
  std::string out(kFront);
  out.append(std::to_string(secret.size())).append(kMiddle);
  out += base::hex(base::hmac_sha256(key_, secret).substr(0, kFingerprintBytes));
  return out.append(kBack);
}

std::size_t mask_size(std::string_view text) {
  if (!text.starts_with(kFront)) return 0;
  std::size_t at = kFront.size();
  while (at < std::min(text.size(), kFront.size() + kMostDigits) && is_digit(text[at]))
    ++at;
  if (at == kFront.size() || !text.substr(at).starts_with(kMiddle)) return 0;
  at += kMiddle.size();
  const std::string_view print = text.substr(at, 2 * kFingerprintBytes);
  const bool is_hex = std::all_of(print.begin(), print.end(),
                                  [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  at += print.size();
  if (!is_hex || print.size() != 2 * kFingerprintBytes || !text.substr(at).starts_with(kBack))
    return 0;
  return at + kBack.size();
}

}  // namespace redact
