// How a member of each type is read and written: one row for each type. A tool author needs only the
// list of types in schema.h.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/schema.h"

namespace mcp::schema {

enum class Kind : unsigned char { string, integer, number, boolean, list, map, object, json };

template <class M>
struct Type;
// M may be used in arguments, too, not only in results.
template <class M>
concept Readable = requires(M& m, base::json::Value v) {
  Type<M>::read(m, v);
};

// Type<M>: kind, empty, read (not for types that are for results only), write; Element for lists
// and maps.
template <class M>
struct Type {  // a struct with fields()
  static constexpr Kind kind = Kind::object;
  static const Schema& object() { return Schema::of<M>(); }
  static bool empty(const M&) { return false; }
  static void read(M& m, base::json::Value v) { (void)Schema::of<M>().read(v, &m); }
  static void write(const M& m, base::json::Writer& w) { Schema::of<M>().write(w, &m); }
};
template <>
struct Type<std::string> {
  static constexpr Kind kind = Kind::string;
  static bool empty(const std::string& m) { return m.empty(); }
  static void read(std::string& m, base::json::Value v) { m = v.str(); }
  static void write(const std::string& m, base::json::Writer& w) { w.string(m); }
};
template <>
struct Type<std::string_view> {
  static constexpr Kind kind = Kind::string;
  static bool empty(std::string_view m) { return m.empty(); }
  static void write(std::string_view m, base::json::Writer& w) { w.string(m); }
};
template <>
struct Type<bool> {
  static constexpr Kind kind = Kind::boolean;
  static bool empty(bool m) { return !m; }
  static void read(bool& m, base::json::Value v) { m = v.bool_or(false); }
  static void write(bool m, base::json::Writer& w) { w.boolean(m); }
};
template <std::integral M>
struct Type<M> {
  static constexpr Kind kind = Kind::integer;
  static bool empty(M m) { return m == 0; }
  static void read(M& m, base::json::Value v) { m = static_cast<M>(v.int_or(0)); }
  static void write(M m, base::json::Writer& w) {
    if constexpr (std::signed_integral<M>) {
      w.integer(m);
    } else {
      w.unsigned_integer(m);
    }
  }
};
template <>
struct Type<double> {
  static constexpr Kind kind = Kind::number;
  static bool empty(double m) { return m == 0; }
  static void read(double& m, base::json::Value v) { m = v.as_double().value_or(0); }
  static void write(double m, base::json::Writer& w) { w.number(m); }
};
template <class T>
struct Type<std::optional<T>> {
  static constexpr Kind kind = Type<T>::kind;
  static const Schema& object() requires(kind == Kind::object) { return Type<T>::object(); }
  static bool empty(const std::optional<T>& m) { return !m; }
  static void read(std::optional<T>& m, base::json::Value v) requires Readable<T> {
    Type<T>::read(m.emplace(T{}), v);
  }
  static void write(const std::optional<T>& m, base::json::Writer& w) {
    if (!m) {
      w.null();
    } else {
      Type<T>::write(*m, w);
    }
  }
};
template <class T>
struct Type<std::vector<T>> {
  static constexpr Kind kind = Kind::list;
  using Element = T;
  static bool empty(const std::vector<T>& m) { return m.empty(); }
  static void read(std::vector<T>& m, base::json::Value v) requires Readable<T> {
    m.clear();
    for (base::json::Value each : v.array())
      Type<T>::read(m.emplace_back(), each);
  }
  static void write(const std::vector<T>& m, base::json::Writer& w) {
    w.begin_array();
    for (const T& each : m)
      Type<T>::write(each, w);
    w.end_array();
  }
};
template <class T>
struct Type<std::optional<std::vector<T>>> {  // an empty list is not the same as none
  static constexpr Kind kind = Kind::list;
  using Element = T;
  static bool empty(const std::optional<std::vector<T>>& m) { return !m; }
  static void read(std::optional<std::vector<T>>& m, base::json::Value v) requires Readable<T> {
    Type<std::vector<T>>::read(m.emplace(), v);
  }
  static void write(const std::optional<std::vector<T>>& m, base::json::Writer& w) {
    Type<std::vector<T>>::write(m ? *m : std::vector<T>(), w);
  }
};
template <class T>
struct Type<std::map<std::string, T>> {
  static constexpr Kind kind = Kind::map;
  using Element = T;
  static bool empty(const std::map<std::string, T>& m) { return m.empty(); }
  static void read(std::map<std::string, T>& m, base::json::Value v) requires Readable<T> {
    m.clear();
    for (const base::json::Member& each : v.object())
      Type<T>::read(m[std::string(each.key)], each.value);
  }
  static void write(const std::map<std::string, T>& m, base::json::Writer& w) {
    w.begin_object();
    for (const auto& [key, each] : m) {
      w.key(key);
      Type<T>::write(each, w);
    }
    w.end_object();
  }
};
template <class T>
struct Type<JsonOf<T>> {
  static constexpr Kind kind = Kind::object;
  static const Schema& object() { return Schema::of<T>(); }
  static bool empty(const JsonOf<T>& m) { return m.text.empty(); }
  static void write(const JsonOf<T>& m, base::json::Writer& w) {
    w.raw(m.text.empty() ? "{}" : m.text);
  }
};
template <>
struct Type<Json> {
  static constexpr Kind kind = Kind::json;
  static bool empty(const Json& m) { return m.text.empty(); }
  static void read(Json& m, base::json::Value v) { m.text = v.to_json(); }
  static void write(const Json& m, base::json::Writer& w) {
    w.raw(m.text.empty() ? "null" : m.text);
  }
};

}  // namespace mcp::schema
