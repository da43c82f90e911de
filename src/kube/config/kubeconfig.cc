#include "kube/config/kubeconfig.h"

#include <algorithm>
#include <climits>
#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/names.h"
#include "base/text.h"
#include "base/wipe.h"
#include "base/yaml.h"
#include "kube/config/kubeconfig_entries.h"
#include "kube/config/kubeconfig_fields.h"
#include "kube/config/proxy.h"

namespace kube::config {

using base::yaml::Node;

namespace {

struct File {
  std::string path;
  std::string where;  // "kubeconfig /x/config"
  std::string dir;
  Node root;
  bool open_to_all = false;  // world-writable
};

base::Error wrong(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

std::string directory_of(const std::string& path) {
  std::string absolute = path;
  if (!path.starts_with('/')) {
    char cwd[PATH_MAX];
    if (::getcwd(cwd, sizeof cwd)) absolute = std::string(cwd) + "/" + path;
  }
  const std::size_t slash = absolute.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : absolute.substr(0, slash);
}

// Entries are found by name, so two entries with one name in a file would be ambiguous.
base::Result<void> check_names(FieldReader& in, std::string_view list) {
  const Node* entries = in.sequence(list);
  std::vector<std::string> names;
  if (entries) {
    for (const Node& entry : entries->items) {
      const std::string name(entry.str("name"));
      if (name.empty()) in.fail(list, "has an entry without a name");
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        in.fail(list, "has two entries named \"" + base::printable(name, 80) + "\"");
      }
      names.push_back(name);
    }
  }
  if (!in.ok()) return in.take_error();
  return {};
}

base::Result<File> read_kubeconfig(const std::string& path, bool regular,
                                   std::vector<std::string>& warnings) {
  File file;
  file.path = path;
  file.where = "kubeconfig " + path;
  auto text = regular ? base::read_regular_file(path, kKubeconfigBytes)
                      : base::read_file(path, kKubeconfigBytes);
  if (!text) return std::move(text).error().within("kubeconfig");
  file.dir = directory_of(path);
  struct stat st {};
  file.open_to_all = ::stat(path.c_str(), &st) == 0 && (st.st_mode & S_IWOTH) != 0;
  auto root = base::yaml::parse_first(*text);
  base::wipe(text->data(), text->size());  // a large one is not wiped when it is freed
  if (!root) return std::move(root).error().within(file.where);
  file.root = *std::move(root);

  FieldReader in(&file.root, file.where);
  in.warn_unknown({"apiVersion", "kind", "clusters", "users", "contexts", "current-context",
                   "preferences", "extensions"},
                  warnings);
  const std::string version = in.text("apiVersion"), kind = in.text("kind");
  if (!version.empty() && version != "v1") in.fail("apiVersion", "must be v1");
  if (!kind.empty() && kind != "Config") in.fail("kind", "must be Config");
  in.line("current-context");
  if (!in.ok()) return in.take_error();
  for (const std::string_view list : {"clusters", "users", "contexts"}) {
    if (auto ok = check_names(in, list); !ok) return std::move(ok).error();
  }
  return file;
}

// The files that are used, in order of precedence.
class Merged {
 public:
  std::vector<File> files;
  std::vector<std::string> warnings;

