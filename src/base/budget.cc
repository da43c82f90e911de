#include "base/budget.h"

namespace base {

bool Budget::in_share(std::size_t held, std::size_t n) const {
  if (held > share() || n > share() - held) return false;
  if (!shrinks_ || share() == limit_) return true;
  const std::size_t left = used_ < limit_ ? limit_ - used_ : 0;
  return held <= left && n <= left - held;
}

std::size_t Budget::largest() const {
  std::size_t most = 0;
  for (const auto& [owner, held] : owners_)
    most = std::max(most, held);
  return most;
}

bool Charge::take(std::size_t n, std::string_view owner) {
  const bool allowed = owner_ ? budget_.in_share(owner_->second, n) : budget_.allows(owner, n);
  if (!allowed || !budget_.has_room(n)) {
    budget_.count_refusal();
    return false;
  }
  force(n, owner);
  return true;
}

void Charge::force(std::size_t n, std::string_view owner) {
  if (n == 0) return;
  // Pointers to the map's entries stay valid while others come and go.
  if (size_ == 0 && !owner.empty())
    owner_ = &*budget_.owners_.try_emplace(std::string(owner), 0).first;
  if (owner_ != nullptr) owner_->second += n;
  size_ += n;
  budget_.add(n);
}

void Charge::give(std::size_t n) {
  CHECK(n <= size_);
  if (n == 0) return;  // the budget may be gone
  size_ -= n;
  budget_.remove(n);
  if (owner_ == nullptr) return;
  owner_->second -= n;
  if (owner_->second == 0) budget_.owners_.erase(std::string(owner_->first));
  if (size_ == 0) owner_ = nullptr;
}

}  // namespace base
