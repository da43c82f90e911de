// Delegate<R(A...)>: a pointer to an object and to one of its member functions, in two words;
// copied freely, allocates nothing, owns nothing. The object must remain live while a copy may
// still be called: its holders are closed first. The loop's callbacks have this type.
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
