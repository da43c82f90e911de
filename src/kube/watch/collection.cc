#include "kube/watch/collection.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "base/json_scan.h"
#include "base/limits.h"
#include "base/log.h"
#include "loop/reaper.h"

namespace kube::watch {

using base::json::Value;

std::string key_of(Value metadata) {
  const std::string_view ns = metadata["namespace"].str(), name = metadata["name"].str();
  if (name.empty()) return {};
  std::string key(ns);
  if (!ns.empty()) key.push_back('/');
  return key.append(name);
}

// managedFields repeat the object, and are as deep: only these texts are parsed.
std::string key_in(std::string_view object) {
  const std::string_view metadata = base::json::raw_member(object, "metadata");
  std::string texts = "{";
  for (const std::string_view name : {"namespace", "name"}) {
    const std::string_view text = base::json::raw_member(metadata, name);
    if (text.empty()) continue;
    texts.append(texts.size() == 1 ? "\"" : ",\"").append(name).append("\":").append(text);
  }
  base::json::Document doc;
  const auto parsed = doc.parse(texts + "}");
  return parsed ? key_of(*parsed) : std::string();
}

static bool is_same(const Collection::Entry& known, const Collection::Entry& entry) {
  return !entry.resource_version.empty() && known.uid == entry.uid &&
         known.resource_version == entry.resource_version;
}

namespace {

class DeadEntries final : public loop::Remains {
 public:
  explicit DeadEntries(Collection::Entries entries) : entries_(std::move(entries)) {}
  std::size_t left() const override { return entries_.size(); }
  void free_one() override { entries_.erase(entries_.begin()); }

