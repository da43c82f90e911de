// /scale of Deployments, StatefulSets and ReplicaSets: an autoscaling/v1 Scale.
#include "sim/write_job.h"

namespace sim {
namespace {

using base::json::Document;
using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

std::string scale_of(Value object) {
  const Value metadata = object["metadata"];
  std::string out, selector;
  for (const Member one : object["spec"]["selector"]["matchLabels"].object()) {
    if (!selector.empty()) selector += ',';
    selector.append(one.key).append("=").append(one.value.str());
  }
  Writer w(out);
  w.begin_object().field("kind", "Scale").field("apiVersion", "autoscaling/v1");
  w.key("metadata").begin_object();
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
    w.field(key, metadata[key].str());
  w.end_object().key("spec").begin_object();
  w.field("replicas", object["spec"]["replicas"].int_or(1)).end_object();
  w.key("status").begin_object().field("replicas", object["status"]["replicas"].int_or(0));
  w.field_if("selector", selector).end_object().end_object();
  return out;
}

Answer as_scale(Answer answer) {
  Document doc;
  if (answer.status < 300) answer.body = scale_of(*doc.parse(answer.body));
  return answer;
}

}  // namespace

Answer answer_scale(WriteJob& job) {
  if (!job.old) return refuse(not_found(job.type(), job.name));
  Answer answer;
  answer.body = scale_of(job.before);
  if (job.request.verb == "get") return answer;
  if (job.request.verb != "update" && job.request.verb != "patch") {
    return refuse(method_not_allowed());
  }
  if (job.request.verb == "patch" && media_type(job.request) != "application/merge-patch+json") {
    return refuse(unsupported_media_type(media_type(job.request)));
  }
  Document doc, now, whole, change, next;
  const auto body = doc.parse(job.request.body);
  if (!body || !body->is(JsonType::object)) {
    return refuse(bad_request("the body of the request is no JSON object"));
  }
  if (auto refused = job.precondition(*body)) return *std::move(refused);
  const Value scale =
      job.request.verb == "update" ? *body : *whole.parse(merged(*now.parse(answer.body), *body));
  const std::int64_t replicas = scale["spec"]["replicas"].int_or(0);
  if (replicas < 0) {
    return refuse(invalid(
        "autoscaling", "Scale", job.name,
        {"FieldValueInvalid",
         "Invalid value: " + std::to_string(replicas) + ": must be greater than or equal to 0",
         "spec.replicas"}));
  }
  const std::string patch = R"({"spec":{"replicas":)" + std::to_string(replicas) + "}}";
  const Value object = *next.parse(merged(job.before, *change.parse(patch)));
  return as_scale(
      job.commit(200, object,
                 after_update(managers_of(job.before), job.writing("Update"), job.before, object)));
}

}  // namespace sim
