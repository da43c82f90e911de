#include "app/sandboxing.h"

#include <climits>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include "app/config_file.h"
#include "base/log.h"
#include "base/text.h"
#include "catalog/source.h"
#include "sandbox/seccomp.h"

namespace app {

namespace {

// Names are resolved, certificates of public servers checked, and metrics read, by these.
constexpr const char* kSystem[] = {
    "/etc",
    "/usr/share/zoneinfo",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/dev/null",
    "/dev/urandom",
    "/proc/self",
};

// Those of /etc that may be symbolic links to other directories.
constexpr const char* kSystemFiles[] = {
    "/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
    "/etc/host.conf",   "/etc/svc.conf", "/etc/localtime",
};
constexpr int kLinks = 40;  // that the kernel follows in one path

// The directory of a file; "": there is no file.
std::string directory_of(std::string_view file) {
  if (file.empty() || file == "-") return {};
  const std::size_t slash = file.rfind('/');
  if (slash == file.npos) return ".";
  return slash == 0 ? "/" : std::string(file.substr(0, slash));
}

void add(std::vector<std::string>& to, std::string path) {
  if (!path.empty()) to.push_back(std::move(path));
}

bool is_root(const std::string& directory) {
  char real[PATH_MAX];
  return ::realpath(directory.c_str(), real) != nullptr && std::string_view(real) == "/";
}

// A link in the directory `at` leads to `target`, beside which the next one will be after a swap. Where
// it leads below the root, as that of /var/run, or stands in /proc, it is the system's own.
void add_link(std::vector<std::string>& to, const std::string& at, std::string target, bool last) {
  while (target.size() > 1 && target.back() == '/')
    target.pop_back();
  if (target.front() != '/') target.insert(0, at);
  std::string beside = directory_of(target);
  const bool system = is_root(beside) || at == "/proc/";
  if (!system) add(to, std::move(beside));
  if (system && last) add(to, target);
}

enum class Links : unsigned char { all, last };  // that are followed

// The directory of the file and, for each symbolic link on the way, that of what it names: a renewed
// certificate of certbot is a new file in a third directory, and current -> v1 is swapped as a whole.
// A file directly below the root is named alone, as the root would open all there is; once it is
// replaced it is not found any more.
void add_file(std::vector<std::string>& to, const std::string& file, Links which = Links::all) {
  std::string directory = directory_of(file);
  if (which == Links::all && !directory.empty() && is_root(directory)) directory = file;
  add(to, std::move(directory));
  char target[PATH_MAX];
  std::string at, rest = file;  // at: what was walked, with a slash at its end
  for (int links = 0; !rest.empty() && links < kLinks;) {
    const std::size_t slash = rest.find('/');
    const bool last = slash == rest.npos;
    const std::string name = rest.substr(0, slash);
    rest.erase(0, last ? slash : slash + 1);
    const ssize_t n = ::readlink((at + name).c_str(), target, sizeof target);
    if (name.empty() || n <= 0 || n == sizeof target) {
      if (!name.empty() || at.empty()) at.append(name).append("/");
      continue;
    }
    ++links;
    std::string next(target, static_cast<std::size_t>(n));
    if (last || which == Links::all) add_link(to, at, next, last);
    if (next.front() == '/') at.clear();
    if (!last) next.append("/");
    rest.insert(0, next);
  }
}

void add_variable(std::vector<std::string>& to, const char* name, char separator, bool files) {
  const char* value = std::getenv(name);
  if (value == nullptr) return;
  for (const std::string_view each : base::split(value, separator))
    files ? add_file(to, std::string(each)) : add(to, std::string(each));
}

void add_kubeconfig(sandbox::Paths& out, const kube::config::Config& config) {
  const kube::config::UserConfig& user = config.user;
  for (const std::string& each : {config.loaded.file, config.cluster.ca_file, user.client_cert_file,
                                  user.client_key_file, user.token_file})
    add_file(out.read, each);
  add_variable(out.read, "K0RDENT_MGMT_KUBECONFIG_PATH", ':', true);
  add_variable(out.read, "KUBECONFIG", ':', true);
  if (const char* home = std::getenv("HOME")) out.read.push_back(std::string(home) + "/.kube");
  out.read.push_back(config.loaded.service_account_dir);
  if (!user.oidc) return;
  add_file(out.read, user.oidc->ca_file);
  add_file(out.write, user.oidc->file, Links::last);
}

// FILE.d is read whether or not it was there at the start, and files may be put into it.
void add_drop_ins(std::vector<std::string>& to, const std::string& file) {
  if (file.empty()) return;
  add_file(to, file + ".d/any.yaml");
  const auto read = read_config(file);
  if (!read) return;
  for (const ConfigText& each : *read)
    add_file(to, each.path);
}

}  // namespace

base::Result<void> check_sandbox(const Settings& settings, const kube::config::Config& config) {
  if (!settings.sandbox || !config.user.exec) return {};
  return base::Error(base::Errc::invalid_argument,
                     "the kubeconfig's user " + base::printable(config.user.name, 100) +
                         " gets its credentials from a program (exec: " +
                         base::printable(config.user.exec->command, 200) +
                         "), and --sandbox lets no program be started: use a token file or a "
                         "certificate, or serve without --sandbox");
}

sandbox::Paths sandbox_paths(const Settings& settings, const kube::config::Config& config) {
  sandbox::Paths out;
  for (const char* each : kSystem)
    out.read.emplace_back(each);
  for (const char* each : kSystemFiles)
    add_file(out.read, each);
  add_variable(out.read, "SSL_CERT_FILE", '\0', true);
  add_variable(out.read, "SSL_CERT_DIR", ':', false);
  add_kubeconfig(out, config);
  for (const std::string& each :
       {settings.policy_file, settings.config_file, settings.catalog.ca_file, settings.tls.cert,
        settings.tls.key, settings.tls.client_ca})
    add_file(out.read, each);
  add_drop_ins(out.read, settings.config_file);
  // The files of keys are read again with the configuration file (reloading.h).
  for (const Given& each : settings.given)
    if (!settings.config_file.empty() && each.flag.ends_with("-file"))
      add_file(out.read, each.value);
  if (const auto source = catalog::parse_source(settings.catalog.url); source && source->is_file())
    add_file(out.read, source->path);
  for (const auto* issuers : {&settings.oauth.issuers, &settings.oauth.from_file})
    for (const auth::IssuerSettings& each : *issuers) {
      add_file(out.read, each.ca_file);
      if (each.exchange) add_file(out.read, each.exchange->secret_file);
    }
  add_file(out.read, settings.oauth.exchange_by.secret_file);
  for (const std::string& each : {settings.audit_file, settings.pid_file})
    add_file(out.write, each, Links::last);
  add(out.write, settings.catalog.cache_dir);
  for (const Listen& each : settings.listens)
    if (each.kind == Listen::Kind::unix_socket) add(out.write, directory_of(each.socket.path));
  if (settings.ops_listen && settings.ops_listen->kind == Listen::Kind::unix_socket)
    add(out.write, directory_of(settings.ops_listen->socket.path));
  return out;
}

base::Result<void> enter_sandbox(const Settings& settings, const kube::config::Config& config) {
  if (!settings.sandbox) return {};
  // The cache makes its directory when it has something to keep, which is too late for a rule.
  if (const std::string& cache = settings.catalog.cache_dir; !cache.empty())
    (void)::mkdir(cache.c_str(), 0700);
  if (auto ok = sandbox::allow_no_privileges(); !ok) return ok;
  const auto landlock = sandbox::allow_paths(sandbox_paths(settings, config));
  if (!landlock) return landlock.error();
  if (auto ok = sandbox::install_filter(); !ok) return ok;
  LOG_INFO("sandboxed", {"landlock", *landlock});
  if (*landlock == 0)
    LOG_WARN("the kernel has no landlock: system calls are restricted, files are not");
  return {};
}

}  // namespace app
