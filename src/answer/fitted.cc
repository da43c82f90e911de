#include "answer/fitted.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "base/utf8.h"

namespace answer {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

constexpr std::string_view kMore = "(more)", kCut = "… (", kCutBytes = " bytes more)";

// The lengths that are tried, the longest first: of texts in bytes, of lists and maps in members.
struct Lengths {
  std::size_t text, members;
};
constexpr std::size_t kAll = ~std::size_t{0};
constexpr Lengths kLengths[] = {{kAll, kAll}, {131072, kAll}, {32768, kAll}, {8192, kAll},
                                {2048, 1000}, {512, 200},     {256, 100},    {128, 50},
                                {64, 20},     {32, 10},       {16, 5}};

// How many members an object or a list had before it was cut: the last one says how many are left out.
std::size_t given_of(Value value) {
  const std::size_t size = value.size();
  std::string_view last;
  if (value.is(Type::object)) {
    last = value[kMore].str();
  } else {
    for (const Value each : value.array())
      last = each.str();
    if (!last.starts_with('(') || !last.ends_with(" more)")) return size;
    last = last.substr(1, last.size() - 2);
  }
  if (!last.ends_with(" more")) return size;
  const auto left = base::parse_int(last.substr(0, last.size() - 5));
  return left && *left > 0 ? size - 1 + static_cast<std::size_t>(*left) : size;
}

// How many bytes a text lacks that was cut before; it is left without the words that say so.
std::size_t lacks_of(std::string_view& text) {
  const std::size_t at = text.ends_with(kCutBytes) ? text.rfind(kCut) : std::string_view::npos;
  if (at == std::string_view::npos) return 0;
  std::string_view number = text.substr(at + kCut.size());
  number.remove_suffix(kCutBytes.size());
  const auto lacks = base::parse_int(number);
  if (!lacks || *lacks < 0) return 0;
  text = text.substr(0, at);
  return static_cast<std::size_t>(*lacks);
}

// Writes until `max` bytes are written: what is larger need not be written to its end.
class Cutter {
 public:
  Cutter(Lengths lengths, std::size_t max, std::string& out)
      : lengths_(lengths), max_(max), out_(out), w_(out) {}
  // From this size on every list and map ends, with a word of how much it has more.
  Cutter& end_at(std::size_t size) {
    end_ = size;
    return *this;
  }

  // False: it is larger.
  bool object(Value object) {
    w_.begin_object();
    for (const auto& [key, value] : object.object()) {
      if (key == "metadata") {
        if (!metadata(value)) return false;
      } else if (w_.key(key); !write(value)) {
        return false;
      }
    }
    w_.end_object();
    return out_.size() <= max_;
  }

  // `most`: for the first members, whatever the others need; the first one is always given.
  bool answer(Value object, std::size_t most) {
    is_answer_ = true;
    w_.begin_object();
    std::size_t given = 0;
    for (const auto& [key, value] : object.object()) {
      const std::size_t before = out_.size();
      w_.key(key);
      if (!write(value)) return false;
      if (given++ == 0 || out_.size() < most) continue;
      out_.resize(before);
      break;
    }
    w_.end_object();
    return out_.size() <= max_;
  }

  bool parts(const std::vector<Part>& parts) {
    w_.begin_object();
    std::size_t count = 0;
    for (const Part& part : parts) {
      if (is_full(part.name)) {
        more_members(parts.size() - count);
        break;
      }
      ++count;
      w_.key(part.name);
      if (!write(part.value)) return false;
    }
    w_.end_object();
    return out_.size() <= max_;
  }

 private:
  bool metadata(Value metadata) {
    w_.key("metadata").begin_object();
    for (const auto& [key, value] : metadata.object()) {
      if (key == "managedFields") continue;
      if (key != "annotations") {
        w_.key(key);
        if (!write(value)) return false;
        continue;
      }
      if (value.size() == (value[kLastApplied] ? 1U : 0U)) continue;
      w_.key(key).begin_object();
      if (!members(value, kLastApplied)) return false;
      w_.end_object();
    }
    w_.end_object();
    return true;
  }

  bool members(Value object, std::string_view without = {}) {
    std::size_t count = 0;
    for (const auto& [key, value] : object.object()) {
      if (!without.empty() && key == without) continue;
      if (count == lengths_.members || is_full(key)) {
        more_members(given_of(object) - count - (!without.empty() && object[without] ? 1 : 0));
        break;
      }
      ++count;
      w_.key(key);
      if (!write(value)) return false;
    }
    return true;
  }

  bool is_full(std::string_view name) const { return out_.size() + name.size() >= end_; }
  void more_members(std::size_t count) { w_.field(kMore, std::to_string(count) + " more"); }

