#include "base/budget.h"

namespace base {

bool Budget::in_share(std::size_t held, std::size_t n) const {
  if (held > share() || n > share() - held) return false;
  if (!shrinks_ || share() == limit_) return true;
  const std::size_t left = used_ < limit_ ? limit_ - used_ : 0;
  return held <= left && n <= left - held;
}

bool Budget::reviewed() const {
  const Review& review = whole_ != nullptr ? whole_->review_ : review_;
  return review && review();
}

std::size_t Budget::largest() const {
  std::size_t most = 0;
  for (const auto& [name, owner] : owners_)
    most = std::max(most, owner->size);
  return most;
}

std::size_t Budget::owners() const {
  return static_cast<std::size_t>(std::count_if(
      owners_.begin(), owners_.end(), [](const auto& one) { return one.second->size > 0; }));
}

Budget::~Budget() {
  CHECK(used_ == 0);
  for (auto& [name, owner] : owners_) {
    owner->budget = nullptr;
    owner.release();  // its last account frees it
  }
}

// An owner that holds nothing and has no account is forgotten.
void Budget::give(Owner& owner, std::size_t n) {
  CHECK(owner.size >= n);
  owner.size -= n;
  if (owner.size > 0 || owner.accounts > 0) return;
  if (owner.budget) {
    owner.budget->owners_.erase(owner.name);
  } else {
    delete &owner;
  }
}

Account::Account(Budget& budget, std::string_view owner) {
  if (owner.empty()) return;
  auto at = budget.owners_.find(owner);
  if (at == budget.owners_.end()) {
    auto made = std::make_unique<Budget::Owner>(Budget::Owner{&budget, std::string(owner)});
    const std::string_view name = made->name;
    at = budget.owners_.emplace(name, std::move(made)).first;
  }
  owner_ = at->second.get();
  ++owner_->accounts;
}

Account::~Account() {
  if (!owner_) return;
  --owner_->accounts;
  Budget::give(*owner_, 0);
}

bool Charge::take(std::size_t n, std::string_view owner) {
  const bool allowed = owner_ ? owner_.allows(n) : budget_.allows(owner, n);
  if (!allowed || !budget_.has_room(n)) {
    budget_.count_refusal();
    return false;
  }
  force(n, owner);
  return true;
}

void Charge::force(std::size_t n, std::string_view owner) {
  if (n == 0) return;
  if (size_ == 0) owner_ = Account(budget_, owner);
  if (owner_) owner_.owner_->size += n;
  size_ += n;
  budget_.add(n);
}

void Charge::give(std::size_t n) {
  CHECK(n <= size_);
  if (n == 0) return;  // the budget may be gone
  size_ -= n;
  budget_.remove(n);
  if (!owner_) return;
  Budget::give(*owner_.owner_, n);
  if (size_ == 0) owner_ = Account();
}

}  // namespace base
