#include "base/text.h"

#include <cstdio>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/names.h"

namespace base {
namespace {

TEST(Text, CaseIsAsciiOnly) {
  EXPECT_EQ(to_lower("AbZ@[\xC3\x84"), "abz@[\xC3\x84");
  EXPECT_TRUE(iequals("Content-Type", "content-TYPE"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("@", "`"));  // differ by the case bit alone, but are no letters
}

TEST(Text, TrimsBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim("\r\n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, SplitKeepsEmptyParts) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b", ','), (Parts{"a", "b"}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

TEST(Text, ParseIntTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int("0"), 0);
  EXPECT_EQ(parse_int("-12"), -12);
  EXPECT_EQ(parse_int("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_int("-9223372036854775808"), INT64_MIN);
  for (const char* text :
       {"", "-", "+1", "1 ", " 1", "1.0", "0x1", "--1", "9223372036854775808", "1a"}) {
    EXPECT_FALSE(parse_int(text)) << '"' << text << '"';
  }
}

TEST(Text, Hex) {
  EXPECT_EQ(hex(std::string_view("\x00\x0f\xff", 3)), "000fff");
  EXPECT_EQ(hex(""), "");
}

TEST(Base64, WritesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff"), "+/8=");
}

TEST(Base64, ReadsWrappedText) {
  EXPECT_EQ(parse_base64("Zm9v\r\n YmFy\t\n"), "foobar");
  EXPECT_EQ(parse_base64("Z\ng\n=\n=\n"), "f");
  EXPECT_EQ(parse_base64(""), "");
  EXPECT_EQ(parse_base64(" \n"), "");
}

TEST(Base64, WhatIsWrongIsRefused) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9", "=", "====", "Z===", "Zg==Zg==", "Zg==Zm9v",
                           "Zg===", "Z=g=", "Zm9v=", "Zm-v", "Zm_v", "Zm9v!", "Zm9\xff"}) {
    EXPECT_FALSE(parse_base64(text)) << text;
  }
}

TEST(Base64, EveryByteSurvives) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    EXPECT_EQ(parse_base64(base64(all)), all);
  }
}

TEST(Percent, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a/b c?&=+%"), "a%2Fb%20c%3F%26%3D%2B%25");
  EXPECT_EQ(percent_encode("\xC3\xA4"), "%C3%A4");
}

TEST(Percent, DecodesAndRefusesCutEscapes) {
  EXPECT_EQ(percent_decode("a%2Fb+%c3%A4"), "a/b+\xC3\xA4");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decode(""), "");
  for (const char* text : {"%", "%2", "a%2", "%zz", "%2g", "%%20"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
  }
}

TEST(Utf8, ValidTextIsUntouched) {
  for (const std::string_view text :
       {"", "plain ascii longer than eight", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "a\xC3\xA4 and \xF0\x9F\x98\x80 and more"}) {
    EXPECT_TRUE(valid_utf8(text)) << text;
    EXPECT_EQ(repair_utf8(text), text);
  }
  EXPECT_TRUE(valid_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, MaximalSubpartsBecomeOneReplacementEach) {
  const std::string R = "\xEF\xBF\xBD";
  EXPECT_EQ(repair_utf8("a\x80z"), "a" + R + "z");            // a continuation alone
  EXPECT_EQ(repair_utf8("\xC0\xAF"), R + R);                  // overlong
  EXPECT_EQ(repair_utf8("\xE0\x80\xBF"), R + R + R);          // overlong
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), R + R + R);          // a surrogate
  EXPECT_EQ(repair_utf8("\xF4\x90\x80\x80"), R + R + R + R);  // beyond U+10FFFF
  EXPECT_EQ(repair_utf8("\xF5\x41"), R + "A");
  EXPECT_EQ(repair_utf8("\xE2\x82"), R);  // cut at the end
  EXPECT_EQ(repair_utf8("\xE2\x82\x41"), R + "A");
  EXPECT_EQ(repair_utf8("\xF0\x9F\x98\xE2\x82\xAC"), R + "\xE2\x82\xAC");
  // Unicode 15, table 3-11.
  EXPECT_EQ(repair_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), R + R + R + R + "A");
  EXPECT_FALSE(valid_utf8("12345678\xE2\x82"));
}

