#include "app/doctor.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "app/doctor_here.h"
#include "app/findings.h"
#include "app/offered.h"
#include "app/rights.h"
#include "app/version.h"
#include "auth/caller_identity.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "http/client_call.h"
#include "http/client_pool.h"
#include "http/date.h"
#include "kinds/table.h"
#include "kube/client.h"
#include "net/resolve.h"
#include "rbac/preset.h"

namespace app {

using base::json::Document;
using base::json::Value;

namespace {

constexpr std::size_t kNamesShown = 4;  // of what is missing; the rest is counted
// SelfSubjectReview is stable since then (auth/caller_identity.h).
constexpr std::int64_t kReviewMinor = 28;

std::string some_of(const std::vector<std::string>& all) {
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < kNamesShown; ++i)
    out.append(i > 0 ? ", " : "").append(all[i]);
  if (all.size() > kNamesShown) out += " and " + std::to_string(all.size() - kNamesShown) + " more";
  return out;
}

class Doctor : private http::CallHandler {
 public:
  Doctor(loop::Loop& loop, const Settings& settings)
      : loop_(loop),
        settings_(settings),
        resolver_(loop),
        resolution_(resolver_, net::Resolution::Fn::bind<&Doctor::on_addresses>(this)) {}

  int run() {
    check_files(findings_, settings_);
    check_limits(findings_, settings_);
    check_listener(findings_, loop_, settings_);
    check_issuers(findings_, loop_, resolver_, settings_);
    // Answers to no identity would only say the same again.
    if (open_kubeconfig() && reach() && check_identity()) {
      look_around();
      check_rights();
    }
    return findings_.failed() ? 1 : 0;
  }

 private:
  bool open_kubeconfig() {
    kube::config::LoadOptions options;
    options.file = settings_.kubeconfig;
    options.context = settings_.context;
    auto config = kube::config::load_config(options);
    if (!config) {
      const bool none = config.error().code() == base::Errc::not_found;
      findings_.fail("kubeconfig", config.error().what(),
                     none ? "Name one with --kubeconfig or KUBECONFIG, or run in a pod with a "
                            "service account"
                          : "Mend the kubeconfig, or name another context of it");
      return false;
    }
    check_kubeconfig(findings_, *config, loop_.wall_now());
    cluster_ = config->cluster;
    auto client = kube::Client::create(loop_, resolver_, *std::move(config), user_agent());
    if (!client) {
      findings_.fail("kubeconfig", client.error().what(), "Mend the kubeconfig");
      return false;
    }
    client_ = *std::move(client);
    get_.emplace(*client_, kube::ApiGet::Fn::bind<&Doctor::on_answer>(this));
    return true;
  }

  // ---- the way

  bool reach() {
    // A proxy resolves the name itself.
    if (cluster_.proxy.host.empty()) resolve();
    const base::TimePoint begin = loop_.now();
    const kube::ApiGet::Outcome version = ask("/version");
    if (version.failure && version.failure->transport()) {
      findings_.fail("API server", client_->server() + ": " + version.failure->message,
                     "Check the address, the network, and HTTPS_PROXY and NO_PROXY");
      return false;
    }
    if (version.failure) {
      findings_.fail("API server", client_->server() + ": " + version.failure->message,
                     version.failure->says(401) ? "Renew the credentials of the kubeconfig"
                                                : "Check what is at this address, and the rights");
      return false;
    }
    findings_.ok("API server", client_->server() + " answers in " +
                                   std::to_string(base::to_ms(loop_.now() - begin)) + " ms");
    check_clock();
    check_version(version.body);
    return true;
  }

  void resolve() {
    resolution_.start(cluster_.host, cluster_.port);
    loop_.run();
    if (!addresses_) return;
    if (!*addresses_) {
      findings_.fail("DNS", addresses_->error().what(),
                     "Check /etc/resolv.conf and the name in the kubeconfig");
      return;
    }
    std::vector<std::string> texts;
    for (const net::Address& each : **addresses_)
      texts.push_back(each.text());
    findings_.ok("DNS", cluster_.host + " is " + some_of(texts));
  }
  void on_addresses(base::Result<std::vector<net::Address>> addresses) {
    addresses_ = std::move(addresses);
    loop_.stop();
  }

