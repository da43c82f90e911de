// Writes: create, update, patch, delete, as the API server does them: preconditions, finalizers,
// dryRun=All. Server-side apply is in apply.cc.
#include <optional>

#include "base/text.h"
#include "sim/answer.h"
#include "sim/apply.h"

namespace sim {
namespace {

using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

// The body with the name and namespace of the path.
std::string placed(const View& view, const ApiRequest& request, Value body) {
  std::string patch;
  Writer p(patch);
  p.begin_object().key("metadata").begin_object();
  if (!request.name.empty()) p.field("name", request.name);
  if (view.type().namespaced) p.field("namespace", request.ns);
  p.end_object().end_object();
  base::json::Document doc;
  const auto root = doc.parse(patch);
  return merged(body, *root);
}

Answer done(int status, const View& view, const Object& object) {
  Answer answer;
  answer.status = status;
  answer.body = view.json(object);
  return answer;
}

// Stores what a write makes of an object (unless it is only tried), and whose fields it wrote. An
// object that only its finalizers held goes with the last of them.
Answer keep(int status, Store& store, View view, const ApiRequest& request,
            const std::string& json) {
  base::json::Document doc;
  const Value object = *doc.parse(json);
  Answer answer;
  answer.status = status;
  answer.body = json;
  if (request.query.has("dryRun")) return answer;
  const std::string key = key_of(request.ns, request.name);
  const Object* old = store.get(view, key);
  base::json::Document past;
  note_owner(view, request, old ? *past.parse("{" + std::string(view.text(*old).view())) : Value(),
             object);
  answer = done(status, view, store.put(view, json));
  const Value metadata = object["metadata"];
  if (metadata["deletionTimestamp"].present() && metadata["finalizers"].size() == 0)
    store.remove(view, key);
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
  return keep(201, store, view, named, placed(view, named, body));
}

Answer update(Store& store, View view, const ApiRequest& request, Value body) {
  const Object* old = store.get(view, key_of(request.ns, request.name));
  if (!old) return refuse(not_found(view.type(), request.name));
  const std::string_view said = body["metadata"]["resourceVersion"].str();
  if (!said.empty() && said != std::to_string(old->version)) {
    return refuse(conflict(view.type(), request.name));
  }
  return keep(200, store, view, request, placed(view, request, body));
}

Answer patch(Store& store, View view, const ApiRequest& request, Value body) {
  const std::string_view type =
      std::string_view(request.content_type).substr(0, request.content_type.find(';'));
  const bool apply = type == "application/apply-patch+yaml";
  if (!apply && type != "application/merge-patch+json" &&
      type != "application/strategic-merge-patch+json") {
    return refuse(unsupported_media_type(type));
  }
  if (apply) return answer_apply(store, view, request, body);
  const Object* old = store.get(view, key_of(request.ns, request.name));
  if (!old) return refuse(not_found(view.type(), request.name));
  const std::string_view said = body["metadata"]["resourceVersion"].str();
  const std::string_view uid = body["metadata"]["uid"].str();
  if ((!uid.empty() && uid != old->uid) ||
      (!said.empty() && said != std::to_string(old->version))) {
    return refuse(conflict(view.type(), request.name));
  }
  base::json::Document doc;
  const auto now = doc.parse("{" + std::string(view.text(*old).view()));
  return keep(200, store, view, request, merged(*now, body));
}

// What DeleteOptions ask of the object as it is; nullopt: nothing against it.
std::optional<Answer> precondition(const View& view, const Object& old, const ApiRequest& request,
                                   Value options) {
  const Value wanted = options["preconditions"];
  const std::string_view uid = wanted["uid"].str(), version = wanted["resourceVersion"].str();
  Status status = conflict(view.type(), request.name);
  const auto differs = [&](std::string_view what, std::string_view in, const std::string& is) {
    status.message = "Operation cannot be fulfilled on " + view.type().text() + " \"" +
                     request.name + "\": the " + std::string(what) + " in the precondition (" +
                     std::string(in) + ") does not match the " + std::string(what) +
                     " in record (" + is +
                     "). The object might have been deleted and then recreated";
    return refuse(status);
  };
  if (!uid.empty() && uid != old.uid) return differs("UID", uid, old.uid);
  const std::string is = std::to_string(old.version);
  if (!version.empty() && version != is) return differs("ResourceVersion", version, is);
  return std::nullopt;
}

// With finalizers it stays, and says since when it is to go.
std::optional<Answer> held(Store& store, View view, const Object& old, Value options) {
  base::json::Document doc;
  const auto now = doc.parse("{" + std::string(view.text(old).view()));
  const Value metadata = (*now)["metadata"];
  const bool foreground = options["propagationPolicy"].str() == "Foreground";
  if (metadata["finalizers"].size() == 0 && !foreground) return std::nullopt;
  if (metadata["deletionTimestamp"].present()) return done(200, view, old);
  std::string patch;
  Writer w(patch);
  w.begin_object().key("metadata").begin_object();
  w.field("deletionTimestamp", metadata["creationTimestamp"].str());
  w.key("finalizers").begin_array();
  for (const Value one : metadata["finalizers"].array())
    w.string(one.str());
  if (foreground) w.string("foregroundDeletion");
  w.end_array().end_object().end_object();
  base::json::Document change;
  return done(200, view, store.put(view, merged(*now, *change.parse(patch))));
}

Answer remove(Store& store, View view, const ApiRequest& request) {
  const Object* old = store.get(view, key_of(request.ns, request.name));
  if (!old) return refuse(not_found(view.type(), request.name));
  base::json::Document doc;
  const auto body = doc.parse(request.body.empty() ? "{}" : request.body);
  if (!body) return refuse(bad_request("the body of the request is no DeleteOptions"));
  if (auto refused = precondition(view, *old, request, *body)) return *std::move(refused);
  const std::string uid = old->uid;
  const bool dry = (*body)["dryRun"].size() > 0;
  if (!dry && view.type().plural != "namespaces") {
    if (auto answer = held(store, view, *old, *body)) return *std::move(answer);
  }
  if (!dry && view.type().plural == "namespaces" && view.type().group.empty()) {
    for (const auto& collection : store.collections()) {
      const std::string prefix = request.name + "/";
      auto it = collection->objects.lower_bound(prefix);
      while (it != collection->objects.end() && it->first.starts_with(prefix)) {
        const std::string key = (it++)->first;
        store.remove({collection.get(), 0}, key);
      }
    }
  }
  if (!dry) store.remove(view, key_of(request.ns, request.name));
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
