// The index from a local HTTPS server: good, slow, huge, garbage, gone, redirected, unchanged, older;
// and what is kept of it. Time is virtual.
#include "catalog/catalog.h"

#include <map>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/text.h"
#include "net/tls.h"
#include "support/carrier.h"
#include "support/certs.h"
#include "support/client_world.h"
#include "support/fake_dns.h"
#include "support/temp_dir.h"

namespace {

using base::minutes;
using base::seconds;
using test::request;
using test::send;
using test::Step;
using test::wait;

std::map<std::string, std::string> environment;
const char* fake_getenv(const char* name) {
  const auto at = environment.find(name);
  return at == environment.end() ? nullptr : at->second.c_str();
}

std::string index_of(const std::string& addon,
                     const std::string& generated = "2026-01-01T00:00:00Z") {
  return R"({"metadata":{"generated":")" + generated + R"("},"addons":[{"name":")" + addon +
         R"(","charts":[{"name":"c","versions":["1.0.0"]}]}]})";
}
std::string ok(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}
std::string to(const std::string& where, const char* status = "302 Found") {
  return "HTTP/1.1 " + std::string(status) + "\r\nLocation: " + where +
         "\r\nContent-Length: 0\r\n\r\n";
}

struct Told {
  int times = 0;
  std::string addon, problem, checked;
  base::Duration pause{};
};
// One query, and what it was told.
struct Asked : Told {
  explicit Asked(catalog::Catalog& of)
      : query(of, catalog::Query::Fn::bind<&Asked::on_known>(this)) {}
  void on_known(const catalog::Known& known) {
    ++times;
    addon = known.index ? known.index->addons.at(0).name : "none";
    problem = known.problem;
    checked = base::format_rfc3339(known.checked, 0);
    pause = known.pause;
  }
  catalog::Query query;
};

class CatalogTest : public test::ClientWorld {
 protected:
  CatalogTest() {
    base::log::capture(&log);
    environment.clear();
    const test::TestCerts& certs = test::shared_certs();
    server_tls = *net::TlsContext::server({certs.server_cert_pem, certs.server_key_pem, {}, false});
    ca = dir.write("ca.pem", certs.ca_pem);
    peer = std::make_unique<test::RawServer>(loop, server_tls.get());
    settings.url = url();
    settings.cache_dir = dir.path("cache/deep");
    settings.ca_file = ca;
    settings.user_agent = "k0rdent-mcp/test";
    settings.getenv = fake_getenv;
    settings.ttl = base::hours(6);
  }
  ~CatalogTest() override {
    if (made) made->close();
    loop.run_once();
    base::log::capture(nullptr);
  }
  std::string url(const std::string& path = "/index.json") const {
    return "https://127.0.0.1:" + std::to_string(peer->port()) + path;
  }
  catalog::Catalog& make() {
    made = std::make_unique<catalog::Catalog>(loop, dns_resolver, settings);
    return *made;
  }
  // The program starts again.
  catalog::Catalog& restart() {
    if (made) made->close();
    loop.run_once();
    return make();
  }
  catalog::Catalog& the() { return made ? *made : make(); }
  Told ask(bool refresh = false) {
    Asked asked(the());
    asked.query.start(refresh);
    EXPECT_EQ(asked.times, 0) << "told inside start()";
    EXPECT_TRUE(run_until([&] { return asked.times > 0; }));
    EXPECT_EQ(asked.times, 1);
    return asked;
  }
  // One connection that answers one request.
  void answer(const std::string& bytes) { peer->script({request(), send(bytes)}); }
  // As if it were kept just now, by the virtual clock.
  void put_cached(const std::string& text) const {
    const std::string file = dir.write("cache/deep/k0rdent-catalog.cache", text);
    const timespec now{loop_time(), 0};
    const timespec times[2] = {now, now};
    EXPECT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  }
  static time_t loop_time() { return base::parse_rfc3339("2026-01-01T00:00:00Z")->ns / 1000000000; }
  std::string cached() const { return dir.read("cache/deep/k0rdent-catalog.cache"); }

  std::string log;
  test::TempDir dir;
  std::string ca;
  test::FakeDns dns{loop};
  net::Resolver dns_resolver{loop, dns.server()};
  std::unique_ptr<net::TlsContext> server_tls;
  std::unique_ptr<test::RawServer> peer;
  catalog::Settings settings;
  std::unique_ptr<catalog::Catalog> made;
};

