// YAML and kubeconfig files: a tree that was read is JSON, and that is YAML of the same tree.
#include "base/yaml.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "fuzz/fuzz.h"
#include "kube/config/kubeconfig.h"

namespace fuzz {

namespace {

const char* no_environment(const char*) {
  return nullptr;
}

// The same bytes as a file, which is what load_config reads.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("kubeconfig", MFD_CLOEXEC)) {
    HOLDS(fd_ >= 0);
    HOLDS(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

// Characters that JSON takes and YAML 1.1 does not (DEL, C1, non-characters), and keys longer than
// a YAML reader looks for their colon.
bool is_yaml(const base::yaml::Node& node, std::string_view json) {
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto c = static_cast<unsigned char>(json[i]);
    if (c == 0x7f || c == 0xc2 || c == 0xef) return false;
  }
  for (const auto& [key, value] : node.members) {
    if (key.size() > 200 || !is_yaml(value, {})) return false;
  }
  for (const base::yaml::Node& item : node.items) {
    if (!is_yaml(item, {})) return false;
  }
  return true;
}

}  // namespace

void yaml(std::string_view input) {
  const auto documents = base::yaml::parse(input);
  if (!documents) {
    HOLDS(!documents.error().what().empty());
    return;
  }
  for (const base::yaml::Node& node : *documents) {
    const std::string text = base::yaml::to_json(node);
    base::json::Document document;
    const auto read = document.parse(text);
    if (!read) std::fprintf(stderr, "%s: %s\n", read.error().what().c_str(), text.c_str());
    HOLDS(read.has_value());
    if (!is_yaml(node, text)) continue;
    const auto again = base::yaml::parse(text);
    if (!again) std::fprintf(stderr, "%s: %s\n", again.error().what().c_str(), text.c_str());
    HOLDS(again.has_value());
    HOLDS(again->size() == 1);
    const std::string back = base::yaml::to_json(again->front());
    if (back != text) std::fprintf(stderr, "first: %s\nthen:  %s\n", text.c_str(), back.c_str());
    HOLDS(back == text);
  }
}

void kubeconfig(std::string_view input) {
  const MemoryFile file(input);
  kube::config::LoadOptions options;
  options.file = file.path();
  options.getenv = no_environment;
  const auto config = kube::config::load_config(options);
  if (!config) {
    HOLDS(!config.error().what().empty());
    HOLDS(config.error().what().find('\n') == std::string::npos);
    // The seeds' secret stands only where secrets do: no error repeats it.
    const std::string_view what = config.error().what();
    HOLDS(what.find("s3cr3t-value") == std::string_view::npos ||
          input.find("s3cr3t-value") != input.rfind("s3cr3t-value") ||
          input.find("token: s3cr3t-value") == std::string_view::npos);
    return;
  }
  HOLDS(!config->cluster.host.empty());
  HOLDS(config->cluster.port > 0 && config->cluster.port <= 65535);
  // What goes into headers has no line break and no other control character.
  for (const std::string* text :
       {&config->user.token, &config->user.username, &config->user.impersonate_user,
        &config->user.impersonate_uid, &config->cluster.path_prefix, &config->cluster.host}) {
    for (const char c : *text)
      HOLDS(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  }
  HOLDS(!config->user.exec || !config->user.exec->command.empty());
}

}  // namespace fuzz
