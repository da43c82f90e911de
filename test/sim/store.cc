#include "sim/store.h"

#include <cstdio>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "sim/event_faces.h"

namespace sim {

using base::json::Value;

struct Store::Stamp {
  std::string uid, created;
  std::uint64_t version;
  Value old = {};  // metadata of the object that is replaced
};

namespace {

constexpr std::string_view kStamped[] = {"name", "namespace", "uid", "resourceVersion",
                                         "creationTimestamp"};

bool stamped(std::string_view key) {
  for (const std::string_view one : kStamped) {
    if (one == key) return true;
  }
  return false;
}

bool is_event(const Collection& collection) {
  return collection.faces.size() == 2;
}

std::string key_of(const Type& type, Value object) {
  const Value metadata = object["metadata"];
  const std::string_view ns = type.namespaced ? metadata["namespace"].str() : std::string_view();
  return sim::key_of(ns, metadata["name"].str());
}

}  // namespace

std::string key_of(std::string_view ns, std::string_view name) {
  return ns.empty() ? std::string(name) : std::string(ns) + "/" + std::string(name);
}

std::string View::json(const Object& object) const {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("kind", type().kind).field("apiVersion", type().api_version());
  return out.append(",").append(text(object).view());
}

Store::Store(loop::Loop& loop) : loop_(loop) {
  for (const char* kind : {"Namespace", "Node"}) {
    define({"", "v1", plural_of(kind), kind, false});
  }
  for (const char* kind : {"Pod", "Service", "ServiceAccount", "ConfigMap", "Secret"}) {
    define({"", "v1", plural_of(kind), kind});
  }
  define({"", "v1", "events", "Event"}).faces.push_back({"events.k8s.io", "v1", "events", "Event"});
  for (const char* kind : {"Deployment", "StatefulSet", "ReplicaSet"}) {
    define({"apps", "v1", plural_of(kind), kind});
  }
  define({"coordination.k8s.io", "v1", "leases", "Lease"});
}

Collection& Store::define(const Type& type) {
  if (const View known = find(type.group, type.version, type.plural); known.collection) {
    return *known.collection;
  }
  collections_.push_back(std::make_unique<Collection>());
  collections_.back()->faces.push_back(type);
  return *collections_.back();
}

View Store::find(std::string_view group, std::string_view version, std::string_view plural) {
  for (const auto& collection : collections_) {
    for (std::size_t face = 0; face < collection->faces.size(); ++face) {
      const Type& type = collection->faces[face];
      if (type.group == group && type.version == version && type.plural == plural) {
        return {collection.get(), static_cast<int>(face)};
      }
    }
  }
  return {};
}

Collection& Store::of(std::string_view kind) {
  for (const auto& collection : collections_) {
    if (collection->type().kind == kind) return *collection;
  }
  CHECK(!"a kind that the store knows");
  return *collections_.front();
}

std::string Store::new_uid() {
  char text[48];
  std::snprintf(text, sizeof text, "5e0c0000-0000-4000-8000-%012llx",
                static_cast<unsigned long long>(++uids_));
  return text;
}

Object Store::make(View view, Value object, const Stamp& stamp) const {
  std::string members;
  base::json::Writer w(members);
  const Value metadata = object["metadata"];
  w.begin_object().key("metadata").begin_object().field("name", metadata["name"].str());
  if (view.type().namespaced) w.field("namespace", metadata["namespace"].str());
  w.field("uid", stamp.uid);
  if (stamp.version > 0) w.field("resourceVersion", std::to_string(stamp.version));
  w.field("creationTimestamp", stamp.created);
  for (const base::json::Member member : metadata.object()) {
    const bool empty_managers = member.key == "managedFields" && member.value.size() == 0;
    if (!stamped(member.key) && !empty_managers) w.key(member.key).raw(member.value.to_json());
  }
  for (const char* key : {"managedFields", "generation"}) {
    const Value kept = stamp.old[key];
    if (kept.present() && !metadata[key].present()) w.key(key).raw(kept.to_json());
  }
  w.end_object();
  for (const base::json::Member member : object.object()) {
    const std::string_view key = member.key;
    if (key == "kind" || key == "apiVersion" || key == "metadata") continue;
    w.key(key).raw(member.value.to_json());
  }
  w.end_object();

  Object out;
  out.uid = stamp.uid;
  out.version = stamp.version;
  out.text[view.face] = base::Payload(std::string_view(members).substr(1));
  if (is_event(*view.collection)) {
    base::json::Document doc;
    const auto root = doc.parse(members);
    CHECK(root.has_value());
    out.text[1 - view.face] =
        base::Payload(view.face == 0 ? to_events_v1(*root) : to_core_v1(*root));
  }
  return out;
}

const Object& Store::put(View view, Value object) {
  const std::string key = key_of(view.type(), object);
  auto [it, fresh] = view.collection->objects.try_emplace(key);
  const Object before = it->second;
  const Value metadata = object["metadata"];
  Stamp stamp;
  base::json::Document past;
  const std::optional<std::int64_t> said = base::parse_int(metadata["resourceVersion"].str());
  const bool keep = fresh && said && static_cast<std::uint64_t>(*said) > version_;
  stamp.version = keep ? static_cast<std::uint64_t>(*said) : version_ + 1;
  version_ = stamp.version;
  if (fresh) {
    stamp.uid = metadata["uid"].str();
    if (stamp.uid.empty()) stamp.uid = new_uid();
    stamp.created = metadata["creationTimestamp"].str();
    if (stamp.created.empty()) stamp.created = now();
  } else {
    const auto old = past.parse("{" + std::string(before.text[0].view()));
    CHECK(old.has_value());
    stamp.uid = before.uid;
    stamp.old = (*old)["metadata"];
    stamp.created = stamp.old["creationTimestamp"].str();
  }
  it->second = make(view, object, stamp);
  record(
      {fresh ? ChangeKind::added : ChangeKind::modified, view.collection, key, it->second, before});
  return it->second;
}

const Object& Store::put(View view, std::string_view json) {
  base::json::Document doc;
  const auto root = doc.parse(json);
  CHECK(root.has_value());
  return put(view, *root);
}

std::string Store::shown(View view, Value object) {
  Stamp stamp{new_uid(), now(), 0};
  base::json::Document past;
  if (const Object* old = get(view, key_of(view.type(), object))) {
    const Value metadata = (*past.parse("{" + std::string(old->text[0].view())))["metadata"];
    stamp = {old->uid, std::string(metadata["creationTimestamp"].str()), old->version, metadata};
  }
  return view.json(make(view, object, stamp));
}

std::string Store::now() const {
  return base::format_rfc3339(loop_.wall_now(), 0);
}

bool Store::remove(View view, std::string_view key) {
  const auto it = view.collection->objects.find(key);
  if (it == view.collection->objects.end()) return false;
  const Object before = it->second;
  base::json::Document doc;
  const auto root = doc.parse("{" + std::string(before.text[0].view()));
  CHECK(root.has_value());
  const Stamp stamp{before.uid, std::string((*root)["metadata"]["creationTimestamp"].str()),
                    ++version_};
  Object last = make({view.collection, 0}, *root, stamp);
  std::string name = it->first;
  view.collection->objects.erase(it);
  record({ChangeKind::deleted, view.collection, std::move(name), std::move(last), before});
  return true;
}

const Object* Store::get(View view, std::string_view key) const {
  const auto it = view.collection->objects.find(key);
  return it == view.collection->objects.end() ? nullptr : &it->second;
}

void Store::record(Change change) {
  history_.push_back(std::move(change));
  if (history_.size() > kHistory) {
    oldest_ = history_.front().now.version;
    history_.pop_front();
  }
  if (changed_) changed_(Change(history_.back()));
}

void Store::compact() {
  oldest_ = version_;
  history_.clear();
}

bool Store::walk(View view, std::uint64_t version, std::string_view start,
                 const std::function<bool(const std::string&, const Object&)>& fn) const {
  if (version < oldest_ && version < version_) return false;
  // What is different now: undone from the newest change back.
  std::map<std::string, Object, std::less<>> then;
  for (auto it = history_.rbegin(); it != history_.rend() && it->now.version > version; ++it) {
    if (it->collection == view.collection && it->key >= start) then[it->key] = it->before;
  }
  auto past = then.begin();
  auto present = view.collection->objects.lower_bound(start);
  const auto end = view.collection->objects.end();
  while (past != then.end() || present != end) {
    if (present == end || (past != then.end() && past->first <= present->first)) {
      if (present != end && present->first == past->first) ++present;
      if (past->second.version != 0 && !fn(past->first, past->second)) return true;
      ++past;
    } else {
      if (!fn(present->first, present->second)) return true;
      ++present;
    }
  }
  return true;
}

}  // namespace sim