  struct Found {
    const Node* node = nullptr;  // the entry's body
    const File* file = nullptr;
  };
  // The entry is taken whole from the first file that has one of that name; entries are not merged.
  std::optional<Found> find(std::string_view list, std::string_view body,
                            const std::string& name) const {
    for (const File& file : files) {
      const Node* entries = file.root.find(list);
      if (!entries) continue;
      for (const Node& entry : entries->items) {
        if (entry.str("name") == name) return Found{entry.find(body), &file};
      }
    }
    return std::nullopt;
  }
  std::vector<std::string_view> names(std::string_view list) const {
    std::vector<std::string_view> all;
    for (const File& file : files) {
      const Node* entries = file.root.find(list);
      if (!entries) continue;
      for (const Node& entry : entries->items) {
        if (const Node* name = entry.find("name")) all.push_back(name->scalar);
      }
    }
    return all;
  }
  std::string current_context() const {
    for (const File& file : files) {
      std::string name(file.root.str("current-context"));
      if (!name.empty()) return name;
    }
    return {};
  }
  std::string all_files() const {
    std::string text;
    for (const File& file : files)
      text += (text.empty() ? "" : ", ") + file.where;
    return text;
  }
};

Place place_of(const Merged::Found& found, const char* what, const std::string& name) {
  return {found.file->where + ": " + what + " \"" + base::printable(name, 80) + "\"",
          found.file->dir};
}

base::Error missing(const Merged& merged, std::string_view list, const std::string& what,
                    const std::string& name) {
  std::string text =
      merged.all_files() + ": there is no " + what + " \"" + base::printable(name, 80) + "\"";
  const std::string_view near = base::nearest(name, merged.names(list));
  if (!near.empty()) text += " (\"" + std::string(near) + "\"?)";
  return wrong(std::move(text));
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    text += (text.empty() ? "" : ", ") + base::printable(name, 80);
  }
  return text;
}

base::Result<Config> read_parts(Merged& merged, Config config, const std::string& cluster,
                                const std::string& user) {
  const auto found_cluster = merged.find("clusters", "cluster", cluster);
  if (!found_cluster) return missing(merged, "clusters", "cluster", cluster);
  const auto found_user = merged.find("users", "user", user);
  if (!found_user) return missing(merged, "users", "user", user);

  const Place cluster_place = place_of(*found_cluster, "cluster", cluster);
  auto read_c = read_cluster(found_cluster->node, cluster_place, merged.warnings);
  if (!read_c) return std::move(read_c).error();
  config.cluster = *std::move(read_c);
  config.cluster.name = cluster;
  auto read_u = read_user(found_user->node, place_of(*found_user, "user", user), merged.warnings);
  if (!read_u) return std::move(read_u).error();
  config.user = *std::move(read_u);
  config.user.name = user;
  use_login(config, merged.warnings);
  if (config.user.oidc) config.user.oidc->file = found_user->file->path;
  if (config.user.exec) {
    auto extension = exec_extension(found_cluster->node, cluster_place);
    if (!extension) return std::move(extension).error();
    config.user.exec->cluster_extension_json = *std::move(extension);
    if (found_user->file->open_to_all) {
      merged.warnings.push_back(found_user->file->where +
                                ": any user can write it, and it names a program to run");
    }
  }
  if (auto ok = check_together(config, merged.warnings); !ok) {
    return std::move(ok).error().within(found_cluster->file->where);
  }
  config.warnings = std::move(merged.warnings);
  return config;
}

base::Result<Config> choose(Merged& merged, const std::string& wanted, std::string source) {
  Config config;
  config.source = std::move(source);
  config.context = wanted.empty() ? merged.current_context() : wanted;
  if (config.context.empty()) {
    const std::string names = joined(merged.names("contexts"));
    return wrong(merged.all_files() + ": no current-context is set" +
                 (names.empty() ? ", and there are no contexts" : "; the contexts are " + names));
  }
  const auto found = merged.find("contexts", "context", config.context);
  if (!found) return missing(merged, "contexts", "context", config.context);
  FieldReader in(found->node, place_of(*found, "context", config.context).where);
  in.warn_unknown({"cluster", "user", "namespace", "extensions"}, merged.warnings);
  const std::string cluster = in.text("cluster"), user = in.text("user");
  config.ns = in.text("namespace");
  if (config.ns.empty()) config.ns = "default";
  if (cluster.empty()) in.fail("cluster", "is missing");
  if (user.empty()) in.fail("user", "is missing");
  if (!base::is_dns_label(config.ns)) in.fail("namespace", "is not a DNS label");
  if (!in.ok()) return in.take_error();
  return read_parts(merged, std::move(config), cluster, user);
}

// Files that were read, and how they were found.
struct Source {
  Merged merged;
  std::string text;
};

base::Result<Source> read_one(const std::string& path, const LoadOptions& options,
                              std::string text) {
  Source out;
  auto file = read_kubeconfig(path, options.regular_files, out.merged.warnings);
  if (!file) return std::move(file).error();
  out.merged.files.push_back(*std::move(file));
  out.text = std::move(text);
  return out;
}

base::Result<Source> read_list(const std::string& list, const LoadOptions& options) {
  Source out;
  std::vector<std::string_view> seen;
  std::string errors;
  for (const std::string_view path : base::split(list, ':')) {
    if (path.empty() || std::find(seen.begin(), seen.end(), path) != seen.end()) continue;
    seen.push_back(path);
    auto file = read_kubeconfig(std::string(path), options.regular_files, out.merged.warnings);
    if (file) {
      out.merged.files.push_back(*std::move(file));
    } else if (file.error().code() != base::Errc::not_found) {
      errors += (errors.empty() ? "" : "; ") + file.error().what();
    }
  }
  if (!errors.empty()) return wrong(std::move(errors));
  const std::size_t n = out.merged.files.size();
  if (n == 0) return wrong("KUBECONFIG names no file that exists: " + joined(seen));
  out.text = "KUBECONFIG (" + std::to_string(n) + (n == 1 ? " file)" : " files)");
  return out;
}

// What the options or a variable name; nullopt: nothing.
std::optional<base::Result<Source>> read_named(const LoadOptions& options) {
  if (!options.file.empty()) return read_one(options.file, options, "file " + options.file);
  const std::string own = env_value(options, "K0RDENT_MGMT_KUBECONFIG_PATH");
  if (!own.empty())
    return read_one(own, options, "file " + own + " (K0RDENT_MGMT_KUBECONFIG_PATH)");
  const std::string list = env_value(options, "KUBECONFIG");
  if (!list.empty()) return read_list(list, options);
  return std::nullopt;
}

base::Result<Source> read_home(const LoadOptions& options) {
  const std::string home = env_value(options, "HOME");
  if (home.empty()) return base::Error(base::Errc::not_found, "HOME is not set");
  return read_one(home + "/.kube/config", options, "~/.kube/config");
}

}  // namespace

