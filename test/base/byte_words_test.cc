// Eight bytes at once, against one at a time.
#include "base/byte_words.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace {

TEST(ByteWords, FindEachByteAtEachPlace) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text(8, 'x');
      text[at] = static_cast<char>(c);
      const std::uint64_t word = base::word_at(text.data());
      for (const char sought : {'"', '\\', '\n', '\x7f', '\0'})
        EXPECT_EQ(base::has_byte(word, sought), text.find(sought) != text.npos)
            << c << " at " << at;
      EXPECT_EQ(base::has_below(word, 0x20), c < 0x20) << c << " at " << at;
    }
  }
}

TEST(ByteWords, CountWhatOneAtATimeDoes) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += static_cast<char>(i * 37);
  const auto is = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  const auto maybe = [](std::uint64_t word) { return (word & base::kByteHighs) != 0; };
  for (std::size_t from = 0; from <= text.size(); ++from) {
    const std::string part = text.substr(from);
    EXPECT_EQ(base::count_bytes(part, maybe, is),
              static_cast<std::size_t>(std::count_if(part.begin(), part.end(), is)));
  }
}

}  // namespace
