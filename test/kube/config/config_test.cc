// kubeconfig files, their merging and their errors; the pod's service account.
#include <map>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "kube/config/auth.h"
#include "kube/config/kubeconfig.h"
#include "net/environment_proxy.h"
#include "net/loopback.h"
#include "support/certs.h"
#include "support/temp_dir.h"

namespace {

std::map<std::string, std::string> environment;

const char* fake_getenv(const char* name) {
  const auto at = environment.find(name);
  return at == environment.end() ? nullptr : at->second.c_str();
}

// `cluster` and `user` are the lines of their bodies.
std::string config_text(const std::string& cluster, const std::string& user) {
  const auto indent = [](const std::string& body) {
    std::string out;
    for (const std::string_view line : base::split(body, '\n'))
      if (!line.empty()) out.append("    ").append(line).append("\n");
    return out;
  };
  return "apiVersion: v1\nkind: Config\ncurrent-context: main\nclusters:\n- name: c\n  cluster:\n" +
         indent(cluster) + "users:\n- name: u\n  user:\n" + indent(user) +
         "contexts:\n- name: main\n  context: {cluster: c, user: u, namespace: team-a}\n";
}

constexpr const char* kServer = "server: https://api.example:6443\n";

class KubeConfig : public ::testing::Test {
 protected:
  void SetUp() override { environment.clear(); }
  kube::config::LoadOptions options(std::string file = {}) const {
    kube::config::LoadOptions o;
    o.file = std::move(file);
    o.getenv = fake_getenv;
    o.service_account_dir = dir.path("sa");
    return o;
  }
  base::Result<kube::config::Config> load(const std::string& text) {
    return kube::config::load_config(options(dir.write("config", text)));
  }
  base::Result<kube::config::Config> load(const std::string& cluster, const std::string& user) {
    return load(config_text(cluster, user));
  }
  // The error, which must name the file.
  std::string error_of(const std::string& cluster, const std::string& user) {
    const auto config = load(cluster, user);
    if (config) return "no error";
    EXPECT_NE(config.error().what().find(dir.path("config")), std::string::npos)
        << config.error().what();
    return config.error().what();
  }
  test::TempDir dir;
};

testing::AssertionResult has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << text << "\" lacks \"" << part << "\"";
}

TEST_F(KubeConfig, ReadsTheContextInUse) {
  const auto config = load(std::string(kServer) + "tls-server-name: kubernetes\n", "token: abc\n");
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->cluster.host, "api.example");
  EXPECT_EQ(config->cluster.port, 6443);
  EXPECT_TRUE(config->cluster.tls);
  EXPECT_EQ(config->cluster.tls_server_name, "kubernetes");
  EXPECT_EQ(config->user.token, "abc");
  EXPECT_EQ(config->context, "main");
  EXPECT_EQ(config->ns, "team-a");
  EXPECT_EQ(config->source, "file " + dir.path("config"));
  EXPECT_TRUE(config->warnings.empty());
}

TEST_F(KubeConfig, ServersMayHaveAPathAnIpv6AddressAndTheUsualPorts) {
  const auto prefix = load("server: https://rancher.example/k8s/clusters/c-1/\n", "{}");
  ASSERT_TRUE(prefix) << prefix.error().what();
  EXPECT_EQ(prefix->cluster.path_prefix, "/k8s/clusters/c-1");
  EXPECT_EQ(prefix->cluster.port, 443);
  const auto v6 = load("server: https://[fd00::1]:6443\n", "{}");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->cluster.host, "fd00::1");
  const auto plain = load("server: http://127.0.0.1\n", "token: t\n");
  ASSERT_TRUE(plain) << plain.error().what();
  EXPECT_FALSE(plain->cluster.tls);
  EXPECT_EQ(plain->cluster.port, 80);
  const auto query = load("server: https://a.example/?x=1\n", "{}");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->cluster.path_prefix, "");
  EXPECT_EQ(query->warnings.size(), 1u);
}