 private:
  Collection::Entries entries_;
};

// Their items' destructors only free memory.
void reap(Collection::Entries entries) {
  if (!entries.empty()) loop::Reaper::take(std::make_unique<DeadEntries>(std::move(entries)));
}

}  // namespace

void Collection::attach(std::string_view name, const ListLimits& limits) {
  name_ = name;
  limits_ = limits;
}

void Collection::forget_versions() {
  for (auto& [key, entry] : known_)
    entry.resource_version.clear();
}

void Collection::clear() {
  release(bytes_);
  bytes_ = 0;
  reap(std::exchange(known_, {}));
  drop_list();
  if (std::exchange(charged_, false)) release(kWatchBytes);
  complete_ = false;
  unreadable_.clear();
  nameless_ = 0;
  unreadable_told_ = "0";
}

// ---- lists

void Collection::begin_list(bool streamed) {
  phase_ = streamed ? Phase::streamed : Phase::list;
  ++generation_;
  nameless_ = 0;
  if (!std::exchange(charged_, true)) charge(kWatchBytes);
}

void Collection::drop_list() {
  phase_ = Phase::events;
  release(std::exchange(collected_bytes_, 0));
  reap(std::exchange(collected_, {}));
}

bool Collection::end_list() {
  Entries collected = std::exchange(collected_, {});
  drop_list();
  for (auto& [key, entry] : collected) {
    const auto known = known_.find(key);
    if (known != known_.end() && is_same(known->second, entry)) {
      known->second.generation = generation_;
    } else if (!apply(key, std::move(entry))) {
      return false;
    }
  }
  if (!sweep()) return false;
  complete_ = true;
  std::erase_if(unreadable_, [&](const auto& one) { return one.second.generation != generation_; });
  return tell_unreadable();
}

// Objects that the list did not contain are gone.
bool Collection::sweep() {
  // An unreadable object of the list without a known key may be any of ours.
  if (nameless_ > 0) return true;
  std::vector<std::string> gone;
  for (const auto& [key, entry] : known_)
    if (entry.generation != generation_) gone.push_back(key);
  for (const std::string& key : gone) {
    if (!take_away(key, nullptr)) return false;
  }
  return true;
}

void Collection::collect(const std::string& key, Entry entry) {
  drop_collected(key);
  entry.bytes = size_of(key, entry);
  collected_bytes_ += entry.bytes;
  charge(entry.bytes);
  collected_[key] = std::move(entry);
}

void Collection::drop_collected(const std::string& key) {
  const auto at = collected_.find(key);
  if (at == collected_.end()) return;
  collected_bytes_ -= at->second.bytes;
  release(at->second.bytes);
  collected_.erase(at);
}

// ---- objects

bool Collection::put(Value object, bool hidden) {
  const Value metadata = object["metadata"];
  const std::string key = key_of(metadata);
  if (key.empty()) return true;
  Entry entry;
  entry.uid = metadata["uid"].str();
  entry.resource_version = metadata["resourceVersion"].str();
  const auto it = known_.find(key);
  const bool known = it != known_.end();
  const bool same = known && is_same(it->second, entry);
  if (phase_ == Phase::streamed) {
    unreadable_.erase(key);
    if (!same && !hidden) entry.item = store_.read(object);
    same || entry.item ? collect(key, std::move(entry)) : drop_collected(key);
    return true;
  }
  if (known) it->second.generation = generation_;
  if (same) return true;
  if (!forget_unreadable(key)) return false;
  if (!hidden) entry.item = store_.read(object);
  if (!entry.item) return take_away(key, nullptr);
  return apply(key, std::move(entry));
}

bool Collection::remove(Value object) {
  const std::string key = key_of(object["metadata"]);
  if (phase_ == Phase::streamed) {
    unreadable_.erase(key);
    drop_collected(key);
    return true;
  }
  if (!forget_unreadable(key)) return false;
  if (!known_.count(key)) return true;
  return take_away(key, store_.read(object));
}

bool Collection::remove(const std::string& key) {
  return forget_unreadable(key) && take_away(key, nullptr);
}

bool Collection::apply(const std::string& key, Entry entry) {
  auto [at, added] = known_.try_emplace(key);
  if (!added && at->second.uid != entry.uid) {
    // Deleted and created again between two lists.
    if (!take_away(key, nullptr)) return false;
    std::tie(at, added) = known_.try_emplace(key);
  }
  entry.generation = generation_;
  entry.bytes = size_of(key, entry);
  bytes_ -= at->second.bytes;
  release(at->second.bytes);
  at->second = std::move(entry);
  bytes_ += at->second.bytes;
  charge(at->second.bytes);
  const std::uint32_t epoch = epoch_;
  store_.put(added ? Change::added : Change::modified, key, at->second.item);
  return epoch == epoch_;
}

bool Collection::take_away(const std::string& key, std::unique_ptr<Item> last) {
  const auto at = known_.find(key);
  if (at == known_.end()) return true;
  if (!last) last = std::move(at->second.item);
  bytes_ -= at->second.bytes;
  release(at->second.bytes);
  known_.erase(at);
  const std::uint32_t epoch = epoch_;
  store_.remove(key, std::move(last));
  return epoch == epoch_;
}

// ---- limits

std::size_t Collection::size_of(const std::string& key, const Entry& entry) const {
  return kEntryBytes + key.size() + entry.uid.size() + entry.resource_version.size() +
         (entry.item ? store_.bytes(*entry.item) : 0);
}

void Collection::charge(std::size_t bytes) {
  if (limits_.budget && bytes > 0) limits_.budget->add(bytes);
}

void Collection::release(std::size_t bytes) {
  if (limits_.budget && bytes > 0) limits_.budget->remove(bytes);  // else it may be gone
}

std::optional<std::string> Collection::too_much() const {
  if (std::max(known_.size(), collected_.size()) > limits_.objects)
    return "more than " + std::to_string(limits_.objects) + " objects (--max-watch-objects)";
  if (std::max(bytes_, collected_bytes_) > limits_.bytes)
    return "its objects take more than " + std::to_string(limits_.bytes) +
           " bytes (--max-watch-bytes)";
  if (limits_.budget && !limits_.budget->has_room(0))
    return "the objects of all watches take more than " + std::to_string(limits_.budget->limit()) +
           " bytes (--memory-limit); try again in " +
           base::format_duration(base::limits::kFullRetryAfter);
  return std::nullopt;
}

// ---- unreadable objects

bool Collection::put_unreadable(const std::string& key, const std::string& why) {
  const auto known = known_.find(key);
  if (known != known_.end()) known->second.generation = generation_;
  const auto at = unreadable_.find(key);
  if (key.empty()) {
    ++nameless_;
  } else if (at != unreadable_.end() || unreadable_.size() < kUnreadableKept) {
    // A list logs its own.
    if (at == unreadable_.end() && phase_ != Phase::list) {
      LOG_WARN("an object of a watch cannot be read", {"watch", name_}, {"object", key},
               {"why", why});
    }
    unreadable_[key] = {why, generation_};
  }
  return phase_ != Phase::events || tell_unreadable();
}

bool Collection::forget_unreadable(const std::string& key) {
  if (unreadable_.empty() || unreadable_.erase(key) == 0) return true;
  return phase_ != Phase::events || tell_unreadable();
}

bool Collection::tell_unreadable() {
  const std::size_t objects = unreadable_.size() + nameless_;
  std::string first;
  if (!unreadable_.empty()) {
    first = unreadable_.begin()->first + ": " + unreadable_.begin()->second.why;
  } else if (nameless_ > 0) {
    first = "its name cannot be read either";
  }
  const std::string now = std::to_string(objects) + first;
  if (std::exchange(unreadable_told_, now) == now) return true;
  const std::uint32_t epoch = epoch_;
  store_.on_unreadable(objects, first);
  return epoch == epoch_;
}

}  // namespace kube::watch
