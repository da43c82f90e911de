#include "base/budget.h"

namespace base {

bool Charge::take(std::size_t n, std::string_view owner) {
  const std::size_t held = owner_ ? owner_->second : owner.empty() ? 0 : budget_.used_by(owner);
  const bool owned = owner_ != nullptr || !owner.empty();
  const bool beyond = owned && (held > budget_.share() || n > budget_.share() - held);
  if (beyond || !budget_.has_room(n)) {
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
