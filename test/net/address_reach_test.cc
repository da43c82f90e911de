// Which addresses are public, by the registries of special-purpose addresses.
#include "net/address_reach.h"

#include <gtest/gtest.h>

namespace {

TEST(AddressReach, SpecialAddressesAreNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.8.8.8",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.9.9",
                           "203.0.113.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "2002:a00:1::",
                           "::10.0.0.1",
                           "3fff::1",
                           "fec0::1"})
    EXPECT_FALSE(net::is_public(*net::parse_address(text, 443))) << text;
  EXPECT_FALSE(net::is_public({}));
}

TEST(AddressReach, OthersAre) {
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                           "172.15.0.1", "172.32.0.1", "185.199.108.153", "192.167.255.255",
                           "223.255.255.255", "2606:50c0:8000::153", "::ffff:1.1.1.1",
                           "64:ff9b::1.1.1.1", "2002:101:101::", "2001:4860:4860::8888"})
    EXPECT_TRUE(net::is_public(*net::parse_address(text, 443))) << text;
}

TEST(AddressReach, OfAHostOnlyALiteralAddressIsKnown) {
  for (const char* no : {"10.0.0.1", "localhost", "LocalHost.", "a.localhost", "::1", "[fe80::1]"})
    EXPECT_FALSE(net::may_be_public(no)) << no;
  for (const char* yes : {"catalog.example", "1.1.1.1", "notlocalhost", "10.0.0.1.example"})
    EXPECT_TRUE(net::may_be_public(yes)) << yes;
}

}  // namespace
