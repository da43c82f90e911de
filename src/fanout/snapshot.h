// Snapshot: the frames that send a newcomer all present objects, made once and shared by all
// subscribers that were accepted at that state with that URI: a slow subscriber holds a reference,
// not a copy. The reference count is not atomic: one thread only. The frames count against the
// budget of snapshots until the last holder releases them.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/budget.h"
#include "base/payload.h"

namespace fanout {

class Snapshot {
 public:
  Snapshot() = default;
  // `charge`: for the frames; nullptr when they belong to another owner.
  Snapshot(std::vector<base::Payload> frames, std::unique_ptr<base::Charge> charge)
      : rep_(new Rep{1, std::move(frames), std::move(charge)}) {}
  Snapshot(const Snapshot& other) : rep_(other.rep_) {
    if (rep_) ++rep_->holders;
  }
  Snapshot(Snapshot&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Snapshot& operator=(Snapshot other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Snapshot() {
    if (rep_ && --rep_->holders == 0) delete rep_;
  }

  explicit operator bool() const { return rep_ != nullptr; }
  std::size_t size() const { return rep_ ? rep_->frames.size() : 0; }
  const base::Payload& operator[](std::size_t i) const { return rep_->frames[i]; }

 private:
  struct Rep {
    std::uint32_t holders;
    std::vector<base::Payload> frames;
    std::unique_ptr<base::Charge> charge;
  };
  Rep* rep_ = nullptr;
};

}  // namespace fanout
