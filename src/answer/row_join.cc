#include "answer/row_join.h"

#include "base/check.h"

namespace answer {

using base::json::Value;
using base::json::Writer;

namespace {

std::string key_of(Value object) {
  const Value metadata = object["metadata"];
  return std::string(metadata["namespace"].str()) + "/" + std::string(metadata["name"].str());
}

}  // namespace

void RowJoin::take(Value object, std::string& out) const {
  if (!wanted_.contains(key_of(object))) return;
  Writer w(out);
  w.begin_object().field("kind", object["kind"].str()).key("metadata").begin_object();
  w.field("namespace", object["metadata"]["namespace"].str());
  w.field("name", object["metadata"]["name"].str()).end_object();
  if (object["status"]) w.key("status").raw(object["status"].to_json());
  w.end_object();
}

std::map<std::string, Value> RowJoin::found() {
  std::map<std::string, Value> out;
  for (const Value each : objects().array())
    out.try_emplace(key_of(each), each);
  return out;
}

std::string RowJoin::merged(std::string object, std::string_view joined) {
  CHECK(object.size() > 2 && object.back() == '}');
  object.pop_back();
  object.append(",\"joined\":").append(joined).append("}");
  return object;
}

}  // namespace answer
