#include "kube/watch/log_lines.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "base/utf8.h"

namespace kube::watch {
namespace {

// FNV-1a, which does not depend on how the bytes are chunked.
constexpr std::uint64_t kHashStart = 14695981039346656037U, kHashPrime = 1099511628211U;
// Larger buffers are freed after use, because such lines are rare.
constexpr std::size_t kKeepCapacity = std::size_t{16} * 1024;

std::uint64_t hash_on(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes)
    hash = (hash ^ static_cast<unsigned char>(c)) * kHashPrime;
  return hash;
}

// The largest size that does not split a character.
std::size_t character_boundary(std::string_view text, std::size_t at) {
  for (int back = 0; back < 3 && at > 0; ++back) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) break;
    --at;
  }
  return at;
}

void give_back(std::string& s) {
  if (s.capacity() > kKeepCapacity) std::string().swap(s);
}

}  // namespace

void LineAssembler::reset() {
  std::string().swap(partial_);
  started_ = cut_ = false;
}

void LineAssembler::keep(std::string_view bytes) {
  if (!started_) hash_ = kHashStart;
  started_ = true;
  hash_ = hash_on(hash_, bytes);
  const std::size_t room = cap_ + kStampBytes - partial_.size();
  if (bytes.size() > room) cut_ = true;
  partial_.append(bytes.substr(0, room));
}

bool LineAssembler::next(std::string_view& bytes, RawLine& line) {
  if (bytes.empty()) return false;
  const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
  const std::size_t size = end ? static_cast<std::size_t>(end - bytes.data()) : bytes.size();
  const std::string_view piece = bytes.substr(0, size);
  bytes.remove_prefix(end ? size + 1 : size);
  if (!end) {
    keep(piece);
    return false;
  }
  if (!started_) {
    hash_ = hash_on(kHashStart, piece);
    line = make(piece, true);
    return true;
  }
  keep(piece);
  whole_.swap(partial_);
  line = make(whole_, true);
  partial_.clear();
  give_back(partial_);
  started_ = cut_ = false;
  return true;
}

// Whether it is the beginning of a timestamp: the connection was cut inside it, before the line's
// text.
static bool is_cut_stamp(std::string_view text) {
  return text.size() <= kStampBytes &&
         text.find_first_not_of("0123456789-:.TZ+") == std::string_view::npos;
}

bool LineAssembler::rest(RawLine& line) {
  if (!started_) return false;
  whole_.swap(partial_);
  const bool cut = is_cut_stamp(whole_);
  line = make(whole_, false);
  reset();
  return !cut;
}

RawLine LineAssembler::make(std::string_view bytes, bool ended) {
  RawLine line;
  line.hash = hash_;
  const std::size_t space = bytes.substr(0, kStampBytes + 1).find(' ');
  if (space != std::string_view::npos || bytes.size() <= kStampBytes) {
    line.time = base::parse_rfc3339(bytes.substr(0, space));
    if (line.time) bytes.remove_prefix(space == std::string_view::npos ? bytes.size() : space + 1);
  }
  line.truncated = cut_ || bytes.size() > cap_;
  if (bytes.size() > cap_) bytes = bytes.substr(0, character_boundary(bytes, cap_));
  if (ended && !line.truncated && bytes.ends_with('\r')) bytes.remove_suffix(1);
  if (!base::valid_utf8(bytes) || bytes.find('\0') != std::string_view::npos) {
    repaired_ = base::repair_utf8(bytes);
    for (std::size_t at = 0; (at = repaired_.find('\0', at)) != std::string::npos;)
      repaired_.replace(at, 1, base::kReplacement);
    bytes = repaired_;
  } else {
    give_back(repaired_);
  }
  line.text = bytes;
  return line;
}

}  // namespace kube::watch
