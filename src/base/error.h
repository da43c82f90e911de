// Error and Result<T>: how failures that are not our own travel. Error describes what went wrong;
// Result<T> holds a value or an Error.
//
// A failure from outside (peer gone, file missing, bad input) is returned as a Result. A broken
// invariant of our own is a CHECK (check.h). Result has std::expected<T, Error>'s member names, so
// that a later compiler needs one line changed here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace base {

// The kind of failure; callers branch on it and never on the text.
enum class Errc : unsigned char {
  invalid_argument,  // the caller's input is wrong and will be wrong again
  not_found,
  conflict,
  forbidden,     // identity known, not allowed
  unauthorized,  // identity missing or not accepted
  gone,          // existed, but no longer does (expired resourceVersion, ended session)
  throttled,     // the peer asked us to slow down
  unavailable,   // the peer cannot be reached or is not ready; a retry may help
  timeout,
  cancelled,
  protocol,   // the peer broke its protocol
  too_large,  // exceeds a limit of ours
  internal,
};
constexpr std::size_t kErrcs = static_cast<std::size_t>(Errc::internal) + 1;

std::string_view to_string(Errc code);

class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string what) : code_(code), what_(std::move(what)) {}
  Errc code() const { return code_; }
  const std::string& what() const { return what_; }

  // Prefixes "context: " on the way up: return std::move(error).within("read kubeconfig").
  Error within(std::string_view context) && {
    what_.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }

 private:
  Errc code_;
  std::string what_;
};

// "op: strerror(err)", with the code that fits the errno. The only place that maps errno.
Error errno_error(std::string_view op, int err);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return v_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Requires: has_value().
  T& value() & { return get(); }
  T& operator*() & { return get(); }
  const T& operator*() const& {
    CHECK(has_value());
    return *std::get_if<0>(&v_);
  }
  T&& operator*() && { return std::move(get()); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &**this; }

  // Requires: !has_value().
  Error& error() & {
    CHECK(!has_value());
    return *std::get_if<1>(&v_);
  }
  const Error& error() const& {
    CHECK(!has_value());
    return *std::get_if<1>(&v_);
  }
  Error&& error() && { return std::move(error()); }

 private:
  T& get() {
    CHECK(has_value());
    return *std::get_if<0>(&v_);
  }
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : e_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return e_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Requires: !has_value().
  Error& error() & {
    CHECK(!has_value());
    return *std::get_if<1>(&e_);
  }
  const Error& error() const& {
    CHECK(!has_value());
    return *std::get_if<1>(&e_);
  }
  Error&& error() && { return std::move(error()); }

 private:
  std::variant<std::monostate, Error> e_;
};

}  // namespace base
