#include "support/fake_dns.h"

#include <sys/socket.h>

#include "base/check.h"
#include "net/socket.h"

namespace test {

FakeDns::FakeDns(loop::Loop& loop)
    : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      watch_(loop, "fake dns", loop::FdWatch::Fn::bind<&FakeDns::on_ready>(this)) {
  const auto any = net::parse_address("127.0.0.1", 0);
  CHECK(::bind(fd_.get(), any->get(), any->length) == 0);
  port_ = net::local_address(fd_.get()).port();
  CHECK(watch_.start(fd_.get(), loop::kRead) == 0);
}

std::string FakeDns::server() const {
  return "127.0.0.1:" + std::to_string(port_);
}

static void put16(std::string& out, unsigned n) {
  out += static_cast<char>(n >> 8);
  out += static_cast<char>(n & 0xff);
}

// RFC 1035, 4.1: header (12 bytes), the question as it came, answers that point to its name.
void FakeDns::on_ready(std::uint32_t) {
  char buffer[512];
  net::Address from;
  from.length = sizeof from.storage;
  const ssize_t n = ::recvfrom(fd_.get(), buffer, sizeof buffer, 0, from.get(), &from.length);
  if (n < 17) return;
  ++queries;
  if (silent) return;
  const std::string query(buffer, static_cast<std::size_t>(n));
  std::string name;
  std::size_t at = 12;
  while (at < query.size() && query[at] != 0) {
    const auto label = static_cast<std::size_t>(query[at]);
    name += (name.empty() ? "" : ".") + query.substr(at + 1, label);
    at += label + 1;
  }
  const bool v6 = query[at + 2] == 28;
  std::string answers;
  int count = 0;
  const auto known = names.find(name);
  for (const auto& text : known != names.end() ? known->second : std::vector<std::string>()) {
    const auto address = net::parse_address(text, 0);
    CHECK(address);
    if (address->is_v6() != v6) continue;
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&address->storage);
    const auto* four = reinterpret_cast<const sockaddr_in*>(&address->storage);
    put16(answers, 0xc00c);
    put16(answers, v6 ? 28 : 1);
    put16(answers, 1);
    put16(answers, 0);
    put16(answers, 60);
    put16(answers, v6 ? 16 : 4);
    if (v6) {
      answers.append(reinterpret_cast<const char*>(&six->sin6_addr), 16);
    } else {
      answers.append(reinterpret_cast<const char*>(&four->sin_addr), 4);
    }
    ++count;
  }
  const unsigned rcode = broken ? 2 : known == names.end() ? 3 : 0;
  std::string reply = query.substr(0, 2);
  put16(reply, 0x8180 | rcode);
  put16(reply, 1);
  put16(reply, rcode == 0 ? static_cast<unsigned>(count) : 0);
  put16(reply, 0);
  put16(reply, 0);
  reply += query.substr(12, at + 5 - 12);
  if (rcode == 0) reply += answers;
  ::sendto(fd_.get(), reply.data(), reply.size(), MSG_NOSIGNAL, from.get(), from.length);
}

}  // namespace test