TEST_F(KubeConfig, C26AnHttpProxyIsTakenWithItsUser) {
  const auto config =
      load("server: https://a\nproxy-url: http://u:p%40ss@proxy.example:3128/\n", "{}");
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->cluster.proxy.host, "proxy.example");
  EXPECT_EQ(config->cluster.proxy.port, 3128);
  EXPECT_EQ(config->cluster.proxy.authorization, "Basic dTpwQHNz") << "u:p@ss";
  const auto bare = load("server: https://a\nproxy-url: http://[fd00::1]\n", "{}");
  ASSERT_TRUE(bare) << bare.error().what();
  EXPECT_EQ(bare->cluster.proxy.host, "fd00::1");
  EXPECT_EQ(bare->cluster.proxy.port, 80);
  EXPECT_EQ(bare->cluster.proxy.authorization, "");
}

TEST_F(KubeConfig, C26TheEnvironmentsProxyCountsWhereThereIsNoProxyUrl) {
  environment["https_proxy"] = "u:p%40ss@proxy.example:3128";
  const auto config = load(kServer, "{}");
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->cluster.proxy.host, "proxy.example") << "http:// may be left out";
  EXPECT_EQ(config->cluster.proxy.port, 3128);
  EXPECT_EQ(config->cluster.proxy.authorization, "Basic dTpwQHNz");
  environment["HTTPS_PROXY"] = "http://other.example";
  EXPECT_EQ(load(kServer, "{}")->cluster.proxy.host, "other.example") << "upper case is first";
  const auto own = load(std::string(kServer) + "proxy-url: http://own.example\n", "{}");
  EXPECT_EQ(own->cluster.proxy.host, "own.example");
  EXPECT_EQ(load("server: http://127.0.0.1\n", "{}")->cluster.proxy.host, "");
  for (const char* here : {"localhost:6443", "127.0.0.1:6443", "[::1]:6443"}) {
    const auto near = load(std::string("server: https://") + here + "\n", "{}");
    EXPECT_EQ(near->cluster.proxy.host, "") << here;
  }
  environment["no_proxy"] = "a.example, api.example";
  EXPECT_EQ(load(kServer, "{}")->cluster.proxy.host, "");
  environment["NO_PROXY"] = "a.example";
  EXPECT_EQ(load(kServer, "{}")->cluster.proxy.host, "other.example");
}

TEST_F(KubeConfig, C26AnEnvironmentsProxyOfAnotherKindIsRefusedUnlessTheServerIsExcepted) {
  for (const char* proxy :
       {"https://user:secret@proxy.example/path", "socks4://user:secret@proxy.example",
        "http://user:secret@proxy.example/path", "http://"}) {
    environment["HTTPS_PROXY"] = proxy;
    const auto config = load(kServer, "{}");
    ASSERT_FALSE(config) << proxy;
    EXPECT_EQ(config.error().code(), base::Errc::invalid_argument);
    EXPECT_TRUE(has(config.error().what(), "HTTPS_PROXY must be http://HOST[:PORT]"));
    EXPECT_FALSE(has(config.error().what(), "secret"));
  }
  environment["NO_PROXY"] = "*";
  EXPECT_TRUE(load(kServer, "{}"));
}

