// JSON: reading with simdjson's DOM (only json_tape.h includes it), writing with Writer.
//
// Reading: a Document owns the parsed text; Values are two-word views into it and must not be used
// after it or after its next parse(). Looking up a missing member gives an absent Value, and every
// accessor of an absent Value returns its fallback, so that
//   doc["metadata"]["name"].str()
// needs no checks in between.
//
// - Strings are UTF-8 (validated by the parser). Of duplicate keys, the first one counts.
// - Numbers are kept as they were written, whatever their size (1.50, 1e400, 2^64).
// - Half of a surrogate pair in an escape, and a byte order mark at the start, are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.h"

namespace base::json {

enum class Type : unsigned char { absent, null, boolean, integer, number, string, array, object };

class Array;
class Object;

class Value {
 public:
  Value() = default;  // absent
  Type type() const;
  // "null", "boolean", "integer", "number", "string", "array", "object" or "absent".
  std::string_view type_name() const;
  bool present() const { return type() != Type::absent; }
  explicit operator bool() const { return present(); }
  bool is(Type t) const { return type() == t; }

  // Member of an object, element of an array; absent if there is none. Both walk from the front.
  Value operator[](std::string_view key) const;
  Value at(std::size_t index) const;

  std::string_view str(std::string_view fallback = {}) const;  // a string's content
  // as_int: a whole number that fits; 2.0 counts as 2. (A whole number beyond a signed 64-bit
  // integer has Type::integer but no as_int().) as_double: the nearest double, nullopt beyond the
  // largest.
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_double() const;
  std::optional<bool> as_bool() const;
  std::int64_t int_or(std::int64_t fallback) const { return as_int().value_or(fallback); }
  bool bool_or(bool fallback) const { return as_bool().value_or(fallback); }

  // Empty ranges for any other type.
  Array array() const;
  Object object() const;
  std::size_t size() const;  // elements or members; 0 otherwise

  // Compact JSON text, with each number as it was written; "" when absent.
  std::string to_json() const;
  void append_to(std::string& out) const;
  std::size_t text_size() const;  // about that text's, which is not made; escapes are not counted

 private:
  friend class Document;
  friend class Array;  // its iterators make Values
  friend class Object;
  Value(const void* doc, std::size_t index) : doc_(doc), index_(index) {}
  const void* doc_ = nullptr;
  std::size_t index_ = 0;
};

struct Member {
  std::string_view key;
  Value value;
};

// For range-for, in the order of the text.
class Array {
 public:
  class iterator {
   public:
    Value operator*() const;
    iterator& operator++();
    bool operator!=(const iterator& o) const { return at_ != o.at_; }

   private:
    friend class Value;
    const void* doc_ = nullptr;
    std::size_t at_ = 0;
  };
  iterator begin() const { return begin_; }
  iterator end() const { return end_; }

 private:
  friend class Value;
  iterator begin_, end_;
};

class Object {
 public:
  class iterator {
   public:
    Member operator*() const;
    iterator& operator++();
    bool operator!=(const iterator& o) const { return at_ != o.at_; }

   private:
    friend class Value;
    const void* doc_ = nullptr;
    std::size_t at_ = 0;
  };
  iterator begin() const { return begin_; }
  iterator end() const { return end_; }

 private:
  friend class Value;
  iterator begin_, end_;
};

// The deepest nesting accepted: no CRD comes near it, and code that walks a Value may recurse.
constexpr int kMaxDepth = 128;
// Most memory that parsing keeps between texts. A Document's own part is up to ten times its text.
constexpr std::size_t kKeepBytes = std::size_t{1024} * 1024;

// Parses one text at a time and keeps its memory for the next. Memory for a text above kKeepBytes
// is freed by the next smaller parse() or by release(). All Documents share the parser's working
// memory (there is one thread).
class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // Copies `text`. Errc::invalid_argument, with the reason, when it is not JSON. Values of an
  // earlier parse become invalid.
  Result<Value> parse(std::string_view text);
  // What parse() returned; absent before the first, after a failed one and after release().
  Value root() const;
  void release();  // frees all memory; Values become invalid

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // null until the first parse
};

// Writes compact JSON into a string, which must outlive the Writer. The Writer sets the commas; the
// caller keeps the nesting right.
//   Writer w(out); w.begin_object(); w.key("name").string("a"); w.end_object();
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view k);
  // Escapes what JSON requires; invalid UTF-8 becomes U+FFFD.
  Writer& string(std::string_view s);
  Writer& integer(std::int64_t n);
  Writer& unsigned_integer(std::uint64_t n);
  // The shortest text that reads back as the same double; null for infinities and NaN.
  Writer& number(double d);
  Writer& boolean(bool b) { return raw(b ? "true" : "false"); }
  Writer& null() { return raw("null"); }
  // Appends a complete JSON text.
  Writer& raw(std::string_view json);

  // Shorthands for members.
  Writer& field(std::string_view k, std::string_view s) { return key(k).string(s); }
  Writer& field(std::string_view k, const char* s) { return key(k).string(s); }
  Writer& field(std::string_view k, bool b) { return key(k).boolean(b); }
  template <class T>
  requires std::is_integral_v<T> Writer& field(std::string_view k, T n) {
    if constexpr (std::is_signed_v<T>) return key(k).integer(n);
    return key(k).unsigned_integer(static_cast<std::uint64_t>(n));
  }
  // Omits the member when `s` is empty.
  Writer& field_if(std::string_view k, std::string_view s) {
    return s.empty() ? *this : field(k, s);
  }

 private:
  Writer& open(char c);
  Writer& close(char c);
  void separate();
  std::string& out_;
  bool comma_ = false;  // a value was just written at this level
};

// Appends a finite number so that it reads back as the same double.
void append_double(std::string& out, double value);

// Appends `s` as a JSON string with its quotes.
void append_string(std::string& out, std::string_view s);

}  // namespace base::json
