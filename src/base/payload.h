// Payload: immutable bytes shared by reference count, so that a notification is serialised once and
// the queues of all subscribers hold the same bytes. The count is not atomic: a Payload never
// leaves its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace base {

class Payload {
 public:
  Payload() = default;
  // Copies `bytes` once.
  explicit Payload(std::string_view bytes);
  // Joins the pieces in order; copies them once.
  static Payload concat(std::string_view a, std::string_view b, std::string_view c = {});

  Payload(const Payload& other) : rep_(other.rep_) { retain(); }
  Payload(Payload&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Payload& operator=(Payload other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Payload() { drop(); }

  std::string_view view() const {
    return rep_ ? std::string_view(reinterpret_cast<const char*>(rep_ + 1), rep_->size)
                : std::string_view();
  }
  std::size_t size() const { return rep_ ? rep_->size : 0; }
  bool empty() const { return size() == 0; }
  // How many Payloads hold these bytes; 0 when empty.
  std::uint32_t holders() const { return rep_ ? rep_->holders : 0; }

 private:
  friend class QueueBudget;
  struct Rep {
    std::size_t size;
    std::uint32_t holders;
    std::uint32_t queued;  // for QueueBudget: the number of queues that hold it …
    void* payer;           // … and the owner for which the first of them took it
  };
  static Rep* make(std::size_t size);
  void retain() const {
    if (rep_) ++rep_->holders;
  }
  void drop();
  Rep* rep_ = nullptr;
};

}  // namespace base
