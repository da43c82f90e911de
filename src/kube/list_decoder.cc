#include "kube/list_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace kube {

using base::Errc;
using base::Error;

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Whether the text before an opening bracket ends with `"items" :`.
bool ends_with_items(std::string_view text) {
  const auto trim = [&] {
    while (!text.empty() && is_space(text.back()))
      text.remove_suffix(1);
  };
  trim();
  if (!text.ends_with(':')) return false;
  text.remove_suffix(1);
  trim();
  constexpr std::string_view kKey = "\"items\"";
  if (!text.ends_with(kKey)) return false;
  text.remove_suffix(kKey.size());
  return !text.ends_with('\\');
}

}  // namespace

void ListDecoder::reset() {
  where_ = Where::outside;
  std::string().swap(rest_);
  std::string().swap(pending_);
  doc_.release();
  item_size_ = items_ = depth_ = 0;
  started_ = in_string_ = escaped_ = false;
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

// The number of bytes up to and including the bracket that closes down to `down_to`, or an opening
// bracket; 0 when there is neither. memchr skips strings, which are most of the bytes.
std::size_t ListDecoder::scan(std::string_view bytes, std::size_t down_to) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (escaped_) {
      escaped_ = false;
      ++i;
      continue;
    }
    if (in_string_) {
      const auto* quote =
          static_cast<const char*>(std::memchr(bytes.data() + i, '"', bytes.size() - i));
      const std::size_t stop =
          quote ? static_cast<std::size_t>(quote - bytes.data()) : bytes.size();
      const auto* slash = static_cast<const char*>(std::memchr(bytes.data() + i, '\\', stop - i));
      if (slash) {
        i = static_cast<std::size_t>(slash - bytes.data()) + 1;
        escaped_ = true;
      } else if (quote) {
        in_string_ = false;
        i = stop + 1;
      } else {
        return 0;
      }
      continue;
    }
    const char c = bytes[i++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
      if (where_ == Where::outside && c == '[' && depth_ == 2) return i;
    } else if (c == '}' || c == ']') {
      if (--depth_ == down_to) return i;
    }
  }
  return 0;
}

base::Result<void> ListDecoder::outside(std::string_view& bytes) {
  if (!started_ || depth_ == 0) {
    while (!bytes.empty() && is_space(bytes.front()))
      bytes.remove_prefix(1);
    if (bytes.empty()) return {};
    if (started_ || bytes.front() != '{') {
      return Error(Errc::protocol, "not valid JSON of a list: it goes on with '" +
                                       base::printable(bytes.substr(0, 40), 40) + "'");
    }
    started_ = true;
  }
  const std::size_t end = scan(bytes, 0);
  const std::string_view part = end ? bytes.substr(0, end) : bytes;
  if (rest_.size() + part.size() > kListRestBytes) {
    return Error(Errc::protocol, "the answer is not a list: it has more than " +
                                     std::to_string(kListRestBytes) + " bytes beside its items");
  }
  const bool opens = end && part.back() == '[';
  const bool items =
      opens && (rest_.append(part.substr(0, part.size() - 1)), ends_with_items(rest_));
  if (opens) {
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
    --depth_;
    rest_.push_back(']');
    bytes.remove_prefix(1);
    where_ = Where::outside;
    return {};
  }
  where_ = Where::item;
  item_size_ = 0;
  return {};
}

void ListDecoder::keep(std::string_view bytes) {
  item_size_ += bytes.size();
  const std::size_t room = item_size_ > max_item_ ? kLargeItemFront : max_item_;
  if (pending_.size() > room) pending_.resize(room);
  pending_.append(bytes.substr(0, room - pending_.size()));
}

// The size of a bare word or a string, to the comma or bracket after it, or of all bytes.
std::size_t ListDecoder::bare_size(std::string_view bytes) {
  std::size_t end = 0;
  while (end < bytes.size() && (in_string_ || (bytes[end] != ',' && bytes[end] != ']'))) {
    const char c = bytes[end++];
    if (escaped_) {
      escaped_ = false;
    } else if (in_string_ && c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = !in_string_;
    }
  }
  return end;
}

// Reads one element, or the part of it that is available. Returns false when the sink gave up.
bool ListDecoder::item(std::string_view& bytes, ListSink& sink) {
  const bool bracketed = depth_ > 2 || in_string_ || bytes.front() == '{' || bytes.front() == '[';
  std::size_t end = 0;
  bool ended = false;
  if (bracketed && !(in_string_ && depth_ == 2)) {
    end = scan(bytes, 2);
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
  if (pending_.empty() && part.size() <= max_item_) {
    item_size_ = part.size();
    return tell(part, sink);
  }
  keep(part);
  const std::string whole = std::exchange(pending_, {});  // the sink may reset() this
  return tell(whole, sink);
}

bool ListDecoder::tell(std::string_view text, ListSink& sink) {
  if (item_size_ > max_item_) {
    return sink.on_unreadable(text, "it has " + std::to_string(item_size_) + " bytes, over " +
                                        std::to_string(max_item_));
  }
  if (text.front() != '{') return sink.on_unreadable(text, "it is not an object");
  auto root = doc_.parse(text);
  return root ? sink.on_object(*root) : sink.on_unreadable(text, root.error().what());
}

}  // namespace kube
