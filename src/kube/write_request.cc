#include "kube/write_request.h"

#include <algorithm>
#include <string_view>

#include "base/json_members.h"
#include "base/text.h"

namespace kube {
namespace {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using What = WriteSpec::Verb;

base::Error wrong(std::string text) {
  return base::Error(base::Errc::invalid_argument, std::move(text));
}

std::string quoted(std::string_view text) {
  return "\"" + base::printable(text, 80) + "\"";
}

// A `said` that is present must equal `is`.
base::Result<void> same(std::string_view what, std::string_view said, std::string_view is,
                        bool required) {
  if (said.empty() && !required) return {};
  if (said == is) return {};
  return wrong("the body's " + std::string(what) + " is " + quoted(said) + ", it must be " +
               quoted(is));
}

base::Result<void> check_body(const WriteSpec& spec, Value body) {
  const Value metadata = body["metadata"];
  const bool apply = spec.verb == What::apply, patch = spec.verb == What::merge_patch;
  const std::string version = spec.resource.group.empty()
                                  ? spec.resource.version
                                  : spec.resource.group + "/" + spec.resource.version;
  if (auto ok = same("apiVersion", body["apiVersion"].str(), version, !patch); !ok) return ok;
  if (!patch && body["kind"].str().empty()) return wrong("the body has no kind");
  const bool named = !spec.name.empty();
  if (named) {
    if (auto ok = same("metadata.name", metadata["name"].str(), spec.name, apply); !ok) return ok;
  } else if (metadata["generateName"].str().empty()) {
    return wrong("no name: give one, or metadata.generateName in the body of a create");
  }
  if (auto ok = same("metadata.namespace", metadata["namespace"].str(), spec.ns, false); !ok)
    return ok;
  if (!spec.uid.empty()) {
    if (auto ok = same("metadata.uid", metadata["uid"].str(), spec.uid, false); !ok) return ok;
  }
  if (!spec.resource_version.empty()) {
    const std::string_view said = metadata["resourceVersion"].str();
    auto ok = same("metadata.resourceVersion", said, spec.resource_version, false);
    if (!ok) return ok;
  }
  if (apply && metadata["managedFields"].present() && !metadata["managedFields"].is(Type::null)) {
    return wrong(
        "the body has metadata.managedFields: apply the intended fields, not a server's object");
  }
  return {};
}

// `doc` holds the body afterwards; nothing for a delete.
base::Result<void> check(const WriteSpec& spec, base::json::Document& doc) {
  if (spec.name.empty() && spec.verb != What::create) return wrong("no name");
  if (spec.verb == What::apply && spec.field_manager.empty()) return wrong("no field manager");
  if (spec.field_manager.size() > kFieldManagerBytes ||
      base::printable(spec.field_manager, kFieldManagerBytes) != spec.field_manager) {
    return wrong("the field manager must be at most 128 printable characters");
  }
  if (spec.force && spec.verb != What::apply) return wrong("only an apply can be forced");
  if (!spec.subresource.empty() && spec.verb != What::merge_patch) {
    return wrong("only a merge patch can be of a subresource");
  }
  const bool preconditions = !spec.uid.empty() || !spec.resource_version.empty();
  if (preconditions && spec.verb == What::create) return wrong("a create has no preconditions");
  if (spec.verb == What::remove) return {};
  const auto body = doc.parse(spec.body);
  if (!body || !body->is(Type::object)) return wrong("the body is not a JSON object");
  return check_body(spec, *body);
}

std::string delete_options(const WriteSpec& spec) {
  constexpr std::string_view kPolicies[] = {"Background", "Foreground", "Orphan"};
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("kind", "DeleteOptions").field("apiVersion", "v1");
  w.field("propagationPolicy", kPolicies[static_cast<std::size_t>(spec.propagation)]);
  if (!spec.uid.empty() || !spec.resource_version.empty()) {
    w.key("preconditions").begin_object().field_if("uid", spec.uid);
    w.field_if("resourceVersion", spec.resource_version).end_object();
  }
  if (spec.dry_run) w.key("dryRun").begin_array().string("All").end_array();
  w.end_object();
  return out;
}

// The body with the preconditions in its metadata, where the API server looks for those of a patch.
std::string patch_body(const WriteSpec& spec, Value body) {
  if (spec.uid.empty() && spec.resource_version.empty()) return spec.body;
  std::string out;
  base::json::Writer w(out);
  w.begin_object().key("metadata").begin_object();
  w.field_if("uid", spec.uid).field_if("resourceVersion", spec.resource_version);
  for (const Member one : body["metadata"].object()) {
    if (one.key == "uid" && !spec.uid.empty()) continue;
    if (one.key == "resourceVersion" && !spec.resource_version.empty()) continue;
    w.key(one.key).raw(one.value.to_json());
  }
  w.end_object();
  for (const Member member : body.object())
    if (member.key != "metadata") w.key(member.key).raw(member.value.to_json());
  w.end_object();
  return out;
}

}  // namespace

base::Result<ApiRequest> write_request(const WriteSpec& spec) {
  base::json::Document doc;
  if (auto ok = check(spec, doc); !ok) return std::move(ok).error();
  const bool create = spec.verb == What::create, remove = spec.verb == What::remove;
  auto path =
      spec.resource.path(spec.ns, create ? std::string_view() : spec.name, spec.subresource);
  if (!path) return std::move(path).error();
  ApiRequest request;
  request.path = *std::move(path);
  request.method = remove ? "DELETE" : create ? "POST" : "PATCH";
  request.content_type = spec.verb == What::apply         ? "application/apply-patch+yaml"
                         : spec.verb == What::merge_patch ? "application/merge-patch+json"
                                                          : "application/json";
  // The server ignores the DeleteOptions in the query of a DELETE with a body.
  request.body = remove ? delete_options(spec) : patch_body(spec, doc.root());
  Query query;
  query.add("timeout", std::to_string(base::to_ms(kWriteServerTime) / 1000) + "s");
  if (!remove) {
    if (!spec.field_manager.empty()) query.add("fieldManager", spec.field_manager);
    if (spec.verb == What::apply) query.add("force", spec.force ? "true" : "false");
    if (spec.dry_run) query.add("dryRun", "All");
    query.add("fieldValidation", "Strict");
  }
  request.query = query.text();
  request.audit_id = spec.audit_id;
  request.credentials = spec.credentials;
  request.head_time = request.total_time = kWriteTime;
  request.idempotent = false;  // WriteCall decides about repetitions
  return request;
}

namespace {

constexpr std::string_view kServersOwn[] = {"managedFields", "resourceVersion", "generation",
                                            "creationTimestamp"};

bool nothing(Value v) {
  return !v.present() || v.is(Type::null);
}

bool is_number(Value v) {
  return v.is(Type::integer) || v.is(Type::number);
}

bool contains_object(Value live, Value sent) {
  const base::json::Members theirs(live);
  for (const Member member : sent.object()) {
    const Value other = theirs[member.key];
    if (nothing(member.value) ? !nothing(other) : !contains(other, member.value)) return false;
  }
  return true;
}

}  // namespace

bool contains(Value live, Value sent) {
  if (sent.is(Type::object)) return live.is(Type::object) && contains_object(live, sent);
  if (sent.is(Type::array)) {
    if (!live.is(Type::array) || live.size() != sent.size()) return false;
    auto theirs = live.array().begin();
    for (const Value one : sent.array()) {
      if (!contains(*theirs, one)) return false;
      ++theirs;
    }
    return true;
  }
  if (is_number(sent)) return is_number(live) && live.as_double() == sent.as_double();
  return live.to_json() == sent.to_json();
}

bool shows(Value live, Value sent) {
  for (const Member member : sent.object()) {
    if (member.key == "status") continue;
    const Value other = live[member.key];
    if (member.key != "metadata") {
      if (nothing(member.value) ? !nothing(other) : !contains(other, member.value)) return false;
      continue;
    }
    for (const Member one : member.value.object()) {
      if (std::find(std::begin(kServersOwn), std::end(kServersOwn), one.key) !=
          std::end(kServersOwn)) {
        continue;
      }
      const Value theirs = other[one.key];
      if (nothing(one.value) ? !nothing(theirs) : !contains(theirs, one.value)) return false;
    }
  }
  return true;
}

}  // namespace kube
