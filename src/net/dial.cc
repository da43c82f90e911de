#include "net/dial.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <sys/resource.h>

#include "net/address_reach.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace net {

static base::Error connect_error(const Address& address, int err) {
  return base::errno_error("connect " + address.text(), err);
}

static base::Error timed_out(const Address& address) {
  return base::Error(base::Errc::timeout, "connect " + address.text() + ": no answer within " +
                                              base::format_duration(kConnectTimeout));
}

// The kernel gives out the lowest free number: a high one shows how many are in use.
static bool leaves_enough(int fd, bool urgent) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  const rlim_t kept = urgent ? std::min<rlim_t>(kUrgentSpares, limit.rlim_cur / 8)
                             : std::min<rlim_t>(kSparedDescriptors, limit.rlim_cur / 8 * 3);
  return static_cast<rlim_t>(fd) < limit.rlim_cur - kept;
}

static std::size_t dialled_streams = 0;

std::size_t dialled() {
  return dialled_streams;
}

namespace {
class DialledStream final : public TcpStream {
 public:
  DialledStream(loop::Loop& loop, base::Fd fd) : TcpStream(loop, std::move(fd)) {
    ++dialled_streams;
  }
  ~DialledStream() override { --dialled_streams; }
};
}  // namespace

struct Dial::Impl {
  // One address being tried.
  struct Attempt {
    Attempt(Impl& o, const Address& a, base::Fd f)
        : owner(o),
          address(a),
          fd(std::move(f)),
          watch(o.loop, "dial", loop::FdWatch::Fn::bind<&Attempt::on_ready>(this)),
          limit(o.loop, "dial address limit", loop::Timer::Fn::bind<&Attempt::on_limit>(this)) {}
    void on_ready(std::uint32_t) { owner.on_attempt_ready(*this); }
    void on_limit() { owner.on_attempt_failed(*this, timed_out(address)); }
    Impl& owner;
    const Address address;
    base::Fd fd;
    loop::FdWatch watch;
    loop::Timer limit;
  };

  Impl(loop::Loop& l, Resolver& resolver, Fn f)
      : loop(l),
        fn(f),
        resolution(resolver, Resolution::Fn::bind<&Impl::on_resolved>(this)),
        tunnel(l, ProxyTunnel::Fn::bind<&Impl::on_tunnel>(this)),
        next_timer(l, "dial next address", loop::Timer::Fn::bind<&Impl::on_next>(this)),
        limit(l, "dial limit", loop::Timer::Fn::bind<&Impl::on_limit>(this)) {}

  void cancel();
  void on_resolved(base::Result<std::vector<Address>> result);
  void on_next();
  bool try_next();
  void on_attempt_ready(Attempt& attempt);
  void on_attempt_failed(Attempt& attempt, const base::Error& error);
  void remove(Attempt& attempt);
  void add_failure(const base::Error& error);
  void finish_failed();
  void connected(base::Fd fd, const Address& address);
  void on_proxy_handshake(base::Result<void> result);
  void on_tunnel(base::Result<std::unique_ptr<Stream>> stream);
  void begin_tunnel(std::unique_ptr<Stream> stream);
  void begin_tls(std::unique_ptr<Stream> stream);
  void on_handshake(base::Result<void> result);
  void on_limit();
  void finish(base::Result<std::unique_ptr<Stream>> result);
  std::string tls_phase() const {
    return "TLS handshake with " + host + " (" + winner.text() + ")";
  }

  std::string proxy_phase() const { return "proxy " + proxy->host + " (" + winner.text() + ")"; }

  enum class State : unsigned char {
    idle,
    resolving,
    connecting,
    greeting,  // the handshake with a proxy over TLS
    tunnelling,
    handshaking
  };
  loop::Loop& loop;
  Fn fn;
  State state = State::idle;
  std::string host;
  TlsContext* tls_context = nullptr;
  Resolution resolution;
  std::vector<Address> addresses;
  std::size_t next = 0;  // index into addresses
  std::vector<std::unique_ptr<Attempt>> attempts;
  int failures = 0, timeouts = 0;
  std::string failure_text;
  Address winner;
  std::optional<Proxy> proxy;
  bool urgent = false, public_only = false;
  int port = 0;  // the server's, also behind a proxy
  ProxyTunnel tunnel;
  std::unique_ptr<TlsStream> tls;  // of a handshake
  loop::Timer next_timer, limit;
};

