// Walks a parsed text (json_tape.h).
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "base/json.h"
#include "base/json_tape.h"

namespace base::json {
namespace {

// By the tape's type, a letter.
constexpr std::array<Type, 256> make_types() {
  std::array<Type, 256> types{};
  const auto is = [&](tape_type letter, Type type) {
    types[static_cast<unsigned char>(letter)] = type;
  };
  is(tape_type::START_ARRAY, Type::array);
  is(tape_type::START_OBJECT, Type::object);
  is(tape_type::STRING, Type::string);
  is(tape_type::INT64, Type::integer);
  is(tape_type::UINT64, Type::integer);
  is(tape_type::DOUBLE, Type::number);
  is(tape_type::TRUE_VALUE, Type::boolean);
  is(tape_type::FALSE_VALUE, Type::boolean);
  is(tape_type::NULL_VALUE, Type::null);
  return types;
}
constexpr auto kTypes = make_types();

// What every lookup asks; it costs one look at the tape.
bool is_at(const void* doc, std::size_t index, tape_type letter) {
  return doc && ref(doc, index).tape_ref_type() == letter;
}

constexpr std::uint64_t kTapePayload = 0x00FF'FFFF'FFFF'FFFF;

// The index behind the value at `at`: tape_ref's, which is not inlined.
std::size_t behind(const std::uint64_t* tape, std::size_t at) {
  switch (static_cast<tape_type>(tape[at] >> 56)) {
    case tape_type::START_ARRAY:
    case tape_type::START_OBJECT:
      return static_cast<std::uint32_t>(tape[at]);
    case tape_type::UINT64:
    case tape_type::INT64:
    case tape_type::DOUBLE:
      return at + 2;
    default:
      return at + 1;
  }
}

template <class T>
void append_integer(std::string& out, T value) {
  std::array<char, 32> text;
  const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), value);
  CHECK(ec == std::errc());
  out.append(text.data(), end);
}

// The text of a part of the tape. `at` is the index of a value, and each method returns the one behind
// it, so that no part is looked at twice.
class TextOf {
 public:
  TextOf(const Parsed& from, std::size_t at, std::string& out) : from_(from), out_(out) {
    number_ = std::lower_bound(
        from.numbers.begin(), from.numbers.end(), at,
        [](const Parsed::Number& one, std::size_t index) { return one.index < index; });
  }

  // The depth is the parser's: kMaxDepth at most.
  std::size_t value(std::size_t at) {
    const tape_ref word{&from_.doc, at};
    switch (word.tape_ref_type()) {
      case tape_type::START_OBJECT:
        return object(at, word.matching_brace_index());
      case tape_type::START_ARRAY:
        return array(at, word.matching_brace_index());
      case tape_type::STRING:
        append_string(out_, word.get_string_view());
        return at + 1;
      case tape_type::INT64:
        append_integer(out_, word.next_tape_value<std::int64_t>());
        return at + 2;
      case tape_type::UINT64:
        append_integer(out_, word.next_tape_value<std::uint64_t>());
        return at + 2;
      case tape_type::DOUBLE:
        double_number();
        return at + 2;
      case tape_type::TRUE_VALUE:
        out_.append("true", 4);
        return at + 1;
      case tape_type::FALSE_VALUE:
        out_.append("false", 5);
        return at + 1;
      default:
        out_.append("null", 4);
        return at + 1;
    }
  }

 private:
  // `end`: the index behind the closing bracket.
  std::size_t object(std::size_t at, std::size_t end) {
    out_ += '{';
    for (const std::size_t first = ++at; at < end - 1;) {
      if (at != first) out_ += ',';
      append_string(out_, tape_ref(&from_.doc, at).get_string_view());
      out_ += ':';
      at = value(at + 1);
    }
    out_ += '}';
    return end;
  }
  std::size_t array(std::size_t at, std::size_t end) {
    out_ += '[';
    for (const std::size_t first = ++at; at < end - 1;) {
      if (at != first) out_ += ',';
      at = value(at);
    }
    out_ += ']';
    return end;
  }
  // Each double of the tape is one of the numbers, in the same order.
  void double_number() {
    CHECK(number_ != from_.numbers.end());
    out_.append(from_.number_text, number_->at, number_->size);
    ++number_;
  }

  const Parsed& from_;
  std::string& out_;
  std::vector<Parsed::Number>::const_iterator number_;
};

}  // namespace

Type Value::type() const {
  if (!doc_) return Type::absent;
  const Type type = kTypes[static_cast<unsigned char>(ref(doc_, index_).tape_ref_type())];
  if (type != Type::number || !parsed(doc_).some_are_whole) return type;
  const Parsed::Number* written = parsed(doc_).written(index_);
  return written && written->whole ? Type::integer : type;
}

std::string_view Value::type_name() const {
  switch (type()) {
    case Type::absent:
      return "absent";
    case Type::null:
      return "null";
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::string:
      return "string";
    case Type::array:
      return "array";
    case Type::object:
      return "object";
  }
  return "absent";
}