// As golang.org/x/net/http/httpproxy reads it.
TEST(KubeProxy, C26NoProxyNamesDomainsAddressesAndRanges) {
  const struct {
    const char* no_proxy;
    const char* host;
    bool excepted;
  } cases[] = {
      {"", "api.example", false},
      {"*", "api.example", true},
      {"a,*", "10.0.0.1", true},
      {"api.example", "api.example", true},
      {"API.Example", "api.EXAMPLE", true},
      {"example", "api.example", true},
      {"pi.example", "api.example", false},
      {".example", "api.example", true},
      {".api.example", "api.example", false},
      {"*.example", "api.example", true},
      {"*.api.example", "api.example", false},
      {"api.example.org", "api.example", false},
      {" b.example ,, api.example ", "api.example", true},
      {"api.example:6443", "api.example", true},
      {"api.example:443", "api.example", false},
      {":6443", "api.example", false},
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1:6443", "10.0.0.1", true},
      {"10.0.0.1:1", "10.0.0.1", false},
      {"10.0.0.2", "10.0.0.1", false},
      {"0.0.1", "10.0.0.1", true},  // a domain to Go as well
      {"10.0.0.0/8", "10.200.0.1", true},
      {"10.0.0.0/9", "10.200.0.1", false},
      {"10.200.0.0/31", "10.200.0.1", true},
      {"0.0.0.0/0", "10.200.0.1", true},
      {"10.0.0.0/33", "10.0.0.1", false},
      {"10.0.0.0/8", "api.example", false},
      {"10.0.0.0/8,api.example", "api.example", true},
      {"10.0.0.0/8", "fd00::1", false},
      {"fd00::/8", "fd00::1", true},
      {"fd00::1", "fd00:0::1", true},
      {"[fd00::1]:6443", "fd00::1", true},
      {"[fd00::1]:443", "fd00::1", false},
      {"fd00::2", "fd00::1", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(net::is_excepted(c.no_proxy, c.host, 6443), c.excepted)
        << c.no_proxy << " " << c.host;
}

TEST_F(KubeConfig, JsonIsAKubeconfigToo) {
  const auto config = load(
      "{\n\t\"apiVersion\": \"v1\", \"kind\": \"Config\", \"current-context\": \"m\",\n"
      "\t\"clusters\": [{\"name\": \"c\", \"cluster\": {\"server\": \"https://a.example\"}}],\n"
      "\t\"users\": [{\"name\": \"u\", \"user\": {\"token\": \"t\"}}],\n"
      "\t\"contexts\": [{\"name\": \"m\", \"context\": {\"cluster\": \"c\", \"user\": "
      "\"u\"}}]\n}\n");
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->user.token, "t");
  EXPECT_EQ(config->ns, "default");
}

TEST_F(KubeConfig, InlineDataIsBase64ThatMayBeWrapped) {
  const auto& certs = test::shared_certs();
  std::string wrapped = base::base64(certs.ca_pem);
  for (std::size_t at = 64; at < wrapped.size(); at += 67)
    wrapped.insert(at, "\n  ");
  const auto config =
      load(std::string(kServer) + "certificate-authority-data: |\n  " + wrapped + "\n",
           "client-certificate-data: " + base::base64(certs.client_cert_pem) +
               "\nclient-key-data: " + base::base64(certs.client_key_pem) + "\n");
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->cluster.ca_pem, certs.ca_pem);
  EXPECT_EQ(config->user.client_cert_pem, certs.client_cert_pem);
  EXPECT_EQ(config->user.client_key_pem, certs.client_key_pem);
}

