// Delegate<R(A...)>: an object and one of its members, in two words; copied freely, allocates nothing, owns nothing.
// Whoever holds one must be silenced before the object dies; the loop's callbacks are of this type.
#pragma once

#include <utility>

namespace base {

template <class Sig>
class Delegate;

template <class R, class... A>
class Delegate<R(A...)> {
 public:
  constexpr Delegate() = default;

  // Delegate<void()>::bind<&Peer::on_timer>(this)
  template <auto Method, class T>
  static Delegate bind(T* object) {
    return Delegate(object, [](void* self, A... args) -> R {
      return (static_cast<T*>(self)->*Method)(std::forward<A>(args)...);
    });
  }

  // Requires: *this.
  R operator()(A... args) const { return thunk_(object_, std::forward<A>(args)...); }
  explicit operator bool() const { return thunk_ != nullptr; }

 private:
  using Thunk = R (*)(void*, A...);
  constexpr Delegate(void* object, Thunk thunk) : object_(object), thunk_(thunk) {}
  void* object_ = nullptr;
  Thunk thunk_ = nullptr;
};

}  // namespace base
