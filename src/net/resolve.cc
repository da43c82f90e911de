#include "net/resolve.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include <ares.h>

#include "base/link.h"
#include "base/log.h"
#include "base/text.h"

namespace net {

using Addresses = std::vector<Address>;

// Two rounds, of 2.5 s and 5 s: within kResolveTimeout for one name server; a lost datagram costs
// 2.5 s.
static constexpr int kRetryMs = 2500;
static constexpr int kTries = 2;

// ---- one question ------------------------------------------------------------------------------

struct Resolution::Impl : base::Link {
  Impl(Resolver::Impl& r, Fn f);
  void deliver();
  void answer(base::Result<Addresses> result) {
    result_ = std::move(result);
    done_.schedule();
  }

  Resolver::Impl& resolver_;
  Fn fn_;
  int port_ = 0;
  std::optional<base::Result<Addresses>> result_;
  loop::Deferred done_;
};

// ---- the resolver ------------------------------------------------------------------------------

struct Resolver::Impl {
  struct Query {
    Query(Impl& o, const std::string& h, base::TimePoint d) : owner(o), host(h), deadline(d) {}
    Impl& owner;
    const std::string host;
    const base::TimePoint deadline;
    base::List<Resolution::Impl> waiters;
    bool settled = false;  // the waiters have their answer; c-ares may not have finished
  };
  struct Socket {
    Socket(Impl& o)
        : owner(o), watch(o.loop, "dns socket", loop::FdWatch::Fn::bind<&Socket::on_ready>(this)) {}
    void on_ready(std::uint32_t ready);
    Impl& owner;
    int fd = -1;  // owned by c-ares; -1: this Socket is free for reuse
    loop::FdWatch watch;
  };
  struct Answer {
    Addresses addresses;
    base::TimePoint until;
  };

  Impl(loop::Loop& l, std::string s)
      : loop(l),
        servers(std::move(s)),
        retry_timer(l, "dns retry", loop::Timer::Fn::bind<&Impl::on_retry>(this)),
        limit_timer(l, "dns limit", loop::Timer::Fn::bind<&Impl::on_limit>(this)) {}
  ~Impl() {
    if (channel != nullptr) ares_destroy(channel);
  }

  void ask(const std::string& host, Resolution::Impl& who);
  int open_channel();
  void on_socket_state(int fd, bool read, bool write);
  void on_retry();
  void on_limit();
  void update_retry_timer();
  void answered(Query* query, int status, Addresses addresses);
  void settle(Query& query, const base::Result<Addresses>& result);
  void settle_failure(Query& query, int status);
  void keep(const std::string& host, const Addresses& addresses);

  loop::Loop& loop;
  std::string servers;
  ares_channel channel = nullptr;
  bool renew = false;
  std::vector<std::unique_ptr<Socket>> sockets;
  std::vector<std::unique_ptr<Query>> queries;  // oldest first
  std::map<std::string, Answer> answers;
  loop::Timer retry_timer, limit_timer;
};

static bool fit_for_dns(const std::string& host) {
  if (host.empty() || host.size() > 253) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

// RFC 8305, section 4: families alternate, starting with that of the best address.
static Addresses interleave(const Addresses& sorted) {
  Addresses first, second, mixed;
  for (const Address& a : sorted)
    (a.is_v6() == sorted[0].is_v6() ? first : second).push_back(a);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < second.size()) mixed.push_back(second[i]);
  }
  if (mixed.size() > kMaxAddresses) mixed.resize(kMaxAddresses);
  return mixed;
}

static base::Error error_of(const std::string& host, int status) {
  const std::string op = "resolve " + host + ": ";
  switch (status) {
    case ARES_ENOTFOUND:
      return base::Error(base::Errc::not_found, op + "no such host");
    case ARES_ENODATA:
      return base::Error(base::Errc::not_found, op + "it has no address");
    case ARES_ETIMEOUT:
      return base::Error(base::Errc::timeout, op + "no answer from the name servers");
    case ARES_EBADNAME:
      return base::Error(base::Errc::invalid_argument, op + "not a host name");
    case ARES_ECONNREFUSED:
      return base::Error(base::Errc::unavailable, op + "no name server can be reached");
    default:
      return base::Error(base::Errc::unavailable, op + ares_strerror(status));
  }
}

