// What keeps secrets and terminals safe: files that are read while serving, text for terminals,
// memory that is given back.
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sanitized.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/wipe.h"
#include "support/temp_dir.h"

namespace {

TEST(ReadRegularFile, RefusesWhatCouldBlockOrNeverEnd) {
  const test::TempDir dir;
  EXPECT_EQ(*base::read_regular_file(dir.write("file", "text"), 10), "text");
  EXPECT_EQ(base::read_regular_file(dir.path("file"), 3).error().code(), base::Errc::too_large);
  EXPECT_EQ(base::read_regular_file(dir.path("none"), 3).error().code(), base::Errc::not_found);
  ASSERT_EQ(::mkfifo(dir.path("pipe").c_str(), 0600), 0);
  for (const std::string& path : {dir.path("pipe"), dir.path(), std::string("/dev/zero")}) {
    const auto refused = base::read_regular_file(path, 10);
    ASSERT_FALSE(refused) << path;
    EXPECT_NE(refused.error().what().find("is no regular file"), std::string::npos);
  }
}

TEST(Visible, EscapesWhatMovesATerminalAndNothingElse) {
  EXPECT_EQ(base::visible("plain \xC3\xA4 \xF0\x9F\x98\x80"), "plain \xC3\xA4 \xF0\x9F\x98\x80");
  EXPECT_EQ(base::visible("a\x1b[2J\n\x7f"), "a\\u001b[2J\\u000a\\u007f");
  EXPECT_EQ(base::visible("\xC2\x9B\xC2\xA0"), "\\u009b\xC2\xA0");
  for (const char* bidi :
       {"\u061C", "\u200E", "\u200F", "\u202A", "\u202E", "\u2066", "\u2069", "\u2028", "\u2029"}) {
    EXPECT_EQ(base::visible(bidi).substr(0, 2), "\\u");
    EXPECT_EQ(base::printable(bidi, 10), "?");
  }
  EXPECT_EQ(base::visible("\u202E"), "\\u202e");
  EXPECT_EQ(base::visible("\u200D\u2027\u202F\u2065"), "\u200D\u2027\u202F\u2065");
  EXPECT_EQ(base::visible("\xff"), "\xEF\xBF\xBD");
}

// Bug: C1 and what reorders text went to the terminal as it was.
TEST(Visible, IsWhatTheLogWritesInBothForms) {
  for (const auto format : {base::log::Format::text, base::log::Format::json}) {
    std::string log;
    base::log::Config config;
    config.format = format;
    base::log::configure(config);
    base::log::capture(&log);
    LOG_INFO("said", {"name", std::string_view("a\xC2\x9B[2J\u202E\x7f\x1b")});
    base::log::capture(nullptr);
    base::log::configure({});
    EXPECT_NE(log.find("a\\u009b[2J\\u202e\\u007f\\u001b"), std::string::npos) << log;
    for (const char* raw : {"\xC2\x9B", "\u202E", "\x7f", "\x1b"})
      EXPECT_EQ(log.find(raw), std::string::npos) << log;
  }
}

#if !K0RDENT_MCP_SANITIZED
// Bug: a bearer stood in memory long after its session had ended.
TEST(Wipe, WhatTheHeapGetsBackIsOverwritten) {
  constexpr std::size_t kSize = 1500;
  auto secret = std::make_unique<std::string>(kSize, 's');
  // Read as an address alone, so that no compiler knows whose it was.
  const auto at = reinterpret_cast<std::uintptr_t>(secret->data());
  secret.reset();
  const volatile char* bytes = reinterpret_cast<const volatile char*>(at);
  std::size_t left = 0;
  for (std::size_t i = 0; i < kSize; ++i)
    left += bytes[i] == 's' ? 1 : 0;
  EXPECT_EQ(left, 0U);
}
#endif

}  // namespace
