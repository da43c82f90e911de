#include "mcp/shared/recheck.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"

namespace mcp::shared {

namespace {

constexpr std::string_view kOver = "the caller's token is no longer accepted: ";

// All on which the verdict of a check depends, each part with its length before it. A token's identity
// can change: the same bearer with another identity is another token here.
std::string key_of(const Caller& caller, const Authenticator& by, Scope scope) {
  std::string out = std::to_string(reinterpret_cast<std::uintptr_t>(&by));
  const auto add = [&out](std::string_view part) {
    out.append(":").append(std::to_string(part.size())).append(" ").append(part);
  };
  add(caller.identity);
  if (caller.acts_as.empty() || !caller.expires) add(caller.bearer);
  if (caller.acts_as.empty()) return out;
  add(caller.client_id);
  out += static_cast<char>('0' + static_cast<int>(scope));
  const auto acts_as = base::sha256(caller.acts_as.view());  // it may be long: groups
  return out.append(acts_as.begin(), acts_as.end());
}

// Does `a` end later than `b`? nullopt: never.
bool ends_later(const std::optional<base::TimePoint>& a, const std::optional<base::TimePoint>& b) {
  return b && (!a || *a > *b);
}

}  // namespace

// One token of one identity, or all that count as one with it; exists while it has uses.
class TokenUse::Token {
 public:
  Token(Recheck& owner, const Caller& caller)
      : owner_(owner),
        key_(key_of(caller, owner.by(caller), caller.scope)),
        identity_(caller.identity),
        by_(owner.by(caller)),
        bearer_(caller.bearer),
        timer_(owner.loop_, "mcp token recheck", loop::Timer::Fn::bind<&Token::on_timer>(this)) {
    accepted(caller);
  }

  const std::string& key() const { return key_; }
  bool is(const Caller& caller) const {
    return key_ == key_of(caller, owner_.by(caller), caller.scope);
  }
  base::List<TokenUse>& uses() { return uses_; }
  // The API server accepted it at caller.checked.
  void accepted(const Caller& caller) {
    if (caller.bearer != bearer_) {
      if (timer_.armed() && !ends_later(caller.expires, expires_)) return;
      bearer_ = caller.bearer;
      stop();  // a check of the former token says nothing about this one
    }
    // A certificate's caller has no bearer, and its next certificate is this token with a later end.
    const bool longer = ends_later(caller.expires, expires_);
    if (timer_.armed() && caller.checked <= checked_ && !longer) return;  // nothing new
    expires_ = caller.expires;
    checked_ = std::max(checked_, caller.checked);
    due_ = checked_ + kRecheck;
    arm();
  }
  void stop() {
    timer_.cancel();
    pending_.reset();
  }

 private:
  base::TimePoint now() const { return owner_.loop_.now(); }
  bool lives() const {
    for (const TokenUse& use : uses_) {
      if (use.lives_()) return true;
    }
    return false;
  }
  void arm() {
    if (owner_.stopped_) return;
    if (!by_.expires()) return expires_ ? timer_.arm_at(*expires_) : timer_.cancel();
    base::TimePoint at =
        std::min(pending_ ? checked_ + kUncheckedTime : due_, checked_ + kUncheckedTime);
    if (expires_) at = std::min(at, *expires_);
    timer_.arm_at(at);
  }
  void on_timer() {
    if (!lives()) return;  // until the next request
    if (expires_ && now() >= *expires_) {
      return end(
          by_.expires() ? "the caller's token has expired" : "the caller's certificate has expired",
          true);
    }
    if (now() - checked_ >= kUncheckedTime) {
      return end("the caller's token could not be checked for " +
                 base::format_duration(kUncheckedTime));
    }
    if (!pending_) {
      pending_ = by_.ask("Bearer " + bearer_, Authenticator::kOwnQuestion,
                         Authenticator::Fn::bind<&Token::on_verdict>(this));
    }
    arm();
  }
  void on_verdict(Verdict verdict) {
    owner_.loop_.retire(std::move(pending_));  // its method is on the stack
    const int status = verdict.refusal ? verdict.refusal->status : 0;
    if (verdict.refusal && status != 401 && status != 403) {
      LOG_DEBUG("token could not be checked", {"status", status},
                {"reason", verdict.refusal->message});
      due_ = now() + kRecheckAgain;
      return arm();
    }
    if (verdict.refusal) return end(std::string(kOver).append(verdict.refusal->message));
    if (verdict.caller.identity != identity_)
      return end(std::string(kOver).append("it now belongs to another identity"));
    accepted(verdict.caller);
  }
  // Must be the caller's last statement: the loop frees this.
  void end(const std::string& reason, bool expired = false) {
    stop();
    base::List<TokenUse> going;
    going.take(uses_);
    for (TokenUse& use : going)
      use.token_ = nullptr;
    const auto at = owner_.tokens_.find(key_);
    owner_.loop_.retire(std::move(at->second));
    owner_.tokens_.erase(at);
    while (TokenUse* use = going.pop()) {
      // An idle use gets its next token with its next request.
      if (use->lives_()) use->over_({reason, expired});  // may free other uses
    }
  }

  friend class Recheck;
  friend class TokenUse;
  Recheck& owner_;
  const std::string key_, identity_;
  Authenticator& by_;
  std::string bearer_;  // the one that is checked
  base::List<TokenUse> uses_;
  base::TimePoint checked_{}, due_{};  // when it was last accepted, and the next check
  std::optional<base::TimePoint> expires_;
  std::unique_ptr<PendingVerdict> pending_;
  loop::Timer timer_;
};

void TokenUse::drop() {
  if (token_) {
    token_->owner_.leave(*this);
  } else if (linked()) {
    unlink();
  }
}

Recheck::Recheck(loop::Loop& loop, Authenticator& authenticator)
    : loop_(loop), authenticator_(authenticator) {}

Recheck::~Recheck() {
  CHECK(tokens_.empty());
}

void Recheck::stop() {
  stopped_ = true;
  for (const auto& [key, token] : tokens_)
    token->stop();
}

void Recheck::hold(TokenUse& use, const Caller& caller) {
  if (!by(caller).expires() && !caller.expires) return;
  if (use.token_ && use.token_->is(caller)) return use.token_->accepted(caller);
  if (use.token_) leave(use);
  auto at = tokens_.find(key_of(caller, by(caller), caller.scope));
  if (at == tokens_.end()) {
    auto token = std::make_unique<Token>(*this, caller);
    at = tokens_.emplace(std::string_view(token->key()), std::move(token)).first;
  } else {
    at->second->accepted(caller);
  }
  use.token_ = at->second.get();
  use.token_->uses().add(use);
}

Recheck::Token* Recheck::find(const Caller& caller, Scope scope) const {
  const auto at = tokens_.find(key_of(caller, by(caller), scope));
  return at == tokens_.end() ? nullptr : at->second.get();
}

void Recheck::seen(const Caller& caller) {
  if (caller.acts_as.empty() || tokens_.empty()) return;
  for (const Scope scope : {Scope::read, Scope::logs, Scope::write}) {
    if (scope > caller.scope) break;
    if (Token* token = find(caller, scope)) token->accepted(caller);
  }
}

void Recheck::leave(TokenUse& use) {
  Token& token = *std::exchange(use.token_, nullptr);
  use.unlink();
  if (!token.uses().empty()) return;
  token.stop();
  const auto at = tokens_.find(token.key());
  loop_.retire(std::move(at->second));
  tokens_.erase(at);
}

}  // namespace mcp::shared
