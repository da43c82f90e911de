#include "kube/list_decoder.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace kube {

using base::Errc;
using base::Error;

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Whether the text before an opening bracket ends with `"KEY" :`. `key`: with its quotes.
bool ends_with(std::string_view text, std::string_view key) {
  const auto trim = [&] {
    while (!text.empty() && is_space(text.back()))
      text.remove_suffix(1);
  };
  trim();
  if (!text.ends_with(':')) return false;
  text.remove_suffix(1);
  trim();
  if (!text.ends_with(key)) return false;
  text.remove_suffix(key.size());
  return !text.ends_with('\\');
}

}  // namespace

void ListDecoder::reset() {
  where_ = Where::outside;
  std::string().swap(rest_);
  std::string().swap(pending_);
  doc_.release();
  item_size_ = items_ = 0;
  walk_.reset();
  started_ = table_ = bare_string_ = bare_escaped_ = false;
}

base::Result<ListDecoder::Fed> ListDecoder::feed(std::string_view& bytes, ListSink& sink) {
  std::string_view portion = bytes.substr(0, kPortionBytes);
  const std::size_t size = portion.size();
  items_ = 0;
  while (!portion.empty() && items_ < kPortionItems) {
    base::Result<void> done;
    if (where_ == Where::outside) {
      done = outside(portion);
    } else if (where_ == Where::between) {
      done = between(portion);
    } else if (!item(portion, sink)) {
      return Fed::given_up;
    }
    if (!done) return std::move(done).error();
  }
  bytes.remove_prefix(size - portion.size());
  return bytes.empty() ? Fed::all : Fed::portion;
}

base::Result<void> ListDecoder::outside(std::string_view& bytes) {
  if (!started_ || walk_.depth() == 0) {
    while (!bytes.empty() && is_space(bytes.front()))
      bytes.remove_prefix(1);
    if (bytes.empty()) return {};
    if (started_ || bytes.front() != '{') {
      return Error(Errc::protocol, "not valid JSON of a list: it goes on with '" +
                                       base::printable(bytes.substr(0, 40), 40) + "'");
    }
    started_ = true;
  }
  const std::size_t end =
      walk_.walk(bytes, [&](char c) { return c == '[' ? walk_.depth() == 2 : walk_.depth() == 0; });
  const std::string_view part = end ? bytes.substr(0, end) : bytes;
  if (rest_.size() + part.size() > kListRestBytes) {
    return Error(Errc::protocol, "the answer is not a list: it has more than " +
                                     std::to_string(kListRestBytes) + " bytes beside its items");
  }
  const bool opens = end && part.back() == '[';
  bool items = false;
  if (opens) {
    rest_.append(part.substr(0, part.size() - 1));
    table_ = table_ || ends_with(rest_, "\"rows\"");
    items = ends_with(rest_, table_ ? "\"rows\"" : "\"items\"");
    rest_.push_back('[');
  } else {
    rest_.append(part);
  }
  bytes.remove_prefix(part.size());
  if (items) where_ = Where::between;
  return {};
}

// Commas are not counted: an extra one is ignored.
base::Result<void> ListDecoder::between(std::string_view& bytes) {
  std::size_t blank = 0;
  while (blank < bytes.size() && (is_space(bytes[blank]) || bytes[blank] == ','))
    ++blank;
  bytes.remove_prefix(blank);
  if (bytes.empty()) return {};
  const char c = bytes.front();
  if (c == '}' || c == ':') {
    return Error(Errc::protocol, "not valid JSON of a list: a bracket is out of place");
  }
  if (c == ']') {
    walk_.walk(bytes.substr(0, 1), [](char) { return true; });
    rest_.push_back(']');
    bytes.remove_prefix(1);
    where_ = Where::outside;
    return {};
  }
  where_ = Where::item;
  item_size_ = 0;
  walk_.begin_count();
  return {};
}

void ListDecoder::keep(std::string_view bytes) {
  item_size_ += bytes.size();
  const std::size_t room = item_size_ > most() ? kLargeItemFront : most();
  if (pending_.size() > room) pending_.resize(room);
  pending_.append(bytes.substr(0, room - pending_.size()));
}

// The size of a bare word or a string, to the comma or bracket after it, or of all bytes.
std::size_t ListDecoder::bare_size(std::string_view bytes) {
  std::size_t end = 0;
  while (end < bytes.size() && (bare_string_ || (bytes[end] != ',' && bytes[end] != ']'))) {
    const char c = bytes[end++];
    if (bare_escaped_) {
      bare_escaped_ = false;
    } else if (bare_string_ && c == '\\') {
      bare_escaped_ = true;
    } else if (c == '"') {
      bare_string_ = !bare_string_;
    }
  }
  return end;
}

// Reads one element, or the part of it that is available. Returns false when the sink gave up.
bool ListDecoder::item(std::string_view& bytes, ListSink& sink) {
  const bool opens = bytes.front() == '{' || bytes.front() == '[';
  std::size_t end = 0;
  bool ended = false;
  if (walk_.depth() > 2 || (opens && !bare_string_)) {
    end = walk_.walk(bytes, [&](char) { return walk_.depth() == 2; });
    ended = end > 0;
  } else {
    end = bare_size(bytes);
    ended = end < bytes.size();
  }
  const std::string_view part = ended ? bytes.substr(0, end) : bytes;
  bytes.remove_prefix(part.size());
  if (!ended) {
    keep(part);
    return true;
  }
  where_ = Where::between;
  ++items_;
  if (pending_.empty() && part.size() <= most()) {
    item_size_ = part.size();
    return tell(part, sink);
  }
  keep(part);
  const std::string whole = std::exchange(pending_, {});  // the sink may reset() this
  return tell(whole, sink);
}

bool ListDecoder::tell(std::string_view text, ListSink& sink) {
  if (item_size_ > most()) {
    return sink.on_unreadable(
        text, "it has " + std::to_string(item_size_) + " bytes, over " + std::to_string(most()));
  }
  if (text.front() != '{') return sink.on_unreadable(text, "it is not an object");
  if (walk_.values() > kObjectValues) {
    return sink.on_unreadable(
        text, "it has more than " + std::to_string(kObjectValues) + " members and elements");
  }
  auto root = doc_.parse(text);
  item_text_ = text;
  return root ? sink.on_object(*root) : sink.on_unreadable(text, root.error().what());
}

}  // namespace kube