TEST_F(CatalogTest, AGoodIndexIsFetchedOnceAndKept) {
  answer(ok(index_of("good"), "ETag: \"v1\"\r\n"));
  const Told told = ask();
  EXPECT_EQ(told.addon, "good");
  EXPECT_EQ(told.problem, "");
  EXPECT_EQ(told.checked, "2026-01-01T00:00:00Z");
  EXPECT_EQ(ask().addon, "good") << "fresh";
  EXPECT_EQ(peer->requests.size(), 1U);
  EXPECT_NE(peer->requests[0].find("GET /index.json HTTP/1.1\r\n"), std::string::npos);
  EXPECT_NE(peer->requests[0].find("User-Agent: k0rdent-mcp/test\r\n"), std::string::npos);
  EXPECT_EQ(peer->requests[0].find("If-None-Match"), std::string::npos);
  EXPECT_NE(cached().find("\"etag\":\"\\\"v1\\\"\""), std::string::npos) << cached();
  EXPECT_TRUE(cached().ends_with("\n" + index_of("good")));
}

TEST_F(CatalogTest, AKeptIndexSurvivesARestartAndA304RenewsIt) {
  answer(ok(index_of("good"), "ETag: \"v1\"\r\n"));
  ask();
  restart();
  EXPECT_EQ(ask().addon, "good");
  EXPECT_EQ(peer->requests.size(), 1U) << "still fresh";
  pass(base::hours(7));
  answer("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n");
  Told told = ask();
  EXPECT_EQ(told.addon, "good");
  EXPECT_EQ(told.problem, "");
  EXPECT_EQ(told.checked.substr(0, 14), "2026-01-01T07:");
  ASSERT_EQ(peer->requests.size(), 2U);
  EXPECT_NE(peer->requests[1].find("If-None-Match: \"v1\"\r\n"), std::string::npos);
  restart();
  told = ask();
  EXPECT_EQ(told.checked.substr(0, 14), "2026-01-01T07:") << "the file says so, too";
  EXPECT_EQ(peer->requests.size(), 2U);
}

TEST_F(CatalogTest, AFailedRefreshKeepsTheIndexAndSaysWhy) {
  answer(ok(index_of("good")));
  ask();
  const std::pair<std::string, const char*> failures[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", "HTTP 404 Not Found"},
      {"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", "HTTP 500"},
      {"HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP 304"},
      {ok("<html>no</html>"), "no JSON"},
      {ok("{}"), "no list of add-ons"},
      {ok(R"({"addons":[]})"), "no add-on"},
      {ok(index_of("gz"), "Content-Encoding: gzip\r\n"), "ncoding"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "more than 1048576 bytes"},
      {"garbage\r\n\r\n", ""},
      {to("http://127.0.0.1/x"), "redirect to http://"},
      {to("https://user@127.0.0.1/x"), "redirect"},
      {to(""), "leads nowhere"},
      {ok(index_of("old", "2025-12-31T23:59:59Z")), "older index"},
      {ok(R"({"addons":[{"name":"a","charts":[{"name":"c","versions":["1.0.0"]}]}]})"),
       "without a time"},
  };
  for (const auto& [bytes, words] : failures) {
    pass(base::hours(7));
    answer(bytes);
    const Told told = ask();
    EXPECT_EQ(told.addon, "good") << bytes;
    EXPECT_NE(told.problem, "") << bytes;
    EXPECT_NE(told.problem.find(words), std::string::npos) << told.problem;
    EXPECT_EQ(told.checked, "2026-01-01T00:00:00Z");
    EXPECT_EQ(peer->unexpected, 0U);
  }
  EXPECT_TRUE(cached().ends_with(index_of("good"))) << "the file, too";
}