void Dial::Impl::cancel() {
  state = State::idle;
  resolution.cancel();
  tunnel.cancel();
  next_timer.cancel();
  limit.cancel();
  // A method of one of them may be on the stack.
  for (auto& attempt : attempts) {
    attempt->watch.stop();
    attempt->limit.cancel();
    attempt->fd.reset();
    loop.retire(std::move(attempt));
  }
  attempts.clear();
  addresses = {};
  failure_text = {};
  if (tls) tls->close();
  loop.retire(std::move(tls));
}

// ---- connecting --------------------------------------------------------------------------------

void Dial::Impl::on_resolved(base::Result<std::vector<Address>> result) {
  if (!result) return finish(std::move(result).error());
  state = State::connecting;
  addresses = std::move(*result);
  if (public_only && !proxy) {
    const std::string first = addresses.front().text();
    std::erase_if(addresses, [](const Address& each) { return !is_public(each); });
    if (addresses.empty()) {
      return finish(
          base::Error(base::Errc::forbidden, "connect " + first + ": not a public address"));
    }
  }
  next = 0;
  failures = timeouts = 0;
  on_next();
}

void Dial::Impl::on_next() {
  if (try_next()) return;
  if (attempts.empty()) finish_failed();
}

// Starts the next address that does not fail at once; false when there is none. (On some kernels
// connecting to a local address completes at once; the watch then reports it in the next turn.)
bool Dial::Impl::try_next() {
  while (next < addresses.size()) {
    const Address& address = addresses[next++];
    auto fd = stream_socket(address.storage.ss_family);
    if (!fd) {
      add_failure(std::move(fd).error().within("connect " + address.text()));
      continue;
    }
    if (!leaves_enough(fd->get(), urgent)) {
      add_failure(base::Error(base::Errc::unavailable,
                              "connect " + address.text() + ": too few descriptors are left"));
      continue;
    }
    if (::connect(fd->get(), address.get(), address.length) != 0 && errno != EINPROGRESS) {
      add_failure(connect_error(address, errno));
      continue;
    }
    auto attempt = std::make_unique<Attempt>(*this, address, std::move(*fd));
    if (const int err = attempt->watch.start(attempt->fd.get(), loop::kWrite); err != 0) {
      add_failure(connect_error(address, err));
      continue;
    }
    attempt->limit.arm(kConnectTimeout);
    attempts.push_back(std::move(attempt));
    if (next < addresses.size()) next_timer.arm(kNextAddress);
    return true;
  }
  return false;
}

void Dial::Impl::on_attempt_ready(Attempt& attempt) {
  const int fd = attempt.fd.get();
  int err = 0;
  socklen_t size = sizeof err;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0) err = errno;
  const Address peer = peer_address(fd);
  if (err == 0 && peer.length == 0) return;
  // Nothing listens on the port, but the kernel picked that very port for our end: TCP then
  // connects a socket to itself.
  if (err == 0 && peer == local_address(fd)) err = ECONNREFUSED;
  if (err != 0) return on_attempt_failed(attempt, connect_error(attempt.address, err));
  attempt.watch.stop();
  const Address address = attempt.address;
  connected(std::move(attempt.fd), address);
}

void Dial::Impl::on_attempt_failed(Attempt& attempt, const base::Error& error) {
  add_failure(error);
  remove(attempt);
  next_timer.cancel();
  on_next();
}

void Dial::Impl::remove(Attempt& attempt) {
  attempt.watch.stop();
  attempt.limit.cancel();
  attempt.fd.reset();
  for (auto& mine : attempts) {
    if (mine.get() != &attempt) continue;
    loop.retire(std::move(mine));
    mine = std::move(attempts.back());
    attempts.pop_back();
    return;
  }
}

void Dial::Impl::add_failure(const base::Error& error) {
  ++failures;
  timeouts += error.code() == base::Errc::timeout ? 1 : 0;
  if (failures > kFailuresShown) return;
  if (!failure_text.empty()) failure_text += "; ";
  failure_text += error.what();
}

void Dial::Impl::finish_failed() {
  if (failures > kFailuresShown) {
    failure_text += "; and " + std::to_string(failures - kFailuresShown) + " more";
  }
  finish(base::Error(timeouts == failures ? base::Errc::timeout : base::Errc::unavailable,
                     std::move(failure_text)));
}

// ---- connected ---------------------------------------------------------------------------------

