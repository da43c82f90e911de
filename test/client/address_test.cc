// How a user writes where a server is.
#include "client/address.h"

#include <gtest/gtest.h>

#include "client/request.h"

namespace {

client::Address good(std::string_view text) {
  auto address = client::parse_address(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address ? *address : client::Address{};
}

TEST(ServerAddress, AUrlHasItsUsualPortAndPath) {
  const client::Address a = good("http://127.0.0.1:6767");
  EXPECT_EQ(a.host + " " + std::to_string(a.port) + " " + a.path, "127.0.0.1 6767 /mcp");
  EXPECT_EQ(a.host_header(), "127.0.0.1:6767");
  const client::Address b = good("https://mcp.example/team/mcp");
  EXPECT_TRUE(b.tls);
  EXPECT_EQ(b.host_header() + " " + std::to_string(b.port) + " " + b.path,
            "mcp.example 443 /team/mcp");
  EXPECT_EQ(good("http://[::1]/").host_header(), "[::1]");
  EXPECT_EQ(good("http://h:443").host_header(), "h:443");
}

TEST(ServerAddress, AUnixSocketIsAWholePath) {
  EXPECT_EQ(good("unix:/run/mcp.sock").unix_path, "/run/mcp.sock");
  EXPECT_EQ(good("unix:///run/mcp.sock").unix_path, "/run/mcp.sock");
  EXPECT_EQ(good("unix:/run/mcp.sock").host_header(), "localhost");
}

TEST(ServerAddress, AnythingElseIsRefusedWithWhatIsRight) {
  for (const char* text :
       {"", "h:1", "ftp://h", "http://", "unix:run.sock", "unix:", "http://u:p@h", "http://h/?q"})
    EXPECT_FALSE(client::parse_address(text).has_value()) << text;
  EXPECT_FALSE(client::parse_address("unix:/" + std::string(200, 'x')).has_value());
}

TEST(MirroredValue, AHeadersValueIsAsItIsOrEncoded) {
  EXPECT_EQ(client::mirrored("k0rdent://events/a?x=1"), "k0rdent://events/a?x=1");
  EXPECT_EQ(client::mirrored("é"), "=?base64?w6k=?=");
  EXPECT_EQ(client::mirrored(" a"), "=?base64?IGE=?=");
  EXPECT_EQ(client::mirrored("=?base64?YQ==?="), "=?base64?PT9iYXNlNjQ/WVE9PT89?=");
  EXPECT_EQ(client::mirrored(""),
            "=?base64?"
            "?=");
}

}  // namespace
