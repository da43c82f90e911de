#include "change/confirm.h"

#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "base/text.h"

namespace change {

constexpr std::size_t kNonceBytes = 16;

static std::string context_of(std::string_view identity) {
  return "confirm a change|" + std::string(identity);
}

std::string Confirmations::token(std::string_view digest, std::string_view identity,
                                 base::WallTime now) {
  const std::string nonce = base::hex(base::secure_bytes(kNonceBytes));
  return seal_.seal(nonce + " " + std::string(digest), context_of(identity),
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
  const std::size_t space = opened->find(' ');
  const std::string nonce = opened->substr(0, space);
  if (used_.count(nonce))
    return base::Error(base::Errc::conflict, "the confirmation token was used already");
  if (space == std::string::npos || opened->substr(space + 1) != digest) {
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
