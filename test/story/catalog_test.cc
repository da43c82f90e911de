// The whole server and a catalog that does not answer: calls that wait, and the end while they do.
#include "net/tls.h"
#include "support/raw_server.h"
#include "support/story_world.h"

namespace {

constexpr const char* kCall =
    R"({"name":"k0rdent.catalog.serviceTemplates.list","arguments":{"query":"nginx"}})";

struct StoryCatalog : test::StoryWorld {
  StoryCatalog() {
    const sim::ServerCerts certs = test::sim_certs();
    tls = *net::TlsContext::server({certs.cert_pem, certs.key_pem, {}, false});
    site = std::make_unique<test::RawServer>(loop, tls.get());
    settings.catalog.url = "https://127.0.0.1:" + std::to_string(site->port()) + "/index.json";
    settings.catalog.ca_file = dir.write("ca.pem", certs.ca_pem);
  }
  std::unique_ptr<net::TlsContext> tls;
  std::unique_ptr<test::RawServer> site;
  app::Settings settings;
};

TEST_F(StoryCatalog, ACallThatWaitsIsAnsweredWhenTheTimeIsOver) {
  site->script({test::request()});
  start_app(settings);
  auto session = connect();
  session->ask("tools/call", kCall);
  EXPECT_EQ(session->result()["isError"].as_bool(), true);
  EXPECT_NE(session->result()["content"].at(0)["text"].str().find("no complete answer within 30s"),
            std::string_view::npos)
      << session->result().to_json();
  stop_app();
}

TEST_F(StoryCatalog, TheServerEndsInTimeWhileItFetches) {
  site->script({test::request()});
  start_app(settings);
  auto session = connect();
  auto call = session->send("tools/call", kCall);
  EXPECT_TRUE(run_until([&] { return !site->requests.empty(); }));
  const auto begin = loop.now();
  stop_app();
  EXPECT_LE(loop.now() - begin, base::Duration(base::seconds(5)));
  settle();
  EXPECT_TRUE(site->gone(0)) << "the connection to the catalog is closed";
}

TEST_F(StoryCatalog, AClientThatGivesUpEndsNothingForOthers) {
  site->script(
      {test::request(), test::wait(base::seconds(3)),
       test::send("HTTP/1.1 200 OK\r\nContent-Length: 75\r\n\r\n"
                  R"({"addons":[{"name":"nginx","charts":[{"name":"c","versions":["1.0.0"]}]}]})"
                  "\n")});
  start_app(settings);
  auto one = connect();
  auto other = connect();
  {
    auto call = one->send("tools/call", kCall);
    EXPECT_TRUE(run_until([&] { return !site->requests.empty(); }));
  }
  other->ask("tools/call", kCall);
  EXPECT_EQ(other->result()["structuredContent"]["entries"].size(), 1U)
      << other->result().to_json();
  EXPECT_EQ(site->requests.size(), 1U);
  stop_app();
}

}  // namespace