TEST_F(KubeConfig, EveryMistakeInAClusterIsNamed) {
  const struct {
    const char *cluster, *expect;
  } cases[] = {
      {"{}", "cluster \"c\": server is missing"},
      {"server: api.example:6443\n", "server is wrong"},
      {"server: ftp://api.example\n", "server must begin with https:// or http://"},
      {"server: https://u:%zz@api.example\n", "user name or password has a bad escape"},
      {"server: https://:p@api.example\n", "a password without a user name"},
      {"server: http://u:p@api.example\n", "is reached over http://"},
      {"server: [a]\n", "server must be a string"},
      {"server: https://a\nproxy-url: socks5h://proxy:1080\n",
       "proxy-url must be http://HOST[:PORT], https://HOST[:PORT] or socks5://HOST[:PORT]"},
      {"server: https://[fe80::1%25]\n", "not an IPv6 address"},
      {"server: https://a\nproxy-url: https://proxy:3128/path\n",
       "proxy-url must be http://HOST[:PORT]"},
      {"server: https://a\nproxy-url: proxy:3128\n", "proxy-url must be http://HOST[:PORT]"},
      {"server: https://a\nproxy-url: http://u%zz@proxy:3128\n",
       "proxy-url has a user or a password that is not percent-encoded"},
      {"server: http://localhost\nproxy-url: http://proxy:3128\n",
       "proxy-url needs a server with https://"},
      {"server: https://a\ncertificate-authority: a\ncertificate-authority-data: QQ==\n",
       "certificate-authority and certificate-authority-data are both set"},
      {"server: https://a\ncertificate-authority-data: '***'\n",
       "certificate-authority-data is not base64"},
      {"server: https://a\ncertificate-authority-data: QUJD\n",
       "certificate-authority-data is not PEM in base64"},
      {"server: https://a\ninsecure-skip-tls-verify: true\ncertificate-authority: a\n",
       "insecure-skip-tls-verify and a certificate-authority are both set"},
      {"server: https://a\ninsecure-skip-tls-verify: yes-please\n",
       "insecure-skip-tls-verify must be true or false"},
      {"server: https://a\ninsecure-skip-tls-verify: \"true\"\n",
       "insecure-skip-tls-verify must be true or false"},
      {"server: https://a\ntls-server-name: \"a\\r\\nb\"\n", "tls-server-name holds a control"},
  };
  for (const auto& c : cases)
    EXPECT_TRUE(has(error_of(c.cluster, "token: t\n"), c.expect));
}

TEST_F(KubeConfig, EveryMistakeInAUserIsNamed) {
  const std::string pem = base::base64("-----BEGIN X-----\n");
  const struct {
    std::string user, expect;
  } cases[] = {
      {"token: t\nusername: a\npassword: b\n", "user \"u\": token and username are both set"},
      {"tokenFile: t\nusername: a\n", "tokenFile and username are both set"},
      {"token: \"a\\r\\nX-Evil: 1\"\n", "token holds a space, a control"},
      {"token: a b\n", "token holds a space"},
      {"token: [x]\n", "token must be a string"},
      {"username: \"a:b\"\n", "username must not hold ':'"},
      {"username: \"a\\nb\"\n", "username holds a control"},
      {"password: b\n", "password needs username"},
      {"client-certificate: c.crt\n", "client-certificate is set without client-key"},
      {"client-key-data: " + pem + "\n", "client-key is set without client-certificate"},
      {"client-certificate: a\nclient-certificate-data: " + pem + "\nclient-key: k\n",
       "client-certificate and client-certificate-data are both set"},
      {"client-certificate: a\nclient-key: k\nclient-key-data: " + pem + "\n",
       "client-key and client-key-data are both set"},
      {"as-groups: [g]\n", "as-groups needs as"},
      {"as-uid: x\n", "as-uid needs as"},
      {"as-user-extra: {a: [b]}\n", "as-user-extra needs as"},
      {"as: x\nas-groups: g\n", "as-groups must be a list"},
      {"as: x\nas-groups: [\"a\\nb\"]\n", "as-groups holds a control"},
      {"as: x\nas-user-extra: {a: b}\n", "as-user-extra is wrong"},
      {"auth-provider: {name: gcp}\n", "auth-provider other than oidc"},
      {"auth-provider: {name: oidc, config: {client-id: a}}\n", "needs idp-issuer-url"},
      {"auth-provider: {name: oidc, config: {client-id: a, idp-issuer-url: b, id-token: c}}\n",
       "not a JWT"},
  };
  for (const auto& c : cases)
    EXPECT_TRUE(has(error_of(kServer, c.user), c.expect));
}

