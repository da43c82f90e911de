// Budget: a limit on one resource (bytes, descriptors) and how much of it is in use. A budget may
// be part of a larger one: whatever is taken from the part is taken from the whole too, so that
// several parts, each of which may be large, are bounded together.
//
// Account: an owner (a peer's address, a caller) of what is taken: one owner gets at most the
// budget's share, so that no single client can use up a budget.
//
// Charge: what one holder has taken, maybe for an owner; given back when the Charge is destroyed.
//
// A request that is refused for lack of room gets 503 with Retry-After (limits::kFullRetryAfter) at
// once, or a JSON-RPC error that gives the time to retry after. Only changes (change/room.h) and single
// answers of the API server (kube/body_room.h) wait for room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/delegate.h"

namespace base {

class Budget {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();  // no limit

  // *whole must outlive this Budget.
  explicit Budget(std::size_t limit, Budget* whole = nullptr) : limit_(limit), whole_(whole) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
  ~Budget();  // Requires: nothing is used

  bool has_room(std::size_t n) const { return fits(n, limit_); }
  // The same, for a taker that may use only `most` of the budget.
  bool fits(std::size_t n, std::size_t most) const {
    return fits_now(n, most) || (reviewed() && fits_now(n, most));
  }
  // Adds even when there is no room (a final message, something that exists already).
  void add(std::size_t n) {
    used_ += n;
    peak_ = std::max(peak_, used_);
    if (whole_ != nullptr) whole_->add(n);
  }
  // Requires: `n` was added before.
  void remove(std::size_t n) {
    CHECK(used_ >= n);
    used_ -= n;
    if (whole_ != nullptr) whole_->remove(n);
  }
  void count_refusal() { ++refused_; }

  std::size_t used() const { return used_; }
  // What still fits, into the whole too.
  std::size_t left() const {
    const std::size_t own = used_ < limit_ ? limit_ - used_ : 0;
    return whole_ == nullptr ? own : std::min(own, whole_->left());
  }
  // How much of `n`, which is held in any case, may be counted: never all that is left, so that others
  // go on. What is held above that is not counted.
  std::size_t countable(std::size_t n) const { return std::min(n, left() / 8 * 7); }
  std::size_t limit() const { return limit_; }
  std::size_t peak() const { return peak_; }           // the most that was ever used
  std::uint64_t refused() const { return refused_; }   // since the start
  void set_limit(std::size_t most) { limit_ = most; }  // what is held already stays
  // The most that one owner may hold. Initially the limit.
  std::size_t share() const { return std::min(share_, limit_); }
  void set_share(std::size_t most) { share_ = most; }
  // `review` is asked before this budget, or a part of it, says that there is no room: what is counted by
  // measuring may be out of date. True: less is used now. It must outlive this, or be replaced by {}.
  using Review = Delegate<bool()>;
  void set_review(Review review) { review_ = review; }
  // From now on a share is never more than what is left: the fuller the budget, the less one owner
  // may hold, so that a few owners that take all they get leave room for an owner that has nothing
  // yet. A share as large as the limit stays as it is: owners are not told apart then.
  void share_what_is_left() { shrinks_ = true; }
  // Are `n` more within the share of `owner`? "": no owner, always.
  bool allows(std::string_view owner, std::size_t n) const {
    return owner.empty() || in_share(used_by(owner), n);
  }
  // How much `owner` holds.
  std::size_t used_by(std::string_view owner) const {
    const auto it = owners_.find(owner);
    return it == owners_.end() ? 0 : it->second->size;
  }
  // How many owners hold something, and what the one that holds the most does.
  std::size_t owners() const;
  std::size_t largest() const;

 private:
  friend class Account;
  friend class Charge;
  friend class QueueBudget;
  struct Owner {
    Budget* budget;  // nullptr: gone, as may be when an account is retired with what holds it
    std::string name;
    std::size_t size = 0;
    std::uint32_t accounts = 0;
  };
  static void give(Owner& owner, std::size_t n);
  bool fits_now(std::size_t n, std::size_t most) const {
    most = std::min(most, limit_);
    return used_ <= most && n <= most - used_ && (whole_ == nullptr || whole_->fits_now(n, kNone));
  }
  bool reviewed() const;
  bool in_share(std::size_t held, std::size_t n) const;
  // Those that hold something or have an Account, by name.
  using Owners = std::unordered_map<std::string_view, std::unique_ptr<Owner>>;
  std::size_t limit_, used_ = 0, peak_ = 0, share_ = kNone;
  std::uint64_t refused_ = 0;
  bool shrinks_ = false;
  Budget* whole_;
  Review review_;
  Owners owners_;
};

// Finds its owner once, for a holder that takes and gives with every message. Movable.
class Account {
 public:
  Account() = default;  // no owner's: always within the share
  // "": no owner. It may outlive `budget`, but not what it holds there.
  Account(Budget& budget, std::string_view owner);
  Account(Account&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  Account& operator=(Account&& other) noexcept {
    std::swap(owner_, other.owner_);
    return *this;
  }
  ~Account();

  explicit operator bool() const { return owner_ != nullptr; }
  bool allows(std::size_t n) const {
    return !owner_ || !owner_->budget || owner_->budget->in_share(owner_->size, n);
  }

 private:
  friend class Charge;
  friend class QueueBudget;
  Budget::Owner* owner_ = nullptr;
};

class Charge {
 public:
  explicit Charge(Budget& budget) : budget_(budget) {}  // `budget` must outlive the last give()
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { release(); }

  // Takes `n` more. Returns false, takes nothing and counts a refusal when there is no room or the
  // owner's share would be exceeded. "" means no owner. The first owner stays charged until
  // everything is given back; an `owner` passed meanwhile is ignored.
  bool take(std::size_t n, std::string_view owner = {});
  // The same, even when there is no room.
  void force(std::size_t n, std::string_view owner = {});
  // Requires: n <= size().
  void give(std::size_t n);
  // Makes the total `n`, even when there is no room.
  void set(std::size_t n, std::string_view owner = {}) {
    n < size_ ? give(size_ - n) : force(n - size_, owner);
  }
  void release() { give(size_); }
  std::size_t size() const { return size_; }

 private:
  Budget& budget_;
  Account owner_;
  std::size_t size_ = 0;
};

}  // namespace base
