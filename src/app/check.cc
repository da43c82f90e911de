#include "app/check.h"

#include <memory>
#include <string>
#include <utility>

#include "app/acting.h"
#include "app/secrets.h"
#include "app/version.h"
#include "auth/caller_identity.h"
#include "base/counted.h"
#include "base/json.h"
#include "base/output.h"
#include "base/text.h"
#include "base/url.h"
#include "kube/client.h"
#include "net/resolve.h"

namespace app {

using base::json::Value;

namespace {

struct Probe {
  const char* what;
  const char* method;
  const char* path;
  const char* query;
  const char* body;
  bool needed;           // the server cannot work without it
  const char* for_what;  // the feature that needs it
  std::string (*found)(Value answer);
};

std::string nothing(Value) {
  return {};
}
std::string kubernetes_version(Value v) {
  return "Kubernetes " + std::string(v["gitVersion"].str());
}
std::string user_name(Value v) {
  return "as " + std::string(v["status"]["userInfo"]["username"].str());
}
std::string kinds(Value v) {
  return base::counted(v["resources"].size(), "resource");
}

const Probe kProbes[] = {
    {"API server", "GET", "/version", "", "", true, "everything", kubernetes_version},
    {"identity", "POST", auth::kReviewPath, "", auth::kReviewBody, false,
     "AUTH_MODE=OIDC_REQUIRED (needs Kubernetes 1.28 or later)", user_name},
    {"list namespaces", "GET", "/api/v1/namespaces", "limit=1", "", true,
     "k0rdent.mgmt.namespaces.list", nothing},
    {"list events", "GET", "/apis/events.k8s.io/v1/events", "limit=1", "", false,
     "events of all namespaces by events.k8s.io/v1", nothing},
    {"list pods", "GET", "/api/v1/pods", "limit=1", "", false, "pod logs of all namespaces",
     nothing},
    {"k0rdent API", "GET", "/apis/k0rdent.mirantis.com/v1beta1", "", "", false,
     "k0rdent objects: is k0rdent installed here?", kinds},
};

// Names, messages and paths come from files and servers: visible() keeps their control characters
// from the terminal.
void say(std::string_view verdict, const std::string& text) {
  constexpr std::size_t kWidth = 9;
  std::string out(verdict);
  out.resize(kWidth, ' ');
  base::write_output(out.append(base::visible(text)).append("\n"));
}

class Check {
 public:
  Check(loop::Loop& loop, kube::Client& client)
      : loop_(loop), get_(client, kube::ApiGet::Fn::bind<&Check::on_answer>(this)) {}

  int run() {
    ask();
    loop_.run();
    return failed_ ? 1 : 0;
  }

 private:
  void ask() {
    const Probe& probe = kProbes[step_];
    kube::ApiRequest request;
    request.method = probe.method;
    request.path = probe.path;
    request.query = probe.query;
    request.body = probe.body;
    if (*probe.body) request.content_type = "application/json";
    get_.start(std::move(request));
  }

  void on_answer(kube::ApiGet::Outcome outcome) {
    const Probe& probe = kProbes[step_];
    if (outcome.failure) {
      failed_ = failed_ || probe.needed;
      say(probe.needed ? "failed" : "missing", std::string(probe.what) + ": " +
                                                   outcome.failure->message +
                                                   " (needed for: " + probe.for_what + ")");
      if (step_ == 0) return loop_.stop();  // unreachable: every further check would fail, too
    } else {
      base::json::Document doc;
      auto root = doc.parse(outcome.body);
      const std::string found = root ? probe.found(*root) : std::string();
      say("ok", probe.what + (found.empty() ? "" : ": " + found));
    }
    if (++step_ == std::size(kProbes)) return loop_.stop();
    ask();
  }

  loop::Loop& loop_;
  std::size_t step_ = 0;
  bool failed_ = false;
  kube::ApiGet get_;
};

// What decides about writes and records them, as the server would open it. False: it would not
// start.
bool check_acting(loop::Loop& loop, const Settings& settings) {
  Secrets secrets(settings.show_secrets);
  Acting acting(loop, settings, secrets.log_filter());
  if (auto ok = acting.start(settings.cluster_name); !ok) {
    say("failed", ok.error().what());
    return false;
  }
  const Acting::Stats stats = acting.stats();
  if (stats.has_file)
    say("ok", "policy: " + base::counted(stats.rules, "rule") + " of " + settings.policy_file);
  if (acting.audit())
    say("ok", "audit log: " + settings.audit_file + " is writable, its last line is " +
                  std::to_string(stats.audit.seq) +
                  (settings.audit_key.empty() ? ", without a key" : ", with the key"));
  if (const auto off = acting.gate().policy().writes_off()) {
    say("ok", *off);
  } else {
    say("ok", std::string("writes are allowed") +
                  (acting.audit() ? "" : ", and not recorded: --audit-file names no file"));
  }
  return true;
}

}  // namespace

int run_check(loop::Loop& loop, const Settings& settings) {
  if (!check_acting(loop, settings)) return 1;
  kube::config::LoadOptions options;
  options.file = settings.kubeconfig;
  options.context = settings.context;
  auto config = kube::config::load_config(options);
  if (!config) {
    say("failed", "kubeconfig: " + config.error().what());
    return 1;
  }
  say("ok", "kubeconfig: " + config->source +
                (config->context.empty() ? "" : ", context " + config->context));
  for (const std::string& warning : config->warnings)
    say("warning", warning);
  net::Resolver resolver(loop);
  auto client = kube::Client::create(loop, resolver, *std::move(config), user_agent());
  if (!client) {
    say("failed", "kubeconfig: " + client.error().what());
    return 1;
  }
  const kube::config::ClusterConfig& cluster = (*client)->config().cluster;
  std::string server = (*client)->server();
  if (!cluster.proxy.host.empty()) {
    server += " through the proxy ";
    server += base::join_host_port(cluster.proxy.host, cluster.proxy.port);
  }
  say("ok", "server: " + server);
  return Check(loop, **client).run();
}

}  // namespace app