TEST_F(KubeConfig, EveryMistakeInAnExecSectionIsNamed) {
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never";
  const struct {
    std::string user, expect;
  } cases[] = {
      {"exec: {" + v1 + ", command: x}\nauth-provider: {name: oidc}\n",
       "exec and auth-provider are both set"},
      {"exec: {command: x}\ntoken: t\n", "apiVersion must be"},
      {"exec: {" + v1 + "}\n", "user \"u\": exec: command is missing"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}\n",
       "apiVersion must be client.authentication.k8s.io/v1 or v1beta1"},
      {"exec: {command: x}\n", "apiVersion must be"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1, command: x}\n",
       "interactiveMode must be Never or IfAvailable"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}\n",
       "interactiveMode Always is not supported"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x, interactiveMode: "
       "Perhaps}\n",
       "interactiveMode must be"},
      {"exec: {" + v1 + ", command: x, args: a}\n", "args must be a list"},
      {"exec: {" + v1 + ", command: x, args: [[a]]}\n", "args must be a list of strings"},
      {"exec: {" + v1 + ", command: x, env: [{value: b}]}\n", "env entry is wrong"},
      {"exec: {" + v1 + ", command: x, env: [{name: \"A=B\"}]}\n", "must be a variable name"},
      {"exec: {" + v1 + ", command: x, provideClusterInfo: 1}\n",
       "provideClusterInfo must be true or false"},
      {"exec: x\n", "exec must be a mapping"},
  };
  for (const auto& c : cases)
    EXPECT_TRUE(has(error_of(kServer, c.user), c.expect));
}

TEST_F(KubeConfig, SecretsNeverStandInErrors) {
  for (const char* user : {"token: \"s3cret\\nx\"\n", "username: u\npassword: \"s3cret\\n\"\n",
                           "client-certificate-data: s3cret!\nclient-key-data: s3cret!\n"}) {
    EXPECT_EQ(error_of(kServer, user).find("s3cret"), std::string::npos);
  }
  EXPECT_EQ(error_of("server: https://u:s3cret@a.example\n", "{}").find("s3cret"),
            std::string::npos);
}

TEST_F(KubeConfig, CredentialsOverPlainHttpGoToLoopbackOnly) {
  for (const char* user : {"token: t\n", "tokenFile: f\n", "username: a\n"}) {
    EXPECT_TRUE(has(error_of("server: http://api.example\n", user), "http://"));
    EXPECT_TRUE(load("server: http://localhost:8080\n", user));
    EXPECT_TRUE(load("server: http://[::1]:8080\n", user));
  }
  EXPECT_TRUE(load("server: http://api.example\n", "{}"));
  EXPECT_TRUE(net::is_loopback("127.9.9.9"));
  EXPECT_FALSE(net::is_loopback("127.0.0.1.example"));
  EXPECT_FALSE(net::is_loopback("10.0.0.1"));
}

TEST_F(KubeConfig, ExecSectionsAreReadWhole) {
  dir.make_dir("bin");
  const auto config =
      load(std::string(kServer) +
               "extensions:\n- name: client.authentication.k8s.io/exec\n  extension: {audience: "
               "\"a b\", n: 3}\n",
           "exec:\n  apiVersion: client.authentication.k8s.io/v1beta1\n  command: bin/login\n"
           "  args: [get-token, --cluster, \"7\"]\n  env: [{name: A, value: x y}, {name: B}]\n"
           "  installHint: apt install login\n  provideClusterInfo: true\n");
  ASSERT_TRUE(config) << config.error().what();
  const kube::config::ExecConfig& exec = *config->user.exec;
  EXPECT_EQ(exec.command, dir.path("bin/login"));
  EXPECT_EQ(exec.args, (std::vector<std::string>{"get-token", "--cluster", "7"}));
  ASSERT_EQ(exec.env.size(), 2u);
  EXPECT_EQ(exec.env[0].second, "x y");
  EXPECT_EQ(exec.env[1].second, "");
  EXPECT_TRUE(exec.provide_cluster_info);
  EXPECT_EQ(exec.cluster_extension_json, R"({"audience":"a b","n":3})");
  const auto bare = load(kServer,
                         "exec: {apiVersion: client.authentication.k8s.io/v1, command: login, "
                         "interactiveMode: IfAvailable}\n");
  ASSERT_TRUE(bare) << bare.error().what();
  EXPECT_EQ(bare->user.exec->command, "login") << "a bare name is looked for in PATH";
}

