#include "app/config_file.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <dirent.h>

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;
using base::yaml::Node;

namespace {

Error wrong(const std::string& place, const std::string& what) {
  return Error(Errc::invalid_argument, place + ": " + what);
}

// A hidden file is an editor's.
bool is_drop_in(std::string_view name) {
  return name[0] != '.' && name.size() > 5 && name.ends_with(".yaml");
}

Result<std::vector<std::string>> drop_ins(const std::string& directory) {
  std::vector<std::string> names;
  struct Closer {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Closer> dir(::opendir(directory.c_str()));
  if (!dir) {
    if (errno == ENOENT) return names;
    return base::errno_error(directory, errno);
  }
  while (const dirent* entry = ::readdir(dir.get())) {
    if (!is_drop_in(entry->d_name)) continue;
    if (names.size() == kConfigDropIns)
      return wrong(directory, "more than " + std::to_string(kConfigDropIns) + " files");
    names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<ConfigText> read_one(std::string path) {
  auto text = base::read_regular_file(path, kConfigBytes);
  if (!text) return std::move(text).error();
  return ConfigText{std::move(path), *std::move(text)};
}

Error unknown_key(const std::string& place, std::string_view key) {
  std::vector<std::string_view> known;
  for (const Flag& flag : all_flags())
    known.push_back(flag.name);
  const std::string_view near = base::nearest(key, known);
  return wrong(place, "unknown key \"" + base::printable(key, 64) + "\"" +
                          (near.empty() ? "; the keys are the flags of k0rdent-mcp serve --help"
                                        : "; did you mean " + std::string(near) + "?"));
}

bool is_on_off(const Flag& flag) {
  return flag.metavar == kSwitch || flag.metavar == "on|off";
}

// The text of a scalar as the flag takes it.
std::string text_of(const Flag& flag, const Node& node) {
  if (!node.quoted && is_on_off(flag)) {
    if (node.scalar == "true") return "on";
    if (node.scalar == "false") return "off";
  }
  return node.scalar;
}

Result<std::string> value_of(const Flag& flag, const std::string& place, const Node& node) {
  const std::string name(flag.name);
  if (node.kind == Node::Kind::scalar) return text_of(flag, node);
  if (node.kind == Node::Kind::null) return wrong(place, name + " has no value");
  if (node.kind == Node::Kind::mapping)
    return wrong(place, name + " must be a value, not a mapping");
  if (!is_list(flag) && !repeats(flag))
    return wrong(place, name + " must be one value, not a list");
  std::vector<std::string> items;
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::scalar)
      return wrong(place, name + " must be a list of plain values");
    items.push_back(item.scalar);
  }
  return base::join(items, repeats(flag) ? " " : ",");
}

}  // namespace

Result<std::vector<ConfigText>> read_config(const std::string& file) {
  std::vector<ConfigText> out;
  auto first = read_one(file);
  if (!first) return std::move(first).error();
  out.push_back(*std::move(first));
  const std::string directory = file + ".d/";
  auto names = drop_ins(directory);
  if (!names) return std::move(names).error();
  for (const std::string& name : *names) {
    auto next = read_one(directory + name);
    if (!next) return std::move(next).error();
    out.push_back(*std::move(next));
  }
  return out;
}

Result<std::vector<ConfigValue>> parse_config(const ConfigText& config) {
  auto documents = base::yaml::parse(config.text);
  if (!documents) return std::move(documents).error().within(config.path);
  std::vector<ConfigValue> out;
  if (documents->empty()) return out;
  if (documents->size() > 1) return wrong(config.path, "must be one YAML document");
  const Node& root = documents->front();
  if (root.kind == Node::Kind::null) return out;
  if (root.kind != Node::Kind::mapping)
    return wrong(config.path + ":" + std::to_string(root.line),
                 "must be a mapping, such as log-level: debug");
  for (const auto& [key, node] : root.members) {
    std::string place = config.path;
    place.append(":").append(std::to_string(node.line));
    if (key == kConfigFlag) return wrong(place, "a configuration file names no other one");
    const Flag* flag = find_flag(key);
    if (flag == nullptr) return unknown_key(place, key);
    auto value = value_of(*flag, place, node);
    if (!value) return std::move(value).error();
    out.push_back({flag, *std::move(value), std::move(place)});
  }
  return out;
}

}  // namespace app
