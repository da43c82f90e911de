#include "base/json.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "base/json_numbers.h"
#include "base/json_tape.h"
#include "base/wipe.h"

// Reads a text into simdjson's tape and, beside it, the numbers that its words cannot hold.
namespace base::json {
namespace {

constexpr std::size_t kSmallest = 256;  // capacity of the smallest buffers, in bytes of text

// Calls fn(index) for each double on the tape, in order of the text.
template <class Fn>
void each_double(document& doc, Fn fn) {
  // Word 0 is the root: it holds where the tape ends.
  const std::size_t end = tape_ref(&doc, 0).matching_brace_index();
  for (std::size_t at = 1; at < end; ++at) {
    switch (tape_ref(&doc, at).tape_ref_type()) {
      case tape_type::DOUBLE:
        fn(at);
        [[fallthrough]];
      case tape_type::INT64:
      case tape_type::UINT64:
        ++at;
        break;
      default:
        break;
    }
  }
}

// Needed only while parsing: simdjson's parser and a copy of the text with the padding that
// simdjson reads beyond its end.
struct Scratch {
  std::unique_ptr<simdjson::dom::parser> parser;
  std::unique_ptr<char[]> text;
  std::size_t capacity = 0;

  // Makes room for `size` bytes of text.
  simdjson::error_code reserve(std::size_t size) {
    if (size <= capacity) return simdjson::SUCCESS;
    release();
    parser = std::make_unique<simdjson::dom::parser>();
    text.reset(new (std::nothrow) char[size + simdjson::SIMDJSON_PADDING]);
    if (!text) return simdjson::MEMALLOC;
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

// Powers of two up to kKeepBytes, so that growing texts rarely reallocate; the exact size beyond.
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
      return invalid("a bad number");
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return invalid("a bare word other than true, false or null");
    default:
      return invalid("a bracket, comma, colon or value is missing or out of place");
  }
}

}  // namespace

struct Document::Impl : Parsed {
  simdjson::error_code read(std::string_view text);
  bool note(std::string_view text, bool is_tamed);
  bool parsed = false;
};

// Most texts have no decimals and cost only one pass over the tape.
simdjson::error_code Document::Impl::read(std::string_view text) {
  Scratch& work = scratch();
  numbers.clear();
  number_text.clear();
  some_are_whole = false;
  if (numbers.capacity() * sizeof(Number) > kKeepBytes) numbers.shrink_to_fit();
  if (number_text.capacity() > kKeepBytes) number_text.shrink_to_fit();
  const auto parse = [&] {
    return work.parser->parse_into_document(doc, work.text.get(), text.size(), false).error();
  };
  auto error = parse();
  if (error != simdjson::SUCCESS && error != simdjson::NUMBER_ERROR) return error;
  bool decimals = error == simdjson::NUMBER_ERROR;
  if (!decimals) each_double(doc, [&](std::size_t) { decimals = true; });
  if (!decimals) return error;
  const bool is_tamed = error == simdjson::NUMBER_ERROR;
  if (is_tamed) {
    tame(work.text.get(), text);
    error = parse();
    if (error != simdjson::SUCCESS) return error;
  }
  return note(text, is_tamed) ? simdjson::SUCCESS : simdjson::NUMBER_ERROR;
}

// False: the doubles on the tape do not match the numbers found in the text. `is_tamed`: nor do their
// values.
bool Document::Impl::note(std::string_view text, bool is_tamed) {
  std::size_t doubles = 0;
  each_double(doc, [&](std::size_t) { ++doubles; });
  numbers.reserve(doubles);
  WrittenNumbers written(text);
  WrittenNumber number;
  bool match = true;
  each_double(doc, [&](std::size_t index) {
    match = match && written.next(number);
    if (!match) return;
    if (is_tamed) {
      const double value = nearest_double(number.text);
      std::memcpy(&doc.tape[index + 1], &value, sizeof value);
    }
    numbers.push_back({index, number_text.size(), number.text.size(), number.whole});
    number_text.append(number.text);
    some_are_whole = some_are_whole || number.whole;
  });
  return match && !written.next(number);
}

Document::Document() = default;
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Value> Document::parse(std::string_view text) {
  if (!impl_) impl_ = std::make_unique<Impl>();
  impl_->parsed = false;
  // simdjson 3.0 reports the mark as a misplaced character, later versions skip it: RFC 8259 8.1
  // allows us to refuse it.
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
  const auto error = impl_->read(text);
  // The text may hold a token or a Secret's data, which no later one need overwrite (wipe.h).
  if (text.size() <= kWipedBytes) wipe(work.text.get(), text.size());
  if (work.capacity > kKeepBytes) work.release();
  if (error) return parse_error(error);
  impl_->parsed = true;
  return root();
}

Value Document::root() const {
  // Word 0 of the tape is the root; the value follows.
  return impl_ && impl_->parsed ? Value(static_cast<const Parsed*>(impl_.get()), 1) : Value();
}

void Document::release() {
  impl_.reset();
}

}  // namespace base::json
