#include "sim/managers.h"

#include <algorithm>
#include <tuple>

#include "sim/field_merge.h"

namespace sim {
namespace {

using base::json::Document;
using base::json::Member;
using base::json::Value;
using base::json::Writer;

void take(FieldSet& from, const FieldSet& what) {
  for (const FieldPath& path : what)
    from.erase(path);
}

void drop_empty(Managers& managers) {
  std::erase_if(managers, [](const Manager& one) { return one.fields.empty(); });
}

Manager* find(Managers& managers, const Manager& who) {
  for (Manager& one : managers)
    if (one.is(who)) return &one;
  return nullptr;
}

// An object without managers has been written before anybody applied to it.
constexpr const char* kBeforeFirstApply = "before-first-apply";

// What the changes take away from all managers but `who`.
std::vector<std::pair<FieldPath, Manager>> settle(Managers& managers, const Manager& who,
                                                  const FieldChanges& changes) {
  std::vector<std::pair<FieldPath, Manager>> conflicts;
  for (Manager& one : managers) {
    if (one.is(who)) continue;
    for (const FieldSet* set : {&changes.added, &changes.modified}) {
      for (const FieldPath& path : *set)
        if (one.fields.erase(path)) conflicts.emplace_back(path, one);
    }
    take(one.fields, changes.removed);
  }
  std::sort(conflicts.begin(), conflicts.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return conflicts;
}

}  // namespace

Managers managers_of(Value object) {
  Managers out;
  for (const Value one : object["metadata"]["managedFields"].array()) {
    if (one["manager"].str().empty()) continue;
    out.push_back({std::string(one["manager"].str()), std::string(one["operation"].str()),
                   std::string(one["apiVersion"].str()), std::string(one["subresource"].str()),
                   std::string(one["time"].str()), from_fields_v1(one["fieldsV1"])});
  }
  return out;
}

std::string with_managers(Value object, const Managers& managers) {
  Managers sorted = managers;
  std::sort(sorted.begin(), sorted.end(), [](const Manager& a, const Manager& b) {
    return std::tie(a.operation, a.time, a.name, a.api_version, a.subresource) <
           std::tie(b.operation, b.time, b.name, b.api_version, b.subresource);
  });
  std::string out;
  Writer w(out);
  w.begin_object();
  for (const Member member : object.object()) {
    w.key(member.key);
    if (member.key != "metadata") {
      w.raw(member.value.to_json());
      continue;
    }
    w.begin_object();
    for (const Member inner : member.value.object())
      if (inner.key != "managedFields") w.key(inner.key).raw(inner.value.to_json());
    w.key("managedFields").begin_array();
    for (const Manager& one : sorted) {
      w.begin_object().field("manager", one.name).field("operation", one.operation);
      w.field("apiVersion", one.api_version).field_if("time", one.time);
      w.field("fieldsType", "FieldsV1").key("fieldsV1").raw(to_fields_v1(one.fields));
      w.field_if("subresource", one.subresource).end_object();
    }
    w.end_array().end_object();
  }
  w.end_object();
  return out;
}

Managers after_update(const Managers& managers, const Writing& writing, Value before, Value after) {
  Managers out = managers;
  if (out.empty() && before.present()) return out;
  const FieldChanges changes = compare_fields(before, after, writing.with_status);
  settle(out, writing.who, changes);
  Manager* mine = find(out, writing.who);
  if (!mine) {
    out.push_back(writing.who);
    mine = &out.back();
    mine->time.clear();
  }
  const bool any = !changes.added.empty() || !changes.modified.empty();
  take(mine->fields, changes.removed);
  mine->fields.insert(changes.added.begin(), changes.added.end());
  mine->fields.insert(changes.modified.begin(), changes.modified.end());
  if (any) mine->time = writing.who.time;
  drop_empty(out);
  return out;
}

Applied apply_fields(const Writing& writing, Value live, Value intent) {
  Applied out;
  out.managers = managers_of(live);
  Document none, merged_doc, pruned_doc;
  const Value from = live.present() ? live : *none.parse("{}");
  if (out.managers.empty() && live.present()) {
    Manager before = writing.who;
    before.name = kBeforeFirstApply;
    before.operation = "Update";
    before.fields = compare_fields({}, live, writing.with_status).added;
    out.managers.push_back(before);
  }
  Manager* mine = find(out.managers, writing.who);
  const FieldSet last = mine ? mine->fields : FieldSet();
  if (!mine) {
    out.managers.push_back(writing.who);
    mine = &out.managers.back();
    mine->time.clear();
  }
  mine->api_version = writing.who.api_version;
  mine->fields = fields_of(intent, writing.with_status);

  const Value merged = *merged_doc.parse(typed_merge(from, intent));
  FieldSet owned, gone;
  for (const Manager& one : out.managers)
    owned.insert(one.fields.begin(), one.fields.end());
  owned = with_parents(owned);
  for (const FieldPath& path : with_parents(last))
    if (!owned.count(path)) gone.insert(path);
  // An element stays while another manager owns something in it.
  std::erase_if(gone, [&](const FieldPath& path) {
    const auto next = owned.lower_bound(path);
    return next != owned.end() && next->starts_with(path);
  });
  out.object = without_fields(merged, gone);

  const Value object = *pruned_doc.parse(out.object);
  const FieldChanges changes = compare_fields(live, object, writing.with_status);
  out.conflicts = settle(out.managers, writing.who, changes);
  out.changed = !changes.none();
  mine = find(out.managers, writing.who);
  if (out.changed) mine->time = writing.who.time;
  drop_empty(out.managers);
  return out;
}

}  // namespace sim