void Resolver::Impl::ask(const std::string& host, Resolution::Impl& who) {
  if (const auto known = answers.find(host);
      known != answers.end() && loop.now() < known->second.until) {
    return who.answer(known->second.addresses);
  }
  for (const auto& query : queries) {
    if (!query->settled && query->host == host) return query->waiters.add(who);
  }
  if (const int status = open_channel(); status != ARES_SUCCESS) {
    return who.answer(error_of(host, status));
  }
  queries.push_back(std::make_unique<Query>(*this, host, loop.now() + kResolveTimeout));
  Query* query = queries.back().get();
  query->waiters.add(who);
  if (!limit_timer.armed()) limit_timer.arm_at(query->deadline);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_ENVHOSTS;
  // The hosts file may give the answer before this returns; `query` is freed then.
  ares_getaddrinfo(
      channel, host.c_str(), nullptr, &hints,
      [](void* arg, int status, int, ares_addrinfo* info) {
        Addresses found;
        for (auto* node = info != nullptr ? info->nodes : nullptr; node; node = node->ai_next) {
          if (node->ai_addrlen > sizeof(sockaddr_storage)) continue;
          Address& a = found.emplace_back();
          std::memcpy(&a.storage, node->ai_addr, node->ai_addrlen);
          a.length = node->ai_addrlen;
        }
        ares_freeaddrinfo(info);
        auto* answered = static_cast<Query*>(arg);
        answered->owner.answered(answered, status, std::move(found));
      },
      query);
  update_retry_timer();
}

int Resolver::Impl::open_channel() {
  if (channel != nullptr && renew && queries.empty()) {
    ares_destroy(channel);
    channel = nullptr;
  }
  if (channel != nullptr) return ARES_SUCCESS;
  renew = false;
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) return library;
  ares_options options{};
  options.timeout = kRetryMs;
  options.tries = kTries;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
    static_cast<Impl*>(self)->on_socket_state(fd, read != 0, write != 0);
  };
  int status = ares_init_options(&channel, &options,
                                 ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status == ARES_SUCCESS && !servers.empty()) {
    status = ares_set_servers_ports_csv(channel, servers.c_str());
  }
  if (status != ARES_SUCCESS) {
    if (channel != nullptr) ares_destroy(channel);
    channel = nullptr;
  }
  return status;
}

// ---- c-ares' sockets and clock -----------------------------------------------------------------

// Called inside c-ares. Neither read nor write: c-ares is about to close the descriptor.
void Resolver::Impl::on_socket_state(int fd, bool read, bool write) {
  const auto with = [&](int wanted) {
    return std::find_if(sockets.begin(), sockets.end(),
                        [&](const auto& s) { return s->fd == wanted; });
  };
  auto at = with(fd);
  if (!read && !write) {
    // Kept for reuse: its on_ready() may be on the stack.
    if (at == sockets.end()) return;
    (*at)->watch.stop();
    (*at)->fd = -1;
    return;
  }
  if (at == sockets.end()) at = with(-1);
  if (at == sockets.end()) at = sockets.insert(at, std::make_unique<Socket>(*this));
  Socket& socket = **at;
  socket.fd = fd;
  const std::uint32_t interest = (read ? loop::kRead : 0u) | (write ? loop::kWrite : 0u);
  // When epoll refuses, the query runs into its limit; nothing else can be done here.
  if (socket.watch.started()) {
    socket.watch.set(interest);
  } else {
    socket.watch.start(fd, interest);
  }
}

void Resolver::Impl::Socket::on_ready(std::uint32_t ready) {
  const std::uint32_t interest = watch.interest();
  if ((ready & loop::kHangup) != 0) ready |= interest;
  const bool read = (ready & interest & loop::kRead) != 0;
  const bool write = (ready & interest & loop::kWrite) != 0;
  ares_process_fd(owner.channel, read ? fd : ARES_SOCKET_BAD, write ? fd : ARES_SOCKET_BAD);
  owner.update_retry_timer();
}

void Resolver::Impl::on_retry() {
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  update_retry_timer();
}

void Resolver::Impl::update_retry_timer() {
  timeval left{};
  if (ares_timeout(channel, nullptr, &left) == nullptr) return retry_timer.cancel();
  retry_timer.arm(base::seconds(left.tv_sec) + base::microseconds(left.tv_usec));
}

