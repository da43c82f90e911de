#include "net/socks5.h"

#include <utility>

#include <arpa/inet.h>

#include "base/check.h"

namespace net {
namespace {

constexpr char kVersion = 5, kPasswordVersion = 1;
constexpr char kNothing = 0, kPassword = 2;  // methods
constexpr char kConnect = 1;
constexpr char kV4 = 1, kName = 3, kV6 = 4;
constexpr std::size_t kPortBytes = 2;

// Replies of RFC 1928, 6, from 1 on.
constexpr const char* kReasons[] = {"general failure",       "forbidden by its rules",
                                    "network unreachable",   "host unreachable",
                                    "connection refused",    "time to live expired",
                                    "command not supported", "address type not supported"};

base::Error foreign() {
  return base::Error(base::Errc::protocol, "the proxy does not speak SOCKS5");
}

std::string counted(const std::string& text) {
  return std::string(1, static_cast<char>(text.size())) + text;
}

}  // namespace

Socks5::Socks5(std::string host, int port, std::string user, std::string password)
    : host_(std::move(host)), user_(std::move(user)), password_(std::move(password)), port_(port) {
  CHECK(host_.size() <= kPartBytes && user_.size() <= kPartBytes && password_.size() <= kPartBytes);
}

std::string Socks5::greeting() const {
  if (user_.empty()) return {kVersion, 1, kNothing};
  return {kVersion, 2, kNothing, kPassword};
}

std::string Socks5::request() {
  std::string out{kVersion, kConnect, 0};
  in6_addr six{};
  in_addr four{};
  if (::inet_pton(AF_INET, host_.c_str(), &four) == 1) {
    out += kV4;
    out.append(reinterpret_cast<const char*>(&four), sizeof four);
  } else if (::inet_pton(AF_INET6, host_.c_str(), &six) == 1) {
    out += kV6;
    out.append(reinterpret_cast<const char*>(&six), sizeof six);
  } else {
    out += kName + counted(host_);
  }
  out += static_cast<char>(port_ >> 8);
  out += static_cast<char>(port_ & 0xFF);
  step_ = Step::head;
  wanted_ = 4;
  return out;
}

base::Result<std::string> Socks5::choose(unsigned char method) {
  if (method == kNothing) return request();
  if (method != kPassword || user_.empty()) {
    return base::Error(base::Errc::invalid_argument,
                       "the proxy wants a user and a password in its URL, or others");
  }
  step_ = Step::password;
  return std::string(1, kPasswordVersion) + counted(user_) + counted(password_);
}

base::Result<std::string> Socks5::judge(std::string_view head) {
  if (head[0] != kVersion) return foreign();
  if (const auto code = static_cast<std::size_t>(static_cast<unsigned char>(head[1])); code != 0) {
    const std::string why =
        code <= std::size(kReasons) ? kReasons[code - 1] : "code " + std::to_string(code);
    return base::Error(base::Errc::unavailable, "the proxy refuses the tunnel: " + why);
  }
  step_ = Step::rest;
  switch (head[3]) {
    case kV4:
      wanted_ = sizeof(in_addr) + kPortBytes;
      return std::string();
    case kV6:
      wanted_ = sizeof(in6_addr) + kPortBytes;
      return std::string();
    case kName:
      step_ = Step::length;
      wanted_ = 1;
      return std::string();
    default:
      return foreign();
  }
}

base::Result<std::string> Socks5::take(std::string_view bytes) {
  CHECK(bytes.size() == wanted_);
  switch (step_) {
    case Step::method:
      if (bytes[0] != kVersion) return foreign();
      return choose(static_cast<unsigned char>(bytes[1]));
    case Step::password:
      if (bytes[0] != kPasswordVersion) return foreign();
      if (bytes[1] != 0) {
        return base::Error(base::Errc::invalid_argument,
                           "the proxy refuses the user and password of its URL");
      }
      return request();
    case Step::head:
      return judge(bytes);
    case Step::length:
      step_ = Step::rest;
      wanted_ = static_cast<unsigned char>(bytes[0]) + kPortBytes;
      return std::string();
    case Step::rest:
      wanted_ = 0;
      return std::string();
  }
  return foreign();
}

}  // namespace net