  bool write(Value value) {
    if (out_.size() > max_) return false;
    if (value.is(Type::object)) {
      w_.begin_object();
      if (!members(value)) return false;
      w_.end_object();
    } else if (value.is(Type::array)) {
      w_.begin_array();
      std::size_t count = 0;
      for (const Value each : value.array()) {
        if (count == lengths_.members || is_full({})) {
          if (is_answer_ && each.is(Type::object)) break;
          w_.string("(" + std::to_string(given_of(value) - count) + " more)");
          break;
        }
        ++count;
        if (!write(each)) return false;
      }
      w_.end_array();
    } else if (value.is(Type::string)) {
      if (lengths_.text == kAll && value.str().size() > max_) return false;
      text(value.str());
    } else {
      w_.raw(value.to_json());
    }
    return out_.size() <= max_;
  }

  void text(std::string_view text) {
    // The words that replace the rest take some bytes, too.
    constexpr std::size_t kWords = 32;
    if (lengths_.text == kAll || text.size() <= lengths_.text + kWords)
      return (void)w_.string(text);
    const std::size_t lacks = lacks_of(text);
    std::size_t end = 0;
    for (std::size_t next;
         end < text.size() && (next = end + base::utf8_step(text, end).length) <= lengths_.text;)
      end = next;
    w_.string(std::string(text.substr(0, end)) + std::string(kCut) +
              std::to_string(text.size() - end + lacks) + std::string(kCutBytes));
  }

  const Lengths lengths_;
  const std::size_t max_;
  std::size_t end_ = kAll;
  bool is_answer_ = false;
  std::string& out_;
  Writer w_;
};

std::string words(const Lengths& lengths) {
  std::string out = "texts are cut at " + std::to_string(lengths.text) + " bytes";
  if (lengths.members != kAll)
    out += ", lists and maps at " + std::to_string(lengths.members) + " entries";
  return out;
}

// The largest text, list and map in it.
void find_largest(Value value, Lengths& largest) {
  if (value.is(Type::string)) {
    largest.text = std::max(largest.text, value.str().size());
  } else if (value.is(Type::array)) {
    largest.members = std::max(largest.members, value.size());
    for (const Value each : value.array())
      find_largest(each, largest);
  } else if (value.is(Type::object)) {
    largest.members = std::max(largest.members, value.size());
    for (const auto& [key, each] : value.object())
      find_largest(each, largest);
  }
}

// After the first try, lengths that cut nothing are left out: each try writes up to `max_bytes`.
template <class Measure, class Write>
Fitted fitted(std::size_t max_bytes, Measure measure, Write write) {
  Fitted out;
  Lengths largest{};
  for (const Lengths& lengths : kLengths) {
    const bool last = &lengths == &kLengths[std::size(kLengths) - 1];
    const bool cuts = lengths.text < largest.text || lengths.members < largest.members;
    if (lengths.text != kAll && !last && (lengths.text >= max_bytes || !cuts)) continue;
    out.json.clear();
    const bool whole = write(Cutter(lengths, last ? kAll : max_bytes, out.json), last);
    if (lengths.text != kAll) out.cut = words(lengths);
    if (whole) break;
    if (lengths.text == kAll) measure(largest);
  }
  return out;
}

}  // namespace

Fitted fitted_json(Value object, std::size_t max_bytes) {
  return fitted(
      max_bytes, [&](Lengths& largest) { find_largest(object, largest); },
      [&](Cutter cutter, bool last) {
        return cutter.end_at(last ? max_bytes : kAll).object(object);
      });
}

Fitted fitted_answer(Value object, std::size_t max_bytes) {
  return fitted(
      max_bytes, [&](Lengths& largest) { find_largest(object, largest); },
      [&](Cutter cutter, bool last) { return cutter.answer(object, last ? max_bytes : kAll); });
}

Fitted fitted_texts(Value object, std::size_t max_bytes, std::size_t least) {
  Fitted out;
  for (std::size_t text = kAll; text >= least; text = text == kAll ? 2048 : text / 8) {
    out.json.clear();
    Cutter({text, kAll}, kAll, out.json).object(object);
    if (text != kAll) out.cut = words({text, kAll});
    if (out.json.size() <= max_bytes) break;
  }
  return out;
}

Fitted fitted_parts(const std::vector<Part>& parts, std::size_t max_bytes) {
  return fitted(
      max_bytes,
      [&](Lengths& largest) {
        for (const Part& part : parts)
          find_largest(part.value, largest);
      },
      [&](Cutter cutter, bool last) {
        return cutter.end_at(last ? max_bytes : kAll).parts(parts);
      });
}

}  // namespace answer