  // The Date header of any answer; the request needs no credentials.
  void check_clock() {
    net::TlsClientOptions options;
    options.insecure = true;  // only the time is read, and it is trusted with nothing
    options.verify_name =
        cluster_.tls_server_name.empty() ? cluster_.host : cluster_.tls_server_name;
    auto tls = net::TlsContext::client(options);
    if (!tls || cluster_.proxy.https) return;
    http::ClientPool pool(loop_, resolver_, cluster_.host, cluster_.port,
                          base::join_host_port(cluster_.host, cluster_.port),
                          cluster_.tls ? tls->get() : nullptr);
    if (!cluster_.proxy.host.empty()) pool.set_proxy(cluster_.proxy);
    http::ClientCall call(pool, *this);
    call.start({.target = cluster_.path_prefix + "/version"});
    loop_.run();
    if (!their_time_) return;
    const base::Duration off{std::llabs(loop_.wall_now().ns - their_time_->ns)};
    const std::string found =
        base::format_duration(std::chrono::duration_cast<base::seconds>(off)) +
        " from the API server's";
    const char* const todo = "Synchronize the clock of this machine (chrony, systemd-timesyncd)";
    if (off > kClockFail)
      findings_.fail("clock", found, todo);
    else if (off > kClockWarn)
      findings_.warn("clock", found, todo);
    else
      findings_.ok("clock", found);
  }
  void on_head(const http::ResponseHead& head) override {
    their_time_ = http::parse_date(head.headers.find("Date").value_or(""));
  }
  void on_body(std::string_view) override {}
  void on_end(const http::CallEnd&) override { loop_.stop(); }

  // ---- there

  kube::ApiGet::Outcome ask(const std::string& path, const char* body = nullptr) {
    kube::ApiRequest request;
    request.path = path.substr(0, path.find('?'));
    if (path.find('?') != path.npos) request.query = path.substr(path.find('?') + 1);
    if (body != nullptr) {
      request.method = "POST";
      request.body = body;
      request.content_type = "application/json";
    }
    get_->start(std::move(request));
    loop_.run();
    return std::move(outcome_);
  }
  void on_answer(kube::ApiGet::Outcome outcome) {
    outcome_ = std::move(outcome);
    loop_.stop();
  }

  void check_version(const std::string& body) {
    Document doc;
    const auto root = doc.parse(body);
    const std::string version(root ? (*root)["gitVersion"].str() : "");
    std::string minor(root ? (*root)["minor"].str() : "");
    minor.resize(std::min(minor.find_first_not_of("0123456789"), minor.size()));
    if (base::parse_int(minor).value_or(kReviewMinor) < kReviewMinor)
      findings_.warn("Kubernetes", version, "Use 1.28 or later for AUTH_MODE=OIDC_REQUIRED");
    else
      findings_.ok("Kubernetes", version);
  }

  void look_around() {
    check_k0rdent();
    check_groups();
  }

  // False: the API server takes requests for those of no identity. /version it tells to all.
  bool check_identity() {
    const auto outcome = ask(auth::kReviewPath, auth::kReviewBody);
    if (outcome.failure && outcome.failure->says(401)) {
      findings_.fail("identity", outcome.failure->message,
                     "Renew the credentials of the kubeconfig");
      return false;
    }
    if (outcome.failure) {
      findings_.warn("identity", outcome.failure->message,
                     "AUTH_MODE=OIDC_REQUIRED needs SelfSubjectReview (Kubernetes 1.28 or later)");
      return true;
    }
    Document doc;
    const auto root = doc.parse(outcome.body);
    findings_.ok("identity", root ? (*root)["status"]["userInfo"]["username"].str() : "");
    return true;
  }

  void check_k0rdent() {
    const std::string path = "/apis/" + std::string(kinds::kK0rdent) + "/v1beta1";
    const auto outcome = ask(path);
    if (outcome.failure)
      return findings_.fail(
          "k0rdent", outcome.failure->message,
          outcome.failure->says(403)
              ? "Allow discovery (system:discovery)"
              : "Install k0rdent (KCM) 1.0 or later in this cluster, or name its management "
                "cluster");
    std::vector<std::string> missing;
    Document doc;
    const auto root = doc.parse(outcome.body);
    std::size_t served = 0;
    for (const kinds::Kind& kind : kinds::all()) {
      if (kind.group != kinds::kK0rdent) continue;
      bool found = false;
      if (root)
        for (const Value each : (*root)["resources"].array())
          found = found || each["name"].str() == kind.plural;
      if (found)
        ++served;
      else
        missing.emplace_back(kind.plural);
    }
    if (missing.empty())
      findings_.ok("CRDs", std::to_string(served) + " of k0rdent's kinds are served");
    else
      findings_.warn("CRDs", "not served: " + some_of(missing),
                     "Upgrade k0rdent; tools of these kinds answer that they are not there");
    check_management(path);
  }

