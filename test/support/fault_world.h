// A reflector before a server that says exactly what a test tells it to, byte by byte, over TCP or
// TLS, at an address or a name: the whole client stack under the faults of connections and framing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "net/tls.h"
#include "support/certs.h"
#include "support/dead_ports.h"
#include "support/fake_dns.h"
#include "support/raw_server.h"
#include "support/reflector_world.h"
#include "support/temp_dir.h"

namespace test {

inline std::string answer(std::string_view body, std::string_view head = "200 OK",
                          std::string_view extra = "") {
  return "HTTP/1.1 " + std::string(head) + "\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n" + std::string(extra) + "\r\n" +
         std::string(body);
}
inline std::string stream_head(std::string_view extra = "") {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n" +
         std::string(extra) + "\r\n";
}
inline std::string chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}
constexpr const char* kLastChunk = "0\r\n\r\n";

class FaultWorld : public ReflectorWorld {
 protected:
  ~FaultWorld() override {
    reflector.reset();
    client.reset();
  }

  static kube::config::Config config_of(const std::string& host, int port) {
    kube::config::Config config;
    config.cluster.name = "raw";
    config.cluster.tls = false;
    config.cluster.host = host;
    config.cluster.port = port;
    config.ns = "default";
    return config;
  }
  static kube::config::Config tls_config_of(const std::string& host, int port,
                                            const std::string& ca_pem) {
    kube::config::Config config = config_of(host, port);
    config.cluster.tls = true;
    config.cluster.ca_pem = ca_pem;
    return config;
  }
  static std::unique_ptr<net::TlsContext> server_tls(const TestCerts& certs,
                                                     bool require_client = false) {
    net::TlsServerOptions options{certs.server_cert_pem, certs.server_key_pem, "", require_client};
    if (require_client) options.client_ca_pem = certs.ca_pem;
    return *net::TlsContext::server(options);
  }
  // From now on the reflector's client is one of `config`, with names from `dns`.
  void use(kube::config::Config config) {
    auto made = kube::Client::create(loop, names, std::move(config), "test");
    ASSERT_TRUE(made) << made.error().what();
    client = *std::move(made);
  }
  void go(kube::config::Config config) {
    use(std::move(config));
    start();
  }

  // A list at version 10 of object a, and on the same connection a watch that says a bookmark
  // at 11.
  static std::vector<Step> works() {
    return {request(), send(answer(list("10", {object("a", "1")}))), request(),
            send(stream_head() + chunk(bookmark("11")))};
  }
  // A watch on a connection of its own; `bytes` after its head.
  static std::vector<Step> watch(std::string_view bytes) {
    return {request(), send(stream_head() + std::string(bytes))};
  }
  // What was asked of `server`, in order: "list", "watch VERSION", or the target.
  static std::vector<std::string> asks(const RawServer& server) {
    std::vector<std::string> out;
    for (const std::string& text : server.requests) {
      const std::size_t at = text.find("resourceVersion=");
      if (text.find("watch=1") == std::string::npos) {
        out.push_back("list");
      } else {
        out.push_back("watch " + text.substr(at + 16, text.find_first_of("& ", at) - at - 16));
      }
    }
    return out;
  }
  int failures() const { return retry.breaker().failures(); }
  bool is_confirmed() {
    return run_until([&] { return reflector->state() == kube::watch::Reflector::State::confirmed; },
                     base::minutes(10));
  }

  FakeDns dns{loop};
  net::Resolver names{loop, dns.server()};
  TempDir dir;
};

}  // namespace test