TEST_F(KubeConfig, ImpersonationIsRead) {
  const auto config = load(kServer,
                           "token: t\nas: jane\nas-uid: '7'\nas-groups: [a, b]\n"
                           "as-user-extra: {Scopes/x: [r, w]}\n");
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->user.impersonate_user, "jane");
  EXPECT_EQ(config->user.impersonate_uid, "7");
  EXPECT_EQ(config->user.impersonate_groups, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(config->user.impersonate_extra.size(), 2u);
  EXPECT_EQ(kube::config::impersonate_extra_name("Scopes/x%"), "Impersonate-Extra-scopes%2fx%25");
}

TEST_F(KubeConfig, UnknownFieldsAreWarnedOf) {
  const auto config =
      load(std::string(kServer) + "certificate-autority: x\n", "token: t\nextra: 1\n");
  ASSERT_TRUE(config) << config.error().what();
  ASSERT_EQ(config->warnings.size(), 2u);
  EXPECT_TRUE(has(config->warnings[0], "certificate-autority"));
  EXPECT_TRUE(has(config->warnings[0], "(certificate-authority?)"));
}

TEST_F(KubeConfig, AFileThatAnybodyMayWriteAndThatRunsAProgramIsWarnedOf) {
  const std::string text = config_text(
      kServer,
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Never}\n");
  const auto open = kube::config::load_config(options(dir.write("open", text, 0666)));
  ASSERT_TRUE(open) << open.error().what();
  EXPECT_EQ(open->warnings.size(), 1u);
  const auto closed = kube::config::load_config(options(dir.write("closed", text, 0644)));
  ASSERT_TRUE(closed);
  EXPECT_TRUE(closed->warnings.empty());
}

TEST_F(KubeConfig, RootMistakesAreNamed) {
  const auto error = [this](const std::string& text) {
    const auto config = load(text);
    return config ? std::string("no error") : config.error().what();
  };
  EXPECT_TRUE(has(error("apiVersion: v2\n"), "apiVersion must be v1"));
  EXPECT_TRUE(has(error("kind: Pod\n"), "kind must be Config"));
  EXPECT_TRUE(has(error("- a\n"), "is not a mapping"));
  EXPECT_TRUE(has(error("clusters: 3\n"), "clusters must be a list"));
  EXPECT_TRUE(has(error("clusters:\n- cluster: {}\n"), "clusters has an entry without a name"));
  EXPECT_TRUE(has(error("users:\n- name: a\n- name: a\n"), "users has two entries named \"a\""));
  EXPECT_TRUE(has(error(""), "no current-context is set, and there are no contexts"));
  EXPECT_TRUE(has(error("a: [\n"), "config: line "));
  EXPECT_TRUE(has(error("contexts:\n- name: prod\n- name: dev\n"), "the contexts are prod, dev"));
  EXPECT_TRUE(has(error("current-context: x\n"), "there is no context \"x\""));
  EXPECT_TRUE(has(error("current-context: x\ncontexts:\n- name: x\n"),
                  "context \"x\": cluster is missing"));
  EXPECT_TRUE(has(error("current-context: x\ncontexts:\n- name: x\n  context: {cluster: c}\n"),
                  "user is missing"));
  EXPECT_TRUE(
      has(error("current-context: x\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\n"),
          "there is no cluster \"c\""));
  EXPECT_TRUE(has(
      error("current-context: x\nclusters:\n- name: c\n  cluster: {server: 'https://a'}\n"
            "users:\n- name: admin\ncontexts:\n- name: x\n  context: {cluster: c, user: admn}\n"),
      "there is no user \"admn\" (\"admin\"?)"));
  EXPECT_TRUE(has(error("current-context: x\ncontexts:\n- name: x\n"
                        "  context: {cluster: c, user: u, namespace: A_B}\n"),
                  "namespace is not a DNS label"));
}

