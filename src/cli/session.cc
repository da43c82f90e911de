#include "cli/session.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/version.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/wipe.h"
#include "net/environment_proxy.h"
#include "net/loopback.h"
#include "net/tcp_stream.h"

namespace cli {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kCaBytes = std::size_t{4} << 20;  // a distribution's bundle has a fifth of it
// What is in flight in process when a command ends: nothing that the user waits for.
constexpr base::Duration kDrainTime = base::seconds(1);

Error bad(std::string what) {
  return Error(Errc::invalid_argument, std::move(what));
}

}  // namespace

Session::Session(const Options& options)
    : timeout_(options.timeout),
      loop_(clock_),
      resolver_(loop_),
      timer_(loop_, "wait", loop::Timer::Fn::bind<&Session::on_time>(this)),
      stop_(loop_, "stop", loop::Deferred::Fn::bind<&Session::on_stop>(this)) {
  peer_.token = options.token;
  peer_.user_agent = app::user_agent();
}

Session::~Session() {
  request_.reset();
  if (pool_) pool_->close_idle();
  if (app_started_) {
    app_->shutdown("the command is done");
    if (!app_stopped_) loop_.run();
  }
}

Result<std::unique_ptr<Session>> Session::open(const Options& options, app::Getenv getenv,
                                               bool asks_user) {
  std::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<Session> session(new Session(options));
  session->peer_.asks_user = asks_user;
  const auto ok = options.server.empty() ? session->start_in_process(options, getenv)
                                         : session->connect(options);
  if (!ok) return ok.error();
  session->request_ = std::make_unique<client::Request>(*session->pool_, session->peer_,
                                                        static_cast<client::Observer&>(*session));
  return session;
}

Result<void> Session::connect(const Options& options) {
  auto address = client::parse_address(options.server);
  if (!address) return bad("--server " + address.error().what());
  address_ = *std::move(address);
  name_ = options.server;
  peer_.path = address_.path;
  const bool local = !address_.unix_path.empty() || net::is_loopback(address_.host);
  if (!options.token.empty() && !address_.tls && !local)
    return bad(
        "the token would be sent unencrypted: --server must be https://…, unix:/PATH or on loopback");
  if (address_.tls) {
    net::TlsClientOptions tls;
    tls.verify_name = address_.host;
    if (!options.ca_file.empty()) {
      auto pem = base::read_file(options.ca_file, kCaBytes);
      if (!pem) return bad("--ca-file: " + pem.error().what());
      tls.ca_pem = *std::move(pem);
    }
    auto context = net::TlsContext::client(tls);
    if (!context) return bad("--ca-file: " + context.error().what());
    tls_ = *std::move(context);
  }
  pool_.emplace(loop_, resolver_, address_.host, address_.port, address_.host_header(), tls_.get());
  if (!address_.unix_path.empty())
    pool_->set_connect(http::ClientPool::ConnectFn::bind<&Session::connect_unix>(this));
  if (!address_.tls) return {};
  auto proxy = net::environment_proxy(address_.host, address_.port);
  if (!proxy) return bad("HTTPS_PROXY " + proxy.error().what());
  if (*proxy) pool_->set_proxy(**std::move(proxy));
  return {};
}

Result<void> Session::start_in_process(const Options& options, app::Getenv getenv) {
  std::vector<std::string> args{"stdio"};
  args.insert(args.end(), options.for_server.begin(), options.for_server.end());
  auto settings = app::parse_settings(args, getenv, ::isatty(STDERR_FILENO) == 1);
  if (!settings) return std::move(settings).error();
  bool level_said = false;
  for (const app::Given& each : settings->given)
    level_said = level_said || each.flag == "log-level";
  base::log::Config log;
  log.level = level_said ? settings->log_level : base::log::Level::error;
  log.format = settings->log_format;
  base::log::configure(log);
  if (!settings->core_dumps) base::keep_memory_private();
  settings->command = app::Command::in_process;
  settings->drain_timeout = kDrainTime;
  settings->sandbox =
      false;  // for a server that untrusted peers reach; it allows no pair of sockets
  app_ = std::make_unique<app::App>(loop_, *settings,
                                    base::Delegate<void()>::bind<&Session::on_stopped>(this));
  if (auto ok = app_->start(); !ok) return Error(Errc::unavailable, ok.error().what());
  app_started_ = true;
  name_ = "the server in process";
  pool_.emplace(loop_, resolver_, "localhost", 80, "localhost", nullptr);
  pool_->set_connect(http::ClientPool::ConnectFn::bind<&Session::connect_in_process>(this));
  return {};
}

Result<std::unique_ptr<net::Stream>> Session::connect_in_process() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
    return base::errno_error("socketpair", errno);
  app_->server().adopt(std::make_unique<net::TcpStream>(loop_, base::Fd(pair[0])));
  return std::unique_ptr<net::Stream>(std::make_unique<net::TcpStream>(loop_, base::Fd(pair[1])));
}

Result<std::unique_ptr<net::Stream>> Session::connect_unix() {
  const std::string& path = address_.unix_path;
  base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return base::errno_error("socket", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());  // parse_address() checked that it fits
  // A full backlog is EAGAIN here: it does not wait.
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return Error(Errc::unavailable,
                 "connect " + path + ": " + base::errno_error("", errno).what().substr(2));
  return std::unique_ptr<net::Stream>(std::make_unique<net::TcpStream>(loop_, std::move(fd)));
}

client::Outcome Session::ask(client::Ask ask, NotifyFn notify) {
  notify_ = notify;
  outcome_.reset();
  stop_.cancel();
  ask.limit = timeout_;
  request_->start(ask);
  loop_.run();
  client::Outcome out;
  if (outcome_) {
    out = *std::move(outcome_);
  } else {
    request_->cancel();
    out.failure = Error(Errc::cancelled, "cancelled");
  }
  return out;
}

void Session::on_notification(std::string_view method, base::json::Value params) {
  if (notify_) notify_(method, params);
}

void Session::on_end(client::Outcome outcome) {
  outcome_ = std::move(outcome);
  loop_.stop();
}

void Session::stop() {
  stop_.schedule();
}

void Session::on_stop() {
  loop_.stop();
}

void Session::on_stopped() {
  app_stopped_ = true;
  loop_.stop();
}

void Session::wait(base::Duration time) {
  timer_.arm(time);
  loop_.run();
}

}  // namespace cli
