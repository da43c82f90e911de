#include "sim/write_job.h"

#include <algorithm>
#include <utility>

#include "sim/field_merge.h"

namespace sim {
namespace {

using base::json::Document;
using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

bool same_managers(const Managers& a, const Managers& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const Manager& one) {
    return std::any_of(b.begin(), b.end(), [&](const Manager& other) {
      return one.is(other) && one.fields == other.fields;
    });
  });
}

// What only the API server sets, or only a deletion.
bool is_servers(std::string_view key) {
  return key == "generation" || key == "deletionTimestamp" || key == "deletionGracePeriodSeconds" ||
         key == "managedFields";
}

std::string without_managers(Value object) {
  return with_managers(object, {});
}

}  // namespace

bool has_status(const Type& type) {
  return type.custom || type.group == "apps" || type.kind == "Pod" || type.kind == "Node" ||
         type.kind == "Namespace" || type.kind == "Service";
}

bool has_generation(const Type& type) {
  return type.custom || type.group == "apps";
}

bool has_scale(const Type& type) {
  return type.group == "apps" && (type.plural == "deployments" || type.plural == "statefulsets" ||
                                  type.plural == "replicasets");
}

std::string_view media_type(const ApiRequest& request) {
  return std::string_view(request.content_type).substr(0, request.content_type.find(';'));
}

WriteJob::WriteJob(Store& store_in, View view_in, const ApiRequest& request_in,
                   Admissions& admissions_in)
    : store(store_in),
      view(view_in),
      request(request_in),
      admissions(admissions_in),
      name(request_in.name),
      dry_run(request_in.query.has("dryRun")) {
  if (!name.empty()) old = store.get(view, key_of(request.ns, name));
  if (old) before = *doc_.parse("{" + std::string(view.text(*old).view()));
}

Writing WriteJob::writing(const char* operation) const {
  Writing out;
  out.who.name = request.query.get("fieldManager");
  if (out.who.name.empty())
    out.who.name = request.user_agent.substr(0, request.user_agent.find('/'));
  if (out.who.name.empty()) out.who.name = "unknown";
  out.who.operation = operation;
  out.who.api_version = type().api_version();
  out.who.subresource = request.sub;
  out.who.time = store.now();
  out.with_status = request.sub == "status" || !has_status(type());
  return out;
}

std::optional<Answer> WriteJob::precondition(Value body) const {
  const std::string_view uid = body["metadata"]["uid"].str();
  const std::string_view version = body["metadata"]["resourceVersion"].str();
  Status status = conflict(type(), name);
  if (old && !version.empty() && version != std::to_string(old->version)) return refuse(status);
  if (uid.empty() || (old && uid == old->uid)) return std::nullopt;
  if (!old) {
    status.message = "Operation cannot be fulfilled on " + type().text() + " \"" + name +
                     "\": uid mismatch: the provided object specified uid " + std::string(uid) +
                     ", and no existing object was found";
    return refuse(status);
  }
  if (request.sub == "scale") {
    status.kind = type().plural + "/scale";
    status.message = "Operation cannot be fulfilled on " + status.kind + "." + type().group +
                     " \"" + name +
                     "\": Precondition failed: UID in precondition: " + std::string(uid) +
                     ", UID in object meta: " + old->uid;
    return refuse(status);
  }
  status =
      invalid(type().group, type().kind, name,
              {"FieldValueInvalid",
               "Invalid value: \"" + std::string(uid) + "\": field is immutable", "metadata.uid"});
  status.causes.push_back(status.causes.front());  // it is validated twice
  return refuse(status);
}

std::optional<Answer> WriteJob::missing_namespace() const {
  const Collection& all = store.of("Namespace");
  if (!type().namespaced || all.objects.count(request.ns)) return std::nullopt;
  return refuse(not_found(all.type(), request.ns));
}

std::int64_t WriteJob::generation(Value next) const {
  if (!has_generation(type())) return 0;
  if (!old) return 1;
  const std::int64_t was = before["metadata"]["generation"].int_or(0);
  if (request.sub == "status") return was;
  const auto rest = [](Value object) {
    std::string out;
    Writer w(out);
    w.begin_object();
    for (const Member member : object.object()) {
      const std::string_view key = member.key;
      if (key != "metadata" && key != "status" && key != "kind" && key != "apiVersion")
        w.key(key).raw(member.value.to_json());
    }
    w.end_object();
    return out;
  };
  Document a, b;
  return same_json(*a.parse(rest(before)), *b.parse(rest(next)))
             ? was
             : std::max<std::int64_t>(was, 1) + 1;
}

std::string WriteJob::settled(Value next) const {
  const bool status_only = request.sub == "status";
  const Value from = status_only ? before : next;
  std::string out;
  Writer w(out);
  w.begin_object().key("metadata").begin_object();
  for (const Member one : from["metadata"].object()) {
    const bool scalar = !one.value.is(JsonType::object) && !one.value.is(JsonType::array);
    const bool nothing = one.value.is(JsonType::null) || (!scalar && one.value.size() == 0);
    if (!is_servers(one.key) && !nothing) w.key(one.key).raw(one.value.to_json());
  }
  if (const std::int64_t number = generation(next); number > 0) w.field("generation", number);
  for (const char* key : {"deletionTimestamp", "deletionGracePeriodSeconds"}) {
    const Value kept = before["metadata"][key];
    if (kept.present()) w.key(key).raw(kept.to_json());
  }
  w.end_object();
  const bool own_status = status_only || !has_status(type());
  for (const Member member : from.object()) {
    const std::string_view key = member.key;
    if (key == "metadata" || key == "kind" || key == "apiVersion" || key == "status") continue;
    w.key(key).raw(member.value.to_json());
  }
  const Value status = own_status ? next["status"] : before["status"];
  if (status.present()) w.key("status").raw(status.to_json());
  w.end_object();
  Document doc;
  return with_key_defaults(*doc.parse(out));
}

Answer WriteJob::commit(int code, Value next, const Managers& managers) const {
  Document doc, old_doc, after_doc, full_doc;
  const Value after = *doc.parse(settled(next));
  Answer answer;
  answer.status = code;
  const AdmissionReview review{request, type(), before, after, dry_run};
  if (auto refusal = admissions.review(review, answer.extra)) {
    Answer refused = refuse(*refusal);
    refused.extra += answer.extra;
    return refused;
  }
  if (old && same_managers(managers, managers_of(before)) &&
      same_json(*old_doc.parse(without_managers(before)),
                *after_doc.parse(without_managers(after)))) {
    answer.body = view.json(*old);
    return answer;
  }
  const std::string text = with_managers(after, managers);
  const Value whole = *full_doc.parse(text);
  if (dry_run) {
    answer.body = store.shown(view, whole);
    return answer;
  }
  answer.body = view.json(store.put(view, whole));
  const Value metadata = after["metadata"];
  if (metadata["deletionTimestamp"].present() && metadata["finalizers"].size() == 0)
    store.remove(view, key_of(request.ns, name));
  return answer;
}

}  // namespace sim
