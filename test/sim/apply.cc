// Server-side apply: the request's own rules, and its answer; what it does to fields and managers
// is in managers.h.
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/write_job.h"

namespace sim {
namespace {

using base::json::Document;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;

std::string manager_text(const Manager& manager) {
  std::string out = "\"" + manager.name + "\"";
  if (!manager.subresource.empty()) out += " with subresource \"" + manager.subresource + "\"";
  return manager.operation == "Update" ? out + " using " + manager.api_version : out;
}

Answer conflict_of(const std::vector<std::pair<FieldPath, Manager>>& taken) {
  Status status;
  status.code = 409;
  status.reason = "Conflict";
  std::map<std::string, std::string> by_manager;
  for (const auto& [path, manager] : taken) {
    const std::string who = manager_text(manager), field = path_text(path);
    status.causes.push_back({"FieldManagerConflict", "conflict with " + who, field});
    by_manager[who] += "\n- " + field;
  }
  if (taken.size() == 1) {
    status.message = "Apply failed with 1 conflict: conflict with " +
                     manager_text(taken.front().second) + ": " + path_text(taken.front().first);
    return refuse(status);
  }
  status.message = "Apply failed with " + std::to_string(taken.size()) + " conflicts: ";
  const char* between = "";
  for (const auto& [who, fields] : by_manager) {
    status.message.append(between).append("conflicts with ").append(who).append(":").append(fields);
    between = "\n";
  }
  return refuse(status);
}

std::optional<Answer> refused(const WriteJob& job, Value body) {
  const std::string& manager = job.request.query.get("fieldManager");
  if (manager.empty() || manager.size() > 128) {
    return refuse(invalid(
        "meta.k8s.io", "PatchOptions", "",
        {"FieldValueRequired", "Required value: is required for apply patch", "fieldManager"}));
  }
  const std::string said(body["apiVersion"].str()), kind(body["kind"].str());
  if (said != job.type().api_version() || kind != job.type().kind) {
    const std::string gv = said.find('/') == said.npos ? "/" + said : said;
    return refuse(bad_request("invalid object type: " + gv + ", Kind=" + kind));
  }
  const std::string name(body["metadata"]["name"].str());
  if (name != job.name) {
    return refuse(bad_request("the name of the object (" + name +
                              ") does not match the name on the URL (" + job.name + ")"));
  }
  const Value managed = body["metadata"]["managedFields"];
  if (managed.present() && !managed.is(JsonType::null)) {
    return refuse(bad_request("metadata.managedFields must be nil"));
  }
  return std::nullopt;
}

}  // namespace

Answer answer_apply(WriteJob& job, Value body) {
  if (auto answer = refused(job, body)) return *std::move(answer);
  if (!job.old && !job.request.sub.empty()) return refuse(not_found(job.type(), job.name));
  if (auto answer = job.precondition(body)) return *std::move(answer);
  if (!job.old) {
    if (auto answer = job.missing_namespace()) return *std::move(answer);
  }
  const Applied applied = apply_fields(job.writing("Apply"), job.before, body);
  if (!applied.conflicts.empty() && !job.request.query.flag("force")) {
    return conflict_of(applied.conflicts);
  }
  std::string place;
  Writer p(place);
  p.begin_object().key("metadata").begin_object().field("name", job.name);
  p.field_if("namespace", job.type().namespaced ? job.request.ns : "").end_object().end_object();
  Document placed, doc, next;
  const std::string object = merged(*doc.parse(applied.object), *placed.parse(place));
  return job.commit(job.old ? 200 : 201, *next.parse(object), applied.managers);
}

}  // namespace sim