TEST_F(CatalogTest, WithoutAnIndexTheReasonIsAll) {
  answer("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  Told told = ask();
  EXPECT_EQ(told.addon, "none");
  EXPECT_EQ(told.problem, "HTTP 503 Service Unavailable");
  EXPECT_EQ(told.pause, catalog::kFetchPause);
  EXPECT_EQ(ask(true).problem, told.problem);
  EXPECT_EQ(peer->connections(), 1U) << "no caller makes us ask more often than kFetchPause";
  pass(catalog::kFetchPause);
  answer(ok(index_of("good")));
  told = ask();
  EXPECT_EQ(told.addon, "good");
  EXPECT_EQ(told.problem, "");
}

TEST_F(CatalogTest, RefreshReadsAgainAfterThePause) {
  answer(ok(index_of("one")));
  ask();
  EXPECT_EQ(ask(true).addon, "one");
  EXPECT_EQ(peer->requests.size(), 1U);
  pass(catalog::kFetchPause);
  answer(ok(index_of("two")));
  EXPECT_EQ(ask(true).addon, "two") << "of the same time: the server's word counts";
  EXPECT_EQ(peer->requests.size(), 2U);
}

TEST_F(CatalogTest, ASlowServerIsGivenUpAfterItsTime) {
  settings.timeout = seconds(20);
  peer->script({request(), send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
                wait(seconds(8)), send(" "), wait(seconds(8)), send(" "), wait(seconds(8)),
                send(" ")});
  const auto begin = loop.now();
  EXPECT_EQ(ask().problem, "no complete answer within 20s");
  EXPECT_EQ(loop.now() - begin, base::Duration(seconds(20)));
}

TEST_F(CatalogTest, AHugeBodyIsCutOff) {
  peer->script({request(), send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400000\r\n"),
                test::fill(4 * 1024 * 1024)});
  EXPECT_EQ(ask().problem, "the index has more than 1048576 bytes");
}

TEST_F(CatalogTest, RedirectsAreFollowedButNotForEver) {
  for (int i = 0; i < catalog::kMostRedirects; ++i)
    answer(
        to(i % 2 == 0 ? "/next" : url("/again"), i == 1 ? "308 Permanent Redirect" : "302 Found"));
  answer(ok(index_of("good")));
  EXPECT_EQ(ask().addon, "good");
  EXPECT_EQ(peer->requests.size(), 6U);
  pass(base::hours(7));
  for (int i = 0; i <= catalog::kMostRedirects; ++i)
    answer(to(url()));
  const Told told = ask();
  EXPECT_NE(told.problem.find("more than 5 redirects"), std::string::npos) << told.problem;
  EXPECT_EQ(peer->requests.size(), 12U);
}

TEST_F(CatalogTest, AWrongCertificateIsRefused) {
  settings.ca_file = dir.write("other.pem", test::make_certs().ca_pem);
  peer->script({});
  Told told = ask();
  EXPECT_EQ(told.addon, "none");
  EXPECT_NE(told.problem.find("TLS handshake"), std::string::npos) << told.problem;
  EXPECT_TRUE(peer->requests.empty());
  settings.ca_file = ca;
  settings.url = "https://wrong.test:" + std::to_string(peer->port()) + "/";
  dns.names["wrong.test"] = {"127.0.0.1"};
  peer->script({});
  restart();
  told = ask();
  EXPECT_NE(told.problem.find("wrong.test"), std::string::npos) << told.problem;
  settings.ca_file = dir.path("none.pem");
  restart();
  EXPECT_NE(ask().problem.find("none.pem"), std::string::npos);
}

// The first server has a public name, and is reached through a proxy, as a test can; where it leads
// is dialled directly, or named by its address.
TEST_F(CatalogTest, APublicServerLeadsToNoPrivateAddress) {
  dns.names["inside.test"] = {"127.0.0.1"};
  environment["NO_PROXY"] = "inside.test";
  const test::TestCerts certs = test::make_certs({.dns = {"catalog.test", "inside.test"}});
  const auto tls =
      *net::TlsContext::server({certs.server_cert_pem, certs.server_key_pem, {}, false});
  settings.ca_file = dir.write("catalog.pem", certs.ca_pem);
  peer->set_tls(tls.get());
  const std::string inside = "https://inside.test:" + std::to_string(peer->port()) + "/x";
  for (const std::string& where :
       {inside, std::string("https://10.0.0.1/"), std::string("https://localhost/"),
        std::string("https://[::1]:1/"), std::string("https://169.254.169.254/latest")}) {
    test::RawServer outside(loop, tls.get());
    outside.script({request(), send(to(where))});
    test::Carrier proxy(loop, outside.port());
    environment["HTTPS_PROXY"] = "http://" + proxy.listener.address().text();
    settings.url = "https://catalog.test/index.json";
    restart();
    Asked asked(the());
    asked.query.start(false);
    EXPECT_TRUE(run_until([&] { return proxy.carry(), asked.times > 0; }));
    EXPECT_NE(asked.problem.find("not a public address"), std::string::npos) << asked.problem;
    EXPECT_EQ(outside.requests.size(), 1U);
    EXPECT_TRUE(proxy.head.starts_with("CONNECT catalog.test:443 ")) << proxy.head;
  }
  EXPECT_EQ(peer->connections(), 0U) << "refused before it is dialled";
  settings.url = inside;
  answer(to("https://127.0.0.1:" + std::to_string(peer->port()) + "/y"));
  answer(ok(index_of("good")));
  restart();
  EXPECT_EQ(ask().addon, "good") << "a server inside may lead inside";
  EXPECT_EQ(peer->connections(), 2U);
}

TEST_F(CatalogTest, AKeptOlderIndexOfAnotherUrlIsAnotherCatalog) {
  answer(ok(index_of("new", "2026-01-01T00:00:00Z"), "ETag: \"v1\"\r\n"));
  ask();
  settings.url = url("/other.json");
  answer(ok(index_of("old", "2020-01-01T00:00:00Z")));
  restart();
  EXPECT_EQ(ask().addon, "old");
  EXPECT_EQ(peer->requests[1].find("If-None-Match"), std::string::npos);
}

TEST_F(CatalogTest, AnIndexFromTheFutureStopsNothing) {
  answer(ok(index_of("future", "2027-01-01T00:00:00Z")));
  ask();
  pass(base::hours(7));
  answer(ok(index_of("now", "2026-01-01T07:00:00Z")));
  EXPECT_EQ(ask().addon, "now");
}

TEST_F(CatalogTest, ADamagedCacheFileIsNotUsed) {
  answer(ok(index_of("good")));
  ask();
  const std::string whole = cached();
  std::string changed = whole;
  changed[whole.find("good")] = 'f';
  for (const std::string& text :
       {std::string(), std::string("{}\n"), whole.substr(0, whole.size() / 2), changed,
        std::string("\n"), std::string(10000, 'x'), std::string(2 << 20, 'x'), "x" + whole}) {
    put_cached(text);
    answer(ok(index_of("again")));
    restart();
    EXPECT_EQ(ask().addon, "again") << base::printable(text, 100);
  }
  const std::size_t asked = peer->requests.size();
  put_cached(whole);
  restart();
  EXPECT_EQ(ask().addon, "good");
  EXPECT_EQ(peer->requests.size(), asked);
}

TEST_F(CatalogTest, WithoutACacheDirectoryItIsKeptInMemory) {
  const std::string file = dir.write("file", "x");
  for (const std::string& no : {std::string(), file + "/cache", std::string("/proc/none/cache")}) {
    settings.cache_dir = no;
    answer(ok(index_of("good")));
    restart();
    EXPECT_EQ(ask().addon, "good");
    EXPECT_EQ(ask().addon, "good");
    EXPECT_EQ(log.find("kept in memory only") != log.npos, !no.empty());
  }
  EXPECT_EQ(peer->requests.size(), 3U);
}

TEST_F(CatalogTest, TwoCallersShareOneFetchAndOneMayLeave) {
  peer->script({request(), wait(seconds(1)), send(ok(index_of("good")))});
  Asked first(the()), second(the());
  auto leaver = std::make_unique<Asked>(the());
  first.query.start(false);
  leaver->query.start(true);
  second.query.start(true);
  settle();
  leaver.reset();
  EXPECT_TRUE(run_until([&] { return first.times > 0 && second.times > 0; }));
  EXPECT_EQ(first.addon + second.addon, "goodgood");
  EXPECT_EQ(peer->requests.size(), 1U);
}

TEST_F(CatalogTest, AFetchWhoseCallersLeftIsFinishedAndClosingEndsOne) {
  peer->script({request(), wait(seconds(1)), send(ok(index_of("good")))});
  {
    Asked asked(the());
    asked.query.start(false);
    settle();
  }
  pass(seconds(2));
  EXPECT_EQ(ask().addon, "good");
  EXPECT_EQ(peer->requests.size(), 1U);
  pass(base::hours(7));
  peer->script({request(), wait(base::hours(1)), send("x")});
  Asked asked(the());
  asked.query.start(false);
  settle();
  the().close();
  pass(minutes(5));
  EXPECT_EQ(asked.times, 0);
}

}  // namespace
