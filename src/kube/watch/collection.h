// Collection: what is known of the objects of one collection, and the one comparison with what a
// list, a streamed list or an event shows. Each change goes to the Store, once.
//
//   list      each object is compared and put as it arrives; at the end those that the list did not
//             contain are removed
//   streamed  its objects are collected beside the known ones; at its end they are compared and put,
//             then those that it did not contain are removed. One that breaks off changes nothing
//   event     put or removed at once
//
// An object that cannot be parsed is not gone: it keeps its last known state, and it is counted
// (Store::on_unreadable). When not even its name can be read, it may be any of the known ones, and a
// list removes nothing.
//
// A Collection may outlive its Reflector: the next one compares with what it knows. What it gives up is
// freed in portions (loop/reaper.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/budget.h"
#include "base/json.h"
#include "base/limits.h"
#include "kube/client.h"
#include "kube/watch/store.h"

namespace kube::watch {

// Most unreadable objects that are known by name.
constexpr std::size_t kUnreadableKept = 1000;
// Cost of an object beside its texts and its item: its table entry (144 bytes and 8 of the table), the
// item's own block (32), and what the allocator adds to the three texts that have blocks of their own.
constexpr std::size_t kEntryBytes = 256;
// Cost of a watch, once it lists, beside its objects: its connection (an SSL object, its ciphers and
// session: 12 KiB), calls, decoders and timers. Measured: 22 KiB for each of 200 watches.
constexpr std::size_t kWatchBytes = 24 * base::limits::kKiB;

// "namespace/name", or "name"; "": it has no name.
std::string key_of(base::json::Value metadata);
// The same of an object's text that no parser takes: its metadata are seldom the unreadable part.
std::string key_in(std::string_view object);

class Collection {
 public:
  struct Entry {
    std::string uid, resource_version;
    std::unique_ptr<Item> item;    // nullptr: the store moved it away
    std::size_t bytes = 0;         // charged to the limits
    std::uint32_t generation = 0;  // of the list (or the events after it) that contained it last
  };
  using Entries = std::unordered_map<std::string, Entry>;

  explicit Collection(Store& store) : store_(store) {}  // `store` must outlive it
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;
  ~Collection() { clear(); }

  const Entries& entries() const { return known_; }  // by key_of()
  // A list was complete once.
  bool complete() const { return complete_; }
  // The next list reads every object again, also those of a known version.
  void forget_versions();
  // Forgets everything, without a report.
  void clear();

  // What follows is for its Reflector. A function returns false when interrupt() was called inside,
  // by the store; the caller then returns at once.

  // `name`: of the watch, for the log. limits.budget must outlive the entries.
  void attach(std::string_view name, const ListLimits& limits);
  void begin_list(bool streamed);
  // The list begins again from its first page.
  void restart_list() { ++generation_; }
  // `hidden`: the object is skipped, as if the store skipped it.
  bool put(base::json::Value object, bool hidden = false);
  bool remove(base::json::Value object);
  bool remove(const std::string& key);
  bool end_list();
  // The list broke off, if there is one.
  void drop_list();
  void interrupt() { ++epoch_; }

  // An object that cannot be parsed was listed, or changed. `key`: from key_in(), maybe "".
  bool put_unreadable(const std::string& key, const std::string& why);
  bool is_unreadable(const std::string& key) const { return unreadable_.count(key) > 0; }

  // Which of the limits it exceeds.
  std::optional<std::string> too_much() const;

 private:
  enum class Phase : unsigned char { events, list, streamed };
  struct Unreadable {
    std::string why;
    std::uint32_t generation;
  };
  bool apply(const std::string& key, Entry entry);
  bool take_away(const std::string& key, std::unique_ptr<Item> last);
  void collect(const std::string& key, Entry entry);
  void drop_collected(const std::string& key);
  bool sweep();
  std::size_t size_of(const std::string& key, const Entry& entry) const;
  void charge(std::size_t bytes);
  void release(std::size_t bytes);
  bool forget_unreadable(const std::string& key);
  bool tell_unreadable();

  Store& store_;
  std::string name_;
  ListLimits limits_;
  Entries known_;
  std::size_t bytes_ = 0;  // of known_
  Entries collected_;      // of a streamed list
  std::size_t collected_bytes_ = 0;
  Phase phase_ = Phase::events;
  std::uint32_t generation_ = 0;
  std::uint32_t epoch_ = 0;
  bool complete_ = false;
  bool charged_ = false;                          // kWatchBytes, from the first list on
  std::map<std::string, Unreadable> unreadable_;  // by key; at most kUnreadableKept
  std::size_t nameless_ = 0;  // unreadable objects of the current list whose key is not known
  std::string unreadable_told_ = "0";
};

}  // namespace kube::watch
