// What field<>() makes of a member (an Access: how it is read and written), and the templates that
// schema.h declares. schema.h includes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "mcp/schema.h"
#include "mcp/schema_types.h"

namespace mcp {

namespace schema {

struct Access {
  Kind kind;
  const Access* element;      // a list's or map's elements
  const Schema& (*object)();  // an object's schema
  bool (*empty)(const void* member);
  void (*read)(void* member, base::json::Value value);  // Requires: `value` was checked
  void (*write)(const void* member, base::json::Writer& w);
};

template <class M>
const Access& access_of();

template <class M>
constexpr Access make_access() {
  using T = Type<M>;
  Access access{T::kind, nullptr, nullptr, nullptr, nullptr, nullptr};
  if constexpr (T::kind == Kind::object) access.object = &T::object;
  access.empty = [](const void* m) { return T::empty(*static_cast<const M*>(m)); };
  if constexpr (Readable<M>) {
    access.read = [](void* m, base::json::Value v) { T::read(*static_cast<M*>(m), v); };
  }
  access.write = [](const void* m, base::json::Writer& w) {
    T::write(*static_cast<const M*>(m), w);
  };
  return access;
}

template <class M>
const Access& access_of() {
  static const Access access = [] {
    Access made = make_access<M>();
    if constexpr (requires { typename Type<M>::Element; }) {
      made.element = &access_of<typename Type<M>::Element>();
    }
    return made;
  }();
  return access;
}

template <class P>
struct MemberOf;
template <class T, class M>
struct MemberOf<M T::*> {
  using Object = T;
  using Type = M;
};

}  // namespace schema

template <auto Member>
Field field(Field declared) {
  using Of = schema::MemberOf<decltype(Member)>;
  declared.access = &schema::access_of<typename Of::Type>();
  declared.member = [](void* object) -> void* {
    return &(static_cast<typename Of::Object*>(object)->*Member);
  };
  return declared;
}

template <class T>
const Schema& Schema::of() {
  static const Schema schema = [] {
    T defaults{};
    return Schema(T::fields(), &defaults);
  }();
  return schema;
}

template <class T>
Schema Schema::with(Fields fields) {
  T defaults{};
  return Schema(std::move(fields), &defaults);
}

template <class T>
base::Result<T> Schema::read(base::json::Value arguments) {
  return of<T>().template read_as<T>(arguments);
}

template <class T>
base::Result<T> Schema::read_as(base::json::Value arguments) const {
  T out{};
  if (auto ok = read(arguments, &out); !ok) return std::move(ok).error();
  return out;
}

template <class T>
std::string to_json(const T& value) {
  std::string out;
  base::json::Writer w(out);
  Schema::of<T>().write(w, &value);
  return out;
}

}  // namespace mcp
