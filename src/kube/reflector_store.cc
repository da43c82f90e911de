// The reflector's copy of the collection: what a list and each frame do to it, and what of that is
// told.
#include <tuple>
#include <utility>
#include <vector>

#include "kube/reflector_impl.h"

namespace kube {

using base::Payload;
using base::json::Value;

std::string key_of(Value metadata) {
  const std::string_view ns = metadata["namespace"].str(), name = metadata["name"].str();
  if (name.empty()) return {};
  std::string key(ns);
  if (!ns.empty()) key.push_back('/');
  return key.append(name);
}

bool Reflector::Impl::tell(Change change, const std::string& key, const Payload& doc) {
  const std::uint32_t epoch = epoch_;
  handler_.on_change(change, key, doc);
  return epoch == epoch_;
}

bool Reflector::Impl::upsert(Value object) {
  const Value metadata = object["metadata"];
  const std::string key = key_of(metadata);
  if (key.empty()) return true;
  const std::string_view uid = metadata["uid"].str();
  const std::string_view version = metadata["resourceVersion"].str();
  auto it = store_.find(key);
  if (it != store_.end()) {
    it->second.generation = generation_;
    if (!version.empty() && it->second.uid == uid && it->second.resource_version == version)
      return true;
  }
  Payload doc = handler_.project(object);
  if (doc.empty()) return it == store_.end() || remove(key, {});
  return put(key, Entry{std::string(uid), std::string(version), std::move(doc)});
}

bool Reflector::Impl::put(const std::string& key, Entry entry) {
  auto [at, added] = store_.try_emplace(key);
  if (!added && at->second.uid != entry.uid) {
    // Deleted and made again while we did not look.
    if (!remove(key, {})) return false;
    std::tie(at, added) = store_.try_emplace(key);
  }
  entry.generation = generation_;
  const Payload doc = entry.doc;
  at->second = std::move(entry);
  return tell(added ? Change::added : Change::modified, key, doc);
}

bool Reflector::Impl::remove(const std::string& key, Payload doc) {
  auto it = store_.find(key);
  if (it == store_.end()) return true;
  if (doc.empty()) doc = it->second.doc;
  store_.erase(it);
  return tell(Change::deleted, key, doc);
}

// After a complete list: what it did not show is gone; the last known document says so.
bool Reflector::Impl::sweep() {
  std::vector<std::string> gone;
  for (const auto& [key, entry] : store_)
    if (entry.generation != generation_) gone.push_back(key);
  for (const std::string& key : gone) {
    if (!remove(key, {})) return false;
  }
  return true;
}

}  // namespace kube
