#include "net/address_reach.h"

#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace net {
namespace {

struct Range4 {
  std::uint32_t begin;
  int bits;
};
// RFC 6890 and its successors.
constexpr Range4 kSpecial4[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // shared, behind carriers' NAT
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local, with clouds' metadata servers
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // IETF
    {0xc0000200, 24},  // documentation
    {0xc0586300, 24},  // 6to4 relays
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarks
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, broadcast
};

bool is_public4(std::uint32_t address) {
  for (const Range4& range : kSpecial4) {
    if ((address ^ range.begin) >> (32 - range.bits) == 0) return false;
  }
  return true;
}

std::uint32_t word(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_public6(const unsigned char* a) {
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr unsigned char kNat64[12] = {0, 0x64, 0xff, 0x9b};
  if (std::memcmp(a, kMapped, 12) == 0 || std::memcmp(a, kNat64, 12) == 0)
    return is_public4(word(a + 12));
  const std::uint32_t first = word(a);
  if (first >> 16 == 0x2002) return is_public4(word(a + 2));  // 6to4
  // Global unicast without Teredo and the other protocols of 2001::/23, and documentation.
  return a[0] >> 5 == 1 && first >> 9 != 0x20010000 >> 9 && first != 0x20010db8 &&
         first >> 12 != 0x3fff0000 >> 12;
}

}  // namespace

bool is_public(const Address& address) {
  if (address.is_v6()) {
    const auto& v6 = *reinterpret_cast<const sockaddr_in6*>(&address.storage);
    return is_public6(v6.sin6_addr.s6_addr);
  }
  if (address.storage.ss_family != AF_INET) return false;
  const auto& v4 = *reinterpret_cast<const sockaddr_in*>(&address.storage);
  return is_public4(ntohl(v4.sin_addr.s_addr));
}

bool may_be_public(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (base::iequals(host, "localhost") ||
      (host.size() > 10 && base::iequals(host.substr(host.size() - 10), ".localhost")))
    return false;
  const auto address = parse_address(host, 0);
  return !address || is_public(*address);
}

}  // namespace net
