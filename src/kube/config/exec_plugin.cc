#include "kube/config/exec_plugin.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "base/yaml.h"
#include "kube/config/watched_file.h"

namespace kube::config {
namespace {

base::Error bad(std::string what) {
  return base::Error(base::Errc::protocol, std::move(what));
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What begins with '{' is JSON, anything else the first document of a YAML text (client-go 1.35,
// apimachinery's serializer/json). "": it is neither, and why is not said, as it may be secret.
std::string credential_json(std::string_view output) {
  if (output.starts_with(kByteOrderMark)) output.remove_prefix(kByteOrderMark.size());
  output = base::trim(output);
  if (output.starts_with('{')) return std::string(output);
  const auto read = base::yaml::parse_first(output);
  return read && read->kind == base::yaml::Node::Kind::mapping ? base::yaml::to_json(*read) : "";
}

}  // namespace

base::Result<ExecCredential> parse_exec_credential(std::string_view output,
                                                   std::string_view api_version) {
  base::json::Document doc;
  const std::string json = credential_json(output);
  const auto root = doc.parse(json);
  if (!root) return bad("its output is neither JSON nor a YAML mapping");
  // Without a kind it is taken for one, as client-go does.
  const base::json::Value kind = (*root)["kind"];
  const bool named = kind.present() && !kind.is(base::json::Type::null);
  if (named && (!kind.is(base::json::Type::string) ||
                (!kind.str().empty() && kind.str() != "ExecCredential")))
    return bad("its output is not an ExecCredential");
  const std::string_view version = (*root)["apiVersion"].str();
  if (version != api_version) {
    return bad("its output has apiVersion \"" + base::printable(version, 80) +
               "\", the kubeconfig requests \"" + std::string(api_version) + "\"");
  }
  const base::json::Value status = (*root)["status"];
  if (!status.is(base::json::Type::object)) return bad("its output has no status");

  ExecCredential credential;
  credential.token = without_trailing_blanks(status["token"].str());
  credential.cert_pem = status["clientCertificateData"].str();
  credential.key_pem = status["clientKeyData"].str();
  if (credential.cert_pem.empty() != credential.key_pem.empty()) {
    return bad("status needs both clientCertificateData and clientKeyData, or neither");
  }
  if (credential.token.empty() && credential.cert_pem.empty()) {
    return bad("status holds neither a token nor a client certificate");
  }
  if (!credential.token.empty() && !is_bearer_token(credential.token)) {
    return bad(
        "status.token holds a space, a control or a non-ASCII character, which a token must not");
  }
  const base::json::Value expires = status["expirationTimestamp"];
  if (expires.present() && !expires.is(base::json::Type::null)) {
    credential.expires = base::parse_rfc3339(expires.str());
    if (!credential.expires) return bad("status.expirationTimestamp is not an RFC 3339 time");
  }
  return credential;
}

std::string exec_info(const ExecConfig& exec, const ClusterConfig& cluster,
                      std::string_view ca_pem) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("apiVersion", exec.api_version).field("kind", "ExecCredential");
  w.key("spec").begin_object();
  if (exec.provide_cluster_info) {
    w.key("cluster").begin_object();
    w.field("server", (cluster.tls ? "https://" : "http://") +
                          base::join_host_port(cluster.host, cluster.port) + cluster.path_prefix);
    w.field_if("tls-server-name", cluster.tls_server_name);
    if (cluster.insecure) w.field("insecure-skip-tls-verify", true);
    if (!ca_pem.empty()) w.field("certificate-authority-data", base::base64(ca_pem));
    if (!exec.cluster_extension_json.empty()) w.key("config").raw(exec.cluster_extension_json);
    w.end_object();
  }
  w.field("interactive", false).end_object().end_object();
  return out;
}

ExecPlugin::ExecPlugin(loop::Loop& loop, const ExecConfig& exec, AcceptFn accept, InfoFn info)
    : loop_(loop),
      exec_(exec),
      accept_(accept),
      info_(info),
      backoff_({.cap = kExecPauseCap}),
      random_(base::Random::from_system()),
      process_(loop, loop::Process::Fn::bind<&ExecPlugin::on_done>(this)) {}

ExecPlugin::State ExecPlugin::prepare() {
  const base::WallTime wall = loop_.wall_now();
  const bool usable = have_ && !refused_ && (!expires_ || wall < *expires_);
  const bool due = !usable || (expires_ && wall.ns >= expires_->ns - kExecAhead.count());
  if (process_.running()) return usable ? State::ready : State::running;
  if (!due) return State::ready;
  if (loop_.now() < pause_until_) {
    if (usable || !error_) return State::ready;
    return State::failed;
  }
  loop::ProcessSpec spec;
  spec.argv.push_back(exec_.command);
  spec.argv.insert(spec.argv.end(), exec_.args.begin(), exec_.args.end());
  for (const auto& [name, value] : exec_.env)
    spec.env.push_back(std::string(name).append("=").append(value));
  spec.env.push_back("KUBERNETES_EXEC_INFO=" + info_());
  spec.time_limit = kExecTime;
  spec.max_output = kExecOutputBytes;
  if (auto started = process_.start(spec); !started) {
    const base::Error& why = started.error();
    settle(failure(why.code(), why.what()));
    return usable ? State::ready : State::failed;
  }
  return usable ? State::ready : State::running;
}

void ExecPlugin::wait(Waiter& waiter) {
  CHECK(process_.running());
  waiters_.add(waiter);
}

bool ExecPlugin::refused() {
  if (!process_.running()) {
    if (loop_.now() < refused_until_) return false;
    refused_until_ = loop_.now() + kExecRefusedPause;
  }
  refused_ = true;
  return true;
}

base::Error ExecPlugin::failure(base::Errc code, const std::string& what) const {
  std::string text = "exec plugin " + exec_.command + ": " + what;
  if (!exec_.install_hint.empty()) text += " (" + exec_.install_hint + ")";
  return base::Error(code, base::printable(text, 2048));
}

base::Result<ExecCredential> ExecPlugin::judge(base::Result<loop::ProcessOutcome> outcome) {
  if (!outcome) {
    if (outcome.error().code() == base::Errc::timeout) {
      return failure(base::Errc::timeout, "did not end within " + base::format_duration(kExecTime));
    }
    return failure(outcome.error().code(), outcome.error().what());
  }
  if (outcome->exit_code != 0) {
    return failure(base::Errc::unavailable, "exit code " + std::to_string(outcome->exit_code));
  }
  auto credential = parse_exec_credential(outcome->output, exec_.api_version);
  if (!credential) return failure(credential.error().code(), credential.error().what());
  if (auto taken = accept_(*credential); !taken) {
    return failure(taken.error().code(), taken.error().what());
  }
  return credential;
}

void ExecPlugin::settle(base::Result<ExecCredential> result) {
  const base::WallTime wall = loop_.wall_now();
  if (!result) {
    LOG_WARN("no credentials from the exec plugin", {"error", result.error()});
    error_ = std::move(result).error();
    pause_until_ = loop_.now() + backoff_.next(random_);
    return;
  }
  have_ = true;
  refused_ = false;
  error_.reset();
  expires_ = result->expires;
  if (expires_ && wall.ns >= expires_->ns - kExecAhead.count()) {
    pause_until_ = loop_.now() + backoff_.next(random_);
  } else {
    backoff_.reset();
  }
}

void ExecPlugin::on_done(base::Result<loop::ProcessOutcome> outcome) {
  settle(judge(std::move(outcome)));
  waiters_.wake();
}

}  // namespace kube::config
