// Loading objects from YAML into the Store.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "sim/store.h"

namespace sim {

void Store::load_one(const std::string& json) {
  base::json::Document doc;
  const auto root = doc.parse(json);
  CHECK(root.has_value());
  const std::string api((*root)["apiVersion"].str());
  const std::size_t slash = api.find('/');
  Type type;
  type.group = slash == api.npos ? "" : api.substr(0, slash);
  type.version = slash == api.npos ? api : api.substr(slash + 1);
  type.kind = (*root)["kind"].str();
  type.plural = plural_of(type.kind);
  const std::string ns((*root)["metadata"]["namespace"].str());
  type.namespaced = !ns.empty();
  type.custom = true;
  define(type);
  if (type.namespaced && !get({&of("Namespace"), 0}, ns)) {
    put({&of("Namespace"), 0}, R"({"metadata":{"name":")" + ns +
                                   R"(","labels":{"kubernetes.io/metadata.name":")" + ns +
                                   R"("}},"spec":{"finalizers":["kubernetes"]},)"
                                   R"("status":{"phase":"Active"}})");
  }
  put(find(type.group, type.version, type.plural), *root);
}

base::Result<int> Store::load(std::string_view yaml) {
  auto documents = base::yaml::parse(yaml);
  if (!documents) return std::move(documents).error();
  int count = 0;
  for (const base::yaml::Node& node : *documents) {
    if (node.kind == base::yaml::Node::Kind::null) continue;
    const base::yaml::Node* metadata = node.find("metadata");
    if (node.str("kind").empty() || node.str("apiVersion").empty() || !metadata ||
        metadata->str("name").empty()) {
      return base::Error(base::Errc::invalid_argument,
                         "a document has no kind, apiVersion or metadata.name");
    }
    load_one(base::yaml::to_json(node));
    ++count;
  }
  return count;
}

base::Result<int> Store::load_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failure;
  std::vector<std::string> files;
  fs::recursive_directory_iterator it(path, failure);
  for (; !failure && it != fs::recursive_directory_iterator(); it.increment(failure)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path().string());
  }
  if (failure) return base::errno_error("read " + path, failure.value());
  std::sort(files.begin(), files.end());
  int count = 0;
  for (const std::string& file : files) {
    auto text = base::read_file(file, base::limits::kMiB);
    if (!text) return std::move(text).error();
    auto loaded = load(*text);
    if (!loaded) return std::move(loaded).error().within(file);
    count += *loaded;
  }
  return count;
}

}  // namespace sim