std::string env_value(const LoadOptions& options, const char* name) {
  const char* value = options.getenv ? options.getenv(name) : std::getenv(name);
  return value ? value : "";
}

static base::Result<Config> find_config(const LoadOptions& options) {
  const auto chosen = [&](Source& from) {
    return choose(from.merged, options.context, std::move(from.text));
  };
  if (auto named = read_named(options))
    return *named ? chosen(**named) : base::Result<Config>(std::move(*named).error());
  if (in_cluster(options)) {
    if (options.context.empty()) return load_in_cluster(options);
    return wrong("a context is set, but the pod's service account has none");
  }
  auto home = read_home(options);
  if (home) return chosen(*home);
  if (home.error().code() != base::Errc::not_found) return std::move(home).error();
  return base::Error(
      base::Errc::not_found,
      "no cluster is configured: give --kubeconfig or KUBECONFIG, run in a pod with a "
      "service account, or have ~/.kube/config");
}

std::vector<std::string> context_names(const LoadOptions& options) {
  auto source = read_named(options);
  if (!source) source = read_home(options);
  std::vector<std::string> out;
  if (*source)
    for (const std::string_view name : (*source)->merged.names("contexts"))
      out.emplace_back(name);
  return out;
}

base::Result<Config> load_config(const LoadOptions& options) {
  auto config = find_config(options);
  if (!config) return config;
  if (auto ok = use_environment_proxy(config->cluster, options); !ok) return std::move(ok).error();
  config->loaded = options;
  config->loaded.regular_files = true;
  return config;
}

}  // namespace kube::config
