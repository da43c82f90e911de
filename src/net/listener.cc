#include "net/listener.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/log.h"

namespace net {

Listener::Listener(loop::Loop& loop, AcceptFn fn)
    : fn_(fn),
      watch_(loop, "listener", loop::FdWatch::Fn::bind<&Listener::on_ready>(this)),
      pause_timer_(loop, "listener pause", loop::Timer::Fn::bind<&Listener::on_pause_over>(this)) {}

// Returns 0 or errno.
static int open_listener(const Address& address, base::Fd& out) {
  base::Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.is_v6()) {
    // Set in all cases: the default is a sysctl. "All addresses" serves IPv4 as well, and an address of
    // IPv4 that is mapped into IPv6 serves nothing else.
    const in6_addr& six = reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr;
    const int only = IN6_IS_ADDR_UNSPECIFIED(&six) || IN6_IS_ADDR_V4MAPPED(&six) ? 0 : 1;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  if (::bind(fd.get(), address.get(), address.length) != 0) return errno;
  if (::listen(fd.get(), INT_MAX) != 0) return errno;
  out = std::move(fd);
  return 0;
}

base::Result<void> Listener::listen(std::string_view host, int port) {
  CHECK(!fd_);
  const bool all = host.empty();
  auto address = parse_address(all ? "::" : host == "localhost" ? "127.0.0.1" : host, port);
  if (!address) return std::move(address).error().within("listen");
  base::Fd fd;
  int err = open_listener(*address, fd);
  if (all && (err == EAFNOSUPPORT || err == EADDRNOTAVAIL)) {
    // This kernel has no IPv6, or a sysctl disables it.
    address = parse_address("0.0.0.0", port);
    err = open_listener(*address, fd);
  }
  if (err != 0) return base::errno_error("listen on " + address->text(), err);
  return start(std::move(fd), address->text());
}

base::Result<void> Listener::start(base::Fd fd, const std::string& name) {
  if (const int err = watch_.start(fd.get(), paused_ ? 0u : loop::kRead); err != 0)
    return base::errno_error("listen on " + name, err);
  fd_ = std::move(fd);
  address_ = local_address(fd_.get());
  starvation_logged_ = false;
  return {};
}

// ---- Unix sockets ------------------------------------------------------------------------------

static base::Error taken(const std::string& path, const char* why) {
  return base::Error(base::Errc::conflict, "listen on unix:" + path + ": " + why);
}

// Removes the file of a socket on which no process listens any more.
static base::Result<void> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) {
    if (errno == ENOENT) return {};
    return base::errno_error("listen on unix:" + path, errno);
  }
  if (!S_ISSOCK(file.st_mode)) return taken(path, "the file is no socket");
  const base::Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) return base::errno_error("socket", errno);
  // A Unix socket connects at once: EAGAIN means that the server's backlog is full.
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(probe.get(), to, sizeof address) == 0 || errno == EAGAIN)
    return taken(path, "a server listens there");
  if (errno != ECONNREFUSED) return base::errno_error("listen on unix:" + path, errno);
  if (::unlink(path.c_str()) != 0) return base::errno_error("remove " + path, errno);
  return {};
}

base::Result<void> Listener::listen_unix(const UnixSocket& socket) {
  CHECK(!fd_);
  const std::string& path = socket.path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path || path.find('\0') != std::string::npos) {
    return base::Error(base::Errc::invalid_argument,
                       "listen on unix:" + path + ": the path has more than 107 bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto ok = remove_stale(path, address); !ok) return ok;
  base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return base::errno_error("socket", errno);
  // So the file never has more rights than `mode`. No other thread makes files.
  const mode_t before = ::umask(~socket.mode & 0777);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int err = errno;
  ::umask(before);
  if (bound != 0) return base::errno_error("listen on unix:" + path, err);
  struct stat file {};
  if (::lstat(path.c_str(), &file) == 0) {
    file_ = path;
    inode_ = file.st_ino;
  }
  if ((socket.owner || socket.group) &&
      ::lchown(path.c_str(), socket.owner.value_or(-1), socket.group.value_or(-1)) != 0) {
    auto failed = base::errno_error("change the owner of " + path, errno);
    remove_file();
    return failed;
  }
  // Before this, connecting is refused.
  if (::listen(fd.get(), INT_MAX) != 0) return base::errno_error("listen on unix:" + path, errno);
  return start(std::move(fd), "unix:" + path);
}

// Another server may have taken the name meanwhile.
void Listener::remove_file() {
  if (file_.empty()) return;
  const std::string path = std::exchange(file_, {});
  struct stat file {};
  if (::lstat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode) && file.st_ino == inode_)
    ::unlink(path.c_str());
}

base::Result<void> Listener::adopt(base::Fd fd) {
  CHECK(!fd_);
  int listening = 0, type = 0;
  socklen_t size = sizeof listening;
  const bool listens =
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
  size = sizeof type;
  if (!listens || ::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      type != SOCK_STREAM) {
    return base::Error(base::Errc::invalid_argument, "descriptor " + std::to_string(fd.get()) +
                                                         " is not a listening stream socket");
  }
  const int flags = ::fcntl(fd.get(), F_GETFL);
  ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK);
  ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  const std::string name = "descriptor " + std::to_string(fd.get());
  passed_ = true;
  return start(std::move(fd), name);
}

// ---- accepting ---------------------------------------------------------------------------------

void Listener::pause(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  update_watch();
}

void Listener::stop() {
  watch_.stop();
  pause_timer_.cancel();
  remove_file();
  fd_.reset();
}

void Listener::on_pause_over() {
  update_watch();
}

void Listener::update_watch() {
  if (!fd_) return;
  const bool accept = !paused_ && !pause_timer_.armed();
  if (const int err = watch_.set(accept ? loop::kRead : 0u); err != 0) starve(err);
}

void Listener::starve(int err) {
  pause_timer_.arm(kAcceptPause);
  watch_.set(0);
  if (starvation_logged_) return;
  starvation_logged_ = true;
  LOG_WARN("cannot accept connections for now", {"listen", address_.text()},
           {"error", base::errno_error("accept", err)});
}

void Listener::on_ready(std::uint32_t) {
  if (const int err = accept_some(kAcceptBatch); err != 0) starve(err);
}

void Listener::finish() {
  if (fd_ && !passed_) {
    paused_ = false;
    accept_some(kLastAccepts);
  }
  stop();
}

// Returns 0, or the errno of what has run out.
int Listener::accept_some(int most) {
  for (int i = 0; i < most && fd_ && !paused_; ++i) {
    Address peer;
    peer.length = sizeof peer.storage;
    base::Fd fd(::accept4(fd_.get(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      starvation_logged_ = false;
      fn_(std::move(fd), peer);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return 0;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return errno;
      default:
        break;  // this connection failed before we accepted it (accept(2), "Error handling")
    }
  }
  return 0;
}

}  // namespace net
