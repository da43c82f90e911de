// Writes: create, update, merge patch, as the API server does them. Server-side apply is in
// apply.cc, delete in delete.cc, /scale in scale.cc.
#include <optional>

#include "base/time.h"
#include "sim/answer.h"
#include "sim/write_job.h"

namespace sim {
namespace {

using base::json::Document;
using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

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

// The body with the name and namespace of the path; a new object without what only the server sets.
std::string placed(const WriteJob& job, Value body) {
  std::string patch;
  Writer p(patch);
  p.begin_object().key("metadata").begin_object().field("name", job.name);
  if (job.type().namespaced) p.field("namespace", job.request.ns);
  if (!job.old) {
    for (const char* key : {"uid", "creationTimestamp", "managedFields", "generation"})
      p.key(key).null();
  }
  p.end_object().end_object();
  Document doc;
  return merged(body, *doc.parse(patch));
}

Answer commit_update(WriteJob& job, int code, Value body) {
  Document doc;
  const Value next = *doc.parse(job.settled(body));
  // An empty list in the body asks for no managers; none at all leaves them.
  const Value said = body["metadata"]["managedFields"];
  const bool reset = said.is(JsonType::array) && managers_of(body).empty();
  const Managers from = reset ? Managers() : managers_of(job.before);
  Managers managers = after_update(from, job.writing("Update"), job.before, next);
  if (reset) managers.clear();
  return job.commit(code, next, managers);
}

Answer create(WriteJob& job, Value body) {
  const Type& type = job.type();
  std::string name(body["metadata"]["name"].str());
  const std::string prefix(body["metadata"]["generateName"].str());
  if (name.empty() && !prefix.empty()) name = prefix + std::to_string(job.store.version());
  if (name.empty()) {
    return refuse(invalid(type.group, type.kind, "",
                          {"FieldValueRequired", "Required value: name or generateName is required",
                           "metadata.name"}));
  }
  if (!body["metadata"]["resourceVersion"].str().empty()) {
    Status status;  // the real one does not say better either
    status.message = "resourceVersion should not be set on objects to be created";
    return refuse(status);
  }
  if (auto none = job.missing_namespace()) return *std::move(none);
  if (job.store.get(job.view, key_of(job.request.ns, name))) {
    return refuse(already_exists(type, name));
  }
  job.name = name;
  Document doc;
  return commit_update(job, 201, *doc.parse(placed(job, body)));
}

Answer update(WriteJob& job, Value body) {
  if (!job.old) return refuse(not_found(job.type(), job.name));
  if (auto refused = job.precondition(body)) return *std::move(refused);
  Document doc;
  return commit_update(job, 200, *doc.parse(placed(job, body)));
}

Answer patch(WriteJob& job, Value body) {
  const std::string_view type = media_type(job.request);
  if (type == "application/apply-patch+yaml") return answer_apply(job, body);
  if (type != "application/merge-patch+json" && type != "application/strategic-merge-patch+json") {
    return refuse(unsupported_media_type(type));
  }
  if (!job.old) return refuse(not_found(job.type(), job.name));
  if (auto refused = job.precondition(body)) return *std::move(refused);
  Document doc, placed_doc;
  const Value next = *doc.parse(merged(job.before, body));
  return commit_update(job, 200, *placed_doc.parse(placed(job, next)));
}

}  // namespace

std::string merged(Value target, Value patch) {
  std::string out;
  Writer w(out);
  merge(w, target, patch);
  return out;
}

Answer answer_write(Store& store, View view, const ApiRequest& request, Admissions& admissions) {
  const std::string& limit = request.query.get("timeout");
  if (!limit.empty() && !base::parse_duration(limit)) {
    return refuse(
        bad_request("invalid timeout specified in the request URL - time: invalid "
                    "duration \"" +
                    limit + "\""));
  }
  WriteJob job(store, view, request, admissions);
  if (request.sub == "scale" && has_scale(view.type())) return answer_scale(job);
  if (request.sub == "status" && !has_status(view.type())) return page_not_found();
  if (request.verb == "delete" && request.sub.empty()) return answer_delete(job);
  Document doc;
  const auto body = doc.parse(request.body);
  if (!body || !body->is(JsonType::object)) {
    return refuse(bad_request("the body of the request is no JSON object"));
  }
  if (request.verb == "create" && request.name.empty()) return create(job, *body);
  if (request.name.empty()) return refuse(method_not_allowed());
  if (request.verb == "update") return update(job, *body);
  if (request.verb == "patch") return patch(job, *body);
  return refuse(method_not_allowed());
}

}  // namespace sim
