#include "graph/model/path.h"

namespace graph::model {

using base::json::Member;
using base::json::Value;

namespace {

void walk(Value value, std::string_view path, std::string& taken, std::vector<PathHit>& out) {
  if (!value) return;
  if (path.empty()) {
    out.push_back({value, taken});
    return;
  }
  const std::size_t length = taken.size();
  if (path.starts_with("[]")) {
    std::size_t index = 0;
    for (Value element : value.array()) {
      taken.append("[").append(std::to_string(index++)).append("]");
      walk(element, path.substr(2), taken, out);
      taken.resize(length);
    }
    return;
  }
  const std::size_t end = path.find_first_of(".[", 1);
  const std::string_view name = path.substr(1, end == path.npos ? path.npos : end - 1);
  const std::string_view rest = end == path.npos ? std::string_view() : path.substr(end);
  if (name != "*") {
    taken.append(".").append(name);
    walk(value[name], rest, taken, out);
    taken.resize(length);
    return;
  }
  for (const Member member : value.object()) {
    taken.append(".").append(member.key);
    walk(member.value, rest, taken, out);
    taken.resize(length);
  }
}

}  // namespace

std::vector<PathHit> walk_path(Value object, std::string_view path) {
  std::vector<PathHit> out;
  std::string taken;
  walk(object, path, taken, out);
  return out;
}

}  // namespace graph::model
