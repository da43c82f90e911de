// Anchors: finds, in one fast pass, the places of a text where a secret may begin or be named.
// Most texts have none or few, and each is looked at more closely by its finder (text.cc).
//
// An anchor is three characters and a set of characters of which one follows. The pass looks at
// every second position only: one of an anchor's two groups of three characters begins at an even
// one. A filter of 131,072 bits holds all groups, some 3,000; what passes it is compared. In a filter
// of a quarter of that each second block of a text passes for nothing, which doubles the time.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace redact {

// Which finder looks at a place.
enum class Hint : unsigned char {
  pair,        // a word of a name that holds a secret (pairs.h)
  object,      // a member that only an object's structure explains (object.h)
  token,       // the beginning, or a part, of a token of known shape (tokens.h)
  dotted,      // the second part of a JWT
  pem,         // BEGIN or END of a PEM block
  encoded,     // base64 of a text that may hold a secret
  run,         // within a long run of letters and digits, which may be base64
  credential,  // "Bearer ", "Basic "
  hash,        // behind it, a hash of a password as crypt(3) writes it
  url,         // "://" with the character before it
  dsn,         // "@tcp("
  phrase,      // words behind which a secret stands (phrases.h)
};

class Anchors {
 public:
  static const Anchors& all();

  // One text for each anchor, so that a test tries them all.
  std::vector<std::string> words() const;

  // What each() looks at together. From a multiple of it on it finds what it finds from the beginning: which
  // short runs are seen depends on where it begins.
  static constexpr std::size_t kBlockBytes = 32;
  // fn(position, hint) for each anchor in `text`, from `from` on; stops when fn returns false.
  template <class Fn>
  void each(std::string_view text, Fn fn, std::size_t from = 0) const {
    while (from < text.size()) {
      const Block block = next(text, from);
      std::uint32_t runs = block.runs;
      const auto try_runs = [&](std::size_t before) {
        for (; runs != 0; runs &= runs - 1) {
          const std::size_t at = block.begin + kRunStep * std::size_t(std::countr_zero(runs));
          if (at >= before) return true;
          if (is_run(text, at) && !fn(at, Hint::run)) return false;
        }
        return true;
      };
      for (std::uint32_t hits = block.hits; hits != 0; hits &= hits - 1) {
        const std::size_t at = block.begin + kStep * std::size_t(std::countr_zero(hits));
        if (!try_runs(at > 0 ? at : 1)) return;
        if (at > 0 && !try_at(text, at - 1, fn)) return;
        if (!try_at(text, at, fn)) return;
      }
      if (!try_runs(block.end)) return;
      from = block.end;
    }
  }

 private:
  static constexpr std::size_t kBytes = 4, kStep = 2, kGroups = 16;
  // kRunBytes of each kRunStep characters are looked at: a run of kRunStep + kRunBytes - 1 is seen.
  static constexpr std::size_t kRunStep = 16, kRunBytes = 8;
  static_assert(kStep * kGroups == kBlockBytes);
  static constexpr std::size_t kFilterBits = 17, kBucketBits = 9;

  struct Anchor {
    std::array<char, 3> front;
    Hint hint;
    std::uint16_t next;                    // in its bucket; 0: none
    std::array<std::uint64_t, 4> follows;  // a bit for each character
    bool fits(const char* at) const {
      const auto byte = static_cast<unsigned char>(at[3]);
      return std::memcmp(at, front.data(), 3) == 0 && (follows[byte / 64] >> (byte % 64) & 1) != 0;
    }
  };

  // Groups that pass the filter: a bit for each position begin, begin + kStep, … Where runs may be: a
  // bit for each position begin, begin + kRunStep, …
  struct Block {
    std::size_t begin, end;
    std::uint32_t hits, runs;
  };

  Anchors();
  void add(std::string_view front, std::string_view follows, Hint hint);
  void add_words(std::string_view words, Hint hint);
  void add_in_any_case(std::string_view words, std::string_view follows, Hint hint);
  void add_in_mixed_case(std::string_view words, Hint hint);
  void set(const char* group);

  // The three characters at `begin`, of which mixed() makes one number. Requires: there are three.
  static std::uint32_t word_at(std::string_view text, std::size_t begin) {
    std::uint32_t word = 0;
    std::memcpy(&word, text.data() + begin, 3);
    return word;
  }
  // A hash of the first three of four characters: the fourth is shifted out.
  static std::uint32_t mixed(std::uint32_t word) {
    static_assert(std::endian::native == std::endian::little);
    return word * (0x9E3779B1U << 8);
  }
  static std::uint32_t bucket(std::uint32_t word) { return mixed(word) >> (32 - kBucketBits); }
  // 1: it may be a group of an anchor.
  std::uint32_t passes(std::uint32_t word) const {
    const std::uint32_t bit = mixed(word) >> (32 - kFilterBits);
    return static_cast<std::uint32_t>(filter_[bit / 64] >> (bit % 64)) & 1U;
  }
  // May the kRunBytes at `data` be letters and digits, some of them large? 1: yes.
  static std::uint32_t passes_run(const char* data) {
    constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x80 * kEach;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, data, sizeof bytes);
    // A byte below '0', or above 127, sets its highest bit; a large letter has 64 and not 32.
    const std::uint64_t others = ((bytes - kEach * '0') | bytes) & kHigh;
    const std::uint64_t large = bytes & ~(bytes << 1) & (0x40 * kEach);
    return static_cast<std::uint32_t>(others == 0) & static_cast<std::uint32_t>(large != 0);
  }
  static bool is_run(std::string_view text, std::size_t begin);
  // The first block from `at` on that has hits, or the end of the text.
  Block next(std::string_view text, std::size_t at) const;
  template <class Fn>
  bool try_at(std::string_view text, std::size_t begin, Fn& fn) const {
    if (begin + kBytes > text.size()) return true;
    for (std::uint16_t i = first_[bucket(word_at(text, begin))]; i != 0; i = list_[i].next) {
      if (list_[i].fits(text.data() + begin) && !fn(begin, list_[i].hint)) return false;
    }
    return true;
  }

  std::array<std::uint64_t, (1U << kFilterBits) / 64> filter_{};
  std::array<std::uint16_t, 1U << kBucketBits> first_{};
  std::vector<Anchor> list_;  // without the first, which stands for none
};

}  // namespace redact
