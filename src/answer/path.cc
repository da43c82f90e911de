#include "answer/path.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"

namespace answer {

using base::json::Value;

namespace {

Value of_type(Value conditions, std::string_view type) {
  for (const Value each : conditions.array()) {
    if (each["type"].str() == type) return each;
  }
  return {};
}

// The name at the front: up to a '.' or '[' without a backslash.
struct Name {
  std::string_view text;
  bool escaped = false;  // it has a backslash
};
Name front_name(std::string_view path) {
  bool escaped = false;
  std::size_t i = 0;
  for (; i < path.size() && path[i] != '.' && path[i] != '['; ++i) {
    if (path[i] != '\\') continue;
    escaped = true;
    ++i;
  }
  return {path.substr(0, i), escaped};
}

Value member(Value object, Name given) {
  const std::string_view name = given.text;
  if (!given.escaped) return object[name];
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    plain += name[i];
  }
  return object[plain];
}

Value element(Value list, std::string_view which) {
  const auto index = base::parse_int(which);
  if (!index) return of_type(list, which);
  return *index < 0 ? Value() : list.at(static_cast<std::size_t>(*index));
}

}  // namespace

Value value_at(Value object, std::string_view path) {
  while (!path.empty() && object) {
    if (path.front() == '[') {
      const std::size_t end = path.find(']');
      if (end == path.npos) return {};
      object = element(object, path.substr(1, end - 1));
      path.remove_prefix(end + 1);
      continue;
    }
    path.remove_prefix(1);
    const Name name = front_name(path);
    path.remove_prefix(name.text.size());
    object = member(object, name);
  }
  return object;
}

bool is_path(std::string_view path) {
  bool named = false;  // a name or an index stands before what comes next
  while (!path.empty()) {
    if (path.front() == '[') {
      const std::size_t end = path.find(']');
      const std::string_view which = path.substr(1, end == path.npos ? 0 : end - 1);
      if (!named || which.empty() || which.find_first_of("*?@'\":") != which.npos) return false;
      if (which.front() == '-') return false;
      path.remove_prefix(end + 1);
      continue;
    }
    if (named && path.front() != '.') return false;
    if (named) path.remove_prefix(1);
    const std::string_view name = front_name(path).text;
    if (name.empty() || name.find_first_of("{}$*") != name.npos) return false;
    path.remove_prefix(name.size());
    named = true;
  }
  return named;
}

base::Result<void> check_paths(const std::vector<std::string>& given) {
  const auto bad = [](std::string text) {
    return base::Error(base::Errc::invalid_argument, std::move(text));
  };
  if (given.size() > kMostPaths)
    return bad("'fields' may have at most " + std::to_string(kMostPaths) + " paths");
  for (std::string_view path : given) {
    if (!is_path(path.starts_with('.') ? path.substr(1) : path)) {
      return bad("'fields' has no path in " + base::printable(path, 64) +
                 ": names with dots, as in spec.config, status.conditions[Ready].message or "
                 "spec.containers[0].image");
    }
  }
  return {};
}

Value condition_of(Value object, std::string_view type) {
  return of_type(object["status"]["conditions"], type);
}

}  // namespace answer
