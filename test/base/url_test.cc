#include "base/url.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Url, SplitsItsParts) {
  const auto url = parse_url("HTTPS://Api.example.com:6443/k8s/clusters/c-1?a=b&c=%20");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "Api.example.com");
  EXPECT_EQ(url->port, 6443);
  EXPECT_EQ(url->path, "/k8s/clusters/c-1");
  EXPECT_EQ(url->query, "a=b&c=%20");
  EXPECT_FALSE(url->has_userinfo);
}

TEST(Url, PartsMayBeMissing) {
  const auto url = parse_url("k0rdent://events");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "k0rdent");
  EXPECT_EQ(url->host, "events");
  EXPECT_EQ(url->port, 0);
  EXPECT_EQ(url->path, "");
  EXPECT_EQ(url->query, "");
  const auto query = parse_url("http://h?x=/y@z:1");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->host, "h");
  EXPECT_EQ(query->path, "");
  EXPECT_EQ(query->query, "x=/y@z:1");
  EXPECT_FALSE(query->has_userinfo);
}

TEST(Url, Ipv6HasBrackets) {
  const auto url = parse_url("https://[2001:db8::1]:6443/x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->port, 6443);
  EXPECT_EQ(parse_url("https://[::1]")->host, "::1");
  EXPECT_EQ(parse_url("https://[::ffff:10.0.0.1]/")->host, "::ffff:10.0.0.1");
  for (const char* bad :
       {"https://::1/", "https://[::1", "https://[]", "https://[10.0.0.1]/", "https://[::1]x/",
        "https://[::1]443/", "https://[::g]/", "https://2001:db8::1:443/"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(Url, PortsAre1To65535) {
  EXPECT_EQ(parse_url("http://h:1")->port, 1);
  EXPECT_EQ(parse_url("http://h:65535/")->port, 65535);
  EXPECT_EQ(parse_url("http://h:006443/")->port, 6443);
  for (const char* bad :
       {"http://h:", "http://h:0", "http://h:65536", "http://h:-1", "http://h:+1", "http://h:1a",
        "http://h:000", "http://h:99999999999999999999", "http://[::1]:"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(Url, UserinfoIsSeenAndDropped) {
  const auto url = parse_url("https://user:pass@word@host:1/");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->has_userinfo);
  EXPECT_EQ(url->host, "host");
  EXPECT_TRUE(parse_url("https://@host/")->has_userinfo);
  EXPECT_FALSE(parse_url("https://host/a@b")->has_userinfo);
}

TEST(Url, WhatIsNoUrlIsRefused) {
  for (const std::string_view bad : {"",
                                     "host",
                                     "//host",
                                     "://host",
                                     "https:/host",
                                     "https://",
                                     "https:///path",
                                     "1http://h",
                                     "ht_tp://h",
                                     "https://:443/",
                                     "https://h h/",
                                     "https://h/a b",
                                     "https://h/\n",
                                     "https://h\r\n",
                                     "https://h/\x7f",
                                     "https://h/\xC3\xA4",
                                     "https://h/#frag",
                                     "https://h\\x/",
                                     "https://h|/",
                                     " https://h",
                                     "https://user@"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
  EXPECT_FALSE(parse_url(std::string_view("https://h\0/", 11)));
}

TEST(Url, ErrorsKeepThePasswordToThemselves) {
  const auto url = parse_url("https://user:hunter2@ho st/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().what().find("hunter2"), std::string::npos);
}

TEST(HostPort, ReadsNamesNumbersAndBrackets) {
  const auto plain = parse_host_port("127.0.0.1:6767");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, 6767);
  EXPECT_EQ(parse_host_port("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_host_port(":6767")->host, "");
  EXPECT_EQ(parse_host_port("localhost:0")->port, 0);
  for (const char* bad : {"", "localhost", "localhost:", "[::1]", "::1:80", "h:65536", "h:-1",
                          "h:x", "h h:1", "[x]:1", "h:1:2", "h/:1"}) {
    EXPECT_FALSE(parse_host_port(bad)) << bad;
  }
}

TEST(HostPort, JoinAddsBracketsForIpv6) {
  EXPECT_EQ(join_host_port("h", 80), "h:80");
  EXPECT_EQ(join_host_port("::1", 80), "[::1]:80");
  EXPECT_EQ(join_host_port("", 0), ":0");
}

}  // namespace
}  // namespace base
