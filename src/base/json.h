// JSON, behind one door: reading by simdjson's DOM (json_tape.h alone includes it), writing by Writer.
//
// Reading: a Document owns the parsed text; Values are two-word views into it and die with it, or
// with its next parse(). Looking up what is not there gives an absent Value, and every accessor of
// an absent Value gives its fallback, so that
//   doc["metadata"]["name"].str()
// needs no checks between. Strings are UTF-8 (validated by the parser). Duplicate keys: the first
// one counts. Numbers are kept as they were written, whatever their size (1.50, 1e400, 2^64). Half of
// a surrogate pair in an escape, and a byte order mark in front are refused.
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
  std::string_view type_name()
      const;  // "null", "boolean", "integer", "number", "string", "array", "object", "absent"
  bool present() const { return type() != Type::absent; }
  explicit operator bool() const { return present(); }
  bool is(Type t) const { return type() == t; }

  // Member of an object (absent otherwise), element of an array; both walk from the front.
  Value operator[](std::string_view key) const;
  Value at(std::size_t index) const;

  std::string_view str(std::string_view fallback = {}) const;  // a string's content
  // Whole numbers that fit; 2.0 counts as 2. (An integer that 64 bits with a sign cannot hold is of
  // Type::integer and has no as_int().) as_double: the nearest one, none for what is beyond all.
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_double() const;
  std::optional<bool> as_bool() const;
  std::int64_t int_or(std::int64_t fallback) const { return as_int().value_or(fallback); }
  bool bool_or(bool fallback) const { return as_bool().value_or(fallback); }

  // Empty ranges unless it is an array / an object.
  Array array() const;
  Object object() const;
  std::size_t size() const;  // elements or members; 0 otherwise

  // Compact JSON text again, each number as it was written; "" when absent.
  std::string to_json() const;
  void append_to(std::string& out) const;

 private:
  friend class Document;
  friend class Array;  // whose iterators make Values
  friend class Object;
  Value(const void* doc, std::size_t index) : doc_(doc), index_(index) {}
  const void* doc_ = nullptr;
  std::size_t index_ = 0;
};

struct Member {
  std::string_view key;
  Value value;
};

// Ranges for range-for; order is the text's.
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

// Texts nested deeper than this are refused: no CRD comes near, and whoever walks a Value may
// recurse.
constexpr int kMaxDepth = 128;
// What parsing keeps memory for between texts; a Document's own share is up to ten times the text.
constexpr std::size_t kKeepBytes = std::size_t{1024} * 1024;

// Parses one text at a time and keeps its memory for the next. Memory for a text above kKeepBytes
// goes back at the next smaller parse(), or by release(). What only the parsing itself needs is
// shared by all Documents (one thread).
class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // `text` is copied; it may go afterwards. Errc::invalid_argument says what is wrong. Values of an
  // earlier parse are void.
  Result<Value> parse(std::string_view text);
  // What parse() returned; absent before, after a failed parse and after release().
  Value root() const;
  // Gives all memory back. Values are void.
  void release();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // null until the first parse
};

// Writes compact JSON into a string. Commas are the Writer's business; nesting is the caller's.
//   Writer w(out); w.begin_object(); w.key("name").string("a"); w.end_object();
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view k);
  // Escapes what JSON needs; bytes that are no UTF-8 become U+FFFD.
  Writer& string(std::string_view s);
  Writer& integer(std::int64_t n);
  Writer& unsigned_integer(std::uint64_t n);
  Writer& number(double d);  // the shortest text that reads back the same; null when JSON has none
                             // (infinite, not a number)
  Writer& boolean(bool b) { return raw(b ? "true" : "false"); }
  Writer& null() { return raw("null"); }
  // A complete JSON text made elsewhere.
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
  // Left out when empty.
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
