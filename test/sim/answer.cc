#include "sim/answer.h"

#include <set>

#include "base/json.h"
#include "sim/acting.h"
#include "sim/write_job.h"

namespace sim {

using base::json::Writer;

Answer refuse(const Status& status) {
  Answer answer;
  answer.status = status.code;
  answer.body = to_json(status);
  if (status.retry_after_seconds > 0) {
    answer.extra = "Retry-After: " + std::to_string(status.retry_after_seconds) + "\r\n";
  }
  return answer;
}

std::string audit_header(const ApiRequest& request) {
  return "Audit-Id: " + request.audit_id + "\r\n";
}

Answer page_not_found() {
  Answer answer;
  answer.status = 404;
  answer.body = "404 page not found\n";
  answer.type = "text/plain; charset=utf-8";
  return answer;
}

bool answer_public(const ApiRequest& request, Answer& answer) {
  if (request.path == "/version") {
    Writer w(answer.body);
    w.begin_object().field("major", "1").field("minor", "35").field("gitVersion", "v1.35.0-sim");
    w.field("platform", "linux/amd64").end_object();
    return true;
  }
  if (request.path == "/readyz" || request.path == "/livez" || request.path == "/healthz") {
    answer.body = "ok";
    answer.type = "text/plain; charset=utf-8";
    return true;
  }
  return false;
}

namespace {

void write_resource(Writer& w, const Type& type) {
  w.begin_object().field("name", type.plural).field("singularName", "");
  w.field("namespaced", type.namespaced).field("kind", type.kind).key("verbs").begin_array();
  for (const char* verb : {"create", "delete", "get", "list", "patch", "update", "watch"}) {
    w.string(verb);
  }
  w.end_array().end_object();
}

void write_sub(Writer& w, const std::string& name, const Type& type, const std::string& kind,
               std::initializer_list<const char*> verbs) {
  w.begin_object().field("name", name).field("singularName", "");
  w.field("namespaced", type.namespaced).field("kind", kind).key("verbs").begin_array();
  for (const char* verb : verbs)
    w.string(verb);
  w.end_array().end_object();
}

Answer resource_list(const Store& store, const std::string& group, const std::string& version,
                     bool reviews) {
  Answer answer;
  const Type asked{group, version, "", ""};
  Writer w(answer.body);
  w.begin_object().field("kind", "APIResourceList").field("apiVersion", "v1");
  w.field("groupVersion", asked.api_version()).key("resources").begin_array();
  bool any = false;
  for (const auto& collection : store.collections()) {
    for (const Type& type : collection->faces) {
      if (type.group != group || type.version != version) continue;
      any = true;
      write_resource(w, type);
      if (type.plural == "pods") write_sub(w, "pods/log", type, "Pod", {"get"});
      if (has_status(type)) {
        write_sub(w, type.plural + "/status", type, type.kind, {"get", "patch", "update"});
      }
      if (has_scale(type)) {
        write_sub(w, type.plural + "/scale", type, "Scale", {"get", "patch", "update"});
      }
    }
  }
  if (reviews && group == "authentication.k8s.io" && version == "v1") {
    any = true;
    const Type reviews_type{group, version, "selfsubjectreviews", "SelfSubjectReview", false};
    write_sub(w, reviews_type.plural, reviews_type, reviews_type.kind, {"create"});
  }
  w.end_array().end_object();
  return any ? answer : page_not_found();
}

std::set<std::pair<std::string, std::string>> groups_of(const Store& store, bool reviews) {
  std::set<std::pair<std::string, std::string>> out;
  for (const auto& collection : store.collections()) {
    for (const Type& type : collection->faces) {
      if (!type.group.empty()) out.insert({type.group, type.version});
    }
  }
  if (reviews) out.insert({"authentication.k8s.io", "v1"});
  return out;
}

void write_group(Writer& w, const std::string& group, const std::string& version) {
  const auto write_version = [&] {
    w.begin_object().field("groupVersion", group + "/" + version).field("version", version);
    w.end_object();
  };
  w.field("name", group).key("versions").begin_array();
  write_version();
  w.end_array().key("preferredVersion");
  write_version();
}

}  // namespace

Answer answer_discovery(const Store& store, const ApiRequest& request, bool reviews) {
  Answer answer;
  Writer w(answer.body);
  if (request.path == "/api") {
    w.begin_object().field("kind", "APIVersions").key("versions").begin_array().string("v1");
    w.end_array().end_object();
    return answer;
  }
  if (!request.version.empty()) {
    return resource_list(store, request.group, request.version, reviews);
  }
  const auto groups = groups_of(store, reviews);
  if (request.path == "/apis") {
    w.begin_object().field("kind", "APIGroupList").field("apiVersion", "v1");
    w.key("groups").begin_array();
    for (const auto& [group, version] : groups) {
      w.begin_object();
      write_group(w, group, version);
      w.end_object();
    }
    w.end_array().end_object();
    return answer;
  }
  for (const auto& [group, version] : groups) {
    if (group != request.group) continue;
    w.begin_object().field("kind", "APIGroup").field("apiVersion", "v1");
    write_group(w, group, version);
    w.end_object();
    return answer;
  }
  return page_not_found();
}

Answer answer_review(const User& user) {
  Answer answer;
  answer.status = 201;
  Writer w(answer.body);
  w.begin_object().field("kind", "SelfSubjectReview");
  w.field("apiVersion", "authentication.k8s.io/v1").key("metadata").begin_object();
  w.key("creationTimestamp").null().end_object();
  w.key("status").begin_object().key("userInfo").begin_object();
  write_user(w, user);
  w.end_object().end_object().end_object();
  return answer;
}

Answer answer_access_review(const ApiRequest& request) {
  base::json::Document doc;
  const auto review = doc.parse(request.body);
  const base::json::Value asked =
      review ? (*review)["spec"]["resourceAttributes"] : base::json::Value();
  std::string resource(asked["resource"].str());
  if (!asked["subresource"].str().empty()) resource.append("/").append(asked["subresource"].str());
  Answer answer;
  answer.status = 201;
  Writer w(answer.body);
  w.begin_object().field("kind", "SelfSubjectAccessReview");
  w.field("apiVersion", "authorization.k8s.io/v1").key("status").begin_object();
  w.field("allowed", !denied(request.user, asked["verb"].str(), asked["group"].str(), resource,
                             asked["namespace"].str()));
  w.end_object().end_object();
  return answer;
}

Answer answer_get(Store& store, View view, const ApiRequest& request) {
  const Object* object = store.get(view, key_of(request.ns, request.name));
  if (!object) return refuse(not_found(view.type(), request.name));
  Answer answer;
  answer.body = view.json(*object);
  return answer;
}

}  // namespace sim