TEST_F(KubeConfig, AnAskedForContextWinsAndAMisspeltOneIsToldTheNearest) {
  kube::config::LoadOptions o = options(dir.write("config", config_text(kServer, "token: t\n")));
  o.context = "mian";
  const auto config = kube::config::load_config(o);
  ASSERT_FALSE(config);
  EXPECT_TRUE(has(config.error().what(), "there is no context \"mian\" (\"main\"?)"));
}

TEST_F(KubeConfig, AnExplicitFileMustExist) {
  const auto config = kube::config::load_config(options(dir.path("none")));
  ASSERT_FALSE(config);
  EXPECT_TRUE(has(config.error().what(), dir.path("none")));
  environment["K0RDENT_MGMT_KUBECONFIG_PATH"] = dir.path("none-either");
  EXPECT_FALSE(kube::config::load_config(options()));
}

TEST_F(KubeConfig, OfSeveralFilesTheFirstWinsForAWholeEntry) {
  dir.make_dir("one");
  dir.make_dir("two");
  dir.write("one/config",
            "current-context: main\nusers:\n- name: u\n  user: {tokenFile: token}\n"
            "contexts:\n- name: main\n  context: {cluster: c, user: u}\n");
  dir.write(
      "two/config",
      "current-context: other\nusers:\n- name: u\n  user: {token: second, as: x}\n"
      "clusters:\n- name: c\n  cluster: {server: 'https://a', certificate-authority: ca.crt}\n");
  environment["KUBECONFIG"] = ":" + dir.path("none") + ":" + dir.path("one/config") +
                              "::" + dir.path("two/config") + ":" + dir.path("one/config");
  const auto config = kube::config::load_config(options());
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->context, "main");
  EXPECT_EQ(config->user.token_file, dir.path("one/token")) << "relative to its own file";
  EXPECT_EQ(config->user.token, "") << "no field of the second file's entry";
  EXPECT_EQ(config->user.impersonate_user, "");
  EXPECT_EQ(config->cluster.ca_file, dir.path("two/ca.crt"));
  EXPECT_EQ(config->source, "KUBECONFIG (2 files)");
}

TEST_F(KubeConfig, EveryBrokenFileOfAListIsNamed) {
  dir.write("a", "x: [");
  dir.write("b", "kind: Pod");
  environment["KUBECONFIG"] = dir.path("a") + ":" + dir.path("b");
  const auto config = kube::config::load_config(options());
  ASSERT_FALSE(config);
  EXPECT_TRUE(has(config.error().what(), dir.path("a")));
  EXPECT_TRUE(has(config.error().what(), dir.path("b")));
  environment["KUBECONFIG"] = dir.path("gone");
  EXPECT_TRUE(
      has(kube::config::load_config(options()).error().what(), "names no file that exists"));
}

TEST_F(KubeConfig, TheSearchOrderIsFlagVariableListPodHome) {
  const auto file = [this](const std::string& name, const std::string& host) {
    return dir.write(name, config_text("server: https://" + host + "\n", "{}"));
  };
  const auto host = [](const kube::config::LoadOptions& o) {
    const auto config = kube::config::load_config(o);
    return config ? config->cluster.host : config.error().what();
  };
  EXPECT_TRUE(has(host(options()), "no cluster is configured"));
  dir.make_dir(".kube");
  file(".kube/config", "home");
  environment["HOME"] = dir.path();
  EXPECT_EQ(host(options()), "home");
  dir.make_dir("sa");
  dir.write("sa/token", "t");
  dir.write("sa/ca.crt", test::shared_certs().ca_pem);
  environment["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
  EXPECT_EQ(host(options()), "home") << "one variable is not enough";
  environment["KUBERNETES_SERVICE_PORT"] = "443";
  EXPECT_EQ(host(options()), "10.0.0.1");
  environment["KUBECONFIG"] = file("list", "list");
  EXPECT_EQ(host(options()), "list");
  environment["K0RDENT_MGMT_KUBECONFIG_PATH"] = file("own", "own");
  EXPECT_EQ(host(options()), "own");
  EXPECT_EQ(host(options(file("flag", "flag"))), "flag");
}

class ServiceAccount : public KubeConfig {
 protected:
  void SetUp() override {
    KubeConfig::SetUp();
    environment["KUBERNETES_SERVICE_HOST"] = "fd00::1";
    environment["KUBERNETES_SERVICE_PORT"] = "6443";
    dir.make_dir("sa");
    dir.write("sa/token", "t\n");
    dir.write("sa/ca.crt", test::shared_certs().ca_pem);
    dir.write("sa/namespace", "kcm-system\n");
  }
};

TEST_F(ServiceAccount, IsReadFromThePod) {
  const auto config = kube::config::load_config(options());
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->source, "service account");
  EXPECT_EQ(config->context, "");
  EXPECT_EQ(config->cluster.host, "fd00::1");
  EXPECT_EQ(config->cluster.port, 6443);
  EXPECT_TRUE(config->cluster.tls);
  EXPECT_EQ(config->cluster.ca_file, dir.path("sa/ca.crt"));
  EXPECT_EQ(config->user.token_file, dir.path("sa/token"));
  EXPECT_EQ(config->ns, "kcm-system");
}

