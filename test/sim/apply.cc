#include "sim/apply.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace sim {
namespace {

using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

using Leaves = std::map<std::string, std::string>;  // path → JSON

void merge(Writer& w, Value target, Value patch) {
  if (!patch.is(JsonType::object)) {
    w.raw(patch.to_json());
    return;
  }
  w.begin_object();
  for (const Member member : target.object()) {
    const Value change = patch[member.key];
    if (change.is(JsonType::null)) continue;
    w.key(member.key);
    if (change.present()) {
      merge(w, member.value, change);
    } else {
      w.raw(member.value.to_json());
    }
  }
  for (const Member member : patch.object()) {
    if (target.is(JsonType::object) && target[member.key].present()) continue;
    if (member.value.is(JsonType::null)) continue;
    w.key(member.key);
    merge(w, {}, member.value);
  }
  w.end_object();
}

void collect(Value value, const std::string& path, Leaves& to) {
  if (!value.is(JsonType::object) || value.size() == 0) {
    to[path] = value.to_json();
    return;
  }
  for (const Member member : value.object())
    collect(member.value, path + "." + std::string(member.key), to);
}

// What managers own: neither the type nor what identifies the object.
Leaves leaves_of(Value object) {
  Leaves out;
  collect(object, "", out);
  for (const char* path :
       {".apiVersion", ".kind", ".metadata.name", ".metadata.namespace", ".metadata.uid",
        ".metadata.resourceVersion", ".metadata.creationTimestamp", ".metadata.managedFields"})
    out.erase(path);
  return out;
}

void write_without(Writer& w, Value value, const std::string& path,
                   const std::set<std::string>& gone) {
  if (!value.is(JsonType::object)) {
    w.raw(value.to_json());
    return;
  }
  w.begin_object();
  for (const Member member : value.object()) {
    const std::string at = path + "." + std::string(member.key);
    if (gone.count(at)) continue;
    w.key(member.key);
    write_without(w, member.value, at, gone);
  }
  w.end_object();
}

Answer conflict_of(const View& view, const ApiRequest& request,
                   const std::vector<std::pair<std::string, std::string>>& taken) {
  Status status = conflict(view.type(), request.name);
  status.message = "Apply failed with " + std::to_string(taken.size()) +
                   (taken.size() == 1 ? " conflict: " : " conflicts: ");
  for (const auto& [path, manager] : taken) {
    const std::string text = "conflict with \"" + manager + "\" using " + view.type().api_version();
    if (&path != &taken.front().first) status.message += ", ";
    status.message += text + ": " + path;
    status.causes.push_back({"FieldManagerConflict", text, path});
  }
  return refuse(status);
}

std::optional<Answer> refused(const View& view, const ApiRequest& request, Value body) {
  const std::string& manager = request.query.get("fieldManager");
  if (manager.empty() || manager.size() > 128) {
    return refuse(invalid(
        "meta.k8s.io", "PatchOptions", "",
        {"FieldValueRequired", "Required value: is required for apply patch", "fieldManager"}));
  }
  if (body["apiVersion"].str() != view.type().api_version()) {
    return refuse(bad_request("incompatible apiVersion: " + std::string(body["apiVersion"].str())));
  }
  if (body["kind"].str() != view.type().kind) return refuse(bad_request("kind must be specified"));
  if (body["metadata"]["name"].str() != request.name) {
    return refuse(bad_request("the name of the object does not match the name on the URL"));
  }
  const Value managed = body["metadata"]["managedFields"];
  if (managed.present() && !managed.is(JsonType::null)) {
    return refuse(bad_request("metadata.managedFields must be nil"));
  }
  return std::nullopt;
}

Answer answered(int code, const View& view, const Object& object) {
  Answer answer;
  answer.status = code;
  answer.body = view.json(object);
  return answer;
}

}  // namespace

std::string merged(Value target, Value patch) {
  std::string out;
  Writer w(out);
  merge(w, target, patch);
  return out;
}

void note_owner(View view, const ApiRequest& request, Value before, Value after) {
  std::string manager = request.query.get("fieldManager");
  if (manager.empty()) manager = "unknown";
  auto& owners = view.collection->owners[key_of(request.ns, request.name)];
  const Leaves was = before.present() ? leaves_of(before) : Leaves();
  for (const auto& [path, json] : leaves_of(after)) {
    const auto old = was.find(path);
    if (old == was.end() || old->second != json) owners[path] = {manager};
  }
}

Answer answer_apply(Store& store, View view, const ApiRequest& request, Value body) {
  if (auto answer = refused(view, request, body)) return *std::move(answer);
  const std::string& manager = request.query.get("fieldManager");
  const std::string key = key_of(request.ns, request.name);
  const bool dry = request.query.has("dryRun");
  const Object* old = store.get(view, key);
  const std::string_view uid = body["metadata"]["uid"].str();
  const std::string_view version = body["metadata"]["resourceVersion"].str();
  if ((!uid.empty() && (!old || uid != old->uid)) ||
      (!version.empty() && (!old || version != std::to_string(old->version)))) {
    return refuse(conflict(view.type(), request.name));
  }
  base::json::Document doc;
  const Value now = old ? *doc.parse("{" + std::string(view.text(*old).view())) : Value();
  const Leaves before = old ? leaves_of(now) : Leaves(), wanted = leaves_of(body);
  auto owners = view.collection->owners[key];
  std::vector<std::pair<std::string, std::string>> taken;
  for (const auto& [path, json] : wanted) {
    const auto is = before.find(path);
    const bool same = is != before.end() && is->second == json;
    for (const std::string& other : owners[path])
      if (!same && other != manager) taken.emplace_back(path, other);
    if (!same) owners[path].clear();
    owners[path].insert(manager);
  }
  if (!taken.empty() && !request.query.flag("force")) return conflict_of(view, request, taken);
  std::set<std::string> gone;
  for (auto& [path, managers] : owners)
    if (!wanted.count(path) && managers.erase(manager) && managers.empty()) gone.insert(path);
  std::string place, text;
  Writer p(place);
  p.begin_object().key("metadata").begin_object().field_if("namespace", request.ns);
  p.end_object().end_object();
  base::json::Document intent, placed, whole;
  const std::string own = merged(body, *placed.parse(place));
  Writer w(text);
  write_without(w, *whole.parse(merged(now, *intent.parse(own))), "", gone);
  if (old && leaves_of(*whole.parse(text)) == before) {
    if (!dry) view.collection->owners[key] = std::move(owners);
    return answered(200, view, *old);
  }
  if (dry) {
    Answer answer;
    answer.status = old ? 200 : 201;
    answer.body = text;
    return answer;
  }
  const Answer answer = answered(old ? 200 : 201, view, store.put(view, text));
  view.collection->owners[key] = std::move(owners);
  return answer;
}

}  // namespace sim
