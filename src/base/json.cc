#include "base/json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "base/check.h"

// A Value is simdjson's own tape_ref: the document and an index on its tape. (tape.md of simdjson
// describes the tape: one 64-bit word an entry, numbers two, an opening bracket knows where its
// closing one is.) We walk it without dom::element's error pairs.
namespace base::json {
namespace {

using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

constexpr std::size_t kSmallest = 256;  // bytes of text that the smallest buffers are for

tape_ref ref(const void* doc, std::size_t index) {
  return {static_cast<const document*>(doc), index};
}

Type type_of(const tape_ref& at) {
  switch (at.tape_ref_type()) {
    case tape_type::START_ARRAY:
      return Type::array;
    case tape_type::START_OBJECT:
      return Type::object;
    case tape_type::STRING:
      return Type::string;
    case tape_type::INT64:
    case tape_type::UINT64:
      return Type::integer;
    case tape_type::DOUBLE:
      return Type::number;
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE:
      return Type::boolean;
    case tape_type::NULL_VALUE:
      return Type::null;
    case tape_type::ROOT:
    case tape_type::END_ARRAY:
    case tape_type::END_OBJECT:
      break;
  }
  return Type::absent;
}

// What only parsing needs: simdjson's parser and a copy of the text with the padding that it reads
// beyond the end.
struct Scratch {
  std::unique_ptr<simdjson::dom::parser> parser;
  std::unique_ptr<char[]> text;
  std::size_t capacity = 0;

  // Makes room for `size` bytes of text.
  simdjson::error_code reserve(std::size_t size) {
    if (size <= capacity) return simdjson::SUCCESS;
    release();
    parser = std::make_unique<simdjson::dom::parser>();
    text.reset(new char[size + simdjson::SIMDJSON_PADDING]);
    const auto error = parser->allocate(size, kMaxDepth);
    if (error == simdjson::SUCCESS) capacity = size;
    return error;
  }
  void release() {
    parser.reset();
    text.reset();
    capacity = 0;
  }
};

Scratch& scratch() {
  static Scratch one;
  return one;
}

// Powers of two up to kKeepBytes, so that growing texts seldom allocate; the exact size beyond.
std::size_t rounded(std::size_t size) {
  return size > kKeepBytes ? size : std::bit_ceil(std::max(size, kSmallest));
}

Error parse_error(simdjson::error_code code) {
  const auto invalid = [](const char* what) {
    return Error(Errc::invalid_argument, std::string("not valid JSON: ") + what);
  };
  switch (code) {
    case simdjson::CAPACITY:
      return Error(Errc::too_large, "JSON text too large");
    case simdjson::MEMALLOC:
      return Error(Errc::too_large, "no memory for a JSON text");
    case simdjson::DEPTH_ERROR:
      return invalid("nested deeper than 128 levels");
    case simdjson::UTF8_ERROR:
      return invalid("a byte sequence that is not UTF-8");
    case simdjson::EMPTY:
      return invalid("nothing there");
    case simdjson::STRING_ERROR:
      return invalid("a bad escape in a string");
    case simdjson::UNCLOSED_STRING:
      return invalid("a string without its closing quote");
    case simdjson::UNESCAPED_CHARS:
      return invalid("a control character in a string");
    case simdjson::NUMBER_ERROR:
      return invalid("a bad number, or one beyond 64 bits");
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return invalid("a bare word other than true, false or null");
    default:
      return invalid("a bracket, comma, colon or value is missing or out of place");
  }
}

template <class T>
void append_integer(std::string& out, T value) {
  std::array<char, 32> text;
  const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), value);
  CHECK(ec == std::errc());
  out.append(text.data(), end);
}

void append_number(std::string& out, double value) {
  const std::size_t before = out.size();
  append_double(out, value);
  // A number that came as 2.0 goes as 2.0: some readers tell whole numbers from others by their
  // looks.
  if (out.find_first_of(".e", before) == std::string::npos) out += ".0";
}

void append_scalar(std::string& out, const tape_ref& at) {
  switch (at.tape_ref_type()) {
    case tape_type::STRING:
      append_string(out, at.get_string_view());
      return;
    case tape_type::INT64:
      append_integer(out, at.next_tape_value<std::int64_t>());
      return;
    case tape_type::UINT64:
      append_integer(out, at.next_tape_value<std::uint64_t>());
      return;
    case tape_type::DOUBLE:
      append_number(out, at.next_tape_value<double>());
      return;
    case tape_type::TRUE_VALUE:
      out += "true";
      return;
    case tape_type::FALSE_VALUE:
      out += "false";
      return;
    default:
      out += "null";
      return;
  }
}

}  // namespace

