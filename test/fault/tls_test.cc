// Faults of TLS (C10-C22), by the whole client stack.
#include "net/listener.h"
#include "support/fault_world.h"
#include "support/raw_tls.h"

namespace {

using base::seconds;
using test::answer;
using test::bookmark;
using test::chunk;
using test::frame;
using test::list;
using test::object;
using test::RawServer;
using test::request;
using test::send;
using test::Step;
using test::stream_head;
using test::TestCerts;

class FaultTls : public test::FaultWorld {
 protected:
  // The reflector against a server with that certificate; how its first attempt ends is in `last`.
  void expect_refused(const TestCerts& certs, kube::config::Config config, std::string_view words) {
    const auto context = server_tls(certs);
    RawServer server(loop, context.get());
    server.script(works());
    config.cluster.port = server.port();
    go(std::move(config));
    ASSERT_TRUE(says("<down>"));
    EXPECT_NE(last.message.find(words), std::string::npos) << last.message;
    EXPECT_EQ(failures(), 1);
    EXPECT_GE(down, seconds(1)) << "tried again with the backoff";
    EXPECT_TRUE(server.requests.empty()) << "nothing is said to an unknown peer";
    reflector.reset();
    take();
  }
};

TEST_F(FaultTls, C10AnUnknownAuthorityIsNeverTrusted) {
  static const TestCerts other = test::make_certs({.ca_name = "other CA"});
  expect_refused(other, tls_config_of("127.0.0.1", 0, test::shared_certs().ca_pem), "certificate");
}

TEST_F(FaultTls, C11TheCommonNameIsNoName) {
  const TestCerts certs = test::make_certs(
      {.common_name = "api.example", .dns = {"elsewhere.example"}, .ip = {"127.0.0.1"}});
  dns.names["api.example"] = {"127.0.0.1"};
  expect_refused(certs, tls_config_of("api.example.", 0, certs.ca_pem), "api.example");
}

TEST_F(FaultTls, C12AnIpAddressNeedsItsSanOrATlsServerName) {
  const TestCerts certs = test::make_certs({.dns = {"api.example"}, .ip = {}});
  kube::config::Config config = tls_config_of("127.0.0.1", 0, certs.ca_pem);
  expect_refused(certs, config, "127.0.0.1");
  const auto context = server_tls(certs);
  RawServer server(loop, context.get());
  server.script(works());
  config.cluster.port = server.port();
  config.cluster.tls_server_name = "api.example";
  go(std::move(config));
  EXPECT_TRUE(is_confirmed());
}

TEST_F(FaultTls, C13TheMessageOfACertificateOutOfTimeNamesTheClock) {
  // The virtual clock stands at 2026-01-01.
  const TestCerts old = test::make_certs({.not_after = 1767225600 - 86400});
  expect_refused(old, tls_config_of("127.0.0.1", 0, old.ca_pem),
                 "the clock here says 2026-01-01T00:00:0");
  retry.succeeded();
  const TestCerts young = test::make_certs({.not_before = 1767225600 + 3600});
  expect_refused(young, tls_config_of("127.0.0.1", 0, young.ca_pem),
                 "the clock here says 2026-01-01T00:00:0");
}

TEST_F(FaultTls, C14AnIntermediateAloneIsAnAnchor) {
  const TestCerts certs = test::make_certs({.intermediate = true});
  const auto context = server_tls(certs);
  RawServer server(loop, context.get());
  server.script(works());
  go(tls_config_of("127.0.0.1", server.port(), certs.intermediate_pem));
  EXPECT_TRUE(is_confirmed());
}

TEST_F(FaultTls, C15ANewCaWorksAfterOneFailedAttemptAtMost) {
  static const TestCerts other = test::make_certs({.ca_name = "other CA"});
  const auto context = server_tls(test::shared_certs()), fresh = server_tls(other);
  RawServer server(loop, context.get());
  std::vector<Step> first = works();
  first.push_back(test::wait(seconds(5)));
  first.push_back(send(test::kLastChunk));
  first.push_back(test::finish());
  server.script(first);
  server.script(watch(""));
  server.script(watch(chunk(frame("ADDED", object("b", "12")))));
  kube::config::Config config = tls_config_of("127.0.0.1", server.port(), "");
  config.cluster.ca_file = dir.write("ca.crt", test::shared_certs().ca_pem);
  go(std::move(config));
  ASSERT_TRUE(is_confirmed());
  server.set_tls(fresh.get());
  dir.write("ca.crt", other.ca_pem);
  ASSERT_TRUE(says("+ns/b=12"));
  EXPECT_LE(std::count(said.begin(), said.end(), "<down>"), 1);
  EXPECT_EQ(asks(server).back(), "watch 11");
  settle();
  EXPECT_EQ(client->stats().connections, 1U) << "the old ones are gone";
}

TEST_F(FaultTls, C16AGarbledCaKeepsTheLastGoodOneAndWarns) {
  const auto context = server_tls(test::shared_certs());
  RawServer server(loop, context.get());
  server.script({request(), send(answer(list("10", {object("a", "1")}))), request(),
                 send(stream_head() + chunk(bookmark("11"))), test::wait(seconds(260)),
                 test::finish()});
  server.script({test::reset()});
  server.script({request(), send(stream_head() + chunk(bookmark("12"))), test::wait(seconds(260)),
                 test::finish()});
  server.script(watch(chunk(frame("ADDED", object("b", "13")))));
  kube::config::Config config = tls_config_of("127.0.0.1", server.port(), "");
  config.cluster.ca_file = dir.write("ca.crt", test::shared_certs().ca_pem);
  go(std::move(config));
  ASSERT_TRUE(is_confirmed());
  dir.write("ca.crt", test::shared_certs().ca_pem.substr(0, 200));
  std::string log;
  base::log::capture(&log);
  // Over the time after which the file is read again, and a failed dial that has it read at once.
  const bool heard = says("+ns/b=13", base::minutes(20));
  base::log::capture(nullptr);
  EXPECT_TRUE(heard);
  EXPECT_EQ(failures(), 0) << "the reset one is over";
  EXPECT_NE(log.find("last good content"), std::string::npos);
}

TEST_F(FaultTls, C17ARefusalOfOurCertificateIsNoReset) {
  const auto context = server_tls(test::shared_certs(), true);
  RawServer server(loop, context.get());
  server.script({request()});
  go(tls_config_of("127.0.0.1", server.port(), test::shared_certs().ca_pem));
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.code, base::Errc::unauthorized) << last.message;
  EXPECT_NE(last.message.find("certificate"), std::string::npos) << last.message;
  EXPECT_EQ(failures(), 1);
}