  void check_management(const std::string& path) {
    const auto outcome = ask(path + "/managements?limit=1");
    if (outcome.failure)
      return findings_.warn("Management", outcome.failure->message,
                            outcome.failure->status == 404
                                ? "Upgrade k0rdent: this release has none"
                                : "Allow the identity to list managements");
    Document doc;
    const auto root = doc.parse(outcome.body);
    const Value management = root ? (*root)["items"].at(0) : Value();
    if (!management.present())
      return findings_.warn("Management", "there is none",
                            "Wait for KCM to make it, or create one");
    for (const Value each : management["status"]["conditions"].array()) {
      if (each["type"].str() != "Ready" || each["status"].str() == "True") continue;
      return findings_.warn("Management",
                            std::string(management["status"]["release"].str()) +
                                " is not ready: " + std::string(each["message"].str()),
                            "k0rdent-mcp call management.health tells more");
    }
    findings_.ok("Management",
                 std::string("release ") + std::string(management["status"]["release"].str()));
  }

  // The groups to which k0rdent's objects refer.
  void check_groups() {
    const auto outcome = ask("/apis");
    if (outcome.failure)
      return findings_.warn("API groups", outcome.failure->message,
                            "Allow discovery (system:discovery)");
    Document doc;
    const auto root = doc.parse(outcome.body);
    std::vector<std::string> missing;
    for (const kinds::Kind& kind : kinds::all()) {
      const std::string group(kind.group);
      bool found =
          group.empty() || std::find(missing.begin(), missing.end(), group) != missing.end();
      if (root)
        for (const Value each : (*root)["groups"].array())
          found = found || each["name"].str() == group;
      if (!found) missing.push_back(group);
    }
    if (missing.empty())
      findings_.ok("API groups", "all that k0rdent's objects refer to are served");
    else
      findings_.ok("API groups", "not installed here: " + some_of(missing));
  }

  // ---- rights

  void check_rights() {
    const Offered offered;
    Rights rights(loop_, *client_);
    for (const std::string& name : rbac::preset_names()) {
      const auto preset = rbac::find_preset(name);
      // Acting as others is for OAUTH alone, and no identity should have it without that.
      if (!preset || *preset == rbac::Preset::impersonate) continue;
      const Rights::Answer answer = rights.of(rbac::rules_of(*preset, offered.registry()));
      const std::string what = "rights: " + name;
      if (!answer.problem.empty()) {
        findings_.warn(what, answer.problem,
                       "Check that the identity may create selfsubjectaccessreviews");
        return;
      }
      if (answer.missing.empty())
        findings_.ok(what, "all " + std::to_string(answer.rights));
      else
        say_missing(*preset, what, answer);
    }
  }

  void say_missing(rbac::Preset preset, const std::string& what, const Rights::Answer& answer) {
    const std::string found = std::to_string(answer.missing.size()) + " of " +
                              std::to_string(answer.rights) +
                              " are missing: " + some_of(answer.missing);
    const std::string todo = "k0rdent-mcp rbac " + std::string(rbac::name_of(preset)) +
                             " | kubectl apply -f - makes the ClusterRole; bind it";
    // What only writing needs is missing where nothing is to be written.
    const bool reads = preset == rbac::Preset::view || preset == rbac::Preset::logs;
    if (reads || settings_.allow_writes)
      findings_.warn(what, found, todo);
    else
      findings_.ok(what, found + " (needed for more than reading)");
  }

  loop::Loop& loop_;
  const Settings& settings_;
  Findings findings_;
  net::Resolver resolver_;
  net::Resolution resolution_;
  std::optional<base::Result<std::vector<net::Address>>> addresses_;
  kube::config::ClusterConfig cluster_;
  std::unique_ptr<kube::Client> client_;
  std::optional<kube::ApiGet> get_;
  kube::ApiGet::Outcome outcome_;
  std::optional<base::WallTime> their_time_;
};

}  // namespace

int run_doctor(loop::Loop& loop, const Settings& settings) {
  return Doctor(loop, settings).run();
}

}  // namespace app