void Dial::Impl::connected(base::Fd fd, const Address& address) {
  auto stream = std::make_unique<DialledStream>(loop, std::move(fd));
  if (!proxy && tls_context == nullptr) {
    return finish(std::unique_ptr<Stream>(std::move(stream)));
  }
  cancel();  // the other addresses
  winner = address;
  if (!proxy) return begin_tls(std::move(stream));
  if (!proxy->https) return begin_tunnel(std::move(stream));
  CHECK(proxy->tls != nullptr);
  state = State::greeting;
  limit.arm(kTlsTimeout);
  tls = std::make_unique<TlsStream>(loop, *proxy->tls, std::move(stream));
  tls->start_handshake(TlsStream::HandshakeFn::bind<&Impl::on_proxy_handshake>(this));
}

void Dial::Impl::on_proxy_handshake(base::Result<void> result) {
  if (!result) {
    return finish(std::move(result).error().within("TLS handshake").within(proxy_phase()));
  }
  begin_tunnel(std::move(tls));
}

void Dial::Impl::begin_tunnel(std::unique_ptr<Stream> stream) {
  state = State::tunnelling;
  limit.arm(kTunnelTimeout);
  tunnel.start(std::move(stream), *proxy, host, port);
}

void Dial::Impl::on_tunnel(base::Result<std::unique_ptr<Stream>> stream) {
  if (!stream) return finish(std::move(stream).error().within(proxy_phase()));
  if (tls_context != nullptr) return begin_tls(*std::move(stream));
  finish(std::move(stream));
}

void Dial::Impl::begin_tls(std::unique_ptr<Stream> stream) {
  state = State::handshaking;
  limit.arm(kTlsTimeout);
  tls = std::make_unique<TlsStream>(loop, *tls_context, std::move(stream));
  tls->start_handshake(TlsStream::HandshakeFn::bind<&Impl::on_handshake>(this));
}

void Dial::Impl::on_handshake(base::Result<void> result) {
  if (!result) return finish(std::move(result).error().within(tls_phase()));
  finish(std::unique_ptr<Stream>(std::move(tls)));
}

void Dial::Impl::on_limit() {
  const std::string within = ": no answer within ";
  if (state == State::handshaking) {
    return finish(base::Error(base::Errc::timeout,
                              tls_phase() + within + base::format_duration(kTlsTimeout)));
  }
  if (state == State::greeting) {
    return finish(base::Error(base::Errc::timeout, proxy_phase() + ": TLS handshake" + within +
                                                       base::format_duration(kTlsTimeout)));
  }
  if (state == State::tunnelling) {
    return finish(base::Error(base::Errc::timeout,
                              proxy_phase() + within + base::format_duration(kTunnelTimeout)));
  }
  // Attempts under way have failed by now as well; the last addresses may not have been tried.
  for (const auto& attempt : attempts)
    add_failure(timed_out(attempt->address));
  if (failures > 0) return finish_failed();
  finish(base::Error(base::Errc::timeout,
                     "resolve " + host + within + base::format_duration(kDialTimeout)));
}

void Dial::Impl::finish(base::Result<std::unique_ptr<Stream>> result) {
  const Fn told = fn;
  cancel();
  told(std::move(result));
}

// ---- Dial --------------------------------------------------------------------------------------

Dial::Dial(loop::Loop& loop, Resolver& resolver, Fn fn)
    : impl_(std::make_unique<Impl>(loop, resolver, fn)) {}

Dial::~Dial() {
  impl_->cancel();
}

void Dial::start(const std::string& host, int port, TlsContext* tls, const Proxy* proxy) {
  CHECK(!active());
  impl_->proxy = proxy ? std::optional<Proxy>(*proxy) : std::nullopt;
  impl_->port = port;
  impl_->state = Impl::State::resolving;
  impl_->host = host;
  impl_->tls_context = tls;
  impl_->limit.arm(kDialTimeout);
  impl_->resolution.start(proxy ? proxy->host : host, proxy ? proxy->port : port);
}

void Dial::set_public_only(bool public_only) {
  CHECK(!active());
  impl_->public_only = public_only;
}

void Dial::set_urgent(bool urgent) {
  CHECK(!active());
  impl_->urgent = urgent;
}

void Dial::cancel() {
  impl_->cancel();
}

bool Dial::active() const {
  return impl_->state != Impl::State::idle;
}

}  // namespace net
