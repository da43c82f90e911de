// StatusCounts: counts responses by status under so few names that they can be a metric's label,
// whatever a peer sends: the statuses in use by name, any other by its class.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace http {

class StatusCounts {
 public:
  static constexpr int kNone = 0;  // no response arrived

  void add(int status) { ++counts_[slot_of(status)]; }
  std::uint64_t total() const;
  // Calls fn(label, count) for each status counted: "200", "4xx", "none".
  template <class Fn>
  void for_each(Fn fn) const {
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (counts_[i] > 0) fn(label_of(i), counts_[i]);
    }
  }

 private:
  static constexpr std::size_t kSlots = 34;
  static std::size_t slot_of(int status);
  static std::string_view label_of(std::size_t slot);
  std::array<std::uint64_t, kSlots> counts_{};
};

}  // namespace http
