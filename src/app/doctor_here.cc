#include "app/doctor_here.h"

#include <cerrno>
#include <cstring>

#include <sys/resource.h>
#include <unistd.h>

#include "app/doctor.h"
#include "base/budgets.h"
#include "base/counted.h"
#include "base/file.h"
#include "base/url.h"
#include "door/certificate_files.h"
#include "net/tls_dates.h"
#include "policy/parse.h"

namespace app {

namespace {

// What the server itself needs, with its listeners, files and a few watches.
constexpr std::uint64_t kLeastDescriptors = 256;
// Below this a graph of some thousand objects does not fit beside the program.
constexpr std::size_t kSmallMemory = std::size_t{48} << 20;

void check_end(Findings& findings, const std::string& what, const std::string& pem,
               base::WallTime now, const std::string& todo) {
  for (const net::CertificateEnd& each : net::certificate_ends(pem)) {
    const base::Duration left{each.ends.ns - now.ns};
    const std::string found = (each.name.empty() ? "" : each.name + ", ") + std::string("ends ") +
                              base::format_rfc3339(each.ends, 0);
    if (left < base::Duration::zero())
      findings.fail(what, found + ": it has ended", todo);
    else if (left < kCertificateWarn)
      findings.warn(what, found, todo);
    else
      findings.ok(what, found);
  }
}

std::string content_of(const std::string& pem, const std::string& file) {
  if (file.empty()) return pem;
  auto text = base::read_file(file, kube::config::kKubeconfigBytes);
  return text ? *std::move(text) : std::string();
}

}  // namespace

void check_files(Findings& findings, const Settings& settings) {
  findings.ok("configuration",
              settings.config_file.empty()
                  ? base::counted(settings.given.size(), "setting") + " by flags and variables"
                  : settings.config_file + ", " + base::counted(settings.given.size(), "setting") +
                        " in all");
  if (!settings.policy_file.empty()) {
    auto text = base::read_file(settings.policy_file, policy::kFileBytes);
    const auto rules =
        text ? policy::parse_rules(*text) : base::Result<std::vector<policy::Rule>>(text.error());
    if (rules)
      findings.ok("policy file",
                  settings.policy_file + ", " + base::counted((*rules).size(), "rule"));
    else
      findings.fail("policy file", rules.error().what(),
                    "Mend it: the server does not start with it");
  }
  if (settings.allow_writes && settings.audit_file.empty())
    findings.warn("audit", "writes are allowed and not recorded", "Set --audit-file");
  if (settings.audit_file.empty() || settings.audit_file == "-") return;
  const std::string directory = settings.audit_file.substr(0, settings.audit_file.rfind('/') + 1);
  if (::access(settings.audit_file.c_str(), W_OK) == 0 ||
      (errno == ENOENT && ::access(directory.empty() ? "." : directory.c_str(), W_OK) == 0))
    findings.ok("audit file", settings.audit_file + " can be written");
  else
    findings.fail("audit file", settings.audit_file + ": " + std::strerror(errno),
                  "Let the server's user write it: no write is made that cannot be recorded");
}

void check_limits(Findings& findings, const Settings& settings) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    const std::uint64_t most = limit.rlim_max, wanted = settings.max_connections / 3 * 4;
    const std::string found = std::to_string(most) + " may be open";
    if (most < kLeastDescriptors)
      findings.fail("descriptors", found,
                    "Raise the limit: ulimit -n, or LimitNOFILE= of the unit");
    else if (most < wanted)
      findings.warn("descriptors", found + "; --max-connections wants " + std::to_string(wanted),
                    "Raise the limit (LimitNOFILE= of the unit), or lower --max-connections");
    else
      findings.ok("descriptors", found);
  }
  const std::size_t memory =
      settings.memory_limit_said ? settings.memory_limit : base::cgroup_memory_limit();
  if (memory == base::Budget::kNone)
    findings.ok("memory", "no limit");
  else if (memory < kSmallMemory)
    findings.warn("memory", std::to_string(memory >> 20) + " MiB",
                  "Allow 64 MiB or more: the graph of a large cluster does not fit");
  else
    findings.ok("memory",
                std::to_string(memory >> 20) + " MiB" +
                    (settings.memory_limit_said ? " (--memory-limit)" : " (the cgroup's)"));
}

void check_listener(Findings& findings, loop::Loop& loop, const Settings& settings) {
  const door::CertificateFileNames& names = settings.tls;
  if (names.cert.empty()) return;
  door::CertificateFiles files(loop, names);
  if (const auto ok = files.load(); !ok)
    findings.fail("TLS", ok.error().what(),
                  "Give a certificate and its key: the server does not start without");
  const base::WallTime now = loop.wall_now();
  check_end(findings, "server certificate", content_of({}, names.cert), now,
            "Renew it: clients refuse it after its end");
  check_end(findings, "client authority", content_of({}, names.client_ca), now,
            "Get the authority's new certificate");
}

void check_kubeconfig(Findings& findings, const kube::config::Config& config, base::WallTime now) {
  findings.ok("kubeconfig",
              config.source + (config.context.empty() ? "" : ", context " + config.context));
  for (const std::string& warning : config.warnings)
    findings.warn("kubeconfig", warning, "Mend the kubeconfig");
  const kube::config::ClusterConfig& cluster = config.cluster;
  const kube::config::UserConfig& user = config.user;
  if (cluster.insecure)
    findings.warn("TLS", "the API server's certificate is not verified",
                  "Give the cluster a certificate-authority");
  check_end(findings, "certificate authority", content_of(cluster.ca_pem, cluster.ca_file), now,
            "Get a kubeconfig with the cluster's new authority");
  check_end(findings, "client certificate", content_of(user.client_cert_pem, user.client_cert_file),
            now, "Renew it; with kubeadm: kubeadm certs renew");
  if (cluster.proxy.host.empty())
    findings.ok("proxy", "none");
  else
    findings.ok("proxy", base::join_host_port(cluster.proxy.host, cluster.proxy.port));
}

}  // namespace app
