#include "objects/view.h"

#include <utility>

#include "answer/fitted.h"
#include "answer/members.h"
#include "answer/path.h"
#include "base/time.h"
#include "kinds/table.h"
#include "redact/redactor.h"

namespace objects {

using base::json::Member;
using base::json::Value;
using base::json::Writer;

namespace {

void write_raw(Writer& w, std::string_view name, const std::string& json) {
  if (!json.empty()) w.key(name).raw(json);
}

// "#" before a path counts; "[]" at its end names the list itself.
std::string summary_json(Value object, std::string_view path) {
  const bool counts = path.starts_with('#');
  if (counts) path.remove_prefix(1);
  if (path.ends_with("[]")) path.remove_suffix(2);
  const Value value = answer::value_at(object, path);
  if (!counts) return value.to_json();
  std::size_t count = 0;
  for (const Value each : value.array())
    count += each ? 1 : 0;
  return std::to_string(count);
}

void write_name(Writer& w, Value metadata) {
  w.field("name", metadata["name"].str());
  w.field_if("namespace", metadata["namespace"].str());
}

std::string summary(Value object, const FoundKind& found) {
  std::string out;
  Writer w(out);
  w.begin_object();
  const Value metadata = object["metadata"];
  write_name(w, metadata);
  w.field_if("createdAt", metadata["creationTimestamp"].str());
  w.field_if("deletedAt", metadata["deletionTimestamp"].str());
  write_raw(w, "labels", metadata["labels"].to_json());
  if (const kinds::Kind* kind = kinds::find(found.resource.group, found.kind)) {
    w.field_if("state", kinds::state_of(*kind, object));
    for (const kinds::SummaryField& each : kind->summary)
      write_raw(w, each.name, summary_json(object, each.path));
  } else {
    w.field_if("phase", object["status"]["phase"].str());
    // Most kinds have no such condition: ClusterRoles, CRDs, Jobs.
    if (const Value ready = answer::condition_of(object, "Ready"))
      w.field("ready", ready["status"].str() == "True");
  }
  w.end_object();
  return out;
}

// Several paths may lead to one large text: no more is written than has room.
std::string parts(Value object, const std::vector<std::string>& paths, std::size_t most) {
  std::vector<answer::Part> found;
  for (const std::string& path : paths) {
    if (const Value value = answer::value_at(object, path))
      found.push_back({path.substr(1), value});
  }
  std::string out;
  Writer w(out);
  w.begin_object();
  write_name(w, object["metadata"]);
  w.key("fields").raw(answer::fitted_parts(found, most).json).end_object();
  return out;
}

// As each custom resource says it, which may be large: it need not be written and parsed once more.
bool says_what_it_is(Value object) {
  std::string_view expected = "apiVersion";
  for (const Member member : object.object()) {
    if (member.key != expected) return false;
    if (expected == "kind") return true;
    expected = "kind";
  }
  return false;
}

// An item of a list does not say what it is.
std::string named(Value object, const FoundKind& found) {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("apiVersion", found.resource.group.empty()
                            ? found.resource.version
                            : found.resource.group + "/" + found.resource.version);
  w.field_if("kind", found.kind);
  for (const Member member : object.object()) {
    if (member.key != "apiVersion" && (member.key != "kind" || found.kind.empty()))
      w.key(member.key).raw(member.value.to_json());
  }
  w.end_object();
  return out;
}

}  // namespace

View::View(const cluster::Cluster& cluster, FoundKind kind, const Request& request)
    : cluster_(&cluster),
      kind_(std::move(kind)),
      list_(request.name.empty()),
      fields_(request.fields) {}

// A part of an object does not show what it is, nor does a text that is cut: both are masked before.
std::string View::shown(Value object) const {
  const redact::Redactor* redactor = cluster_->redactor;
  if (!redactor) return {};
  std::string out;
  if (kind_.resource.group.empty() && kind_.resource.plural == "secrets") {
    redactor->object(object, out, true);
  } else if (!redactor->body(object.to_json(), out)) {
    out.clear();
  }
  return out;
}

std::string View::json(Value object) const {
  base::json::Document masked;
  if (const std::string text = shown(object); !text.empty()) {
    const auto parsed = masked.parse(text);
    object = parsed ? *parsed : Value();
  }
  return masked_json(object);
}

std::string View::masked_json(Value object) const {
  const std::size_t most = list_ ? kListedBytes : kViewBytes;
  if (!fields_.empty()) return parts(object, fields_, most);
  if (!list_ && says_what_it_is(object)) return answer::fitted_json(object, most).json;
  std::string out = list_ ? summary(object, kind_) : named(object, kind_);
  if (list_ && out.size() <= most) return out;
  base::json::Document whole;
  const auto parsed = whole.parse(out);
  return parsed ? answer::fitted_json(*parsed, most).json : out;
}

}  // namespace objects
