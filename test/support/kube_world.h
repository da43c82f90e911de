// A Kubernetes client's test on virtual time: clients to fake API servers, with certificates of two
// CAs.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "kube/client.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "support/certs.h"
#include "support/fake_api.h"
#include "support/temp_dir.h"

namespace test {

// Made once: each costs some key generation.
struct Tls {
  const TestCerts& certs = shared_certs();
  TestCerts other = make_certs({.ca_name = "other CA", .client_common_name = "second"});
  std::unique_ptr<net::TlsContext> server(const TestCerts& of, bool require_client = false) {
    net::TlsServerOptions o{of.server_cert_pem, of.server_key_pem, "", require_client};
    if (require_client) o.client_ca_pem = certs.ca_pem;
    return *net::TlsContext::server(o);
  }
};
inline Tls& tls() {
  static Tls one;
  return one;
}

class KubeWorld : public ::testing::Test {
 protected:
  std::unique_ptr<kube::Client> make(kube::config::Config config) {
    auto client =
        kube::Client::create(loop, resolver, std::move(config), "k0rdent-mcp/1.2.3 (linux/amd64)");
    EXPECT_TRUE(client) << (client ? "" : client.error().what());
    return client ? *std::move(client) : nullptr;
  }
  template <class Done>
  bool run_until(Done done) {
    return turn_until(loop, clock, done);
  }
  bool finish(Get& get) {
    return run_until([&] { return get.out.has_value(); });
  }
  // A configured user with everything that must never travel with a caller's bearer.
  static void fill_user(kube::config::Config& config) {
    config.user.client_cert_pem = tls().certs.client_cert_pem;
    config.user.client_key_pem = tls().certs.client_key_pem;
    config.user.username = "admin";
    config.user.password = "pass";
    config.user.impersonate_user = "jane";
    config.user.impersonate_uid = "7";
    config.user.impersonate_groups = {"a", "b"};
    config.user.impersonate_extra = {{"Scopes", "r"}};
  }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  TempDir dir;
};

}  // namespace test
