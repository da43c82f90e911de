// The reflector's copy of the collection: how a list and each frame change it, and which changes
// are reported.
#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "base/json_scan.h"
#include "base/log.h"
#include "kube/watch/reflector_impl.h"

namespace kube::watch {

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

Payload Reflector::Impl::project(Value object) {
  return spec_.hides && spec_.hides(spec_.resource, object) ? Payload() : handler_.project(object);
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
  forget_unreadable(key);
  Payload doc = project(object);
  if (doc.empty()) return it == store_.end() || remove(key, {});
  return put(key, Entry{std::string(uid), std::string(version), std::move(doc)});
}

bool Reflector::Impl::put(const std::string& key, Entry entry) {
  auto [at, added] = store_.try_emplace(key);
  if (!added && at->second.uid != entry.uid) {
    // Deleted and created again between two lists.
    if (!remove(key, {})) return false;
    std::tie(at, added) = store_.try_emplace(key);
  }
  entry.generation = generation_;
  const Payload doc = entry.doc;
  release(at->second);
  at->second = std::move(entry);
  charge(at->second, key);
  return tell(added ? Change::added : Change::modified, key, doc);
}

bool Reflector::Impl::remove(const std::string& key, Payload doc) {
  auto it = store_.find(key);
  if (it == store_.end()) return true;
  if (doc.empty()) doc = it->second.doc;
  release(it->second);
  store_.erase(it);
  return tell(Change::deleted, key, doc);
}

// After a complete list: objects that it did not contain are reported as deleted, with their last
// known document.
bool Reflector::Impl::sweep() {
  // An unreadable object of the list without a known key may be any of ours.
  if (nameless_ > 0) return true;
  std::vector<std::string> gone;
  for (const auto& [key, entry] : store_)
    if (entry.generation != generation_) gone.push_back(key);
  for (const std::string& key : gone) {
    if (!remove(key, {})) return false;
  }
  return true;
}

void Reflector::Impl::on_item(Value object) {
  if (!upsert(object)) return;
  const auto over = too_much();
  if (!over) return;
  list_.cancel();
  refused(*over);
}

// ---- limits

void Reflector::Impl::charge(Entry& entry, const std::string& key) {
  entry.bytes = kEntryBytes + key.size() + entry.uid.size() + entry.resource_version.size() +
                entry.doc.view().size() + handler_.kept_beside(entry.doc);
  bytes_ += entry.bytes;
  if (base::Budget* budget = client_.list_limits().budget) budget->add(entry.bytes);
}

void Reflector::Impl::release(const Entry& entry) {
  bytes_ -= entry.bytes;
  if (base::Budget* budget = client_.list_limits().budget) budget->remove(entry.bytes);
}

void Reflector::Impl::release_all() {
  for (const auto& [key, entry] : store_)
    release(entry);
  store_.clear();
}

std::optional<Failure> Reflector::Impl::too_much() const {
  const ListLimits& limits = client_.list_limits();
  std::string what;
  if (std::max(store_.size(), burst_.size()) > limits.objects) {
    what = "more than " + std::to_string(limits.objects) + " objects (--max-watch-objects)";
  } else if (std::max(bytes_, burst_.empty() ? 0 : burst_bytes_) > limits.bytes) {
    what =
        "its objects take more than " + std::to_string(limits.bytes) + " bytes (--max-watch-bytes)";
  } else if (limits.budget && !limits.budget->has_room(0)) {
    what = "the objects of all watches take more than " + std::to_string(limits.budget->limit()) +
           " bytes (--memory-limit)";
  } else {
    return std::nullopt;
  }
  return Failure::from_error(
      base::Error(base::Errc::too_large, "watch " + spec_.resource.text() + ": " + what));
}

// ---- unreadable objects

// The key is searched in the text, because the metadata are seldom the unreadable part.
static std::string key_in(std::string_view object, base::json::Document& doc) {
  const auto metadata = doc.parse(base::json::raw_member(object, "metadata"));
  return metadata ? key_of(*metadata) : std::string();
}

void Reflector::Impl::on_unreadable(std::string_view text, const std::string& why) {
  base::json::Document doc;
  const std::string key = key_in(text, doc);
  const auto known = store_.find(key);
  if (known != store_.end()) known->second.generation = generation_;
  if (key.empty()) {
    ++nameless_;
  } else {
    note_unreadable(key, why);
  }
}

std::optional<bool> Reflector::Impl::on_unreadable(const UnreadableFrame& frame) {
  if (in_burst_ && frame.type != FrameType::deleted && frame.type != FrameType::bookmark) {
    ++frames_;
    on_unreadable(frame.object, frame.why);
    return true;
  }
  base::json::Document doc;
  const std::string key = key_in(frame.object, doc);
  // The cursor stays before it: the next frame, or a bookmark, moves it on.
  if (in_burst_ || frame.type == FrameType::bookmark || key.empty()) return std::nullopt;
  // The first time it may have been damaged in transit: it is requested again from the same cursor.
  std::string here = key + " " + cursor_.value_or("");
  if (!frame.too_large && !unreadable_.count(key) && std::exchange(spoilt_, here) != here)
    return std::nullopt;
  ++frames_;
  last_event_ = loop_.now();
  const std::uint32_t epoch = epoch_;
  if (state_ == State::open) confirm();
  if (epoch != epoch_) return false;
  if (frame.type == FrameType::deleted) return forget_unreadable(key), remove(key, {});
  note_unreadable(key, frame.why);
  tell_unreadable();
  return epoch == epoch_;
}

void Reflector::Impl::note_unreadable(const std::string& key, const std::string& why) {
  const auto at = unreadable_.find(key);
  if (at == unreadable_.end() && unreadable_.size() >= kUnreadableKept) return;
  if (at == unreadable_.end() && state_ != State::listing) {
    LOG_WARN("an object of a watch cannot be read", {"watch", retry_.key()}, {"object", key},
             {"why", why});
  }
  unreadable_[key] = {why, generation_};
}

void Reflector::Impl::forget_unreadable(const std::string& key) {
  if (unreadable_.empty() || unreadable_.erase(key) == 0) return;
  if (state_ != State::listing) tell_unreadable();
}

void Reflector::Impl::tell_unreadable() {
  const std::size_t objects = unreadable_.size() + nameless_;
  std::string first;
  if (!unreadable_.empty()) {
    first = unreadable_.begin()->first + ": " + unreadable_.begin()->second.why;
  } else if (nameless_ > 0) {
    first = "its name cannot be read either";
  }
  const std::string now = std::to_string(objects) + first;
  if (std::exchange(unreadable_told_, now) == now) return;
  if (objects == 0 && now == unreadable_told_ && !synced_) return;
  handler_.on_unreadable(objects, first);
}

}  // namespace kube::watch
