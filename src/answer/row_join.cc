#include "answer/row_join.h"

#include <string_view>
#include <utility>

#include "answer/list_row.h"

namespace answer {

using base::json::Value;
using base::json::Writer;

namespace {

std::string key_of(Value object) {
  const Value metadata = object["metadata"];
  return std::string(metadata["namespace"].str()) + "/" + std::string(metadata["name"].str());
}

void add_member(std::string& object, std::string_view name, std::string_view json) {
  object.pop_back();
  object.append(",\"").append(name).append("\":").append(json).append("}");
}

}  // namespace

bool RowJoin::set_aside(const std::string& key, std::string object) {
  if (object.size() > kAsideBytes - bytes_) return false;
  bytes_ += object.size();
  aside_.insert_or_assign(key, std::move(object));
  return true;
}

void RowJoin::forget() {
  aside_.clear();
  bytes_ = 0;
}

void RowJoin::take(Value object, std::string& out) const {
  if (!aside_.contains(key_of(object))) return;
  Writer w(out);
  w.begin_object().field("kind", object["kind"].str()).key("metadata").begin_object();
  w.field("namespace", object["metadata"]["namespace"].str());
  w.field("name", object["metadata"]["name"].str()).end_object();
  if (object["status"]) w.key("status").raw(object["status"].to_json());
  w.end_object();
}

std::vector<std::string> RowJoin::joined(bool whole) {
  std::map<std::string, Value> found;
  for (const Value each : objects().array())
    found.try_emplace(key_of(each), each);
  // Only of a whole list it is known that an object is not there.
  const bool is_none = whole && !full();
  std::vector<std::string> out;
  for (auto& [key, object] : aside_) {
    const auto at = found.find(key);
    if (at != found.end()) {
      add_member(object, kJoinedMember, at->second.to_json());
    } else if (is_none) {
      add_member(object, kJoinedMember, "null");
    }
    out.push_back(std::move(object));
  }
  forget();
  return out;
}

}  // namespace answer