TEST_F(ServiceAccount, ItsNamespaceIsTheVariablesThenTheFilesThenDefault) {
  environment["POD_NAMESPACE"] = "from-env";
  EXPECT_EQ(kube::config::load_config(options())->ns, "from-env");
  environment.erase("POD_NAMESPACE");
  dir.write("sa/namespace", " \n");
  EXPECT_EQ(kube::config::load_config(options())->ns, "default");
  dir.remove("sa/namespace");
  EXPECT_EQ(kube::config::load_config(options())->ns, "default");
}

TEST_F(ServiceAccount, WithoutItsCaNothingIsTrusted) {
  dir.write("sa/ca.crt", "\n");
  EXPECT_TRUE(has(kube::config::load_config(options()).error().what(), "service account: ca.crt"));
  dir.remove("sa/ca.crt");
  EXPECT_TRUE(has(kube::config::load_config(options()).error().what(), "service account: ca.crt"));
}

TEST_F(ServiceAccount, BadVariablesAreNamed) {
  environment["KUBERNETES_SERVICE_PORT"] = "99999";
  EXPECT_TRUE(has(kube::config::load_config(options()).error().what(), "KUBERNETES_SERVICE_PORT"));
  environment["KUBERNETES_SERVICE_PORT"] = "443";
  environment["KUBERNETES_SERVICE_HOST"] = "a\r\nb";
  EXPECT_TRUE(has(kube::config::load_config(options()).error().what(), "KUBERNETES_SERVICE_HOST"));
  environment["KUBERNETES_SERVICE_HOST"] = "a@b/c";
  EXPECT_TRUE(has(kube::config::load_config(options()).error().what(), "KUBERNETES_SERVICE_HOST"));
}

TEST_F(ServiceAccount, HasNoContexts) {
  kube::config::LoadOptions o = options();
  o.context = "prod";
  EXPECT_TRUE(has(kube::config::load_config(o).error().what(), "context"));
}

TEST_F(ServiceAccount, IsNotThereWhenTheTokenIsADirectory) {
  dir.remove("sa/token");
  dir.make_dir("sa/token");
  EXPECT_TRUE(has(kube::config::load_config(options()).error().what(), "no cluster is configured"));
}

TEST_F(ServiceAccount, NoTokenIsNeededWhereEachCallerBringsItsOwn) {
  dir.remove("sa/token");
  kube::config::LoadOptions o = options();
  EXPECT_TRUE(has(kube::config::load_config(o).error().what(), "no cluster is configured"));
  o.needs_credentials = false;
  const auto config = kube::config::load_config(o);
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->source, "service account");
  EXPECT_EQ(config->cluster.ca_file, dir.path("sa/ca.crt"));
  EXPECT_EQ(config->user.token_file, "");
  dir.write("sa/token", "t\n");
  EXPECT_EQ(kube::config::load_config(o)->user.token_file, dir.path("sa/token"));
}

}  // namespace