void Resolver::Impl::on_limit() {
  base::TimePoint next{base::kForever};
  for (const auto& query : queries) {
    if (query->settled) continue;
    if (query->deadline <= loop.now()) {
      settle_failure(*query, ARES_ETIMEOUT);
    } else {
      next = std::min(next, query->deadline);
    }
  }
  limit_timer.arm_at(next);
  // Nothing waits for the queries that are left. (They cannot be cancelled one by one.)
  if (next.since == base::kForever && !queries.empty()) {
    ares_cancel(channel);
    update_retry_timer();
  }
}

// ---- answers -----------------------------------------------------------------------------------

// Called inside c-ares: the Resolutions deliver their answers later.
void Resolver::Impl::answered(Query* query, int status, Addresses addresses) {
  const auto at =
      std::find_if(queries.begin(), queries.end(), [&](const auto& q) { return q.get() == query; });
  const std::unique_ptr<Query> mine = std::move(*at);
  queries.erase(at);
  if (queries.empty()) limit_timer.cancel();
  if (status == ARES_SUCCESS && addresses.empty()) status = ARES_ENODATA;
  if (status != ARES_SUCCESS) return settle_failure(*mine, status);
  addresses = interleave(addresses);
  keep(mine->host, addresses);
  settle(*mine, std::move(addresses));
}

void Resolver::Impl::keep(const std::string& host, const Addresses& addresses) {
  if (answers.size() >= kMaxNames && answers.count(host) == 0) {
    answers.erase(std::min_element(
        answers.begin(), answers.end(),
        [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  answers[host] = {addresses, loop.now() + kAnswerTtl};
}

void Resolver::Impl::settle_failure(Query& query, int status) {
  renew = true;
  if (query.waiters.empty()) {
    query.settled = true;
    return;
  }
  const base::Error error = error_of(query.host, status);
  const auto last = answers.find(query.host);
  if (last == answers.end()) return settle(query, error);
  if (error.code() == base::Errc::not_found) {
    answers.erase(last);
    return settle(query, error);
  }
  LOG_WARN("name resolution failed, going on with the last good answer", {"host", query.host},
           {"error", error});
  settle(query, last->second.addresses);
}

void Resolver::Impl::settle(Query& query, const base::Result<Addresses>& result) {
  query.settled = true;
  while (Resolution::Impl* waiter = query.waiters.pop())
    waiter->answer(result);
}

Resolver::Resolver(loop::Loop& loop, std::string servers)
    : impl_(std::make_unique<Impl>(loop, std::move(servers))) {}
Resolver::~Resolver() = default;

// ---- Resolution --------------------------------------------------------------------------------

Resolution::Impl::Impl(Resolver::Impl& r, Fn f)
    : resolver_(r),
      fn_(f),
      done_(r.loop, "resolution", loop::Deferred::Fn::bind<&Impl::deliver>(this)) {}

void Resolution::Impl::deliver() {
  base::Result<Addresses> result = std::move(*result_);
  result_.reset();
  if (result) {
    for (Address& a : *result)
      a.set_port(port_);
  }
  fn_(std::move(result));
}

Resolution::Resolution(Resolver& resolver, Fn fn)
    : impl_(std::make_unique<Impl>(*resolver.impl_, fn)) {}
Resolution::~Resolution() {
  cancel();
}

void Resolution::start(const std::string& host, int port) {
  CHECK(!active());
  impl_->port_ = port;
  if (auto literal = parse_address(host, 0)) return impl_->answer(Addresses{*literal});
  const std::string name = base::to_lower(host);
  if (name == "localhost" || name == "localhost.") {
    return impl_->answer(Addresses{*parse_address("127.0.0.1", 0), *parse_address("::1", 0)});
  }
  if (!fit_for_dns(name)) {
    return impl_->answer(error_of(base::printable(host, 100), ARES_EBADNAME));
  }
  impl_->resolver_.ask(name, *impl_);
}

void Resolution::cancel() {
  if (impl_->linked()) impl_->unlink();
  impl_->done_.cancel();
  impl_->result_.reset();
}

bool Resolution::active() const {
  return impl_->linked() || impl_->done_.scheduled();
}

}  // namespace net