// A server stepped by hand between the loop's turns, for what no correct server does.
class FaultTlsRaw : public test::FaultWorld {
 public:
  void on_accept(base::Fd fd, const net::Address&) {
    raws.push_back(std::make_unique<test::RawTls>(std::move(fd), test::shared_certs(), options));
    shaken.push_back(false);
  }

 protected:
  void listen() {
    ASSERT_TRUE(listener.listen("127.0.0.1", 0));
    use(tls_config_of("127.0.0.1", listener.address().port(), test::shared_certs().ca_pem));
    start();
  }
  void step() {
    for (std::size_t i = 0; i < raws.size(); ++i)
      if (!shaken[i]) shaken[i] = raws[i]->handshake();
  }
  bool stepped_until(const std::function<bool()>& done) {
    for (int turn = 0; turn < 2000 && !done(); ++turn) {
      step();
      loop.run_once();
    }
    return done();
  }
  bool read_request() {
    std::string got;
    return stepped_until([&] {
      got += raws.empty() || !shaken.back() ? "" : raws.back()->read();
      return got.find("\r\n\r\n") != std::string::npos;
    });
  }
  test::RawTls::Options options;
  std::vector<std::unique_ptr<test::RawTls>> raws;
  std::vector<bool> shaken;
  net::Listener listener{loop, net::Listener::AcceptFn::bind<&FaultTlsRaw::on_accept>(this)};
};

TEST_F(FaultTlsRaw, C18TlsElevenIsRefusedWithAMessage) {
  options.max_version = TLS1_1_VERSION;
  listen();
  ASSERT_TRUE(stepped_until([&] { return !said.empty(); }));
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_NE(last.message.find("no TLS 1.2 or later in common"), std::string::npos) << last.message;
}

TEST_F(FaultTlsRaw, C19Http2ThatNobodyAskedForIsRefused) {
  options.select_h2 = true;
  listen();
  ASSERT_TRUE(stepped_until([&] { return !said.empty(); }));
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(last.code, base::Errc::protocol);
  EXPECT_NE(last.message.find("TLS handshake"), std::string::npos) << last.message;
}

TEST_F(FaultTlsRaw, C20NewKeysInTheMiddleOfAStreamChangeNothing) {
  listen();
  ASSERT_TRUE(read_request());
  ASSERT_TRUE(raws.back()->write(answer(list("10", {object("a", "1")}))));
  ASSERT_TRUE(read_request());
  ASSERT_TRUE(raws.back()->write(stream_head()));
  for (int i = 11; i < 31; ++i) {
    raws.back()->update_keys();
    ASSERT_TRUE(raws.back()->write(chunk(frame("MODIFIED", object("a", std::to_string(i))))));
    ASSERT_TRUE(stepped_until([&] { return stored() == "ns/a=" + std::to_string(i); })) << i;
    raws.back()->read();
  }
  EXPECT_EQ(raws.size(), 1U);
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultTls, C21SixtyFourFramesInOneRecordAllArriveInOneTurn) {
  const auto context = server_tls(test::shared_certs());
  RawServer server(loop, context.get());
  std::string frames;
  for (int i = 0; i < 64; ++i)
    frames += frame("ADDED", object("o" + std::to_string(i), std::to_string(20 + i)));
  ASSERT_LT(frames.size(), 16U * 1024) << "one record";
  server.script(works());
  go(tls_config_of("127.0.0.1", server.port(), test::shared_certs().ca_pem));
  ASSERT_TRUE(is_confirmed());
  server.say(0, chunk(frames));
  int turns_with_news = 0;
  for (int turn = 0; turn < 50 && reflector.collection().entries().size() < 65; ++turn) {
    const std::size_t before = reflector.collection().entries().size();
    loop.run_once();
    turns_with_news += reflector.collection().entries().size() > before ? 1 : 0;
  }
  EXPECT_EQ(reflector.collection().entries().size(), 65U);
  EXPECT_EQ(turns_with_news, 1) << "what OpenSSL holds needs no further wake-up";
}

TEST_F(FaultTls, C22NoCloseNotifyAfterAWholeBodyIsASuccess) {
  const auto context = server_tls(test::shared_certs());
  RawServer server(loop, context.get());
  server.script({request(),
                 send(stream_head() + chunk(list("10", {object("a", "1")})) + test::kLastChunk),
                 test::cut()});
  server.script(watch(chunk(bookmark("11"))));
  go(tls_config_of("127.0.0.1", server.port(), test::shared_certs().ca_pem));
  ASSERT_TRUE(is_confirmed());
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>"}));
  EXPECT_EQ(failures(), 0);
}

}  // namespace
