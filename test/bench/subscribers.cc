// Many MCP subscribers at once, cheap enough not to be the limit of what they measure: raw sockets,
// one thread. Each is a session of its own with its event stream, or with "listen" a
// subscriptions/listen of revision 2026-07-28.
//
// usage: subscribers PORT COUNT URI [listen]
//   Opens them, prints "ready"; then, whenever every one of them (of two or more) was told one more
//   thing:
//     "told FIRST LAST BYTES"  when the first and the last of them had it, nanoseconds of
//     CLOCK_MONOTONIC, and the bytes that came since the last such line
//   and when a stream had a frame that names "last" (flood_api.cc):
//     "last WHEN FRAMES BYTES"
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

long long now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "subscribers: %s\n", what.c_str());
  std::exit(1);
}

int dial(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    fail(std::string("connect: ") + std::strerror(errno));
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// One answer with a Content-Length, or none; head and body.
std::string receive(int fd) {
  std::string got;
  char piece[16384];
  for (;;) {
    const std::size_t head = got.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t at = got.find("Content-Length: ");
      const std::size_t length = at < head ? std::strtoul(got.c_str() + at + 16, nullptr, 10) : 0;
      if (got.size() >= head + 4 + length) return got;
    }
    const ssize_t n = ::recv(fd, piece, sizeof piece, 0);
    if (n <= 0) fail("the server closed: " + got);
    got.append(piece, static_cast<std::size_t>(n));
  }
}

std::string post(int fd, const std::string& session, const std::string& body) {
  std::string out =
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Accept: application/json, text/event-stream\r\n";
  if (!session.empty()) out += "Mcp-Session-Id: " + session + "\r\n";
  send_all(fd, out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const std::string answer = receive(fd);
  if (answer.compare(9, 2, "20") != 0) fail(answer);
  return answer;
}

int open_subscriber(int control, int port, const std::string& uri) {
  const std::string answer =
      post(control, "",
           R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":)"
           R"("2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}})");
  const std::size_t at = answer.find("Mcp-Session-Id: ");
  if (at == std::string::npos) fail(answer);
  const std::string session = answer.substr(at + 16, answer.find("\r\n", at) - at - 16);
  const int fd = dial(port);
  send_all(fd,
           "GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
           "Mcp-Session-Id: " +
               session + "\r\n\r\n");
  const std::string subscribed =
      post(control, session,
           R"({"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":")" + uri +
               R"("}})");
  if (subscribed.find("\"result\"") == std::string::npos) fail(subscribed);
  return fd;
}

int open_listen(int port, const std::string& uri) {
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":)"
      R"({"resourceSubscriptions":[")" +
      uri +
      R"("]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
  const int fd = dial(port);
  send_all(fd,
           "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
           "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
           "Mcp-Method: subscriptions/listen\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
  // The head; what follows it is read with all that comes.
  char head[256];
  const ssize_t n = ::recv(fd, head, sizeof head, MSG_PEEK);
  if (n < 12 || std::string_view(head, 12) != "HTTP/1.1 200") {
    fail(std::string(head, n > 0 ? static_cast<std::size_t>(n) : 0));
  }
  return fd;
}

struct Reader {
  long frames = 0;
  char tail[6] = {};  // the last bytes, in which a pattern may have begun
  std::size_t kept = 0;
};

// Frames that begin in what came: "data: " is in each once, and in no JSON text unescaped here.
long count_frames(Reader& reader, std::string_view bytes) {
  constexpr std::string_view kMark = "data: ";
  std::string joined(reader.tail, reader.kept);
  joined += bytes.substr(0, std::min(bytes.size(), kMark.size() - 1));
  long n = 0;
  const auto count = [&](std::string_view in) {
    for (std::size_t at = 0; (at = in.find(kMark, at)) != std::string_view::npos;
         at += kMark.size())
      ++n;
  };
  count(joined);
  count(bytes);
  // What lay whole in both was counted twice: in the first bytes of `bytes` there is no room for
  // one.
  const std::size_t keep = std::min(bytes.size(), kMark.size() - 1);
  std::memcpy(reader.tail, bytes.data() + bytes.size() - keep, keep);
  reader.kept = keep;
  return n;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && (argc != 5 || std::string_view(argv[4]) != "listen")) return 2;
  const int port = std::atoi(argv[1]);
  const std::size_t count = std::strtoul(argv[2], nullptr, 10);
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  const int control = dial(port);
  std::vector<int> fds;
  for (std::size_t i = 0; i < count; ++i) {
    fds.push_back(argc == 5 ? open_listen(port, argv[3]) : open_subscriber(control, port, argv[3]));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fds.back(), &event);
  }
  std::printf("ready\n");
  std::fflush(stdout);

  std::vector<Reader> readers(count);
  std::vector<char> buffer(1 << 20);
  std::vector<epoll_event> ready(1024);
  std::size_t told = 0;
  long round = 0, frames = 0;
  unsigned long long bytes = 0;
  long long first = 0;
  for (;;) {
    const int n = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < n; ++i) {
      const std::size_t which = ready[static_cast<std::size_t>(i)].data.u64;
      const ssize_t got = ::recv(fds[which], buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) fail("a stream ended");
      const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
      const long more = count_frames(readers[which], piece);
      bytes += piece.size();
      frames += more;
      if (more > 0 && first == 0) first = now_ns();
      const bool was_behind = readers[which].frames <= round;
      readers[which].frames += more;
      if (was_behind && readers[which].frames > round) ++told;
      if (piece.find("\"name\":\"last\"") != std::string_view::npos) {
        std::printf("last %lld %ld %llu\n", now_ns(), frames, bytes);
        std::fflush(stdout);
      }
    }
    while (told == count && count > 1) {
      std::printf("told %lld %lld %llu\n", first, now_ns(), bytes);
      std::fflush(stdout);
      first = 0;
      bytes = 0;
      ++round;
      told = static_cast<std::size_t>(std::count_if(
          readers.begin(), readers.end(), [&](const Reader& r) { return r.frames > round; }));
    }
  }
}