TEST(Names, DnsLabel) {
  EXPECT_TRUE(is_dns_label("a"));
  EXPECT_TRUE(is_dns_label("0"));
  EXPECT_TRUE(is_dns_label("kcm-system"));
  EXPECT_TRUE(is_dns_label(std::string(63, 'a')));
  for (const std::string& bad :
       {std::string(), std::string(64, 'a'), std::string("-a"), std::string("a-"), std::string("A"),
        std::string("a.b"), std::string("a_b"), std::string("a b"), std::string("a/b"),
        std::string("a\n"), std::string("\xC3\xA4"), std::string(1, '\0')}) {
    EXPECT_FALSE(is_dns_label(bad)) << bad;
  }
}

TEST(Names, DnsSubdomain) {
  EXPECT_TRUE(is_dns_subdomain("a"));
  EXPECT_TRUE(is_dns_subdomain("a.b-c.0"));
  EXPECT_TRUE(is_dns_subdomain(std::string(253, 'a')));
  for (const std::string& bad : {std::string(), std::string(254, 'a'), std::string("."),
                                 std::string("a."), std::string(".a"), std::string("a..b"),
                                 std::string("a.-b"), std::string("a-.b"), std::string("..")}) {
    EXPECT_FALSE(is_dns_subdomain(bad)) << bad;
  }
}

TEST(Nearest, FindsTheTypo) {
  const std::vector<std::string_view> flags = {"--listen", "--kubeconfig", "--context",
                                               "--log-level", "--log-format"};
  EXPECT_EQ(nearest("--lisen", flags), "--listen");
  EXPECT_EQ(nearest("--kube-config", flags), "--kubeconfig");
  EXPECT_EQ(nearest("--log-levle", flags), "--log-level");
  EXPECT_EQ(nearest("--listen", flags), "--listen");
  EXPECT_EQ(nearest("--LISTEN", flags), "--listen") << "the case of letters does not count";
}

TEST(Nearest, NothingNearIsNothing) {
  EXPECT_EQ(nearest("--verbose", {"--listen", "--context"}), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(nearest(std::string(129, 'a'), {std::string_view("a")}), "");
}

TEST(Nearest, TheLimitIsAThirdPlusOne) {
  EXPECT_EQ(nearest("abcdef", {"abcxyz"}), "abcxyz");  // 3 of 6/3+1
  EXPECT_EQ(nearest("abcdef", {"abwxyz"}), "");
  EXPECT_EQ(nearest("abcdef", {"abcxyz", "abcdez", "abcdeg"}),
            "abcdez");  // the first of the nearest
}

TEST(Printable, ReplacesControlsAndCuts) {
  EXPECT_EQ(printable("plain", 10), "plain");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f\xC2\x9B", 20), "a?b?[31m??");
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abc\u2026");
  EXPECT_EQ(printable("a\xC3\xA4\xC3\xA4\xC3\xA4", 6), "a\xC3\xA4\u2026");
  EXPECT_EQ(printable("\xff", 10), "\xEF\xBF\xBD");
  EXPECT_EQ(printable("abc", 2), "");
  EXPECT_EQ(printable("", 0), "");
  for (std::size_t max = 0; max < 20; ++max) {
    const std::string cut =
        printable("\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xff\xff\xC3\xA4xyzxyzxyz", max);
    EXPECT_LE(cut.size(), max);
    EXPECT_TRUE(valid_utf8(cut));
  }
}

class TempFile {
 public:
  explicit TempFile(std::string_view content) {
    const int fd = ::mkstemp(path_);
    EXPECT_GE(fd, 0);
    EXPECT_EQ(::write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ::close(fd);
  }
  ~TempFile() { ::unlink(path_); }
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/base_text_test.XXXXXX";
};

TEST(ReadFile, GivesTheContentUpToTheLimit) {
  const std::string content(100'000, 'x');
  const TempFile file(content);
  EXPECT_EQ(*read_file(file.path(), 100'000), content);
  const auto refused = read_file(file.path(), 99'999);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::too_large);
}

TEST(ReadFile, SaysWhichFileIsMissing) {
  const auto missing = read_file("/nonexistent/file", 10);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  EXPECT_EQ(missing.error().what(), "read /nonexistent/file: No such file or directory");
  EXPECT_FALSE(read_file("/tmp", 10));
}

TEST(ReadFile, FilesWithoutASizeAreReadWhole) {
  const auto status = read_file("/proc/self/status", 100'000);
  ASSERT_TRUE(status);
  EXPECT_NE(status->find("Pid:"), std::string::npos);
}

}  // namespace
}  // namespace base
