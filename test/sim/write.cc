// Writes: create, update, patch, delete, as far as tests and the demo need them.
#include "base/text.h"
#include "sim/answer.h"

namespace sim {
namespace {

using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

// RFC 7386.
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

// The body with the name and namespace of the path.
std::string placed(const View& view, const ApiRequest& request, Value body) {
  std::string patch, out;
  Writer p(patch);
  p.begin_object().key("metadata").begin_object();
  if (!request.name.empty()) p.field("name", request.name);
  if (view.type().namespaced) p.field("namespace", request.ns);
  p.end_object().end_object();
  base::json::Document doc;
  const auto root = doc.parse(patch);
  Writer w(out);
  merge(w, body, *root);
  return out;
}

Answer done(int status, const View& view, const Object& object) {
  Answer answer;
  answer.status = status;
  answer.body = view.json(object);
  return answer;
}

Answer create(Store& store, View view, const ApiRequest& request, Value body) {
  std::string name(body["metadata"]["name"].str());
  const std::string prefix(body["metadata"]["generateName"].str());
  if (name.empty() && !prefix.empty()) name = prefix + std::to_string(store.version());
  if (name.empty()) {
    return refuse(invalid(view.type().group, view.type().kind, "",
                          {"FieldValueRequired", "Required value: name or generateName is required",
                           "metadata.name"}));
  }
  if (view.type().namespaced && !store.get({&store.of("Namespace"), 0}, request.ns)) {
    return refuse(not_found(store.of("Namespace").type(), request.ns));
  }
  if (store.get(view, key_of(request.ns, name))) return refuse(already_exists(view.type(), name));
  ApiRequest named(request);
  named.name = name;
  return done(201, view, store.put(view, placed(view, named, body)));
}

Answer update(Store& store, View view, const ApiRequest& request, Value body) {
  const Object* old = store.get(view, key_of(request.ns, request.name));
  if (!old) return refuse(not_found(view.type(), request.name));
  const std::string_view said = body["metadata"]["resourceVersion"].str();
  if (!said.empty() && said != std::to_string(old->version)) {
    return refuse(conflict(view.type(), request.name));
  }
  return done(200, view, store.put(view, placed(view, request, body)));
}

Answer patch(Store& store, View view, const ApiRequest& request, Value body) {
  const std::string_view type =
      std::string_view(request.content_type).substr(0, request.content_type.find(';'));
  const bool apply = type == "application/apply-patch+yaml";
  if (!apply && type != "application/merge-patch+json" &&
      type != "application/strategic-merge-patch+json") {
    return refuse(unsupported_media_type(type));
  }
  const Object* old = store.get(view, key_of(request.ns, request.name));
  if (!old && apply) return done(201, view, store.put(view, placed(view, request, body)));
  if (!old) return refuse(not_found(view.type(), request.name));
  base::json::Document doc;
  const auto now = doc.parse("{" + std::string(view.text(*old).view()));
  std::string out;
  Writer w(out);
  merge(w, *now, body);
  return done(200, view, store.put(view, out));
}

Answer remove(Store& store, View view, const ApiRequest& request) {
  const Object* old = store.get(view, key_of(request.ns, request.name));
  if (!old) return refuse(not_found(view.type(), request.name));
  const std::string uid = old->uid;
  if (view.type().plural == "namespaces" && view.type().group.empty()) {
    for (const auto& collection : store.collections()) {
      const std::string prefix = request.name + "/";
      auto it = collection->objects.lower_bound(prefix);
      while (it != collection->objects.end() && it->first.starts_with(prefix)) {
        const std::string key = (it++)->first;
        store.remove({collection.get(), 0}, key);
      }
    }
  }
  store.remove(view, key_of(request.ns, request.name));
  Answer answer;
  Writer w(answer.body);
  w.begin_object().field("kind", "Status").field("apiVersion", "v1").key("metadata");
  w.begin_object().end_object().field("status", "Success").key("details").begin_object();
  w.field("name", request.name).field_if("group", view.type().group);
  w.field("kind", view.type().plural).field("uid", uid).end_object().end_object();
  return answer;
}

}  // namespace

Answer answer_write(Store& store, View view, const ApiRequest& request) {
  if (request.verb == "delete") return remove(store, view, request);
  base::json::Document doc;
  const auto body = doc.parse(request.body);
  if (!body || !body->is(JsonType::object)) {
    return refuse(bad_request("the body of the request is no JSON object"));
  }
  if (request.verb == "create" && request.name.empty()) return create(store, view, request, *body);
  if (request.name.empty()) return refuse(method_not_allowed());
  if (request.verb == "update") return update(store, view, request, *body);
  if (request.verb == "patch") return patch(store, view, request, *body);
  return refuse(method_not_allowed());
}

}  // namespace sim
