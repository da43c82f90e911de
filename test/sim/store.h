// Store: the objects of the simulated cluster, as etcd holds them: one increasing version over all
// types, and the history that watches resume from.
//
// Objects are JSON text. Kept is what follows kind and apiVersion: `"metadata":{…},…}`, without the
// opening brace, so that an answer is put together by copying. Events have two faces (core v1 and
// events.k8s.io/v1), made when stored.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "base/json.h"
#include "base/payload.h"
#include "loop/loop.h"
#include "sim/type.h"

namespace sim {

// Changes kept for watches; older ones are gone as by etcd's compaction.
constexpr std::size_t kHistory = 5000;

struct Object {
  std::string uid;
  std::uint64_t version = 0;  // 0: there is no object
  base::Payload text[2];      // by face; the second is empty for types with one
};

struct Collection {
  std::vector<Type> faces;
  std::map<std::string, Object, std::less<>> objects;  // by "namespace/name" or "name"
  const Type& type() const { return faces[0]; }
};

// A collection as one of its types shows it.
struct View {
  Collection* collection = nullptr;
  int face = 0;
  const Type& type() const { return collection->faces[static_cast<std::size_t>(face)]; }
  const base::Payload& text(const Object& object) const { return object.text[face]; }
  // Whole object, kind and apiVersion in front.
  std::string json(const Object& object) const;
};

enum class ChangeKind : unsigned char { added, modified, deleted };

struct Change {
  ChangeKind kind;
  Collection* collection;
  std::string key;
  Object now;     // deleted: the last state, with the version of the deletion
  Object before;  // added: none
};

class Store {
 public:
  // `loop` gives the wall time. Knows the core types and events; others come with define() or
  // load().
  explicit Store(loop::Loop& loop);

  Collection& define(const Type& type);
  // By group, version and plural; no collection when nothing of that kind is served.
  View find(std::string_view group, std::string_view version, std::string_view plural);
  Collection& of(std::string_view kind);  // Requires: the kind is known
  const std::vector<std::unique_ptr<Collection>>& collections() const { return collections_; }

  // Creates or replaces. What `object` says of uid, creationTimestamp and resourceVersion is kept
  // on creation (the latter when it is new); on replacement uid and creation stay, and so do
  // managedFields and generation where `object` has no such member. `object` is in
  // the face `view` shows. Requires: metadata.name (and metadata.namespace for namespaced types).
  const Object& put(View view, base::json::Value object);
  const Object& put(View view, std::string_view json);  // Requires: JSON
  // The answer to a put that is only tried: whole, with a uid; a new object has no resourceVersion.
  std::string shown(View view, base::json::Value object);
  // False when there is none.
  bool remove(View view, std::string_view key);
  const Object* get(View view, std::string_view key) const;

  // Objects of a YAML text, several documents, of any kind; kinds and namespaces that are new are
  // defined.
  base::Result<int> load(std::string_view yaml);
  // Every *.yaml file of a folder and of its folders, in order; the error names the file.
  base::Result<int> load_folder(const std::string& path);

  std::uint64_t version() const { return version_; }
  std::string now() const;  // "2026-01-01T00:00:00Z"
  // Watches can resume from this version on; earlier ones are gone.
  std::uint64_t oldest() const { return oldest_; }
  // Forgets the history (etcd's compaction).
  void compact();
  const std::deque<Change>& history() const { return history_; }

  // Walks the objects of `view` as they were at `version`, from `start` on, while `fn` says so.
  // False when the version has left the history.
  bool walk(View view, std::uint64_t version, std::string_view start,
            const std::function<bool(const std::string& key, const Object&)>& fn) const;

  // Called after each change.
  void on_change(base::Delegate<void(const Change&)> fn) { changed_ = fn; }

 private:
  struct Stamp;
  Object make(View view, base::json::Value object, const Stamp& stamp) const;
  void record(Change change);
  std::string new_uid();
  void load_one(const std::string& json);

  loop::Loop& loop_;
  std::vector<std::unique_ptr<Collection>> collections_;
  std::uint64_t version_ = 1, oldest_ = 1, uids_ = 0;
  std::deque<Change> history_;
  base::Delegate<void(const Change&)> changed_;
};

// "namespace/name", or "name" alone.
std::string key_of(std::string_view ns, std::string_view name);

}  // namespace sim
