// k0rdent-mcp-sim: the simulated management cluster as a program, for `make demo`, for benches and
// for trying things out.
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "sim/api_server.h"
#include "sim/cluster.h"
#include "sim/demo_life.h"
#include "sim/kcm.h"
#include "support/certs.h"

namespace {

constexpr const char* kUsage =
    "usage: k0rdent-mcp-sim [flags]\n"
    "Serves a simulated Kubernetes API server with sample k0rdent objects and prints its URL. Ends "
    "at SIGTERM or SIGINT.\n"
    "  --listen HOST:PORT        where (default 127.0.0.1:0: any free port)\n"
    "  --fixtures DIR            load every *.yaml of this folder and its folders\n"
    "  --kubeconfig-out FILE     write a kubeconfig for it, once it listens\n"
    "  --events-every DURATION   a fresh event in kcm-system or team-a (default 0: none)\n"
    "  --log-lines-every DURATION  a log line of the pods there (default 0: none)\n"
    "  --step-every DURATION     ClusterDeployments move on after writes, a step each time "
    "(default 0: never)\n"
    "  --objects N               that many namespaces more, each with an event (default 0)\n"
    "  --token TOKEN=USER        one more user; may be given again\n";

struct Flags {
  base::HostPort listen{"127.0.0.1", 0};
  std::string fixtures, kubeconfig_out;
  base::Duration events_every{}, lines_every{}, step_every{};
  std::int64_t objects = 0;
  std::vector<std::pair<std::string, std::string>> tokens;
};

// "" when all is well.
std::string set_flag(Flags& flags, std::string_view name, const std::string& value) {
  const auto duration = [&](base::Duration& to) -> std::string {
    const auto parsed = base::parse_duration(value);
    if (parsed) to = *parsed;
    return parsed ? "" : parsed.error().what();
  };
  if (name == "--listen") {
    const auto parsed = base::parse_host_port(value);
    if (parsed) flags.listen = *parsed;
    return parsed ? "" : parsed.error().what();
  }
  if (name == "--fixtures") return flags.fixtures = value, "";
  if (name == "--kubeconfig-out") return flags.kubeconfig_out = value, "";
  if (name == "--events-every") return duration(flags.events_every);
  if (name == "--log-lines-every") return duration(flags.lines_every);
  if (name == "--step-every") return duration(flags.step_every);
  if (name == "--objects") {
    const auto number = base::parse_int(value);
    if (!number || *number < 0) return "a whole number is needed";
    flags.objects = *number;
    return "";
  }
  if (name == "--token") {
    const std::size_t at = value.find('=');
    if (at == value.npos) return "TOKEN=USER is needed";
    flags.tokens.emplace_back(value.substr(0, at), value.substr(at + 1));
    return "";
  }
  return "there is no such flag";
}

std::optional<Flags> parse(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i], value;
    if (name == "--help" || name == "-h") {
      std::fputs(kUsage, stdout);
      std::exit(0);
    }
    const std::size_t equals = name.find('=');
    std::string wrong;
    if (equals != name.npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    } else if (i + 1 < argc) {
      value = argv[++i];
    } else {
      wrong = "a value is needed";
    }
    if (wrong.empty()) wrong = set_flag(flags, name, value);
    if (!wrong.empty()) {
      std::fprintf(stderr, "k0rdent-mcp-sim: %s: %s\n", name.c_str(), wrong.c_str());
      return std::nullopt;
    }
  }
  return flags;
}

// Written beside and renamed, so that whoever waits for the file finds it whole.
bool write_kubeconfig(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  std::FILE* file = std::fopen(part.c_str(), "w");
  if (!file) return false;
  const bool written = std::fputs(text.c_str(), file) >= 0;
  return std::fclose(file) == 0 && written && std::rename(part.c_str(), path.c_str()) == 0;
}

class Program {
 public:
  explicit Program(const Flags& flags)
      : flags_(flags),
        loop_(clock_),
        signals_(loop_, {SIGTERM, SIGINT},
                 base::Delegate<void(int)>::bind<&Program::on_signal>(this)),
        certs_(test::make_certs({.ca_name = "k0rdent-mcp-sim CA"})),
        api_(loop_, {certs_.ca_pem, certs_.server_cert_pem, certs_.server_key_pem}),
        cluster_(loop_, api_),
        life_(loop_, cluster_),
        kcm_(loop_, api_, cluster_) {
    api_.remember_requests(false);
    for (const auto& [token, user] : flags.tokens)
      api_.users()[token] = sim::User{user, user, {"system:authenticated"}, {}};
  }

  int run() {
    if (!flags_.fixtures.empty()) {
      const auto loaded = api_.store().load_folder(flags_.fixtures);
      if (!loaded) return fail("fixtures: " + loaded.error().what());
    }
    add_objects();
    if (const auto ok = api_.start(flags_.listen.host, flags_.listen.port); !ok)
      return fail(ok.error().what());
    if (!flags_.kubeconfig_out.empty() &&
        !write_kubeconfig(flags_.kubeconfig_out, api_.kubeconfig())) {
      return fail("cannot write " + flags_.kubeconfig_out);
    }
    std::printf("%s\n", api_.url().c_str());
    std::fflush(stdout);
    life_.start(flags_.events_every, flags_.lines_every);
    if (flags_.step_every.count() > 0) kcm_.start(flags_.step_every);
    loop_.run();
    api_.stop();
    return 0;
  }

 private:
  int fail(const std::string& why) {
    std::fprintf(stderr, "k0rdent-mcp-sim: %s\n", why.c_str());
    return 1;
  }
  void add_objects() {
    for (std::int64_t i = 0; i < flags_.objects; ++i) {
      char name[32];
      std::snprintf(name, sizeof name, "bench-%06lld", static_cast<long long>(i));
      cluster_.add_namespace(name);
      sim::EventSpec event;
      event.ns = name;
      cluster_.emit(event);
    }
    api_.store().compact();
  }
  void on_signal(int) { loop_.stop(); }

  Flags flags_;
  loop::RealClock clock_;
  loop::Loop loop_;
  loop::Signals signals_;
  test::TestCerts certs_;
  sim::ApiServer api_;
  sim::Cluster cluster_;
  sim::DemoLife life_;
  sim::Kcm kcm_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Flags> flags = parse(argc, argv);
  if (!flags) return 2;
  return Program(*flags).run();
}