struct Document::Impl {
  document doc;
  bool parsed = false;
};

Document::Document() = default;
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Value> Document::parse(std::string_view text) {
  if (!impl_) impl_ = std::make_unique<Impl>();
  impl_->parsed = false;
  // simdjson 3.0 takes the mark for a misplaced character, later ones skip it: RFC 8259 8.1 lets us
  // refuse it.
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Error(Errc::invalid_argument, "not valid JSON: begins with a byte order mark");
  }
  if (text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES) return parse_error(simdjson::CAPACITY);
  document& doc = impl_->doc;
  const std::size_t room = rounded(text.size());
  const bool give_back = doc.capacity() > kKeepBytes && room <= kKeepBytes;
  if (doc.capacity() < room || give_back) {
    if (const auto error = doc.allocate(room)) return parse_error(error);
  }
  Scratch& work = scratch();
  if (const auto error = work.reserve(room)) return parse_error(error);
  std::copy(text.begin(), text.end(), work.text.get());
  std::memset(work.text.get() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  const auto error =
      work.parser->parse_into_document(doc, work.text.get(), text.size(), false).error();
  if (work.capacity > kKeepBytes) work.release();
  if (error) return parse_error(error);
  impl_->parsed = true;
  return root();
}

Value Document::root() const {
  // Word 0 of the tape is the root's own; the value follows.
  return impl_ && impl_->parsed ? Value(&impl_->doc, 1) : Value();
}

void Document::release() {
  impl_.reset();
}

Type Value::type() const {
  return doc_ ? type_of(ref(doc_, index_)) : Type::absent;
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

Value Value::operator[](std::string_view key) const {
  if (type() != Type::object) return {};
  const std::size_t end = ref(doc_, index_).after_element() - 1;
  for (std::size_t at = index_ + 1; at < end; at = ref(doc_, at + 1).after_element()) {
    if (ref(doc_, at).get_string_view() == key) return {doc_, at + 1};
  }
  return {};
}

Value Value::at(std::size_t index) const {
  for (const Value element : array()) {
    if (index-- == 0) return element;
  }
  return {};
}

std::string_view Value::str(std::string_view fallback) const {
  return type() == Type::string ? ref(doc_, index_).get_string_view() : fallback;
}

std::optional<std::int64_t> Value::as_int() const {
  if (!doc_) return std::nullopt;
  const tape_ref at = ref(doc_, index_);
  if (at.is_int64()) return at.next_tape_value<std::int64_t>();
  if (!at.is_double()) return std::nullopt;  // simdjson's UINT64 is only for what int64 cannot hold
  const auto number = at.next_tape_value<double>();
  // -2^63 and 2^63 are exact as doubles; the upper one does not fit.
  if (!(number >= -0x1p63 && number < 0x1p63)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(number);
  if (static_cast<double>(whole) != number) return std::nullopt;
  return whole;
}

std::optional<double> Value::as_double() const {
  if (!doc_) return std::nullopt;
  const tape_ref at = ref(doc_, index_);
  if (at.is_double()) return at.next_tape_value<double>();
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
  if (type() != Type::array) return range;
  range.begin_.doc_ = range.end_.doc_ = doc_;
  range.begin_.at_ = index_ + 1;
  range.end_.at_ = ref(doc_, index_).after_element() - 1;
  return range;
}

Object Value::object() const {
  Object range;
  if (type() != Type::object) return range;
  range.begin_.doc_ = range.end_.doc_ = doc_;
  range.begin_.at_ = index_ + 1;
  range.end_.at_ = ref(doc_, index_).after_element() - 1;
  return range;
}

std::size_t Value::size() const {
  const Type t = type();
  if (t != Type::array && t != Type::object) return 0;
  // The tape's count has 24 bits and stays at its greatest.
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
  if (!doc_) return;
  const Type t = type();
  if (t == Type::array) {
    char before = '[';
    for (const Value element : array()) {
      out += before;
      element.append_to(out);
      before = ',';
    }
    out += before == '[' ? "[]" : "]";
  } else if (t == Type::object) {
    char before = '{';
    for (const Member& member : object()) {
      out += before;
      append_string(out, member.key);
      out += ':';
      member.value.append_to(out);
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
  } else {
    append_scalar(out, ref(doc_, index_));
  }
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
