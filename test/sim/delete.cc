// DELETE: preconditions, finalizers, dry runs.
#include <optional>

#include "sim/write_job.h"

namespace sim {
namespace {

using base::json::Document;
using base::json::Value;
using base::json::Writer;

// What DeleteOptions ask of the object as it is; nullopt: nothing against it.
std::optional<Answer> differs(const WriteJob& job, Value options) {
  const Value wanted = options["preconditions"];
  const std::string_view uid = wanted["uid"].str(), version = wanted["resourceVersion"].str();
  const auto refusal = [&](const std::string& what, std::string_view in, const std::string& is,
                           const char* why) {
    Type of_kind = job.type();
    of_kind.plural = of_kind.kind;  // as the API server says it here
    Status status = conflict(of_kind, job.name);
    status.message = "Operation cannot be fulfilled on " + of_kind.text() + " \"" + job.name +
                     "\": the " + what + " in the precondition (" + std::string(in) +
                     ") does not match the " + what + " in record (" + is +
                     "). The object might have been " + why;
    return refuse(status);
  };
  if (!uid.empty() && uid != job.old->uid) {
    return refusal("UID", uid, job.old->uid, "deleted and then recreated");
  }
  const std::string is = std::to_string(job.old->version);
  if (!version.empty() && version != is) {
    return refusal("ResourceVersion", version, is, "modified");
  }
  return std::nullopt;
}

// With finalizers it stays, and says since when it is to go.
std::optional<Answer> held(const WriteJob& job, Value options) {
  const Value metadata = job.before["metadata"];
  std::string policy(options["propagationPolicy"].str());
  if (policy.empty()) policy = job.request.query.get("propagationPolicy");
  const bool foreground = policy == "Foreground";
  if (metadata["finalizers"].size() == 0 && !foreground) return std::nullopt;
  Answer answer;
  answer.body = job.view.json(*job.old);
  if (metadata["deletionTimestamp"].present()) return answer;
  std::string patch;
  Writer w(patch);
  w.begin_object().key("metadata").begin_object();
  w.field("deletionTimestamp", job.store.now()).field("deletionGracePeriodSeconds", 0);
  const std::int64_t generation = metadata["generation"].int_or(0);
  if (generation > 0) w.field("generation", generation + 1);
  w.key("finalizers").begin_array();
  for (const Value one : metadata["finalizers"].array())
    w.string(one.str());
  if (foreground) w.string("foregroundDeletion");
  w.end_array().end_object().end_object();
  Document change, next;
  const Value object = *next.parse(merged(job.before, *change.parse(patch)));
  answer.body = job.dry_run ? job.store.shown(job.view, object)
                            : job.view.json(job.store.put(job.view, object));
  return answer;
}

void empty_namespace(Store& store, const std::string& name) {
  for (const auto& collection : store.collections()) {
    const std::string prefix = name + "/";
    auto it = collection->objects.lower_bound(prefix);
    while (it != collection->objects.end() && it->first.starts_with(prefix)) {
      const std::string key = (it++)->first;
      store.remove({collection.get(), 0}, key);
    }
  }
}

}  // namespace

Answer answer_delete(WriteJob& job) {
  if (!job.old) return refuse(not_found(job.type(), job.name));
  Document doc;
  const auto options = doc.parse(job.request.body.empty() ? "{}" : job.request.body);
  if (!options) return refuse(bad_request("the body of the request is no DeleteOptions"));
  // With a body the query's options are ignored.
  if (!job.request.body.empty()) job.dry_run = (*options)["dryRun"].size() > 0;
  if (auto refused = differs(job, *options)) return *std::move(refused);
  Answer answer;
  const AdmissionReview review{job.request, job.type(), job.before, {}, job.dry_run};
  if (auto refusal = job.admissions.review(review, answer.extra)) {
    Answer refused = refuse(*refusal);
    refused.extra += answer.extra;
    return refused;
  }
  const std::string uid = job.old->uid;
  const bool ns = job.type().plural == "namespaces" && job.type().group.empty();
  if (!ns) {
    if (auto stays = held(job, *options)) {
      stays->extra += answer.extra;
      return *std::move(stays);
    }
  }
  if (!job.dry_run && ns) empty_namespace(job.store, job.name);
  if (!job.dry_run) job.store.remove(job.view, key_of(job.request.ns, job.name));
  Writer w(answer.body);
  w.begin_object().field("kind", "Status").field("apiVersion", "v1").key("metadata");
  w.begin_object().end_object().field("status", "Success").key("details").begin_object();
  w.field("name", job.name).field_if("group", job.type().group);
  w.field("kind", job.type().plural).field("uid", uid).end_object().end_object();
  return answer;
}

}  // namespace sim
