// The first bytes of a connection to a listener that speaks TLS, through the same context: no bytes
// of a stranger finish a handshake, make the server say much, or end differently when they come in
// other pieces.
#include "net/tls.h"

#include <deque>
#include <memory>

#include "fuzz/fuzz.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/tls_stream.h"
#include "support/certs.h"

namespace fuzz {

namespace {

// A hello's answer with a certificate request, and an alert.
constexpr std::size_t kMostSaid = 16 * 1024;

// The peer's bytes, piece by piece.
class Fed final : public net::Stream {
 public:
  explicit Fed(std::size_t& said) : said_(said) {}
  void set_ready(ReadyFn fn) override { ready_ = fn; }
  void want(bool read, bool) override { wants_ = read; }
  net::Io read(char* to, std::size_t size) override {
    if (at_.empty()) return {net::Io::Kind::would_block};
    const std::size_t n = std::min(size, at_.size());
    at_.copy(to, n);
    at_.remove_prefix(n);
    return {net::Io::Kind::bytes, n};
  }
  net::Io write(const iovec* pieces, int count) override {
    std::size_t n = 0;
    for (int i = 0; i < count; ++i)
      n += pieces[i].iov_len;
    said_ += n;
    return {net::Io::Kind::bytes, n};
  }
  void shutdown_write() override {}
  void close() override { ready_ = {}; }
  void abort() override { close(); }
  const std::string& error() const override { return error_; }
  base::Errc error_code() const override { return base::Errc::unavailable; }
  std::string peer() const override { return "fuzz"; }
  int fd() const override { return -1; }

  void feed(std::string_view piece) {
    at_ = piece;
    // A call may take less than all of it; one that takes nothing has enough.
    for (std::size_t before = SIZE_MAX; ready_ && !at_.empty() && at_.size() < before;) {
      before = at_.size();
      ready_(true, true);
    }
  }

 private:
  std::size_t& said_;
  std::string_view at_;
  bool wants_ = false;
  ReadyFn ready_;
  std::string error_;
};

struct Outcome {
  bool failed = false;
  base::Errc code{};
  void on_done(base::Result<void> result) {
    HOLDS(!result);  // no bytes that know no secret of ours finish a handshake
    failed = true;
    code = result.error().code();
  }
  bool operator==(const Outcome&) const = default;
};

net::TlsContext& context() {
  static const std::unique_ptr<net::TlsContext> made = [] {
    const test::TestCerts& certs = test::shared_certs();
    auto server = net::TlsContext::server(
        {certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true, {}});
    HOLDS(server.has_value());
    return std::move(*server);
  }();
  return *made;
}

}  // namespace

void tls_hello(std::string_view input) {
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  std::vector<Outcome> outcomes;
  for (const Pieces& pieces : cuts(input)) {
    std::size_t said = 0;
    auto fed = std::make_unique<Fed>(said);
    Fed& feeder = *fed;
    Outcome outcome;
    net::TlsStream stream(loop, context(), std::move(fed));
    stream.start_handshake(net::TlsStream::HandshakeFn::bind<&Outcome::on_done>(&outcome));
    for (const std::string& piece : pieces) {
      if (!outcome.failed) feeder.feed(piece);
    }
    HOLDS(!stream.handshake_done() && stream.identity() == nullptr);
    HOLDS(said <= kMostSaid);
    stream.close();
    outcomes.push_back(outcome);
  }
  for (const Outcome& each : outcomes)
    HOLDS(each == outcomes.front());
}

}  // namespace fuzz