// A list's rows are made of thousands of these: most keys differ in size or in their first character.
Value Value::operator[](std::string_view key) const {
  if (!is_at(doc_, index_, tape_type::START_OBJECT)) return {};
  const std::uint64_t* const tape = parsed(doc_).doc.tape.get();
  const std::uint8_t* const strings = parsed(doc_).doc.string_buf.get();
  const char first = key.empty() ? '\0' : key.front();  // as the buffer has it behind an empty key
  const std::size_t end = behind(tape, index_) - 1;
  for (std::size_t at = index_ + 1; at < end; at = behind(tape, at + 1)) {
    const std::uint8_t* const text = strings + (tape[at] & kTapePayload);
    std::uint32_t size = 0;
    std::memcpy(&size, text, sizeof size);
    if (size != key.size() || static_cast<char>(text[sizeof size]) != first) continue;
    if (std::memcmp(text + sizeof size, key.data(), size) == 0) return {doc_, at + 1};
  }
  return {};
}

Value Value::at(std::size_t index) const {
  for (const Value element : array()) {
    if (index-- == 0) return element;
  }
  return {};
}

std::size_t Value::text_size() const {
  if (!doc_) return 0;
  constexpr std::size_t kScalar = 5, kSigns = 3;  // "false"; two quotes and a comma or a colon
  const std::size_t end = ref(doc_, index_).after_element();
  std::size_t out = 0;
  for (std::size_t at = index_; at < end; ++at) {
    const tape_ref word = ref(doc_, at);
    const tape_type type = word.tape_ref_type();
    if (type == tape_type::STRING) {
      out += word.get_string_view().size() + kSigns;
    } else if (type == tape_type::INT64 || type == tape_type::UINT64 || type == tape_type::DOUBLE) {
      out += kScalar;
      ++at;  // its second word is the number itself
    } else {
      out += type == tape_type::TRUE_VALUE || type == tape_type::FALSE_VALUE ||
                     type == tape_type::NULL_VALUE
                 ? kScalar
                 : 1;
    }
  }
  return out;
}

std::string_view Value::str(std::string_view fallback) const {
  return is_at(doc_, index_, tape_type::STRING) ? ref(doc_, index_).get_string_view() : fallback;
}

std::optional<std::int64_t> Value::as_int() const {
  if (!doc_) return std::nullopt;
  const tape_ref at = ref(doc_, index_);
  if (at.is_int64()) return at.next_tape_value<std::int64_t>();
  if (!at.is_double()) return std::nullopt;  // simdjson's UINT64 is only for what int64 cannot hold
  if (type() == Type::integer) return std::nullopt;  // written whole, but beyond 64 bits
  const auto number = at.next_tape_value<double>();
  // -2^63 and 2^63 are exact as doubles; 2^63 itself does not fit.
  if (!(number >= -0x1p63 && number < 0x1p63)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(number);
  if (static_cast<double>(whole) != number) return std::nullopt;
  return whole;
}

std::optional<double> Value::as_double() const {
  if (!doc_) return std::nullopt;
  const tape_ref at = ref(doc_, index_);
  if (at.is_double()) {
    const auto number = at.next_tape_value<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  if (at.is_int64()) return static_cast<double>(at.next_tape_value<std::int64_t>());
  if (at.is_uint64()) return static_cast<double>(at.next_tape_value<std::uint64_t>());
  return std::nullopt;
}

std::optional<bool> Value::as_bool() const {
  if (type() != Type::boolean) return std::nullopt;
  return ref(doc_, index_).is_true();
}

Array Value::array() const {
  Array range;
  if (!is_at(doc_, index_, tape_type::START_ARRAY)) return range;
  range.begin_.doc_ = range.end_.doc_ = doc_;
  range.begin_.at_ = index_ + 1;
  range.end_.at_ = ref(doc_, index_).after_element() - 1;
  return range;
}

Object Value::object() const {
  Object range;
  if (!is_at(doc_, index_, tape_type::START_OBJECT)) return range;
  range.begin_.doc_ = range.end_.doc_ = doc_;
  range.begin_.at_ = index_ + 1;
  range.end_.at_ = ref(doc_, index_).after_element() - 1;
  return range;
}

std::size_t Value::size() const {
  const Type t = type();
  if (t != Type::array && t != Type::object) return 0;
  // The tape's count has 24 bits and saturates.
  const std::size_t count = ref(doc_, index_).scope_count();
  if (count < simdjson::internal::JSON_COUNT_MASK) return count;
  std::size_t n = 0;
  if (t == Type::array) {
    for ([[maybe_unused]] const Value element : array())
      ++n;
  } else {
    for ([[maybe_unused]] const Member& member : object())
      ++n;
  }
  return n;
}

std::string Value::to_json() const {
  std::string out;
  append_to(out);
  return out;
}

void Value::append_to(std::string& out) const {
  if (doc_) TextOf(parsed(doc_), index_, out).value(index_);
}

Value Array::iterator::operator*() const {
  return {doc_, at_};
}

Array::iterator& Array::iterator::operator++() {
  at_ = ref(doc_, at_).after_element();
  return *this;
}

Member Object::iterator::operator*() const {
  return {ref(doc_, at_).get_string_view(), Value(doc_, at_ + 1)};
}

Object::iterator& Object::iterator::operator++() {
  at_ = ref(doc_, at_ + 1).after_element();
  return *this;
}

}  // namespace base::json
