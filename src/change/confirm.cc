#include "change/confirm.h"

#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "base/text.h"

namespace change {

constexpr std::size_t kNonceBytes = 16;

// What a token holds after its nonce. Short: a model copies it.
static std::string binding_of(std::string_view digest) {
  const auto hash = base::sha256(digest);
  return std::string(hash.begin(), hash.end());
}

static std::string context_of(std::string_view identity) {
  return "confirm a change|" + std::string(identity);
}

std::string Confirmations::token(std::string_view digest, std::string_view identity,
                                 base::WallTime now) {
  return seal_.seal(base::secure_bytes(kNonceBytes) + binding_of(digest), context_of(identity),
                    base::WallTime{now.ns + kConfirmTime.count()});
}

base::Result<void> Confirmations::use(std::string_view token, std::string_view digest,
                                      std::string_view identity, base::WallTime now) {
  const auto opened = seal_.open(base::trim(token), context_of(identity), now);
  if (!opened) {
    const bool late = opened.error().code() == base::Errc::gone;
    return base::Error(opened.error().code(),
                       late ? "the confirmation token has expired: it is good for " +
                                  base::format_duration(kConfirmTime)
                            : "this is no confirmation token that this server gave to this caller");
  }
  const std::string nonce = opened->substr(0, kNonceBytes);
  if (used_.count(nonce))
    return base::Error(base::Errc::conflict, "the confirmation token was used already");
  if (opened->size() < kNonceBytes || opened->substr(kNonceBytes) != binding_of(digest)) {
    return base::Error(base::Errc::conflict,
                       "the confirmation token is for something else: the object has changed "
                       "since, or the arguments are others");
  }
  if (order_.size() == kUsedTokens) {
    used_.erase(order_.front());
    order_.pop_front();
  }
  used_.insert(nonce);
  order_.push_back(nonce);
  return {};
}

}  // namespace change
